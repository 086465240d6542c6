//! A runtime of the proof of compute with the real jobs, workers and balances; only the blobs and
//! the VRF are fakes.

#![allow(unreachable_pub, reason = "the tests of the crate use what they need")]

use crate::{
    self as pallet_proof_of_compute,
    report::{Step, report_message},
    verdict::Shares,
    *,
};
use codec::Encode;

use dpin_primitives::{
    AccountId, AssetKind, BLC, BLC_ID, BLC_UNIT, Balance, BlobHash, BlockNumber, CANARY_JOBS, DPN, Hash, JobId, TaskId,
    blake2,
    executor::Commitment,
    job::{AuditPolicy, FeePolicy, JobSpec, Requirements, Reward, Samples, TaskCount},
    kernel::{KernelManifest, Param, Tiling},
    seal::seal,
    tile_tree::{TileTree, leaf},
    traits::{BlobStore, JobLedger, TaskBrief, WorkerRegistry},
    worker::{Device, DeviceClass, Offer, Outcome, WorkerKey, WorkerSignature, possession_message},
};
use polkadot_sdk::{
    frame_support::{
        self, assert_ok, derive_impl, parameter_types,
        traits::{Authorize, ConstBool, ConstU32, ConstU128, Hooks, Randomness, fungible::InspectHold},
        weights::{Weight, constants::RocksDbWeight},
    },
    frame_system::{self, EnsureRoot, RawOrigin},
    pallet_assets, pallet_assets_holder, pallet_balances,
    sp_application_crypto::RuntimeAppPublic,
    sp_core::{Pair, sr25519},
    sp_io::TestExternalities,
    sp_keystore::{Keystore, KeystoreExt, testing::MemoryKeystore},
    sp_runtime::{self, DispatchResult, FixedU128, Perbill, traits::BlakeTwo256},
};
use std::sync::Arc;

pub use pallet_mock::operations;

pub const REQUESTER: AccountId = AccountId::new([1; 32]);
pub const POT: AccountId = AccountId::new([9; 32]);
pub const ED: Balance = DPN / 100;
pub const ENDOWMENT: Balance = 10_000 * DPN;
pub const REWARD: Balance = 10 * DPN;
pub const RUN_BLOCKS: BlockNumber = 20;

pub const RULES: Rules = Rules {
    fresh_outputs: 2,
    queue_blocks: 50,
    draw_blocks: 20,
    seal_blocks: 10,
    open_blocks: 10,
    max_attempts: 3,
    bond_factor: FixedU128::from_rational(3, 2),
    asset_price: FixedU128::from_rational(1, 1),
    min_task_bond: DPN,
    audit_bond: DPN,
    silence_slash: Perbill::from_percent(10),
    shares: Shares { injured: Perbill::from_percent(10), finders: Perbill::from_percent(20) },
    challenge_bond: 10 * DPN,
    trusted: Perbill::from_percent(90),
    extra_samples: 3,
    fetched_tiles: 4,
};

/// The bond that worker, auditors and jurors of a task of [`spec`] lock each.
pub const STAKE: Balance = REWARD * 3 / 2;
/// Blocks between a fault and its slash.
pub const SLASH_DELAY: BlockNumber = 30;
/// The least certificate, in BLC's smallest unit.
pub const CERTIFICATE: Balance = 500 * BLC_UNIT;
/// The account of the insurance pot.
pub const INSURANCE: AccountId = AccountId::new([8; 32]);

type TxExtension = frame_system::AuthorizeCall<Test>;
pub type Extrinsic = sp_runtime::testing::TestXt<RuntimeCall, TxExtension>;
type Block = sp_runtime::generic::Block<sp_runtime::generic::Header<u32, BlakeTwo256>, Extrinsic>;

pallet_mock::runtime! {
    1: Balances = pallet_balances,
    2: Assets = pallet_assets,
    3: AssetsHolder = pallet_assets_holder,
    4: Workers = pallet_workers,
    5: Jobs = pallet_jobs,
    6: ProofOfCompute = pallet_proof_of_compute,
}

