//! A mock runtime with this pallet alone. Jobs, workers, kernels, economy and the proof of compute
//! are fakes in storage, so that a call that fails also undoes its changes to them.

#![allow(unreachable_pub, reason = "the tests of the crate use what they need")]

use crate::{self as pallet_canaries, Claims, Kind, Plan, Round};
use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{
    AccountId, AssetKind, BlockNumber, Hash, KernelId, TaskId,
    executor::{Commitment, RunRequest, Work},
    job::{AuditPolicy, Requirements, Reward},
    kernel::{KernelManifest, Param, Tiling},
    reason::ReasonCode,
    traits::{CapacityLedger, JobLedger, KernelRegistry, TaskBrief, WorkerHealth},
    worker::{Capability, DeviceClass, Fp32},
};
use polkadot_sdk::{
    frame_support::{
        self, PalletId, Twox64Concat, assert_ok, derive_impl, parameter_types, storage_alias,
        traits::{Contains, Hooks},
        weights::Weight,
    },
    frame_system::{self, EnsureRoot},
    sp_io::TestExternalities,
    sp_runtime::{DispatchError, DispatchResult},
};
use scale_info::TypeInfo;

pub use pallet_mock::{account, commitment};

pallet_mock::runtime! {
    1: Canaries = pallet_canaries,
}

pallet_mock::system! {
    type Block = frame_system::mocking::MockBlockU32<Test>;
}

pub const PERIOD: BlockNumber = 40;
pub const WINDOW: BlockNumber = 10;
pub const AUDIT_BLOCKS: BlockNumber = 20;
pub const GROUPS: u32 = 64;
/// The weight that the fake jobs return for a task that is not a canary.
pub const JOBS_WEIGHT: Weight = Weight::from_parts(7, 11);

parameter_types! {
    pub static Entropy: Hash = Hash::repeat_byte(0xe7);
    pub const AuditBlocks: BlockNumber = AUDIT_BLOCKS;
    /// The most that closing a task of the jobs may weigh.
    pub static JobsCloseWeight: Weight = JOBS_WEIGHT;
    pub const CanariesPallet: PalletId = PalletId(*b"dpin/can");
}

impl pallet_canaries::Config for Test {
    type Jobs = FakeJobs;
    type Workers = FakeWorkers;
    type Kernels = FakeKernels;
    type Tasks = FakeTasks;
    type Capacity = FakeCapacity;
    type Entropy = Entropy;
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type AuditBlocks = AuditBlocks;
    type PalletId = CanariesPallet;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = FakeWorkers;
}

/// A worker of the fake registry.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct FakeWorker {
    pub account: AccountId,
    pub active: bool,
    pub fp32: Fp32,
    pub fp64: bool,
}

/// A report of the pallet to the registry of workers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Told {
    Prove(AccountId),
    Miss(AccountId, TaskId),
    Disprove(AccountId),
}

/// A task that the pallet passed on to the jobs.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum HandedOn {
    Settle(TaskId, AccountId, Commitment, Vec<AccountId>),
    Fail(TaskId, ReasonCode),
    GiveBack(TaskId, ReasonCode),
}

#[storage_alias]
type Workers = StorageMap<Fakes, Twox64Concat, u32, FakeWorker>;
#[storage_alias]
type NextNumber = StorageValue<Fakes, u32>;
#[storage_alias]
type ToldWorkers = StorageValue<Fakes, Vec<Told>>;
#[storage_alias]
type ToldJobs = StorageValue<Fakes, Vec<HandedOn>>;
/// The manifest of each kernel, and how many times it is kept.
#[storage_alias]
type Kernels = StorageMap<Fakes, Twox64Concat, KernelId, (KernelManifest, u32)>;
#[storage_alias]
type OpenTasks = StorageMap<Fakes, Twox64Concat, TaskId, ()>;

pub struct FakeWorkers;

impl FakeWorkers {
    /// Register an active worker without special abilities.
    pub fn register(account: AccountId) -> u32 {
        let number = NextNumber::get().unwrap_or_default();
        NextNumber::put(number + 1);
        Workers::insert(number, FakeWorker { account, active: true, fp32: Fp32::default(), fp64: false });
        number
    }

    pub fn change(number: u32, change: impl FnOnce(&mut FakeWorker)) {
        Workers::mutate(number, |worker| change(worker.as_mut().expect("it is a worker")));
    }

    pub fn withdraw(number: u32) {
        Workers::remove(number);
    }

