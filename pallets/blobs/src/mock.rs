//! A mock runtime with the pallet, balances and batches.

#![allow(unreachable_pub, reason = "the tests of the crate use what they need")]

use crate as pallet_blobs;
use crate::{Event, HoldReason};
use codec::Encode;
use dpin_primitives::{AccountId, Balance, BlockNumber};
use polkadot_sdk::{
    frame_support::{
        self, derive_impl, parameter_types,
        traits::{Hooks, fungible::InspectHold},
        weights::Weight,
    },
    frame_system, pallet_balances, pallet_utility,
    sp_io::TestExternalities,
    sp_runtime::{DispatchResult, traits::Dispatchable},
};

pub use pallet_mock::{ALICE, BOB};

pub const EXISTENTIAL_DEPOSIT: Balance = 10;
pub const BASE_DEPOSIT: Balance = 100;
pub const BYTE_DEPOSIT: Balance = 2;
pub const MAX_LIFETIME: BlockNumber = 1_000;

pallet_mock::runtime! {
    1: Balances = pallet_balances,
    2: Utility = pallet_utility,
    3: Blobs = pallet_blobs,
}

pallet_mock::system!();

parameter_types! {
    pub const BaseDeposit: Balance = BASE_DEPOSIT;
    pub const ByteDeposit: Balance = BYTE_DEPOSIT;
    pub const MaxLifetime: BlockNumber = MAX_LIFETIME;
}

pallet_mock::balances!(EXISTENTIAL_DEPOSIT);

impl pallet_utility::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = ();
}

impl pallet_blobs::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type BaseDeposit = BaseDeposit;
    type ByteDeposit = ByteDeposit;
    type MaxLifetime = MaxLifetime;
    type WeightInfo = ();
}

/// The starting state of a test: block 1, ALICE and BOB with 10,000,000 each.
pub struct TestExt {
    balances: Vec<(AccountId, Balance)>,
}

impl TestExt {
    pub fn new() -> Self {
        Self { balances: vec![(ALICE, 10_000_000), (BOB, 10_000_000)] }
    }

    pub fn endow(mut self, who: AccountId, amount: Balance) -> Self {
        self.balances.retain(|(other, _)| *other != who);
        self.balances.push((who, amount));
        self
    }

    pub fn build(self) -> TestExternalities {
        let balances = pallet_balances::GenesisConfig { balances: self.balances, ..Default::default() };
        pallet_mock::state::<Test>(RuntimeGenesisConfig { balances, ..Default::default() }, || ())
    }

    /// Run a test, check the invariants afterwards, and return the state with its changes.
    pub fn build_and_execute(self, test: impl FnOnce()) -> TestExternalities {
        let mut ext = self.build();
        ext.execute_with(|| {
            test();
            Blobs::do_try_state().unwrap();
        });
        ext
    }
}

/// Note the bytes of the block's next extrinsic as `Executive` does before it applies one.
pub fn note(call: impl Into<RuntimeCall>) -> RuntimeCall {
    let call = call.into();
    System::set_extrinsic_index(System::extrinsic_index().map_or(0, |index| index + 1));
    System::note_extrinsic(call.encode());
    call
}

/// Apply a noted call, signed by `who`.
pub fn apply(who: AccountId, noted: RuntimeCall) -> DispatchResult {
    let result = frame_support::storage::with_storage_layer(|| noted.dispatch(RuntimeOrigin::signed(who)));
    result.map(|_| ()).map_err(|e| e.error)
}

/// Go to `block` and run its `on_idle` with `weight`. Returns the weight used.
pub fn idle_at(block: BlockNumber, weight: Weight) -> Weight {
    System::set_block_number(block);
    Blobs::on_idle(block, weight)
}

pub fn held(who: &AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::Storage.into(), who)
}

pub fn events() -> Vec<Event<Test>> {
    System::read_events_for_pallet()
}