pallet_mock::system! {
    type AccountData = pallet_balances::AccountData<Balance>;
    type Block = Block;
    type DbWeight = RocksDbWeight;
}

pallet_mock::balances!(ED);

pallet_mock::held_assets!();

parameter_types! {
    pub Fees: FeePolicy = FeePolicy {
        reservation: Perbill::from_rational(25u32, 10_000),
        surcharge: Perbill::from_percent(2),
        audit: Perbill::from_percent(5),
        audit_minimum: DPN / 100,
    };
    pub const RevenuePot: AccountId = POT;
    pub static TestRules: Rules = RULES;
    /// Whether the parent block had a VRF output.
    pub static HasVrf: bool = true;
}

parameter_types! {
    pub const TenPercent: Perbill = Perbill::from_percent(10);
    pub const Fifth: Perbill = Perbill::from_percent(20);
    pub const InsurancePot: AccountId = INSURANCE;
    pub const CertificateAsset: AssetKind = BLC;
}

impl pallet_workers::Config for Test {
    type AbsenceSlash = TenPercent;
    type Admission = ConstBool<false>;
    type Assets = AllAssets;
    type CertificateAsset = CertificateAsset;
    type CertificateMinimum = ConstU128<CERTIFICATE>;
    type Currency = Balances;
    type FullWeight = ConstU128<{ 10 * DPN }>;
    type InsurancePot = InsurancePot;
    type InsuranceShare = Fifth;
    type LeaveBlocks = ConstU32<10>;
    type MaxPendingSlashes = ConstU32<4>;
    type MinBond = ConstU128<{ 20 * DPN }>;
    type MinReputation = TenPercent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type SlashDelay = ConstU32<SLASH_DELAY>;
    type SlashOrigin = EnsureRoot<AccountId>;
    type WeightInfo = ();
}

impl pallet_jobs::Config for Test {
    type Assets = AllAssets;
    type Blobs = FakeBlobs;
    type Demand = ();
    type Fees = Fees;
    type KernelDepositBase = ConstU128<100>;
    type KernelDepositPerByte = ConstU128<2>;
    type MaxRunBlocks = ConstU32<100>;
    type MinReward = ConstU128<{ DPN / 10 }>;
    type Queue = ProofOfCompute;
    type RevenuePot = RevenuePot;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = ();
    type Workers = Workers;
}

impl Config for Test {
    type Currency = Balances;
    type Jobs = Ledger;
    type MaxDrawsPerBlock = ConstU32<8>;
    type Rules = TestRules;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Vrf = FakeVrf;
    type WeightInfo = ();
    type Workers = Workers;
}

/// The one canary of the tests: worker 0 is called to it until `CanaryDue`.
pub const CANARY: TaskId = TaskId { job: CANARY_JOBS, index: 0 };

parameter_types! {
    pub static CanaryDue: BlockNumber = 0;
    /// How canaries ended: passed, or why not.
    pub static CanaryEnds: Vec<Option<dpin_primitives::reason::ReasonCode>> = Vec::new();
}

