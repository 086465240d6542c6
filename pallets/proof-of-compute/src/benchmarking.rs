//! Benchmarks of every call, of the check before it, and of every step of the hooks.

use crate::{
    flow::Open,
    report::{MAX_REPORTS, Step, batch_message, report_message},
    *,
};
use alloc::vec::Vec;
use codec::Encode;
use dpin_primitives::{
    AccountId, Balance, Hash, TaskId,
    executor::Commitment,
    job::{MAX_AUDITORS, MAX_SAMPLES},
    reason::ReasonCode,
    seal::salted_seal,
    tile_tree::MAX_PROOF,
    traits::{JobLedger, WorkerRegistry},
    worker::{Duty, Outcome, Place, Role, WorkerSignature},
};
use pallet_support::agenda::Watermark;
use polkadot_sdk::{
    frame_benchmarking::{self, v2::*},
    frame_support::{
        BoundedVec,
        pallet_prelude::TransactionSource,
        traits::{
            Authorize, Get, Hooks,
            fungible::{Inspect, Mutate},
        },
        weights::{Weight, WeightMeter},
    },
    frame_system::{Pallet as System, RawOrigin},
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::{DispatchError, TransactionOutcome, traits::SaturatedConversion},
};

/// The number of tiles of a benchmark's task: a shallow tree, so that what a leaf costs is not that
/// of its path. The hashes of a proof are charged one by one, by `hash_nodes`.
fn tiles_for(samples: u32) -> u32 {
    samples.next_power_of_two().saturating_mul(2)
}

/// A block has read its rules before anything happens in it.
fn rules<T: Config>() {
    CurrentRules::<T>::put(T::Rules::get());
}

/// More workers than the lottery looks at, each trusted, so that no more tiles are sampled than
/// asked for.
fn workers<T: Config>() {
    rules::<T>();
    for seed in 0..64 {
        let worker = T::Workers::benchmark_worker(seed);
        for _ in 0..200 {
            T::Workers::note(&worker, Outcome::Right, Balance::MAX);
        }
    }
}

fn wait<T: Config>(blocks: u32) {
    let now = Pallet::<T>::now().saturating_add(blocks);
    System::<T>::set_block_number(now.saturated_into());
}

/// Without a limit.
fn assign<T: Config>() {
    Pallet::<T>::assign_tasks(u32::MAX, &mut WeightMeter::new());
}

/// Without a limit.
fn draw<T: Config>() {
    Pallet::<T>::draw_audits(u32::MAX, &mut WeightMeter::new());
    Pallet::<T>::draw_again(u32::MAX, &mut WeightMeter::new());
}

/// A task that has a worker.
fn assigned<T: Config>(samples: u32, auditors: u32) -> (TaskId, AccountId) {
    assigned_paid_in::<T>(samples, auditors, false)
}

/// A task that has a worker, paid in DPN or in the costliest asset.
fn assigned_paid_in<T: Config>(samples: u32, auditors: u32, native: bool) -> (TaskId, AccountId) {
    workers::<T>();
    let task = T::Jobs::benchmark_task(tiles_for(samples), samples, auditors, native);
    for round in 0..100u32 {
        Pallet::<T>::fold_in(Some(dpin_primitives::blake2(&round.encode())));
        assign::<T>();
        if let Some(Stage::Assigned { run, .. }) = Tasks::<T>::get(task).map(|state| state.stage) {
            return (task, run.worker);
        }
    }
    panic!("one of many workers takes the task")
}

fn commitment<T: Config>(task: TaskId) -> Commitment {
    let brief = T::Jobs::brief(task).expect("the task is open");
    // The root of a tree of equal leaves.
    let tiles = brief.tiling.tiles(brief.group_count);
    let root = levels(tiles).last().copied().expect("a tree has a root");
    Commitment { root, output_len: brief.tiling.output_bytes(brief.group_count), kernel_ms: 1 }
}

