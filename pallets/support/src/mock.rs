//! A mock runtime with balances, assets, and a pallet that only has a reason for holds.

#![allow(unreachable_pub, reason = "the tests of the crate use what they need")]

use dpin_primitives::{AssetKind, Balance};
use polkadot_sdk::{
    frame_support::{self, derive_impl},
    frame_system, pallet_assets, pallet_assets_holder, pallet_balances,
    sp_io::TestExternalities,
};

pub use pallet_holder::HoldReason;
pub use pallet_mock::{ALICE, BOB, CAROL, EVE};

/// Least balance of DPN and of the asset.
pub const ED: Balance = 10;
/// The balance of both in each of the accounts ALICE, BOB and CAROL.
pub const ENDOWMENT: Balance = 1_000_000;
/// The asset.
pub const ASSET: AssetKind = AssetKind::WithId(1);

#[frame_support::pallet]
pub mod pallet_holder {
    #[pallet::config]
    pub trait Config: polkadot_sdk::frame_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::composite_enum]
    pub enum HoldReason {
        Test,
    }
}

pallet_mock::runtime! {
    1: Balances = pallet_balances,
    2: Assets = pallet_assets,
    3: AssetsHolder = pallet_assets_holder,
    4: Holder = pallet_holder,
}

pallet_mock::system!();
pallet_mock::balances!(ED);
pallet_mock::held_assets!();

impl pallet_holder::Config for Test {}

pub fn build() -> TestExternalities {
    let rich = [ALICE, BOB, CAROL];
    let genesis = RuntimeGenesisConfig {
        assets: pallet_mock::assets_genesis(vec![(1, ALICE, true, ED)], &rich, ENDOWMENT),
        balances: pallet_balances::GenesisConfig {
            balances: rich.map(|who| (who, ENDOWMENT)).to_vec(),
            ..Default::default()
        },
        ..Default::default()
    };
    pallet_mock::state::<Test>(genesis, || ())
}
