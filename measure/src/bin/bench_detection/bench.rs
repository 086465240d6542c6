//! The chain in process, block by block.

use crate::{
    SEED,
    computed::Computed,
    series::{Series, Tally},
};
use anyhow::{Result, ensure};
use codec::Encode;
use dpin_measure::calls::{GENESIS, register_kernel, register_worker, told};
use dpin_primitives::{
    AccountId, Balance, BlockNumber, DPN, Hash, TaskId, blake2, reason::ReasonCode, worker::DeviceClass,
};
use dpin_runtime::{Balances, Jobs, ProofOfCompute, Runtime, RuntimeEvent, RuntimeOrigin, System, Workers};
use pallet_proof_of_compute::Tasks;
use polkadot_sdk::{
    frame_support::{traits::Hooks, weights::Weight},
    pallet_babe,
    sp_core::{Pair, sr25519},
    sp_keyring::Sr25519Keyring,
};
use std::collections::BTreeMap;

/// Workers that get tiles wrong.
const FAULTY_WORKERS: u32 = 16;
/// Workers that compute every tile correctly.
const HONEST_WORKERS: u32 = 32;
/// Devices, and so slots, of a worker.
const DEVICES: usize = 8;
/// Initial balance of each worker, in planck.
const WEALTH: Balance = 100_000 * DPN;
/// The part of it that a worker adds to its least bond, in planck.
const BOND: Balance = 50_000 * DPN;
/// Tasks in flight at a time. With more, draws would be delayed so long that auditors would be left
/// out.
const IN_FLIGHT: usize = 40;
/// Tasks posted in a block: as many as one block can assign.
const POSTED_PER_BLOCK: u32 = 8;

fn requester() -> AccountId {
    Sr25519Keyring::Alice.to_account_id()
}

/// The chain, its workers and their tasks in flight.
pub(crate) struct Bench {
    now: BlockNumber,
    kernel: Hash,
    pub keys: BTreeMap<AccountId, sr25519::Pair>,
    pub outputs: BTreeMap<TaskId, Computed>,
    /// Slashes of workers that computed correctly.
    pub false_slashes: u32,
}

impl Bench {
    pub(crate) fn new() -> Result<Self> {
        System::initialize(&1, &GENESIS, &Default::default());
        let kernel = register_kernel(&requester())?;
        let mut bench = Self { now: 1, kernel, keys: BTreeMap::new(), outputs: BTreeMap::new(), false_slashes: 0 };
        for number in 0..FAULTY_WORKERS + HONEST_WORKERS {
            let class = if number < FAULTY_WORKERS { DeviceClass::Accelerator } else { DeviceClass::Gpu };
            bench.register(number, class)?;
        }
        Ok(bench)
    }

    /// Register a bonded worker.
    fn register(&mut self, number: u32, class: DeviceClass) -> Result<()> {
        let pair = sr25519::Pair::from_seed(&blake2(&(SEED, b"key", number).encode()).0);
        let worker = AccountId::new(blake2(&(SEED, b"account", number).encode()).0);
        Balances::force_set_balance(RuntimeOrigin::root(), worker.clone().into(), WEALTH).map_err(told)?;
        register_worker(&worker, &pair, class, DEVICES, BOND)?;
        self.keys.insert(worker, pair);
        Ok(())
    }

    /// Run the tasks of a series, as many at a time as the lotteries can serve.
    pub(crate) fn run(&mut self, series: &Series) -> Result<Tally> {
        let mut tally = Tally::default();
        let mut posted = 0;
        let mut blocks = 0u32;
        while posted < series.tasks || !self.outputs.is_empty() {
            self.begin_block();
            let mut in_this_block = 0;
            while posted < series.tasks && in_this_block < POSTED_PER_BLOCK && self.outputs.len() < IN_FLIGHT {
                self.post(series)?;
                posted += series.tasks_per_job;
                in_this_block += series.tasks_per_job;
            }
            let open: Vec<TaskId> = self.outputs.keys().copied().collect();
            for task in open {
                self.attend(task)?;
            }
            self.end_block(&mut tally)?;
            blocks += 1;
            if blocks.is_multiple_of(100) {
                let ended = tally.caught + tally.settled;
                eprintln!("{}: {ended} of {} tasks after {blocks} blocks", series.name, series.tasks);
            }
            ensure!(blocks < series.tasks.saturating_mul(4), "{}: the chain does not get on", series.name);
        }
        ensure!(
            tally.caught + tally.settled == series.tasks,
            "{}: {} tasks ended neither caught nor paid",
            series.name,
            series.tasks - tally.caught - tally.settled
        );
        Ok(tally)
    }

    fn post(&mut self, series: &Series) -> Result<()> {
        let job = Jobs::job_count();
        Jobs::submit_job(RuntimeOrigin::signed(requester()), series.spec(self.kernel)).map_err(told)?;
        for index in 0..series.tasks_per_job {
            let task = TaskId { job, index };
            self.outputs.insert(task, Computed::compute(task, series.permille));
        }
        Ok(())
    }

    /// Begin the next block, with the VRF output of the parent's author.
    fn begin_block(&mut self) {
        self.now += 1;
        System::reset_events();
        System::set_block_number(self.now);
        pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some(blake2(&(SEED, b"vrf", self.now).encode()).0));
        Workers::on_initialize(self.now);
        ProofOfCompute::on_initialize(self.now);
    }

    /// End the block and count the results.
    fn end_block(&mut self, tally: &mut Tally) -> Result<()> {
        ProofOfCompute::on_idle(self.now, Weight::MAX);
        Workers::on_idle(self.now, Weight::MAX);
        let events: Vec<RuntimeEvent> = System::read_events_no_consensus().map(|record| record.event.clone()).collect();
        for event in events {
            match event {
                RuntimeEvent::Workers(pallet_workers::Event::SlashPending { id, worker, task, reason, .. }) => {
                    self.slashed(&worker, task, reason, tally);
                    Workers::cancel_slash(RuntimeOrigin::root(), id).map_err(told)?;
                }
                RuntimeEvent::Jobs(pallet_jobs::Event::TaskSettled { task, .. }) => {
                    if let Some(output) = self.outputs.remove(&task) {
                        tally.settled += 1;
                        tally.overlooked += u32::from(output.sampled_wrong);
                    }
                }
                _ => {}
            }
        }
        // Tasks that ended in another way would block the loop.
        self.outputs.retain(|task, _| Tasks::<Runtime>::contains_key(task));
        Ok(())
    }

    /// Count a pending slash: the task's worker is caught, or somebody is slashed without a reason.
    fn slashed(&mut self, worker: &AccountId, task: TaskId, reason: ReasonCode, tally: &mut Tally) {
        let output = self.outputs.get(&task);
        let guilty = output.is_some_and(|output| !output.wrong.is_empty() && output.worker.as_ref() == Some(worker));
        if guilty && reason == ReasonCode::WrongResult {
            tally.caught += 1;
            self.outputs.remove(&task);
        } else {
            self.false_slashes += 1;
            eprintln!("false slash: {task} {reason:?}");
        }
    }
}