/// The leaf of every tile.
const LEAF: Hash = Hash::repeat_byte(1);

/// The nodes of a full tree of so many tiles with equal leaves: one for each level, from the leaf
/// to the root.
fn levels(tiles: u32) -> Vec<Hash> {
    let mut levels = alloc::vec![LEAF];
    for _ in 0..tiles.ilog2() {
        let node = levels.last().copied().unwrap_or_default();
        levels.push(dpin_primitives::tile_tree::root(&[node, node]));
    }
    levels
}

fn committed<T: Config>(samples: u32, auditors: u32, native: bool) -> (TaskId, AccountId) {
    let (task, worker) = assigned_paid_in::<T>(samples, auditors, native);
    Pallet::<T>::do_commit(task, 0, commitment::<T>(task)).expect("the task waits for it");
    (task, worker)
}

fn fresh<T: Config>() {
    for round in 0..16u32 {
        Pallet::<T>::fold_in(Some(dpin_primitives::blake2(&round.encode())));
    }
}

/// A task that waits for its auditors' seals.
fn auditing<T: Config>(samples: u32, auditors: u32) -> (TaskId, AccountId, Vec<AccountId>) {
    auditing_paid_in::<T>(samples, auditors, false)
}

/// A task that waits for its auditors' seals, paid in DPN or in the costliest asset.
fn auditing_paid_in<T: Config>(samples: u32, auditors: u32, native: bool) -> (TaskId, AccountId, Vec<AccountId>) {
    let (task, worker) = committed::<T>(samples, auditors, native);
    fresh::<T>();
    for _ in 0..100 {
        Pallet::<T>::fold_in(Some(Hash::repeat_byte(9)));
        draw::<T>();
        if let Some(Stage::Auditing { audit, .. }) = Tasks::<T>::get(task).map(|state| state.stage) {
            return (task, worker, audit.auditors.into_iter().map(|(auditor, _)| auditor).collect());
        }
    }
    panic!("auditors are found among many workers")
}

/// A task that waits for its worker's opening.
fn opening<T: Config>(samples: u32) -> (TaskId, AccountId) {
    let (task, worker, auditors) = auditing::<T>(samples, MAX_AUDITORS);
    for auditor in auditors {
        Pallet::<T>::do_seal(task, 0, auditor, Hash::zero()).expect("the task waits for it");
    }
    (task, worker)
}

/// A task in hand that waits for its worker's opening, and its audit.
fn audited<T: Config>(samples: u32) -> (Open<T>, Audit) {
    let (task, _) = opening::<T>(samples);
    let open = in_hand::<T>(task);
    let audit = open.state.stage.audit().expect("it is audited").clone();
    (open, audit)
}

fn in_hand<T: Config>(task: TaskId) -> Open<T> {
    Open::load(task).unwrap_or_else(|_| panic!("the task is open"))
}

/// A task that waits for its jury to be drawn.
fn summoning<T: Config>(samples: u32) -> TaskId {
    let (open, audit) = audited::<T>(samples);
    let task = open.id;
    open.summon(Case::Seals { audit, claim: Hash::repeat_byte(5) });
    fresh::<T>();
    task
}

/// A task whose jurors have all sealed what they must reveal now, and the jurors.
fn revealing<T: Config>(samples: u32) -> (TaskId, Vec<AccountId>, Leaves) {
    let task = summoning::<T>(samples);
    for _ in 0..100 {
        Pallet::<T>::fold_in(Some(Hash::repeat_byte(9)));
        draw::<T>();
        if Tasks::<T>::get(task).is_some_and(|state| state.stage.jury().is_some()) {
            break;
        }
    }
    let jury = Tasks::<T>::get(task).and_then(|state| state.stage.jury().cloned()).expect("a jury is found");
    let jurors: Vec<AccountId> = jury.jurors.into_iter().map(|juror| juror.who).collect();
    assert_eq!(jurors.len() as u32, verdict::JURY);
    let leaves = Leaves::truncate_from(alloc::vec![Hash::repeat_byte(1); samples as usize]);
    for juror in &jurors {
        let seal = salted_seal(juror, task, 0, &leaves, &Hash::zero());
        Pallet::<T>::do_seal(task, 0, juror.clone(), seal).expect("the task waits for it");
    }
    (task, jurors, leaves)
}

