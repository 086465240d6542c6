//! A mock runtime with the pallet, balances and assets.

#![allow(unreachable_pub, reason = "the tests of the crate use what they need")]

use crate as pallet_workers;
use crate::{Devices, Event, WorkerRecord};

use dpin_primitives::{
    AccountId, AssetKind, BLC, BLC_ID, Balance, BlockNumber,
    worker::{Device, DeviceClass, Fp32, Offer, WorkerKey, WorkerSignature, possession_message},
};
use polkadot_sdk::{
    frame_support::{
        self, derive_impl, parameter_types,
        traits::{
            Hooks,
            fungibles::{Inspect, InspectHold},
        },
        weights::{Weight, constants::RocksDbWeight},
    },
    frame_system::{self, EnsureRoot},
    pallet_assets, pallet_assets_holder, pallet_balances,
    sp_core::{Pair, sr25519},
    sp_io::TestExternalities,
    sp_keystore::{KeystoreExt, testing::MemoryKeystore},
    sp_runtime::{DispatchResult, Perbill},
};

pub use pallet_mock::{ALICE, BOB, CAROL, account, operations};

pub const EXISTENTIAL_DEPOSIT: Balance = 10;
pub const MIN_BOND: Balance = 1_000;
pub const LEAVE_BLOCKS: BlockNumber = 50;
pub const ENDOWMENT: Balance = 1_000_000;
pub const DELAY: BlockNumber = 20;
pub const MAX_PENDING: u32 = 3;
pub const FULL_WEIGHT: Balance = 100;
pub const ABSENCE_SLASH: Balance = MIN_BOND / 10;
/// The least certificate, in BLC's smallest unit.
pub const CERTIFICATE: Balance = 500;
/// The least BLC that an account may hold.
pub const BLC_MINIMUM: Balance = 3;
/// The BLC of each of the accounts 1 to 9 at the start.
pub const BLC_ENDOWMENT: Balance = 2_000;
/// The account that administers BLC.
pub const ADMIN: AccountId = AccountId::new([100; 32]);
/// The insurance pot. The account does not exist until somebody pays into it.
pub const POT: AccountId = AccountId::new([200; 32]);

pallet_mock::runtime! {
    1: Balances = pallet_balances,
    2: Workers = pallet_workers,
    3: Assets = pallet_assets,
    4: AssetsHolder = pallet_assets_holder,
}

pallet_mock::system! {
    type AccountData = pallet_balances::AccountData<Balance>;
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type DbWeight = RocksDbWeight;
}

parameter_types! {
    pub const MinBond: Balance = MIN_BOND;
    pub const LeaveBlocks: BlockNumber = LEAVE_BLOCKS;
    pub static SlashDelay: BlockNumber = DELAY;
    pub static Admission: bool = false;
    pub static InsuranceShare: Perbill = Perbill::from_percent(50);
    pub const MaxPendingSlashes: u32 = MAX_PENDING;
    pub const InsurancePot: AccountId = POT;
    pub const FullWeight: Balance = FULL_WEIGHT;
    pub const MinReputation: Perbill = Perbill::from_percent(25);
    pub const AbsenceSlash: Perbill = Perbill::from_percent(10);
    pub const CertificateAsset: AssetKind = BLC;
    pub static CertificateMinimum: Balance = CERTIFICATE;
}

pallet_mock::balances!(EXISTENTIAL_DEPOSIT);

pallet_mock::held_assets!();

impl pallet_workers::Config for Test {
    type Currency = Balances;
    type Assets = AllAssets;
    type CertificateAsset = CertificateAsset;
    type CertificateMinimum = CertificateMinimum;
    type RuntimeHoldReason = RuntimeHoldReason;
    type MinBond = MinBond;
    type LeaveBlocks = LeaveBlocks;
    type SlashDelay = SlashDelay;
    type MaxPendingSlashes = MaxPendingSlashes;
    type SlashOrigin = EnsureRoot<AccountId>;
    type InsuranceShare = InsuranceShare;
    type InsurancePot = InsurancePot;
    type FullWeight = FullWeight;
    type MinReputation = MinReputation;
    type Admission = Admission;
    type AbsenceSlash = AbsenceSlash;
    type WeightInfo = ();
}

/// The BLC that an account can spend.
pub fn blc(who: &AccountId) -> Balance {
    AllAssets::balance(BLC, who)
}

/// The BLC held for an account's certificate.
pub fn held_certificate(who: &AccountId) -> Balance {
    AllAssets::balance_on_hold(BLC, &crate::HoldReason::Certificate.into(), who)
}

