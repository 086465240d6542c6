//! Configuration of DPN, the assets, holds over both, and fees.

use crate::{
    AccountId, AssetKind, Assets, AssetsHolder, BLC_UNIT, Balance, Balances, DPN, Runtime, RuntimeEvent,
    RuntimeFreezeReason, RuntimeHoldReason, System, weights,
};
use frame_support::{
    parameter_types,
    traits::{
        AsEnsureOriginWithArg, ConstU8, ConstU32, ConstU128, VariantCountOf,
        fungible::{self, NativeFromLeft},
        fungibles,
        tokens::{DepositConsequence, Fortitude, Precision, Preservation, Provenance, WithdrawConsequence},
    },
    weights::ConstantMultiplier,
};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use polkadot_sdk::*;
use sp_runtime::{DispatchError, DispatchResult, FixedPointNumber, Perquintill, traits::Bounded};

/// Least BLC of an account: 0.001.
pub const BLC_MINIMUM: Balance = BLC_UNIT / 1_000;

/// Compute the deposit for `items` storage entries with `bytes` bytes together, in planck.
///
/// An entry costs 0.1 DPN, a byte 0.001 DPN.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    let of_items = (items as Balance).saturating_mul(DPN / 10);
    of_items.saturating_add((bytes as Balance).saturating_mul(DPN / 1_000))
}

parameter_types! {
    /// Least DPN of an account: 0.001.
    pub const ExistentialDeposit: Balance = DPN / 1_000;
}

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = weights::pallet_balances::WeightInfo<Runtime>;
    type Balance = Balance;
    type DustRemoval = ();
    type ExistentialDeposit = ExistentialDeposit;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type DoneSlashHandler = ();
}

impl pallet_assets::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type RemoveItemsLimit = ConstU32<1000>;
    type AssetId = u32;
    type AssetIdParameter = codec::Compact<u32>;
    type ReserveData = ();
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type AssetDeposit = ConstU128<{ 100 * DPN }>;
    type AssetAccountDeposit = ConstU128<{ deposit(1, 16) }>;
    type MetadataDepositBase = ConstU128<{ deposit(1, 68) }>;
    type MetadataDepositPerByte = ConstU128<{ deposit(0, 1) }>;
    type ApprovalDeposit = ConstU128<{ deposit(1, 80) }>;
    type StringLimit = ConstU32<50>;
    type Freezer = ();
    type Holder = AssetsHolder;
    type Extra = ();
    type CallbackHandle = ();
    // Ids are assigned in order, so that nobody can take an id that others expect.
    type AssetIdAllocator = pallet_assets::AutoIncAssetId<Runtime>;
    type WeightInfo = weights::pallet_assets_assets::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
}

impl pallet_assets_holder::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
}

parameter_types! {
    /// Target fullness of blocks. Fees rise above it and fall below it.
    pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
    /// How fast fees follow the fullness of blocks.
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(3, 100_000);
    /// Fees never fall below the cost of the weight.
    pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_integer(1);
    /// Fees have no upper limit while blocks are full.
    pub MaximumMultiplier: Multiplier = Multiplier::max_value();
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, pallet_buyback::NativeFees<Runtime, Balances>>;
    // 10 DPN for a second of work, which makes about 0.003 DPN for a transfer.
    type WeightToFee = ConstantMultiplier<Balance, ConstU128<10>>;
    // About 1 DPN for a MiB.
    type LengthToFee = ConstantMultiplier<Balance, ConstU128<{ DPN / 1_000_000 }>>;
    type FeeMultiplierUpdate =
        TargetedFeeAdjustment<Self, TargetBlockFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = weights::pallet_transaction_payment::WeightInfo<Runtime>;
}

/// DPN and the assets in one type that can be transferred and held, for escrows.
///
/// It implements `fungibles::{Inspect, Mutate}` and `fungibles::hold::{Inspect, Mutate}`, for the
/// reasons of [`RuntimeHoldReason`].
///
/// A hold leaves the account its minimum of that asset: [`ExistentialDeposit`] for DPN,
/// [`BLC_MINIMUM`] for BLC. A payment from a hold fails if it would leave the receiver with less
/// than that minimum.
pub type NativeOrAssets = fungible::UnionOf<Balances, HoldableAssets, NativeFromLeft, AssetKind, AccountId>;

/// The assets of `pallet-assets` with the holds of `pallet-assets-holder`.
///
/// The holder implements holds and leaves transfers to `pallet-assets`, but a union needs both from
/// one type. This type forwards each function to one of the two.
pub struct HoldableAssets;

impl fungibles::Inspect<AccountId> for HoldableAssets {
    type AssetId = u32;
    type Balance = Balance;

    fn total_issuance(asset: u32) -> Balance {
        <Assets as fungibles::Inspect<_>>::total_issuance(asset)
    }

    fn minimum_balance(asset: u32) -> Balance {
        <Assets as fungibles::Inspect<_>>::minimum_balance(asset)
    }

