//! Parts that the mock runtimes of the pallets have in common. Only tests depend on this crate.
//!
//! [`runtime!`] declares the runtime `Test` of a mock. [`system!`], [`balances!`], [`assets!`] and
//! [`held_assets!`] configure the pallets of the SDK in it. The macros use the names
//! `frame_support`, `derive_impl`, `frame_system`, `pallet_balances` and so on as the mock has
//! imported them.
//!
//! [`events!`] and [`build_and_execute!`] declare functions for the tests of a pallet. The
//! functions of this crate make states and fixtures.

#![warn(rust_2018_idioms, unreachable_pub)]

mod trace;

pub use trace::operations;

#[doc(hidden)]
pub use dpin_primitives::{AccountId, AssetKind, Balance};
#[doc(hidden)]
pub use polkadot_sdk;

use dpin_primitives::{
    BlobHash, Hash,
    economy::Pot,
    executor::Commitment,
    kernel::{KernelClass, KernelManifest, Param, Tiling},
};
use polkadot_sdk::{
    frame_support::PalletId,
    frame_system, pallet_assets,
    sp_io::TestExternalities,
    sp_runtime::{
        BuildStorage,
        traits::{AccountIdConversion, Convert, One},
    },
};

/// Declare the runtime `Test` with `frame_system` and the pallets of the list.
///
/// ```ignore
/// pallet_mock::runtime! {
///     1: Balances = pallet_balances,
///     2: Jobs = pallet_jobs,
/// }
/// ```
#[macro_export]
macro_rules! runtime {
    ($($index:tt: $name:ident = $pallet:ident $(<$instance:ident>)?),* $(,)?) => {
        #[frame_support::runtime]
        mod runtime {
            #[runtime::runtime]
            #[runtime::derive(
                RuntimeCall,
                RuntimeEvent,
                RuntimeError,
                RuntimeOrigin,
                RuntimeFreezeReason,
                RuntimeHoldReason,
                RuntimeSlashReason,
                RuntimeLockId,
                RuntimeTask,
                RuntimeViewFunction
            )]
            pub struct Test;

            #[runtime::pallet_index(0)]
            pub type System = frame_system;
            $(
                #[runtime::pallet_index($index)]
                pub type $name = $pallet $(<$instance>)?;
            )*
        }
    };
}

/// Configure `frame_system` with the accounts of the chain, and with the items given. Without any
/// items, accounts hold balances and blocks are the SDK's mock.
#[macro_export]
macro_rules! system {
    () => {
        $crate::system! {
            type AccountData = pallet_balances::AccountData<$crate::Balance>;
            type Block = frame_system::mocking::MockBlockU32<Test>;
        }
    };
    ($($item:tt)+) => {
        #[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
        impl frame_system::Config for Test {
            type AccountId = $crate::AccountId;
            type Lookup = $crate::polkadot_sdk::sp_runtime::traits::IdentityLookup<$crate::AccountId>;
            $($item)+
        }
    };
}

/// Configure `pallet_balances` with the existential deposit given, the name of a constant.
#[macro_export]
macro_rules! balances {
    ($minimum:ident) => {
        #[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
        impl pallet_balances::Config for Test {
            type AccountStore = System;
            type Balance = $crate::Balance;
            type ExistentialDeposit = $crate::polkadot_sdk::frame_support::traits::ConstU128<$minimum>;
        }
    };
}

/// Configure an instance of `pallet_assets` in which anybody may create assets, with the items
/// given.
#[macro_export]
macro_rules! assets {
    ($($instance:ident)? { $($item:tt)* }) => {
        #[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
        impl pallet_assets::Config $(<$instance>)? for Test {
            type Balance = $crate::Balance;
            type CreateOrigin = $crate::polkadot_sdk::frame_support::traits::AsEnsureOriginWithArg<
                $crate::polkadot_sdk::frame_system::EnsureSigned<$crate::AccountId>,
            >;
            type Currency = Balances;
            type ForceOrigin = $crate::polkadot_sdk::frame_system::EnsureRoot<$crate::AccountId>;
            $($item)*
        }
    };
}

/// Configure `pallet_assets` and `pallet_assets_holder`, and declare `AllAssets`: DPN and the other
/// assets behind one interface.
#[macro_export]
macro_rules! held_assets {
    () => {
        $crate::assets!({
            type Holder = AssetsHolder;
        });

        impl pallet_assets_holder::Config for Test {
            type RuntimeEvent = RuntimeEvent;
            type RuntimeHoldReason = RuntimeHoldReason;
        }

        $crate::all_assets!(AssetsHolder);
    };
}

