//! A mock runtime with balances, assets and this pallet. Blobs, queue and demand are fakes in
//! storage, so that a call that fails also undoes its changes to them.

#![allow(unreachable_pub, reason = "the tests of the crate use what they need")]

use crate::{self as pallet_jobs, HoldReason};
use dpin_primitives::{
    AccountId, AssetKind, Balance, BlobHash, BlockNumber, Hash, JobId, TaskId,
    job::{AuditPolicy, FeePolicy, JobSpec, Requirements, Reward, TaskCount},
    kernel::{KernelManifest, Param, Tiling},
    traits::{BlobStore, DemandLedger, TaskQueue, WorkerCount},
    worker::DeviceClass,
};
use polkadot_sdk::{
    frame_support::{
        self, Blake2_128Concat, Identity, assert_ok, derive_impl, parameter_types, storage_alias,
        traits::{
            ConstU32, ConstU128,
            fungibles::{Inspect, InspectHold},
        },
    },
    frame_system, pallet_assets, pallet_assets_holder, pallet_balances,
    sp_io::TestExternalities,
    sp_runtime::{DispatchError, DispatchResult, Perbill},
};
use std::collections::BTreeMap;

pub use dpin_primitives::BLC;
pub use pallet_mock::{ALICE, BOB, CAROL, DAVE, EVE, commitment};

pub const POT: AccountId = AccountId::new([8; 32]);
pub const ADMIN: AccountId = AccountId::new([9; 32]);
pub const ACCOUNTS: [AccountId; 7] = [ALICE, BOB, CAROL, DAVE, EVE, POT, ADMIN];

pub const NATIVE: AssetKind = AssetKind::Native;
/// An asset that does not keep an account alive.
pub const INSUFFICIENT: AssetKind = AssetKind::WithId(2);

/// Least balance of DPN and of the assets.
pub const ED: Balance = 10;
/// The balance of every asset in each account except EVE and the pot.
pub const ENDOWMENT: Balance = 10_000_000;
pub const MIN_REWARD: Balance = 1_000;
pub const REWARD: Balance = 100_000;
pub const MAX_RUN_BLOCKS: BlockNumber = 100;

pallet_mock::runtime! {
    1: Balances = pallet_balances,
    2: Assets = pallet_assets,
    3: AssetsHolder = pallet_assets_holder,
    4: Jobs = pallet_jobs,
}

pallet_mock::system!();

pallet_mock::balances!(ED);

pallet_mock::held_assets!();

parameter_types! {
    pub static Fees: FeePolicy = FeePolicy {
        reservation: Perbill::from_rational(25u32, 10_000),
        surcharge: Perbill::from_percent(2),
        audit: Perbill::from_percent(5),
        audit_minimum: 20,
    };
    pub static Available: u32 = 4;
    pub const RevenuePot: AccountId = POT;
}

impl pallet_jobs::Config for Test {
    type Assets = AllAssets;
    type Blobs = FakeBlobs;
    type Demand = FakeDemand;
    type Fees = Fees;
    type KernelDepositBase = ConstU128<100>;
    type KernelDepositPerByte = ConstU128<2>;
    type MaxRunBlocks = ConstU32<MAX_RUN_BLOCKS>;
    type MinReward = ConstU128<MIN_REWARD>;
    type Queue = FakeQueue;
    type RevenuePot = RevenuePot;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = ();
    type Workers = FakeWorkers;
}

/// Size in bytes and pins of each blob.
#[storage_alias]
type Blobs = StorageMap<Fakes, Identity, BlobHash, (u64, u32)>;
/// The blobs that were announced.
#[storage_alias]
type Announced = StorageMap<Fakes, Identity, BlobHash, ()>;
/// The queued tasks.
#[storage_alias]
type Queue = StorageMap<Fakes, Blake2_128Concat, TaskId, ()>;

pub struct FakeBlobs;

impl FakeBlobs {
    pub fn put(hash: BlobHash, size: u32) {
        Blobs::insert(hash, (u64::from(size), 0));
    }

    pub fn announce(hash: BlobHash, size: u64) {
        Blobs::insert(hash, (size, 0));
        Announced::insert(hash, ());
    }

    pub fn remove(hash: BlobHash) {
        Blobs::remove(hash);
    }

    pub fn pins(hash: BlobHash) -> u32 {
        Blobs::get(hash).map_or(0, |(_, pins)| pins)
    }
}

impl BlobStore for FakeBlobs {
    fn size(hash: &BlobHash) -> Option<u64> {
        Blobs::get(hash).map(|(size, _)| size)
    }

    fn is_stored(hash: &BlobHash) -> bool {
        Blobs::contains_key(hash) && !Announced::contains_key(hash)
    }

    fn pin(hash: &BlobHash) -> DispatchResult {
        Blobs::try_mutate(hash, |blob| {
            blob.as_mut().ok_or(DispatchError::Other("no blob"))?.1 += 1;
            Ok(())
        })
    }

    fn unpin(hash: &BlobHash) {
        Blobs::mutate(hash, |blob| blob.as_mut().expect("only what is pinned is unpinned").1 -= 1);
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_blob(seed: u32, size: u32) -> BlobHash {
        let hash = dpin_primitives::blake2(&seed.to_le_bytes());
        if !Blobs::contains_key(hash) {
            Self::put(hash, size);
        }
        hash
    }
}

pub struct FakeQueue;

impl FakeQueue {
    pub fn contains(task: TaskId) -> bool {
        Queue::contains_key(task)
    }
}

impl TaskQueue for FakeQueue {
    fn enqueue(task: TaskId) {
        assert!(!Queue::contains_key(task), "a task is queued once");
        Queue::insert(task, ());
    }