    /// The reports since the last call.
    pub fn told() -> Vec<Told> {
        ToldWorkers::take().unwrap_or_default()
    }

    fn tell(told: Told) {
        ToldWorkers::mutate(|all| all.get_or_insert_default().push(told));
    }
}

impl WorkerHealth for FakeWorkers {
    fn number(worker: &AccountId) -> Option<u32> {
        Workers::iter().find(|(_, w)| w.account == *worker).map(|(number, _)| number)
    }

    fn by_number(number: u32) -> Option<AccountId> {
        Workers::get(number).map(|worker| worker.account)
    }

    fn next_number() -> u32 {
        NextNumber::get().unwrap_or_default()
    }

    fn is_active(worker: &AccountId) -> bool {
        Self::number(worker).and_then(Workers::get).is_some_and(|worker| worker.active)
    }

    fn capability(worker: &AccountId) -> Option<Capability> {
        let FakeWorker { fp32, fp64, .. } = Self::number(worker).and_then(Workers::get)?;
        Some(Capability { memory: 1 << 30, fp64, fp32 })
    }

    fn prove(worker: &AccountId) {
        Self::tell(Told::Prove(worker.clone()));
    }

    fn miss(worker: &AccountId, task: TaskId) {
        Self::tell(Told::Miss(worker.clone(), task));
    }