/// The jobs, and a ledger of canaries in front of them.
pub struct Ledger;
impl JobLedger for Ledger {
    fn brief(task: TaskId) -> Option<TaskBrief> {
        if !task.is_canary() {
            return Jobs::brief(task);
        }
        (CanaryDue::get() > 0).then(|| TaskBrief {
            requester: AccountId::new([7; 32]),
            kernel: manifest().id(),
            tiling: manifest().tiling,
            tasks: 1,
            group_count: 16,
            reward: Reward { asset: AssetKind::Native, per_task: 0 },
            per_auditor: 0,
            audit: AuditPolicy { auditors: 2, samples: Samples::Count(4), challenge_blocks: 0 },
            run_blocks: 20,
            requires: Requirements::default(),
            least_memory: 0,
            redo: false,
        })
    }
    fn run_request(
        task: TaskId,
        work: dpin_primitives::executor::Work,
    ) -> Option<dpin_primitives::executor::RunRequest> {
        if !task.is_canary() {
            return Jobs::run_request(task, work);
        }
        Some(dpin_primitives::executor::RunRequest {
            id: Hash::zero(),
            genesis: ProofOfCompute::genesis(),
            task,
            work,
            kernel: manifest(),
            groups: [16, 1, 1],
            first_group: 0,
            group_count: 16,
            scalars: Vec::new(),
            inputs: Vec::new(),
            limit_ms: 0,
        })
    }
    fn input_bytes(task: TaskId) -> Vec<u64> {
        Jobs::input_bytes(task)
    }
    fn settle(task: TaskId, worker: &AccountId, commitment: Commitment, auditors: &[AccountId]) -> Weight {
        if !task.is_canary() {
            return Jobs::settle(task, worker, commitment, auditors);
        }
        CanaryDue::set(0);
        CanaryEnds::mutate(|ends| ends.push(None));
        Weight::zero()
    }
    fn fail(task: TaskId, reason: dpin_primitives::reason::ReasonCode) -> Weight {
        if !task.is_canary() {
            return Jobs::fail(task, reason);
        }
        CanaryDue::set(0);
        CanaryEnds::mutate(|ends| ends.push(Some(reason)));
        Weight::zero()
    }
    fn give_back(task: TaskId, reason: dpin_primitives::reason::ReasonCode) -> Weight {
        Jobs::give_back(task, reason)
    }
    fn unbuildable(kernel: &Hash, class: Option<DeviceClass>) -> Option<dpin_primitives::reason::ReasonCode> {
        Jobs::unbuildable(kernel, class)
    }
    fn build_failed(
        kernel: &Hash,
        class: DeviceClass,
        by: &AccountId,
        reason: dpin_primitives::reason::ReasonCode,
        everybody: bool,
    ) -> bool {
        Jobs::build_failed(kernel, class, by, reason, everybody)
    }
    fn built(kernel: &Hash, class: DeviceClass) -> Vec<AccountId> {
        Jobs::built(kernel, class)
    }
    fn close_weight() -> Weight {
        Jobs::close_weight()
    }
    fn close_one_weight() -> Weight {
        Jobs::close_one_weight()
    }
    fn called(task: TaskId) -> Option<(AccountId, BlockNumber)> {
        (task == CANARY && CanaryDue::get() > 0).then(|| (worker(0), CanaryDue::get()))
    }
    fn calls(who: &AccountId) -> Vec<TaskId> {
        (*who == worker(0) && CanaryDue::get() > 0).then_some(CANARY).into_iter().collect()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_task(groups: u32, samples: u32, auditors: u32, native: bool) -> TaskId {
        Jobs::benchmark_task(groups, samples, auditors, native)
    }
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Test
where
    RuntimeCall: From<C>,
{
    type Extrinsic = Extrinsic;
    type RuntimeCall = RuntimeCall;
}

impl<C> frame_system::offchain::CreateTransaction<C> for Test
where
    RuntimeCall: From<C>,
{
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> Extrinsic {
        Extrinsic::new_transaction(call, extension)
    }
}

impl<C> frame_system::offchain::CreateAuthorizedTransaction<C> for Test
where
    RuntimeCall: From<C>,
{
    fn create_extension() -> TxExtension {
        TxExtension::new()
    }
}

/// A different output for every block.
pub struct FakeVrf;
impl Randomness<Option<Hash>, u32> for FakeVrf {
    fn random(subject: &[u8]) -> (Option<Hash>, u32) {
        let parent = System::block_number().saturating_sub(1);
        (HasVrf::get().then(|| blake2(&(subject, parent).encode())), parent)
    }
}

/// Every blob is there.
pub struct FakeBlobs;
impl BlobStore for FakeBlobs {
    fn size(_: &BlobHash) -> Option<u64> {
        Some(1_000)
    }
    fn is_stored(_: &BlobHash) -> bool {
        true
    }
    fn pin(_: &BlobHash) -> DispatchResult {
        Ok(())
    }
    fn unpin(_: &BlobHash) {}
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_blob(seed: u32, _: u32) -> BlobHash {
        blake2(&seed.encode())
    }
}

pub fn manifest() -> KernelManifest {
    pallet_mock::kernel(b"f", vec![Param::Output], [16, 1, 1], Tiling::PerGroup { bytes: 64 })
}

/// A job of `tasks` tasks over 100 work-groups, with two auditors and eight samples each.
pub fn spec(tasks: u32) -> JobSpec {
    JobSpec {
        kernel: manifest().id(),
        global_size: [1_600, 1, 1],
        scalars: Default::default(),
        inputs: Default::default(),
        reward: Reward { asset: AssetKind::Native, per_task: REWARD },
        tasks: TaskCount::Exactly(tasks),
        audit: AuditPolicy { auditors: 2, samples: Samples::Count(8), challenge_blocks: 0 },
        run_blocks: RUN_BLOCKS,
        requires: Requirements::default(),
    }
}

/// The pair behind worker number `n`'s key.
pub fn pair(n: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[n; 32])
}

/// Worker number `n`'s account.
pub fn worker(n: u8) -> AccountId {
    AccountId::new([100 + n; 32])
}

/// The number of a worker.
pub fn number(worker: &AccountId) -> u8 {
    AsRef::<[u8; 32]>::as_ref(worker)[0] - 100
}

/// Register and bond worker number `n` in `region`.
pub fn register(n: u8, region: &[u8]) {
    let key = WorkerKey::from(pair(n).public());
    let proof = WorkerSignature::from(pair(n).sign(&possession_message(&ProofOfCompute::genesis(), &worker(n))));
    let device = Device {
        class: DeviceClass::Cpu,
        vendor: Default::default(),
        model: Default::default(),
        memory: 1 << 30,
        compute_units: 2,
        fp64: true,
        fp32: dpin_primitives::worker::Fp32::ALL,
    };
    let offer = Offer {
        min_reward: vec![(AssetKind::Native, 1)].try_into().unwrap(),
        kernels: Default::default(),
        max_run_blocks: 100,
    };
    assert_ok!(Workers::register(
        RuntimeOrigin::signed(worker(n)),
        key,
        proof,
        b"ws://127.0.0.1:9944".to_vec().try_into().unwrap(),
        region.to_vec().try_into().unwrap(),
        vec![device].try_into().unwrap(),
        offer,
    ));
    assert_ok!(Workers::bond(RuntimeOrigin::signed(worker(n)), 500 * DPN));
    trust(&worker(n));
}

/// Give worker number `n` the BLC for a certificate and let it make one.
pub fn certify(n: u8) {
    if !pallet_assets::Asset::<Test>::contains_key(BLC_ID) {
        assert_ok!(Assets::force_create(RuntimeOrigin::root(), BLC_ID, POT, true, 1));
    }
    assert_ok!(Assets::mint(RuntimeOrigin::signed(POT), BLC_ID, worker(n), CERTIFICATE + 1));
    assert_ok!(Workers::certify(RuntimeOrigin::signed(worker(n)), CERTIFICATE));
}

/// Give a worker the reputation of a long honest life.
pub fn trust(worker: &AccountId) {
    for _ in 0..200 {
        <Workers as WorkerRegistry>::note(worker, Outcome::Right, 10 * DPN);
    }
}

/// Register the kernel if need be, and post the job.
pub fn submit(spec: JobSpec) -> JobId {
    if !pallet_jobs::Kernels::<Test>::contains_key(spec.kernel) {
        assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(REQUESTER), manifest()));
    }
    let job = pallet_jobs::NextJob::<Test>::get();
    assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(REQUESTER), spec));
    job
}