    fn withdraw(task: TaskId) -> bool {
        Queue::take(task).is_some()
    }
}

/// Fees of a settled task that have reached the revenue pot, and the accounts paid for the task,
/// with the amount for each.
pub type Settled = (AssetKind, Balance, Vec<(AccountId, Balance)>);
/// The reports made to the economy.
#[storage_alias]
type Demand = StorageValue<Fakes, Vec<Settled>>;

pub struct FakeDemand;

impl FakeDemand {
    /// The reports made to the economy since the last call.
    pub fn told() -> Vec<Settled> {
        Demand::take().unwrap_or_default()
    }
}

impl DemandLedger for FakeDemand {
    fn settled(asset: &AssetKind, fees: Balance, paid: &[(AccountId, Balance)]) {
        Demand::mutate(|all| all.get_or_insert_default().push((asset.clone(), fees, paid.to_vec())));
    }
}

pub struct FakeWorkers;

impl WorkerCount for FakeWorkers {
    fn available(class: Option<DeviceClass>) -> u32 {
        match class {
            None | Some(DeviceClass::Cpu) => Available::get(),
            Some(_) => 0,
        }
    }
}

/// The blob with the kernel's source.
pub fn source() -> BlobHash {
    pallet_mock::SOURCE
}

/// The blob a job takes as its input.
pub fn input() -> BlobHash {
    Hash::repeat_byte(0x51)
}

pub fn manifest() -> KernelManifest {
    let params = vec![Param::Scalar { bytes: 4 }, Param::Input, Param::Output];
    pallet_mock::kernel(b"f", params, [16, 1, 1], Tiling::PerGroup { bytes: 64 })
}

/// A job of `tasks` tasks over 600 work-groups, with two auditors each.
pub fn spec(asset: AssetKind, tasks: u32) -> JobSpec {
    JobSpec {
        kernel: manifest().id(),
        global_size: [16 * 300, 2, 1],
        scalars: vec![vec![1, 2, 3, 4].try_into().unwrap()].try_into().unwrap(),
        inputs: vec![input()].try_into().unwrap(),
        reward: Reward { asset, per_task: REWARD },
        tasks: TaskCount::Exactly(tasks),
        audit: AuditPolicy::default(),
        run_blocks: 20,
        requires: Requirements::default(),
    }
}

/// ALICE registers the kernel, then posts the job.
pub fn submit(spec: JobSpec) -> JobId {
    if !crate::Kernels::<Test>::contains_key(spec.kernel) {
        assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(ADMIN), manifest()));
    }
    let job = Jobs::job_count();
    assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(ALICE), spec));
    job
}

pub fn free(asset: AssetKind, who: &AccountId) -> Balance {
    AllAssets::balance(asset, who)
}

pub fn escrow(asset: AssetKind, who: &AccountId) -> Balance {
    AllAssets::balance_on_hold(asset, &HoldReason::Escrow.into(), who)
}

pallet_mock::events!(crate::Event<Test>);

/// Every blob has one pin for each kernel and each live job that needs it.
fn check_pins() {
    let mut expected = BTreeMap::<BlobHash, u32>::new();
    for kernel in crate::Kernels::<Test>::iter_values() {
        *expected.entry(kernel.manifest.source).or_default() += 1;
    }
    for blob in crate::Jobs::<Test>::iter_values().flat_map(|job| job.spec.inputs) {
        *expected.entry(blob).or_default() += 1;
    }
    for (hash, (_, pins)) in Blobs::iter() {
        assert_eq!(pins, expected.remove(&hash).unwrap_or_default(), "pins of {hash}");
    }
    assert!(expected.is_empty(), "a blob that is needed is gone");
}

/// Nothing is minted or burned, and no unknown account has a balance.
pub fn check_conservation() {
    for asset in [NATIVE, BLC, INSUFFICIENT] {
        let sum: Balance = ACCOUNTS.iter().map(|who| AllAssets::total_balance(asset.clone(), who)).sum();
        assert_eq!(sum, AllAssets::total_issuance(asset.clone()), "{asset:?}");
        assert_eq!(sum, 5 * ENDOWMENT, "{asset:?}");
    }
}

/// The invariants of the pallet and of its fakes.
pub fn check_invariants() {
    Jobs::do_try_state().unwrap();
    check_pins();
    check_conservation();
}

/// The starting state of a test: two blobs, five accounts with all assets, block 1.
#[derive(Default)]
pub struct TestExt;

impl TestExt {
    pub fn new() -> Self {
        Self
    }

    pub fn build(self) -> TestExternalities {
        let rich = [ALICE, BOB, CAROL, DAVE, ADMIN];
        let genesis = RuntimeGenesisConfig {
            assets: pallet_mock::assets_genesis(vec![(1, ADMIN, true, ED), (2, ADMIN, false, ED)], &rich, ENDOWMENT),
            balances: pallet_balances::GenesisConfig {
                balances: rich.clone().map(|who| (who, ENDOWMENT)).to_vec(),
                ..Default::default()
            },
            ..Default::default()
        };
        pallet_mock::state::<Test>(genesis, || {
            FakeBlobs::put(source(), 1_000);
            FakeBlobs::put(input(), 1_000_000);
        })
    }
}

pallet_mock::build_and_execute!(check_invariants);
