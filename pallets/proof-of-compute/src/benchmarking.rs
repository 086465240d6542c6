//! Benchmarks of every call, of what is checked before it, and of every step of the hooks.

use crate::{
    reports::{report_message, Step},
    *,
};
use alloc::vec::Vec;
use codec::Encode;
use dpin_primitives::{
    executor::Commitment,
    job::{MAX_AUDITORS, MAX_SAMPLES},
    reason::ReasonCode,
    seal::salted_seal,
    tile_tree::MAX_TILES,
    traits::{JobLedger, WorkerRegistry},
    worker::{Outcome, WorkerSignature},
    AccountId, Balance, Hash, TaskId,
};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        pallet_prelude::TransactionSource,
        traits::{
            fungible::{Inspect, Mutate},
            Authorize, Get,
        },
        weights::WeightMeter,
        BoundedVec,
    },
    frame_system::{Pallet as System, RawOrigin},
    sp_application_crypto::RuntimeAppPublic,
    sp_runtime::traits::SaturatedConversion,
};

/// Largest number of tiles a benchmark's task has: as deep a tree as the bytes a task may write allow.
const TILES: u32 = MAX_TILES;

/// More workers than the lottery looks at, each trusted, so that no more tiles are sampled than asked for.
fn workers<T: Config>() {
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

/// A task that has a worker.
fn assigned<T: Config>(samples: u32) -> (TaskId, AccountId) {
    workers::<T>();
    let task = T::Jobs::benchmark_task(TILES, samples);
    for round in 0..100u32 {
        Pallet::<T>::fold_in(Some(dpin_primitives::blake2(&round.encode())));
        Pallet::<T>::assign_tasks();
        if let Some(Stage::Assigned { run, .. }) = Tasks::<T>::get(task).map(|state| state.stage) {
            return (task, run.worker);
        }
    }
    panic!("one of many workers takes the task")
}

fn commitment<T: Config>(task: TaskId) -> Commitment {
    let brief = T::Jobs::brief(task).expect("the task is open");
    Commitment { root: Hash::zero(), output_len: brief.tiling.output_bytes(brief.group_count), kernel_ms: 1 }
}

fn committed<T: Config>(samples: u32) -> (TaskId, AccountId) {
    let (task, worker) = assigned::<T>(samples);
    Pallet::<T>::do_commit(task, 0, commitment::<T>(task)).expect("the task waits for it");
    (task, worker)
}

fn fresh<T: Config>() {
    for round in 0..16u32 {
        Pallet::<T>::fold_in(Some(dpin_primitives::blake2(&round.encode())));
    }
}

/// A task that waits for its auditors' seals.
fn auditing<T: Config>(samples: u32) -> (TaskId, AccountId, Vec<AccountId>) {
    let (task, worker) = committed::<T>(samples);
    fresh::<T>();
    for _ in 0..100 {
        Pallet::<T>::fold_in(Some(Hash::repeat_byte(9)));
        Pallet::<T>::draw_audits();
        if let Some(Stage::Auditing { audit, .. }) = Tasks::<T>::get(task).map(|state| state.stage) {
            return (task, worker, audit.auditors.into_iter().map(|(auditor, _)| auditor).collect());
        }
    }
    panic!("auditors are found among many workers")
}

/// A task that waits for its worker's opening.
fn opening<T: Config>(samples: u32) -> (TaskId, AccountId) {
    let (task, worker, auditors) = auditing::<T>(samples);
    for auditor in auditors {
        Pallet::<T>::do_seal(task, 0, auditor, Hash::zero()).expect("the task waits for it");
    }
    (task, worker)
}

/// The state of a task that waits for its worker's opening, and its audit.
fn audited<T: Config>(samples: u32) -> (TaskId, TaskState, Audit) {
    let (task, _) = opening::<T>(samples);
    let state = Tasks::<T>::get(task).expect("the task is open");
    let audit = state.stage.audit().expect("it is audited").clone();
    (task, state, audit)
}

/// A task that waits for its jury to be drawn.
fn summoning<T: Config>(samples: u32) -> TaskId {
    let (task, state, audit) = audited::<T>(samples);
    Pallet::<T>::summon(task, state, Case::Seals { audit, claim: Hash::repeat_byte(5) });
    fresh::<T>();
    task
}

/// A task whose jurors have all sealed what they must reveal now, and the jurors.
fn revealing<T: Config>(samples: u32) -> (TaskId, Vec<AccountId>, Leaves) {
    let task = summoning::<T>(samples);
    for _ in 0..100 {
        Pallet::<T>::fold_in(Some(Hash::repeat_byte(9)));
        Pallet::<T>::draw_audits();
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
    let (task, state, audit) = audited::<T>(1);
    let auditors = audit.auditors.iter().map(|(auditor, _)| auditor.clone()).collect();
    let auditors = BoundedVec::truncate_from(auditors);
    let proven = Proven { run: audit.run, commitment: audit.commitment, auditors };
    let due = Pallet::<T>::now().saturating_add(10);
    Pallet::<T>::enter(task, TaskState { stage: Stage::Verified { proven, due }, ..state });
    task
}

fn rich<T: Config>(who: &AccountId) {
    let funds = Balance::from(u64::MAX).saturating_add(T::Currency::minimum_balance());
    T::Currency::mint_into(who, funds).expect("an account can be funded");
}

/// How many hashes the multi-proof of `sample` has in a full tree of `tiles` tiles.
fn proof_len(mut sample: Vec<u32>, tiles: u32) -> usize {
    let mut hashes = 0;
    for _ in 0..tiles.ilog2() {
        hashes += sample.iter().filter(|position| sample.binary_search(&(*position ^ 1)).is_err()).count();
        sample.iter_mut().for_each(|position| *position /= 2);
        sample.dedup();
    }
    hashes
}

/// An opening as long as one of the task must be. It does not lead to the root: the costliest outcome.
fn wrong_opening<T: Config>(task: TaskId) -> (Leaves, Proof) {
    let sample = Pallet::<T>::sample(task);
    let brief = T::Jobs::brief(task).expect("the task is open");
    let tiles = brief.tiling.tiles(brief.group_count);
    let hash = Hash::repeat_byte(1);
    let leaves = Leaves::truncate_from(alloc::vec![hash; sample.len()]);
    (leaves, Proof::truncate_from(alloc::vec![hash; proof_len(sample, tiles)]))
}

fn sign<T: Config>(who: &AccountId, step: Step, task: TaskId, content: &impl Encode) -> WorkerSignature {
    let key = T::Workers::key(who).expect("it is registered");
    let round = Tasks::<T>::get(task).map(|state| state.stage.round()).unwrap_or_default();
    key.sign(&report_message(step, &Pallet::<T>::genesis(), task, 0, round, content)).expect("the keystore has the key")
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn fold_in() {
        #[block]
        {
            Pallet::<T>::fold_in(Some(Hash::repeat_byte(1)));
        }
        assert_eq!(RunningEntropy::<T>::get().fresh, 1);
    }

    #[benchmark]
    fn assign_task() {
        workers::<T>();
        let task = T::Jobs::benchmark_task(TILES, 1);
        #[block]
        {
            Pallet::<T>::assign_tasks();
        }
        assert!(Tasks::<T>::contains_key(task));
    }

    #[benchmark]
    fn draw_audit() {
        let (task, _) = committed::<T>(1);
        fresh::<T>();
        #[block]
        {
            Pallet::<T>::draw_audits();
        }
        assert!(Tasks::<T>::contains_key(task));
    }

    #[benchmark]
    fn draw_jury() {
        let task = summoning::<T>(1);
        #[block]
        {
            Pallet::<T>::draw_audits();
        }
        assert!(Tasks::<T>::contains_key(task));
    }

    #[benchmark]
    fn sweep_block() {
        wait::<T>(2);
        Swept::<T>::put(Pallet::<T>::now() - 2);
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::sweep(&mut meter);
        }
        assert_eq!(Swept::<T>::get(), Pallet::<T>::now() - 1);
    }

    #[benchmark]
    fn commit() {
        let (task, worker) = assigned::<T>(1);
        let commitment = commitment::<T>(task);
        let signature = sign::<T>(&worker, Step::Commit, task, &commitment);
        #[extrinsic_call]
        _(RawOrigin::Authorized, task, 0, commitment, signature);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Committed { .. })));
    }

    #[benchmark]
    fn report_failure() {
        let (task, worker) = assigned::<T>(1);
        let reason = ReasonCode::BuildFailed { log: Hash::zero() };
        let signature = sign::<T>(&worker, Step::Failure, task, &reason);
        #[extrinsic_call]
        _(RawOrigin::Authorized, task, 0, reason, signature);
        assert!(matches!(Tasks::<T>::get(task).map(|state| state.stage), Some(Stage::Queued { .. })));
    }

    #[benchmark]
    fn seal() {
        let (task, _, auditors) = auditing::<T>(1);
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

    // Three jurors convict the worker and all its auditors, the others are silent: nothing costs more.
    #[benchmark]
    fn expire_task() {
        let (task, jurors, leaves) = revealing::<T>(1);
        for juror in jurors.into_iter().take(verdict::QUORUM as usize) {
            Pallet::<T>::do_reveal(task, 0, juror, &leaves, &Hash::zero()).expect("the task waits for it");
        }
        wait::<T>(T::Rules::get().open_blocks + 1);
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
        let (task, _, auditors) = auditing::<T>(1);
        assert_eq!(auditors.len() as u32, MAX_AUDITORS);
        let auditor = auditors.last().expect("there are auditors").clone();
        let content = Hash::zero();
        let signature = sign::<T>(&auditor, Step::Seal, task, &content);
        let call = Call::<T>::seal { task, attempt: 0, auditor, seal: content, signature };
        #[block]
        {
            call.authorize(TransactionSource::External).expect("the call is authorized").expect("the auditor may seal");
        }
    }

    #[benchmark]
    fn authorize_open(l: Linear<1, MAX_SAMPLES>) {
        let (task, worker) = opening::<T>(l);
        let (leaves, proof) = wrong_opening::<T>(task);
        let signature = sign::<T>(&worker, Step::Open, task, &(&leaves, &proof));
        let call = Call::<T>::open { task, attempt: 0, leaves, proof, signature };
        #[block]
        {
            call.authorize(TransactionSource::External).expect("the call is authorized").expect("the worker may open");
        }
    }
}