    fn disprove(worker: &AccountId) {
        Self::tell(Told::Disprove(worker.clone()));
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for FakeWorkers {
    fn worker(seed: u32) -> AccountId {
        let account = account(seed as u8);
        Self::register(account.clone());
        account
    }
}

/// The reports to the economy.
#[storage_alias]
type ProvedUnits = StorageValue<Fakes, Vec<(AccountId, u32)>>;

pub struct FakeCapacity;

impl FakeCapacity {
    /// The workers that have proved throughput tiles since the last call, with the numbers of
    /// tiles.
    pub fn told() -> Vec<(AccountId, u32)> {
        ProvedUnits::take().unwrap_or_default()
    }
}

impl CapacityLedger for FakeCapacity {
    fn proved(worker: &AccountId, units: u32) {
        ProvedUnits::mutate(|all| all.get_or_insert_default().push((worker.clone(), units)));
    }
}

pub struct FakeKernels;

impl FakeKernels {
    pub fn register(manifest: KernelManifest) -> KernelId {
        let id = manifest.id();
        Kernels::insert(id, (manifest, 0));
        id
    }

    pub fn kept(kernel: KernelId) -> u32 {
        Kernels::get(kernel).map_or(0, |(_, kept)| kept)
    }

    pub fn remove(kernel: KernelId) {
        Kernels::remove(kernel);
    }
}

impl KernelRegistry for FakeKernels {
    fn manifest(kernel: &KernelId) -> Option<KernelManifest> {
        Kernels::get(kernel).map(|(manifest, _)| manifest)
    }

    fn keep(kernel: &KernelId) -> DispatchResult {
        Kernels::try_mutate(kernel, |kernel| {
            kernel.as_mut().ok_or(DispatchError::Other("no kernel"))?.1 += 1;
            Ok(())
        })
    }

    fn release(kernel: &KernelId) {
        Kernels::mutate(kernel, |kernel| {
            let kept = &mut kernel.as_mut().expect("only what is kept is released").1;
            *kept = kept.checked_sub(1).expect("only what is kept is released");
        });
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_kernel(manifest: KernelManifest) -> KernelId {
        let id = manifest.id();
        if !Kernels::contains_key(id) {
            Self::register(manifest);
        }
        id
    }
}

/// The tasks of the proof of compute.
pub struct FakeTasks;

impl FakeTasks {
    pub fn open(task: TaskId) {
        OpenTasks::insert(task, ());
    }

    pub fn close(task: TaskId) -> bool {
        OpenTasks::take(task).is_some()
    }
}

impl Contains<TaskId> for FakeTasks {
    fn contains(task: &TaskId) -> bool {
        OpenTasks::contains_key(task)
    }
}

pub struct FakeJobs;

impl FakeJobs {
    /// The task that these jobs know.
    pub const TASK: TaskId = TaskId { job: 3, index: 4 };

    /// The tasks passed on since the last call.
    pub fn handed_on() -> Vec<HandedOn> {
        ToldJobs::take().unwrap_or_default()
    }

    pub fn known_brief() -> TaskBrief {
        TaskBrief {
            requester: account(99),
            kernel: KernelId::repeat_byte(9),
            tiling: Tiling::Whole { bytes: 1 },
            tasks: 1,
            group_count: 1,
            reward: Reward { asset: AssetKind::Native, per_task: 5 },
            per_auditor: 1,
            audit: AuditPolicy::default(),
            run_blocks: 7,
            requires: Requirements::default(),
            least_memory: 0,
            redo: true,
        }
    }

    pub fn known_request(work: Work) -> RunRequest {
        RunRequest {
            id: Hash::zero(),
            genesis: Hash::zero(),
            task: Self::TASK,
            work,
            kernel: throughput(),
            groups: [1, 1, 1],
            first_group: 0,
            group_count: 1,
            scalars: vec![],
            inputs: vec![],
            limit_ms: 0,
        }
    }
}

impl JobLedger for FakeJobs {
    fn brief(task: TaskId) -> Option<TaskBrief> {
        (task == Self::TASK).then(Self::known_brief)
    }

    fn run_request(task: TaskId, work: Work) -> Option<RunRequest> {
        (task == Self::TASK).then(|| Self::known_request(work))
    }

    fn input_bytes(task: TaskId) -> Vec<u64> {
        if task == Self::TASK { vec![7] } else { vec![] }
    }

    fn settle(task: TaskId, worker: &AccountId, commitment: Commitment, auditors: &[AccountId]) -> Weight {
        let settle = HandedOn::Settle(task, worker.clone(), commitment, auditors.to_vec());
        ToldJobs::mutate(|all| all.get_or_insert_default().push(settle));
        JOBS_WEIGHT
    }

    fn fail(task: TaskId, reason: ReasonCode) -> Weight {
        ToldJobs::mutate(|all| all.get_or_insert_default().push(HandedOn::Fail(task, reason)));
        JOBS_WEIGHT
    }

    fn give_back(task: TaskId, reason: ReasonCode) -> Weight {
        ToldJobs::mutate(|all| all.get_or_insert_default().push(HandedOn::GiveBack(task, reason)));
        JOBS_WEIGHT
    }

    fn unbuildable(_: &KernelId, _: Option<DeviceClass>) -> Option<ReasonCode> {
        None
    }

    fn build_failed(_: &KernelId, _: DeviceClass, _: &AccountId, _: ReasonCode, _: bool) -> bool {
        false
    }

    fn built(_: &KernelId, _: DeviceClass) -> Vec<AccountId> {
        Vec::new()
    }

    fn close_weight() -> Weight {
        JobsCloseWeight::get()
    }

    fn close_one_weight() -> Weight {
        JobsCloseWeight::get()
    }

    fn called(task: TaskId) -> Option<(AccountId, BlockNumber)> {
        (task == Self::TASK).then(|| (account(1), 77))
    }

    fn calls(worker: &AccountId) -> Vec<TaskId> {
        if *worker == account(1) { vec![Self::TASK] } else { vec![] }
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_task(_: u32, _: u32, _: u32, _: bool) -> TaskId {
        Self::TASK
    }
}

fn manifest(entry: &[u8], params: Vec<Param>, bytes: u32) -> KernelManifest {
    pallet_mock::kernel(entry, params, [64, 1, 1], Tiling::PerGroup { bytes })
}

pub fn conformance() -> KernelManifest {
    manifest(b"conformance", vec![Param::Scalar { bytes: 8 }, Param::Scalar { bytes: 4 }, Param::Output], 1_024)
}

pub fn throughput() -> KernelManifest {
    manifest(b"throughput", vec![Param::Output, Param::Scalar { bytes: 8 }], 64 * 1_024)
}

pub fn plan() -> Plan {
    Plan {
        conformance: conformance().id(),
        throughput: throughput().id(),
        period: PERIOD,
        window: WINDOW,
        conformance_groups: GROUPS,
        auditors: 2,
        samples: 8,
    }
}
/// The account of worker `number`.
pub fn worker(number: u32) -> AccountId {
    account(number as u8 + 10)
}

pub fn set_plan(plan: Option<Plan>) {
    assert_ok!(Canaries::set_plan(RuntimeOrigin::root(), plan));
}

pub fn claim(number: u32, units: u32) {
    assert_ok!(Canaries::claim(RuntimeOrigin::signed(worker(number)), units));
}

/// Begin the next block. Returns the weight of `on_initialize`.
pub fn begin_block() -> Weight {
    System::set_block_number(System::block_number() + 1);
    Canaries::on_initialize(System::block_number())
}

/// End the block. Returns the part of `room` that `on_idle` used.
pub fn end_block(room: Weight) -> Weight {
    let used = Canaries::on_idle(System::block_number(), room);
    assert!(used.all_lte(room), "on_idle keeps within its room");
    used
}

/// Pass blocks with enough room for the sweeps, until `block` has begun.
pub fn run_to(block: BlockNumber) {
    assert!(block > System::block_number());
    while System::block_number() < block {
        end_block(Weight::MAX);
        begin_block();
    }
}

/// Pass blocks until one begins in which a round opens.
pub fn next_round() -> Round {
    let last = crate::LastRound::<Test>::get();
    while crate::LastRound::<Test>::get() == last {
        run_to(System::block_number() + 1);
    }
    round()
}

/// The running round.
pub fn round() -> Round {
    Canaries::round().expect("there is a round")
}

/// Pass blocks until the window is over and every worker has been looked at.
pub fn pass_window() {
    run_to(round().due + 1);
    end_block(Weight::MAX);
}

/// The canary of the last round to which a worker is called.
pub fn canary(kind: Kind, number: u32) -> TaskId {
    kind.task(crate::LastRound::<Test>::get(), number)
}

/// Commit to a canary as the proof of compute does. Returns whether the worker was called to it.
pub fn commit(kind: Kind, number: u32) -> bool {
    let task = canary(kind, number);
    let called =
        <Canaries as JobLedger>::called(task) == Some((worker(number), Canaries::round().map_or(0, |r| r.due)));
    if called {
        FakeTasks::open(task);
    }
    called
}

/// The audit of a canary finds it right.
pub fn settle(kind: Kind, number: u32) {
    let task = canary(kind, number);
    assert!(FakeTasks::close(task), "it was committed to");
    <Canaries as JobLedger>::settle(task, &worker(number), commitment(), &[]);
}

/// Fail a canary that was committed to.
pub fn fail(kind: Kind, number: u32, reason: ReasonCode) {
    let task = canary(kind, number);
    assert!(FakeTasks::close(task), "it was committed to");
    <Canaries as JobLedger>::fail(task, reason);
}

/// A worker commits to both canaries, and both are found right.
pub fn pass(number: u32) {
    for kind in Kind::ALL {
        assert!(commit(kind, number), "it is called");
        settle(kind, number);
    }
}

/// A worker commits to both canaries, and no auditor is available.
pub fn pass_unchecked(number: u32) {
    for kind in Kind::ALL {
        assert!(commit(kind, number), "it is called");
        fail(kind, number, ReasonCode::NoAuditors);
    }
}

/// The claims of a worker that has made none.
pub fn default_claims() -> Claims {
    Claims { units: crate::DEFAULT_UNITS, fp32: Fp32::default(), fp64: false }
}

pallet_mock::events!(crate::Event<Test>);

/// Both the plan and the round keep the kernels, once each.
fn check_kept() {
    for kernel in [conformance().id(), throughput().id()] {
        let of = |plan: Option<Plan>| {
            plan.map_or(0, |plan| [plan.conformance, plan.throughput].iter().filter(|id| **id == kernel).count())
        };
        let expected = of(Canaries::plan()) + of(Canaries::round().map(|round| round.plan));
        assert_eq!(FakeKernels::kept(kernel) as usize, expected, "how often a kernel is kept");
    }
}

fn check_invariants() {
    Canaries::do_try_state().unwrap();
    check_kept();
}

/// The starting state of a test: block 1, both kernels, a number of active workers, and optionally
/// a plan.
pub struct TestExt {
    workers: u32,
    plan: Option<Plan>,
}

impl TestExt {
    pub fn new() -> Self {
        Self { workers: 0, plan: None }
    }

    /// Start with a plan and `workers` workers.
    pub fn with(workers: u32) -> Self {
        Self { workers, plan: Some(plan()) }
    }

    pub fn build(self) -> TestExternalities {
        pallet_mock::state::<Test>(RuntimeGenesisConfig::default(), || {
            FakeKernels::register(conformance());
            FakeKernels::register(throughput());
            for number in 0..self.workers {
                assert_eq!(FakeWorkers::register(worker(number)), number);
            }
            if self.plan.is_some() {
                set_plan(self.plan);
            }
            System::reset_events();
        })
    }
}

pallet_mock::build_and_execute!(check_invariants);