/// A task that was found right and may still be challenged.
fn verified<T: Config>() -> TaskId {
    let (open, audit) = audited::<T>(1);
    let auditors = audit.auditors.iter().map(|(auditor, _)| auditor.clone()).collect();
    let auditors = BoundedVec::truncate_from(auditors);
    let proven = Proven { run: audit.run, commitment: audit.commitment, auditors };
    let (task, due) = (open.id, open.now.saturating_add(10));
    open.enter(Stage::Verified { proven, due });
    task
}

fn rich<T: Config>(who: &AccountId) {
    let funds = Balance::from(u64::MAX).saturating_add(T::Currency::minimum_balance());
    T::Currency::mint_into(who, funds).expect("an account can be funded");
}

/// The multi-proof of `sample` in the tree of equal leaves.
fn proof_of(mut sample: Vec<u32>, tiles: u32) -> Proof {
    let mut proof = Vec::new();
    for node in levels(tiles).into_iter().take(tiles.ilog2() as usize) {
        let missing = sample.iter().filter(|position| sample.binary_search(&(*position ^ 1)).is_err()).count();
        proof.resize(proof.len() + missing, node);
        sample.iter_mut().for_each(|position| *position /= 2);
        sample.dedup();
    }
    Proof::truncate_from(proof)
}

/// An opening that leads to the root.
fn right_opening<T: Config>(task: TaskId) -> (Leaves, Proof) {
    let sample = Pallet::<T>::tiles_looked_at(task);
    let brief = T::Jobs::brief(task).expect("the task is open");
    let tiles = brief.tiling.tiles(brief.group_count);
    (Leaves::truncate_from(alloc::vec![LEAF; sample.len()]), proof_of(sample, tiles))
}

/// An opening as long as one of the task must be. It does not lead to the root: the costliest
/// outcome.
fn wrong_opening<T: Config>(task: TaskId) -> (Leaves, Proof) {
    let (mut leaves, proof) = right_opening::<T>(task);
    leaves.iter_mut().for_each(|leaf| *leaf = Hash::repeat_byte(2));
    (leaves, proof)
}

/// A worker that audits so many tasks, which wait for nobody else's seals.
fn auditor_of<T: Config>(tasks: u32) -> (AccountId, Vec<TaskId>) {
    rules::<T>();
    let auditor = T::Workers::benchmark_worker(1_000);
    let worker = T::Workers::benchmark_worker(1_001);
    let tasks: Vec<TaskId> = (0..tasks).map(|_| T::Jobs::benchmark_task(tiles_for(1), 1, 2, false)).collect();
    for task in &tasks {
        let run = Run { worker: worker.clone(), bond: 0, region: Default::default() };
        let audit = Audit {
            run,
            commitment: commitment::<T>(*task),
            seed: dpin_primitives::blake2(&task.encode()),
            samples: 1,
            auditor_bond: 1,
            auditors: BoundedVec::default(),
        };
        // Its worker is of no account here, but owes an opening.
        assert!(T::Workers::take_on(&worker, Duty { task: *task, role: Role::Worker }, 0, Place::NoSlot));
        in_hand::<T>(*task).start_audit(audit, alloc::vec![auditor.clone()]);
    }
    (auditor, tasks)
}