pub fn task(job: JobId, index: u32) -> TaskId {
    TaskId { job, index }
}

/// Let blocks pass, with their hooks.
pub fn pass(blocks: BlockNumber) {
    for _ in 0..blocks {
        let now = System::block_number();
        ProofOfCompute::on_idle(now, Weight::MAX);
        Workers::on_idle(now, Weight::MAX);
        ProofOfCompute::on_finalize(now);
        System::set_block_number(now + 1);
        ProofOfCompute::on_initialize(now + 1);
    }
}

/// Let blocks pass until the task is at the stage, at most 100.
pub fn pass_until(task: TaskId, stage: fn(&Stage) -> bool) -> Stage {
    for _ in 0..100 {
        match Tasks::<Test>::get(task) {
            Some(state) if stage(&state.stage) => return state.stage,
            _ => pass(1),
        }
    }
    panic!("{task} never got there: {:?}", Tasks::<Test>::get(task));
}

/// The leaves of a task's honest output, or with every tile wrong.
pub fn tree(task: TaskId, honest: bool) -> TileTree {
    let brief = Ledger::brief(task).unwrap();
    let tiles = brief.tiling.tiles(brief.group_count);
    let genesis = ProofOfCompute::genesis();
    TileTree::new((0..tiles).map(|i| leaf(&genesis, task, i, &[i as u8, honest as u8])).collect())
}