    fn total_balance(asset: u32, who: &AccountId) -> Balance {
        <Assets as fungibles::Inspect<_>>::total_balance(asset, who)
    }

    fn balance(asset: u32, who: &AccountId) -> Balance {
        <Assets as fungibles::Inspect<_>>::balance(asset, who)
    }

    fn reducible_balance(asset: u32, who: &AccountId, preservation: Preservation, force: Fortitude) -> Balance {
        <Assets as fungibles::Inspect<_>>::reducible_balance(asset, who, preservation, force)
    }

    fn can_deposit(asset: u32, who: &AccountId, amount: Balance, provenance: Provenance) -> DepositConsequence {
        <Assets as fungibles::Inspect<_>>::can_deposit(asset, who, amount, provenance)
    }

    fn can_withdraw(asset: u32, who: &AccountId, amount: Balance) -> WithdrawConsequence<Balance> {
        <Assets as fungibles::Inspect<_>>::can_withdraw(asset, who, amount)
    }

    fn asset_exists(asset: u32) -> bool {
        <Assets as fungibles::Inspect<_>>::asset_exists(asset)
    }
}

impl fungibles::Unbalanced<AccountId> for HoldableAssets {
    fn handle_dust(dust: fungibles::Dust<AccountId, Self>) {
        Assets::handle_dust(fungibles::Dust(dust.0, dust.1))
    }

    fn write_balance(asset: u32, who: &AccountId, amount: Balance) -> Result<Option<Balance>, DispatchError> {
        Assets::write_balance(asset, who, amount)
    }

    fn set_total_issuance(asset: u32, amount: Balance) {
        Assets::set_total_issuance(asset, amount)
    }

    fn decrease_balance(
        asset: u32,
        who: &AccountId,
        amount: Balance,
        precision: Precision,
        preservation: Preservation,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        <Assets as fungibles::Unbalanced<_>>::decrease_balance(asset, who, amount, precision, preservation, force)
    }

    fn increase_balance(
        asset: u32,
        who: &AccountId,
        amount: Balance,
        precision: Precision,
    ) -> Result<Balance, DispatchError> {
        <Assets as fungibles::Unbalanced<_>>::increase_balance(asset, who, amount, precision)
    }
}

impl fungibles::Mutate<AccountId> for HoldableAssets {
    fn done_mint_into(asset: u32, who: &AccountId, amount: Balance) {
        Assets::done_mint_into(asset, who, amount)
    }

    fn done_burn_from(asset: u32, who: &AccountId, amount: Balance) {
        Assets::done_burn_from(asset, who, amount)
    }

    fn done_shelve(asset: u32, who: &AccountId, amount: Balance) {
        Assets::done_shelve(asset, who, amount)
    }

    fn done_restore(asset: u32, who: &AccountId, amount: Balance) {
        Assets::done_restore(asset, who, amount)
    }

    fn done_transfer(asset: u32, source: &AccountId, dest: &AccountId, amount: Balance) {
        Assets::done_transfer(asset, source, dest, amount)
    }
}

impl fungibles::hold::Inspect<AccountId> for HoldableAssets {
    type Reason = RuntimeHoldReason;

    fn total_balance_on_hold(asset: u32, who: &AccountId) -> Balance {
        AssetsHolder::total_balance_on_hold(asset, who)
    }

    fn balance_on_hold(asset: u32, reason: &RuntimeHoldReason, who: &AccountId) -> Balance {
        <AssetsHolder as fungibles::hold::Inspect<_>>::balance_on_hold(asset, reason, who)
    }
}

impl fungibles::hold::Unbalanced<AccountId> for HoldableAssets {
    fn set_balance_on_hold(asset: u32, reason: &RuntimeHoldReason, who: &AccountId, amount: Balance) -> DispatchResult {
        AssetsHolder::set_balance_on_hold(asset, reason, who, amount)
    }
}

impl fungibles::hold::Mutate<AccountId> for HoldableAssets {
    fn done_hold(asset: u32, reason: &RuntimeHoldReason, who: &AccountId, amount: Balance) {
        AssetsHolder::done_hold(asset, reason, who, amount)
    }

    fn done_release(asset: u32, reason: &RuntimeHoldReason, who: &AccountId, amount: Balance) {
        AssetsHolder::done_release(asset, reason, who, amount)
    }

    fn done_burn_held(asset: u32, reason: &RuntimeHoldReason, who: &AccountId, amount: Balance) {
        AssetsHolder::done_burn_held(asset, reason, who, amount)
    }

    fn done_transfer_on_hold(
        asset: u32,
        reason: &RuntimeHoldReason,
        source: &AccountId,
        dest: &AccountId,
        amount: Balance,
    ) {
        AssetsHolder::done_transfer_on_hold(asset, reason, source, dest, amount)
    }

    fn done_transfer_and_hold(
        asset: u32,
        reason: &RuntimeHoldReason,
        source: &AccountId,
        dest: &AccountId,
        transferred: Balance,
    ) {
        AssetsHolder::done_transfer_and_hold(asset, reason, source, dest, transferred)
    }
}