/// A batch with a seal for each task, and its signature.
fn batch_of<T: Config>(auditor: &AccountId, tasks: &[TaskId]) -> (Reports, WorkerSignature) {
    let rounds: Vec<Hash> =
        tasks.iter().map(|task| Tasks::<T>::get(task).expect("the task is open").stage.round()).collect();
    let reports = tasks.iter().map(|task| Report::Seal { task: *task, attempt: 0, seal: Hash::repeat_byte(3) });
    let reports = Reports::truncate_from(reports.collect());
    let key = T::Workers::key(auditor).expect("it is registered");
    let signature = key.sign(&batch_message(&Pallet::<T>::genesis(), &rounds, &reports));
    (reports, signature.expect("the keystore has the key"))
}

fn sign<T: Config>(who: &AccountId, step: Step, task: TaskId, content: &impl Encode) -> WorkerSignature {
    let key = T::Workers::key(who).expect("it is registered");
    let round = Tasks::<T>::get(task).map(|state| state.stage.round()).unwrap_or_default();
    key.sign(&report_message(step, &Pallet::<T>::genesis(), task, 0, round, content)).expect("the keystore has the key")
}

/// A task of which all auditors have sealed what its worker opens now, with the call that it opens
/// it by.
fn agreed<T: Config>(samples: u32, auditors: u32, native: bool) -> (TaskId, Leaves, Proof, WorkerSignature) {
    let (task, worker, auditors) = auditing_paid_in::<T>(samples, auditors, native);
    let (leaves, proof) = right_opening::<T>(task);
    for auditor in auditors {
        let sealed = dpin_primitives::seal::seal(&auditor, task, 0, &leaves);
        Pallet::<T>::do_seal(task, 0, auditor, sealed).expect("the task waits for it");
    }
    let signature = sign::<T>(&worker, Step::Open, task, &(&leaves, &proof));
    (task, leaves, proof, signature)
}