/// Send a call through its check, as the pool and the block do, then dispatch it.
pub fn report(call: Call<Test>) -> DispatchResult {
    let call = RuntimeCall::from(call);
    let source = polkadot_sdk::sp_runtime::transaction_validity::TransactionSource::External;
    call.authorize(source).expect("reports are authorised").map_err(|e| {
        sp_runtime::DispatchError::Other(match e {
            sp_runtime::transaction_validity::TransactionValidityError::Invalid(
                sp_runtime::transaction_validity::InvalidTransaction::Stale,
            ) => "stale",
            sp_runtime::transaction_validity::TransactionValidityError::Invalid(
                sp_runtime::transaction_validity::InvalidTransaction::BadProof,
            ) => "bad proof",
            _ => "invalid",
        })
    })?;
    use sp_runtime::traits::Dispatchable;
    call.dispatch(RawOrigin::Authorized.into()).map(|_| ()).map_err(|e| e.error)
}

pub fn sign(n: u8, step: Step, task: TaskId, attempt: u8, content: &impl Encode) -> WorkerSignature {
    let round = Tasks::<Test>::get(task).map(|state| state.stage.round()).unwrap_or_default();
    pair(n).sign(&report_message(step, &ProofOfCompute::genesis(), task, attempt, round, content)).into()
}

pub fn attempt(task: TaskId) -> u8 {
    Tasks::<Test>::get(task).map_or(0, |state| state.attempt)
}

pub fn commitment(task: TaskId, honest: bool) -> Commitment {
    let brief = Ledger::brief(task).unwrap();
    Commitment {
        root: tree(task, honest).root(),
        output_len: brief.tiling.output_bytes(brief.group_count),
        kernel_ms: 5,
    }
}

/// The task's worker commits.
pub fn commit(task: TaskId, honest: bool) -> AccountId {
    let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else { panic!() };
    let (attempt, commitment) = (attempt(task), commitment(task, honest));
    let signature = sign(number(&run.worker), Step::Commit, task, attempt, &commitment);
    assert_ok!(report(Call::commit { task, attempt, commitment, signature }));
    run.worker
}

/// An auditor seals what it finds.
pub fn seal_as(task: TaskId, auditor: &AccountId, honest: bool) -> DispatchResult {
    let state = Tasks::<Test>::get(task).unwrap();
    let sample = ProofOfCompute::sample(task);
    let (leaves, _) = tree(task, honest).open(&sample).unwrap();
    let seal = seal(auditor, task, state.attempt, &leaves);
    let signature = sign(number(auditor), Step::Seal, task, state.attempt, &seal);
    report(Call::seal { task, attempt: state.attempt, auditor: auditor.clone(), seal, signature })
}

/// Wait for the auditors and let each seal, as `honest` says of it.
pub fn audit(task: TaskId, honest: &[bool]) -> Vec<AccountId> {
    let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else { panic!() };
    let auditors: Vec<AccountId> = audit.auditors.iter().map(|(who, _)| who.clone()).collect();
    for (auditor, honest) in auditors.iter().zip(honest) {
        assert_ok!(seal_as(task, auditor, *honest));
    }
    auditors
}