fn check_invariants() {
    Workers::do_try_state().unwrap();
}

/// The starting state of a test: block 1, with [`ENDOWMENT`] and [`BLC_ENDOWMENT`] for each of the
/// accounts 1 to 9.
pub struct TestExt {
    balances: Vec<(AccountId, Balance)>,
    workers: Vec<(AccountId, u32)>,
}

impl TestExt {
    pub fn new() -> Self {
        Self { balances: (1..10).map(|n| (account(n), ENDOWMENT)).collect(), workers: Vec::new() }
    }

    /// Endow `who` with `amount` planck.
    pub fn endow(mut self, who: AccountId, amount: Balance) -> Self {
        self.balances.retain(|(other, _)| *other != who);
        self.balances.push((who, amount));
        self
    }

    /// Register `who` with a number of GPUs.
    pub fn worker(mut self, who: AccountId, slots: u32) -> Self {
        self.workers.push((who, slots));
        self
    }

    pub fn build(self) -> TestExternalities {
        SlashDelay::set(DELAY);
        Admission::set(false);
        InsuranceShare::set(Perbill::from_percent(50));
        CertificateMinimum::set(CERTIFICATE);
        let accounts = (1..10).map(account).collect::<Vec<_>>();
        let genesis = RuntimeGenesisConfig {
            assets: pallet_mock::assets_genesis(vec![(BLC_ID, ADMIN, true, BLC_MINIMUM)], &accounts, BLC_ENDOWMENT),
            balances: pallet_balances::GenesisConfig { balances: self.balances, ..Default::default() },
            ..Default::default()
        };
        let mut ext = pallet_mock::state::<Test>(genesis, || {
            for (who, slots) in self.workers {
                register(&who, gpus(slots)).unwrap();
            }
            System::reset_events();
        });
        ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
        ext
    }
}

pallet_mock::build_and_execute!(check_invariants);

/// The pair of an account's worker key.
fn pair(who: &AccountId) -> sr25519::Pair {
    sr25519::Pair::from_seed(who.as_ref())
}

/// An account's worker key.
pub fn key(who: &AccountId) -> WorkerKey {
    pair(who).public().into()
}

/// The signature of `signer`'s worker key with which `who` may register that key.
pub fn proof(signer: &AccountId, who: &AccountId) -> WorkerSignature {
    pair(signer).sign(&possession_message(&System::block_hash(0), who)).into()
}

/// A device of a class, with 8 GiB.
pub fn device(class: DeviceClass) -> Device {
    let name = b"pocl".to_vec().try_into().unwrap();
    Device {
        class,
        vendor: Default::default(),
        model: name,
        memory: 8 << 30,
        compute_units: 4,
        fp64: true,
        fp32: Fp32::ALL,
    }
}

/// A number of devices of a class.
pub fn devices(class: DeviceClass, number: u32) -> Devices {
    vec![device(class); number as usize].try_into().unwrap()
}

/// A number of GPUs.
pub fn gpus(number: u32) -> Devices {
    devices(DeviceClass::Gpu, number)
}

/// The declarations of an account in most tests.
pub fn record(who: &AccountId, devices: Devices) -> WorkerRecord {
    WorkerRecord {
        key: key(who),
        address: b"http://127.0.0.1:9944".to_vec().try_into().unwrap(),
        region: b"u33d".to_vec().try_into().unwrap(),
        devices,
        offer: Offer {
            min_reward: vec![(AssetKind::Native, 5)].try_into().unwrap(),
            kernels: Default::default(),
            max_run_blocks: 100,
        },
    }
}

/// Register an account with its declarations and a proof.
pub fn register_as(who: &AccountId, record: WorkerRecord, proof: WorkerSignature) -> DispatchResult {
    let WorkerRecord { key, address, region, devices, offer } = record;
    Workers::register(RuntimeOrigin::signed(who.clone()), key, proof, address, region, devices, offer)
}

/// Register an account with devices.
pub fn register(who: &AccountId, devices: Devices) -> DispatchResult {
    register_as(who, record(who, devices), proof(who, who))
}

/// Pass blocks, each with its `on_idle`.
pub fn pass(blocks: BlockNumber) {
    for _ in 0..blocks {
        let now = System::block_number() + 1;
        System::set_block_number(now);
        Workers::on_idle(now, Weight::MAX);
    }
}

pub fn events() -> Vec<Event<Test>> {
    System::read_events_for_pallet()
}