/// The dispatch of a report reads the task too, in the same transaction, and counts the read.
fn read_by_dispatch<T: Config>(task: TaskId) {
    frame_benchmarking::benchmarking::add_to_whitelist(Tasks::<T>::hashed_key_for(task).into());
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn fold_in() {
        #[block]
        {
            Pallet::<T>::begin_block();
            Pallet::<T>::on_finalize(Default::default());
        }
        assert_ne!(RunningEntropy::<T>::get(), Entropy::default());
    }

    // With one candidate: the others are charged by `look_at_candidate` and `pass_over_candidate`.
    #[benchmark]
    fn assign_task() {
        workers::<T>();
        let task = T::Jobs::benchmark_task(tiles_for(1), 1, MAX_AUDITORS, false);
        // The first candidate is declined for its reputation sometimes.
        let taken = (0..1_000u32).find(|round| {
            Pallet::<T>::fold_in(Some(dpin_primitives::blake2(&round.encode())));
            let mut candidates = draw::candidates::Candidates::default();
            let assigned = polkadot_sdk::frame_support::storage::with_transaction(|| {
                let assigned = in_hand::<T>(task).try_assign(&mut candidates);
                TransactionOutcome::Rollback(Ok::<Option<Weight>, DispatchError>(assigned))
            });
            assigned.is_ok_and(|assigned| assigned.is_some())
                && candidates == draw::candidates::Candidates { passed_over: 0, looked_at: 1 }
        });
        assert!(taken.is_some());
        #[block]
        {
            assign::<T>();
        }
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Assigned { .. })));
    }

    // One that fits in everything but a region: nothing costs more.
    #[benchmark]
    fn look_at_candidate() {
        workers::<T>();
        let task = T::Jobs::benchmark_task(tiles_for(1), 1, MAX_AUDITORS, false);
        let waiting = in_hand::<T>(task);
        let mut draws = dpin_primitives::sampling::Draws::new(Hash::repeat_byte(7));
        let found;
        #[block]
        {
            found = T::Workers::draw(None, draws.next_u64()).and_then(|candidate| {
                let stands = T::Workers::state(&candidate)?;
                let profile = waiting.may_work(&candidate, &stands, 1)?;
                Some(Regions::<T>::get(task.job, &profile.region))
            });
        }
        assert_eq!(found, Some(0));
    }

    #[benchmark]
    fn pass_over_candidate() {
        workers::<T>();
        let mut draws = dpin_primitives::sampling::Draws::new(Hash::repeat_byte(7));
        let taken;
        #[block]
        {
            let stands = T::Workers::draw(None, draws.next_u64()).and_then(|candidate| T::Workers::state(&candidate));
            taken = stands.map(|stands| draw::candidates::is_taken(&mut draws, stands.reputation));
        }
        assert!(taken.is_some());
    }

    #[benchmark]
    fn draw_audit(a: Linear<1, MAX_AUDITORS>) {
        let (task, _) = committed::<T>(1, a, false);
        fresh::<T>();
        // Late enough for the task to stay filed where it is: `refile_task` charges what else it
        // costs.
        wait::<T>(5);
        #[block]
        {
            draw::<T>();
        }
        assert!(Tasks::<T>::contains_key(task));
    }

    #[benchmark]
    fn draw_jury() {
        let task = summoning::<T>(1);
        #[block]
        {
            draw::<T>();
        }
        assert!(Tasks::<T>::contains_key(task));
    }

    // Nothing is filed under the block: what is, is charged by `sweep_tasks`, `refile_task` and
    // `expire_task`.
    #[benchmark]
    fn sweep_block() {
        wait::<T>(2);
        let yesterday = Pallet::<T>::now() - 1;
        Swept::<T>::put(Watermark { block: yesterday, ..Default::default() });
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::sweep(&mut meter);
        }
        assert_eq!(Swept::<T>::get().block, Pallet::<T>::now());
    }

    // Those that have ended, as most have when the sweep comes by.
    #[benchmark]
    fn sweep_tasks(n: Linear<0, 4_000>) {
        wait::<T>(2);
        let yesterday = Pallet::<T>::now() - 1;
        Swept::<T>::put(Watermark { block: yesterday, ..Default::default() });
        for job in 0..n {
            filing::Due::<T>::file(yesterday, yesterday, TaskId { job: job.into(), index: 0 });
        }
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::sweep(&mut meter);
        }
        assert_eq!(Swept::<T>::get().block, Pallet::<T>::now());
    }

    // The worker leaves the availability index, and another takes its place.
    #[benchmark]
    fn report_devices() {
        rules::<T>();
        let worker = T::Workers::benchmark_worker(1_000);
        T::Workers::benchmark_worker(1_001);
        let at = Pallet::<T>::now();
        let key = T::Workers::key(&worker).expect("it is registered");
        let message = report::devices_message(&Pallet::<T>::genesis(), &worker, false, at);
        let signature = key.sign(&message).expect("the keystore has the key");
        #[extrinsic_call]
        _(RawOrigin::Authorized, worker.clone(), false, at, signature);
        assert!(!T::Workers::may_report_devices(&worker, false, at + 100));
    }

    #[benchmark]
    fn commit() {
        let (task, worker) = assigned::<T>(1, MAX_AUDITORS);
        let commitment = commitment::<T>(task);
        let signature = sign::<T>(&worker, Step::Commit, task, &commitment);
        #[extrinsic_call]
        _(RawOrigin::Authorized, task, 0, commitment, signature);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Committed { .. })));
    }

    #[benchmark]
    fn report_failure() {
        let (task, worker) = assigned::<T>(1, MAX_AUDITORS);
        let reason = ReasonCode::BuildFailed { log: Hash::zero() };
        let signature = sign::<T>(&worker, Step::Failure, task, &reason);
        #[extrinsic_call]
        _(RawOrigin::Authorized, task, 0, reason, signature);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Queued { .. })));
    }

    #[benchmark]
    fn seal() {
        let (task, _, auditors) = auditing::<T>(1, MAX_AUDITORS);
        let (last, others) = auditors.split_last().expect("there are auditors");
        for auditor in others {
            Pallet::<T>::do_seal(task, 0, auditor.clone(), Hash::zero()).expect("the task waits for it");
        }
        let signature = sign::<T>(last, Step::Seal, task, &Hash::zero());
        #[extrinsic_call]
        _(RawOrigin::Authorized, task, 0, last.clone(), Hash::zero(), signature);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Opening { .. })));
    }

    #[benchmark]
    fn open(l: Linear<1, MAX_SAMPLES>) {
        let (task, worker) = opening::<T>(l);
        let (leaves, proof) = wrong_opening::<T>(task);
        let signature = sign::<T>(&worker, Step::Open, task, &(&leaves, &proof));
        #[extrinsic_call]
        _(RawOrigin::Authorized, task, 0, leaves, proof, signature);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Queued { .. })));
    }

    // All agree, and the job, which has no other task, is paid. Each auditor's seal hashes all
    // leaves, so that the two components multiply: they are measured where most tasks are. Beyond,
    // leaves cost what they do with all auditors.
    #[benchmark]
    fn open_right(l: Linear<1, 32>, a: Linear<1, MAX_AUDITORS>) {
        let (task, leaves, proof, signature) = agreed::<T>(l, a, false);
        #[extrinsic_call]
        open(RawOrigin::Authorized, task, 0, leaves, proof, signature);
        assert!(!Tasks::<T>::contains_key(task));
    }

    // Paid in DPN.
    #[benchmark]
    fn open_right_native(l: Linear<1, 32>, a: Linear<1, MAX_AUDITORS>) {
        let (task, leaves, proof, signature) = agreed::<T>(l, a, true);
        #[extrinsic_call]
        open(RawOrigin::Authorized, task, 0, leaves, proof, signature);
        assert!(!Tasks::<T>::contains_key(task));
    }

    // Of seals: other reports weigh what the calls for them alone do.
    #[benchmark]
    fn report_many(r: Linear<1, MAX_REPORTS>) {
        let (auditor, tasks) = auditor_of::<T>(r);
        let (reports, signature) = batch_of::<T>(&auditor, &tasks);
        #[extrinsic_call]
        _(RawOrigin::Authorized, auditor, reports, signature);
        for task in tasks {
            assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Opening { .. })));
        }
    }

    // The inner nodes of a tile tree that an opening asks for.
    #[benchmark]
    fn hash_nodes(h: Linear<1, MAX_PROOF>) {
        let mut node = LEAF;
        #[block]
        {
            for _ in 0..h {
                node = dpin_primitives::tile_tree::root(&[node, LEAF]);
            }
        }
        assert_ne!(node, LEAF);
    }

    #[benchmark]
    fn refile_task() {
        rules::<T>();
        let task = T::Jobs::benchmark_task(tiles_for(1), 1, 1, false);
        let filed = Tasks::<T>::get(task).and_then(|state| state.filed).expect("every task is filed");
        #[block]
        {
            let state = Tasks::<T>::get(task).expect("the task is open");
            Pallet::<T>::refile(task, state);
        }
        assert!(Tasks::<T>::get(task).and_then(|state| state.filed).is_some_and(|refiled| refiled > filed));
    }

    // One more task in a region, and one less.
    #[benchmark]
    fn count_region() {
        let task = TaskId { job: 0, index: 0 };
        let region = BoundedVec::truncate_from(alloc::vec![b'u'; dpin_primitives::worker::MAX_REGION_CHARS as usize]);
        #[block]
        {
            Pallet::<T>::enter_region(task, &region);
        }
        assert_eq!(Regions::<T>::get(task.job, &region), 1);
    }

    // Three jurors convict the worker and all its auditors, the others are silent: nothing costs
    // more.
    #[benchmark]
    fn expire_task() {
        let (task, jurors, leaves) = revealing::<T>(1);
        for juror in jurors.into_iter().take(verdict::QUORUM as usize) {
            Pallet::<T>::do_reveal(task, 0, juror, &leaves, &Hash::zero()).expect("the task waits for it");
        }
        wait::<T>(Pallet::<T>::rules().open_blocks + 1);
        let anyone: AccountId = account("anyone", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(anyone), task);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Queued { .. })));
    }

    // The last juror convicts the worker and all its auditors.
    #[benchmark]
    fn reveal(l: Linear<1, MAX_SAMPLES>) {
        let (task, mut jurors, leaves) = revealing::<T>(l);
        let last = jurors.pop().expect("there are jurors");
        for juror in jurors {
            Pallet::<T>::do_reveal(task, 0, juror, &leaves, &Hash::zero()).expect("the task waits for it");
        }
        let salt = Hash::zero();
        let signature = sign::<T>(&last, Step::Reveal, task, &(&leaves, salt));
        #[extrinsic_call]
        _(RawOrigin::Authorized, task, 0, last, leaves, salt, signature);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Queued { .. })));
    }

    #[benchmark]
    fn challenge() {
        let task = verified::<T>();
        let challenger: AccountId = account("challenger", 0, 0);
        rich::<T>(&challenger);
        #[extrinsic_call]
        _(RawOrigin::Signed(challenger), task, 0);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Summoning { .. })));
    }

    #[benchmark]
    fn report_unavailable() {
        let task = verified::<T>();
        let requester = T::Jobs::brief(task).expect("the task is open").requester;
        rich::<T>(&requester);
        #[extrinsic_call]
        _(RawOrigin::Signed(requester), task);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Summoning { .. })));
    }

    #[benchmark]
    fn authorize_report() {
        let (task, _, auditors) = auditing::<T>(1, MAX_AUDITORS);
        assert_eq!(auditors.len() as u32, MAX_AUDITORS);
        let auditor = auditors.last().expect("there are auditors").clone();
        let content = Hash::zero();
        let signature = sign::<T>(&auditor, Step::Seal, task, &content);
        let call = Call::<T>::seal { task, attempt: 0, auditor, seal: content, signature };
        read_by_dispatch::<T>(task);
        #[block]
        {
            call.authorize(TransactionSource::External).expect("the call is authorised").expect("the auditor may seal");
        }
    }

    #[benchmark]
    fn authorize_commit() {
        let (task, worker) = assigned::<T>(1, MAX_AUDITORS);
        let commitment = commitment::<T>(task);
        let signature = sign::<T>(&worker, Step::Commit, task, &commitment);
        let call = Call::<T>::commit { task, attempt: 0, commitment, signature };
        read_by_dispatch::<T>(task);
        #[block]
        {
            call.authorize(TransactionSource::External)
                .expect("the call is authorised")
                .expect("the worker may commit");
        }
    }

    #[benchmark]
    fn authorize_report_many(r: Linear<1, MAX_REPORTS>) {
        let (worker, tasks) = auditor_of::<T>(r);
        let (reports, signature) = batch_of::<T>(&worker, &tasks);
        let call = Call::<T>::report_many { worker, reports, signature };
        tasks.into_iter().for_each(read_by_dispatch::<T>);
        #[block]
        {
            call.authorize(TransactionSource::External).expect("the call is authorised").expect("the auditor may seal");
        }
    }

    #[benchmark]
    fn authorize_open(l: Linear<1, MAX_SAMPLES>) {
        let (task, worker) = opening::<T>(l);
        let (leaves, proof) = wrong_opening::<T>(task);
        let signature = sign::<T>(&worker, Step::Open, task, &(&leaves, &proof));
        let call = Call::<T>::open { task, attempt: 0, leaves, proof, signature };
        read_by_dispatch::<T>(task);
        #[block]
        {
            call.authorize(TransactionSource::External).expect("the call is authorised").expect("the worker may open");
        }
    }
}