/// The worker opens.
pub fn open(task: TaskId, honest: bool) {
    let Stage::Opening { audit, .. } = pass_until(task, |s| matches!(s, Stage::Opening { .. })) else { panic!() };
    let (leaves, proof) = tree(task, honest).open(&ProofOfCompute::sample(task)).unwrap();
    let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
    let attempt = attempt(task);
    let signature = sign(number(&audit.run.worker), Step::Open, task, attempt, &(&leaves, &proof));
    assert_ok!(report(Call::open { task, attempt, leaves, proof, signature }));
}

/// Wait for the jury and let each juror seal: what it finds, as `honest` says of it; `None`:
/// nothing. Returns the jurors.
pub fn deliberate(task: TaskId, findings: &[Option<bool>]) -> Vec<AccountId> {
    let Stage::Deliberating { jury, .. } = pass_until(task, |s| matches!(s, Stage::Deliberating { .. })) else {
        panic!()
    };
    let jurors: Vec<AccountId> = jury.jurors.iter().map(|juror| juror.who.clone()).collect();
    for (juror, honest) in jurors.iter().zip(findings) {
        if let Some(honest) = honest {
            assert_ok!(seal_as_juror(task, juror, &found(task, *honest)));
        }
    }
    jurors
}

/// The leaves a juror finds.
pub fn found(task: TaskId, honest: bool) -> Vec<Hash> {
    tree(task, honest).open(&ProofOfCompute::sample(task)).unwrap().0
}

/// A juror's salt in the tests.
pub fn salt(juror: &AccountId) -> Hash {
    blake2(&("salt", juror).encode())
}

pub fn seal_as_juror(task: TaskId, juror: &AccountId, leaves: &[Hash]) -> DispatchResult {
    let attempt = attempt(task);
    let seal = dpin_primitives::seal::salted_seal(juror, task, attempt, leaves, &salt(juror));
    let signature = sign(number(juror), Step::Seal, task, attempt, &seal);
    report(Call::seal { task, attempt, auditor: juror.clone(), seal, signature })
}

/// A juror reveals what it found.
pub fn reveal_as(task: TaskId, juror: &AccountId, leaves: &[Hash]) -> DispatchResult {
    let (attempt, leaves, salt) = (attempt(task), Leaves::truncate_from(leaves.to_vec()), salt(juror));
    let signature = sign(number(juror), Step::Reveal, task, attempt, &(&leaves, salt));
    report(Call::reveal { task, attempt, juror: juror.clone(), leaves, salt, signature })
}

/// The jurors reveal what they have sealed; `None`: nothing.
pub fn reveal(task: TaskId, jurors: &[AccountId], findings: &[Option<bool>]) {
    pass_until(task, |s| matches!(s, Stage::Revealing { .. }));
    for (juror, honest) in jurors.iter().zip(findings) {
        if let Some(honest) = honest {
            assert_ok!(reveal_as(task, juror, &found(task, *honest)));
        }
    }
}

/// A jury of five finds what `findings` say and reveals it. Returns the jurors.
pub fn try_case(task: TaskId, findings: &[Option<bool>]) -> Vec<AccountId> {
    let jurors = deliberate(task, findings);
    reveal(task, &jurors, findings);
    jurors
}

/// The slashes pending: who, why, how much.
pub fn pending() -> Vec<(AccountId, dpin_primitives::reason::ReasonCode, Balance)> {
    let mut slashes: Vec<_> = pallet_workers::PendingSlashes::<Test>::iter().collect();
    slashes.sort_by_key(|(id, _)| *id);
    slashes.into_iter().map(|(_, slash)| (slash.worker, slash.reason, slash.amount)).collect()
}

/// The claims on the pending slashes of a worker.
pub fn claims(worker: &AccountId) -> Vec<(AccountId, Balance)> {
    let of = pallet_workers::PendingSlashes::<Test>::iter_values().filter(|slash| slash.worker == *worker);
    of.flat_map(|slash| slash.claims.into_inner()).collect()
}