/// Declare `AllAssets`: DPN and the assets of a pallet behind one interface.
#[macro_export]
macro_rules! all_assets {
    ($assets:ident) => {
        /// DPN and the other assets behind one interface.
        pub type AllAssets = $crate::polkadot_sdk::frame_support::traits::fungible::UnionOf<
            Balances,
            $assets,
            $crate::polkadot_sdk::frame_support::traits::fungible::NativeFromLeft,
            $crate::AssetKind,
            $crate::AccountId,
        >;
    };
}

/// Declare `events()`, which returns the events of the type given since the last call and removes
/// all events.
#[macro_export]
macro_rules! events {
    ($event:ty) => {
        /// The pallet's events since the last call.
        pub fn events() -> Vec<$event> {
            let events = System::read_events_for_pallet();
            System::reset_events();
            events
        }
    };
}

/// Declare `TestExt::build_and_execute`, which runs a test in the state that `TestExt::build`
/// makes. Afterwards it checks the invariants with the function given.
#[macro_export]
macro_rules! build_and_execute {
    ($check:expr) => {
        impl TestExt {
            /// Run a test and check the invariants afterwards.
            pub fn build_and_execute(self, test: impl FnOnce()) {
                self.build().execute_with(|| {
                    test();
                    $check();
                });
            }
        }
    };
}

/// The account whose id consists of the byte `n`.
pub const fn account(n: u8) -> AccountId {
    AccountId::new([n; 32])
}

/// An account of the tests.
pub const ALICE: AccountId = account(1);
/// Another account of the tests.
pub const BOB: AccountId = account(2);
/// Another account of the tests.
pub const CAROL: AccountId = account(3);
/// Another account of the tests.
pub const DAVE: AccountId = account(4);
/// Another account of the tests, which has nothing at genesis.
pub const EVE: AccountId = account(5);

/// Make the state after genesis, in block 1, and prepare it.
pub fn state<T: frame_system::Config>(genesis: impl BuildStorage, prepare: impl FnOnce()) -> TestExternalities {
    let storage = genesis.build_storage().expect("the genesis of a mock is sound");
    let mut state = TestExternalities::new(storage);
    state.execute_with(|| {
        frame_system::Pallet::<T>::set_block_number(One::one());
        prepare();
    });
    state
}

/// The accounts of the chain's pots.
pub struct Pots;

impl Convert<Pot, AccountId> for Pots {
    fn convert(pot: Pot) -> AccountId {
        let id = match pot {
            Pot::Revenue => b"dpin/rev",
            Pot::Vesting => b"dpin/ves",
            Pot::SuperNodes => b"dpin/sup",
            Pot::Bonds => b"dpin/bnd",
            Pot::Liquidity => b"dpin/liq",
            Pot::Ecosystem => b"dpin/eco",
            Pot::Fund => b"dpin/amf",
            Pot::Insurance => b"dpin/ins",
        };
        PalletId(*id).into_account_truncating()
    }
}

/// The blob of every kernel's source.
pub const SOURCE: BlobHash = BlobHash::repeat_byte(0x50);

/// A raw kernel without build options, whose source is [`SOURCE`].
pub fn kernel(entry: &[u8], params: Vec<Param>, local_size: [u32; 3], tiling: Tiling) -> KernelManifest {
    KernelManifest {
        source: SOURCE,
        entry: entry.to_vec().try_into().expect("the name of a test's kernel is short"),
        params: params.try_into().expect("a test's kernel has few parameters"),
        local_size,
        tiling,
        options: Default::default(),
        class: KernelClass::Raw,
    }
}

/// A commitment to some output.
pub fn commitment() -> Commitment {
    Commitment { root: Hash::repeat_byte(7), output_len: 640, kernel_ms: 12 }
}

/// The genesis of assets: their number, owner, sufficiency and least balance, and the balance of
/// each in the accounts given.
pub fn assets_genesis<T, I>(
    assets: Vec<(u32, AccountId, bool, Balance)>,
    accounts: &[AccountId],
    balance: Balance,
) -> pallet_assets::GenesisConfig<T, I>
where
    T: pallet_assets::Config<I, AssetId = u32, Balance = Balance> + frame_system::Config<AccountId = AccountId>,
    I: 'static,
{
    let of_asset = |(id, ..): &(u32, AccountId, bool, Balance)| {
        let id = *id;
        accounts.iter().map(move |who| (id, who.clone(), balance))
    };
    let accounts = assets.iter().flat_map(of_asset).collect();
    pallet_assets::GenesisConfig { assets, accounts, ..Default::default() }
}