pub fn bond(worker: &AccountId) -> Balance {
    Balances::balance_on_hold(&pallet_workers::HoldReason::Bond.into(), worker)
}

pub fn escrow() -> Balance {
    Balances::balance_on_hold(&pallet_jobs::HoldReason::Escrow.into(), &REQUESTER)
}

/// The pallet's events since the last call.
pub fn events() -> Vec<Event<Test>> {
    System::read_events_for_pallet::<Event<Test>>()
}

/// Why tasks failed, from the jobs' events since the last call.
pub fn failures() -> Vec<dpin_primitives::reason::ReasonCode> {
    System::read_events_for_pallet::<pallet_jobs::Event<Test>>()
        .into_iter()
        .filter_map(|event| match event {
            pallet_jobs::Event::TaskFailed { reason, .. } => Some(reason),
            _ => None,
        })
        .collect()
}

/// The starting state of a test: a rich requester and `workers` bonded workers.
pub struct TestExt {
    workers: u8,
    regions: Vec<&'static [u8]>,
}

impl TestExt {
    pub fn new(workers: u8) -> Self {
        Self { workers, regions: Vec::new() }
    }

    pub fn regions(self, regions: &[&'static [u8]]) -> Self {
        Self { regions: regions.to_vec(), ..self }
    }

    pub fn build(self) -> (TestExternalities, Arc<MemoryKeystore>) {
        let mut balances: Vec<(AccountId, Balance)> = vec![(REQUESTER, ENDOWMENT)];
        balances.extend((0..self.workers).map(|n| (worker(n), ENDOWMENT)));
        let genesis = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
            ..Default::default()
        };
        let mut ext = pallet_mock::state::<Test>(genesis, || {
            for n in 0..self.workers {
                register(n, self.regions.get(usize::from(n)).copied().unwrap_or_default());
            }
        });
        let keystore = Arc::new(MemoryKeystore::new());
        ext.register_extension(KeystoreExt(keystore.clone() as Arc<dyn Keystore>));
        (ext, keystore)
    }

    /// Run a test and check every invariant of every pallet afterwards.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().0.execute_with(|| {
            let before = Balances::total_issuance();
            test();
            check_invariants();
            let burned: Balance = before - Balances::total_issuance();
            let slashed: Balance = System::events()
                .into_iter()
                .filter_map(|record| match record.event {
                    RuntimeEvent::Workers(pallet_workers::Event::Slashed { burned, .. }) => Some(burned),
                    RuntimeEvent::ProofOfCompute(Event::ChallengeForfeited { burned, .. }) => Some(burned),
                    _ => None,
                })
                .sum();
            assert_eq!(burned, slashed, "money is only ever burned by a slash or a lost challenge");
        });
    }
}

pub fn check_invariants() {
    assert_ok!(ProofOfCompute::do_try_state());
    assert_ok!(Jobs::do_try_state());
    assert_ok!(Workers::do_try_state());
}

/// The key of worker number `n` as the keystore knows it.
pub fn insert_key(keystore: &MemoryKeystore, n: u8) -> WorkerKey {
    let suri = format!("0x{}", [n; 32].iter().map(|b| format!("{b:02x}")).collect::<String>());
    keystore.insert(WorkerKey::ID, &suri, pair(n).public().as_ref()).unwrap();
    WorkerKey::from(pair(n).public())
}

/// A worker's locked bond.
pub fn locked(worker: &AccountId) -> Balance {
    Workers::locked(worker)
}

/// The deadlines of open tasks that are filed: not the entries that the sweep will skip.
pub fn live_deadlines() -> usize {
    let filed = |block: BlockNumber, task: &TaskId| Tasks::<Test>::get(task).is_some_and(|s| s.filed == Some(block));
    Deadlines::<Test>::iter().map(|(block, _, page)| page.iter().filter(|task| filed(block, task)).count()).sum()
}
