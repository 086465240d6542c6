//! Configuration of issuance, the pools, fees in other assets, and the buy-back.

use crate::{
    AccountId, AssetConversion, AssetKind, Assets, BLC, Balance, Balances, Buyback, DPN, Issuance, Jobs, PoolAssets,
    Runtime, RuntimeCall, RuntimeEvent, System, TransactionPayment, UncheckedExtrinsic, Workers,
    parameters::dynamic::economy, weights,
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use dpin_primitives::{
    economy::{FeeQuote, Pot, PotInfo},
    job::JobSpec,
};
use frame_support::{
    PalletId,
    dispatch::GetDispatchInfo,
    ord_parameter_types, parameter_types,
    traits::{AsEnsureOriginWithArg, ConstU32, ConstU128, FindAuthor, Get, fungible, fungibles::Inspect},
};
use frame_system::{EnsureRoot, EnsureSignedBy, offchain::CreateAuthorizedTransaction};
use pallet_asset_conversion::{AccountIdConverter, Ascending, Chain, WithFirstAsset};
use pallet_asset_conversion_tx_payment::SwapAssetAdapter;
use polkadot_sdk::*;
use sp_runtime::{
    AccountId32, DispatchError, MultiSignature, Perbill, Permill,
    traits::{AccountIdConversion, Convert},
};

/// The accounts of the pots. Nobody has a key for them.
pub struct Pots;

impl Convert<Pot, AccountId> for Pots {
    fn convert(pot: Pot) -> AccountId {
        PalletId(*match pot {
            Pot::Revenue => b"dpin/rev",
            Pot::Vesting => b"dpin/ves",
            Pot::SuperNodes => b"dpin/sup",
            Pot::Bonds => b"dpin/bnd",
            Pot::Liquidity => b"dpin/liq",
            Pot::Ecosystem => b"dpin/eco",
            Pot::Fund => b"dpin/amf",
            Pot::Insurance => b"dpin/ins",
        })
        .into_account_truncating()
    }
}

parameter_types! {
    /// The account that holds fees until they are burned or spent on buying back DPN.
    pub RevenuePot: AccountId = Pots::convert(Pot::Revenue);
    /// The account that receives a part of every slash.
    pub InsurancePot: AccountId = Pots::convert(Pot::Insurance);
    /// The account that may mint BLC on test networks. Nobody has a key for it: governance acts for
    /// it, with `utility.dispatchAs`.
    pub BlcIssuer: AccountId = PalletId(*b"dpin/blc").into_account_truncating();
    /// DPN, as the pools name it.
    pub const Native: AssetKind = AssetKind::Native;
    /// The stable coin.
    pub const Stable: AssetKind = BLC;
}

/// DPN and the assets in one type, for pools and fees. Held amounts cannot be swapped.
pub type NativeAndAssets =
    fungible::UnionOf<Balances, Assets, frame_support::traits::fungible::NativeFromLeft, AssetKind, AccountId>;

/// The shares of liquidity providers in the pools.
pub type PoolAssetsInstance = pallet_assets::Instance2;

impl pallet_assets::Config<PoolAssetsInstance> for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type RemoveItemsLimit = ConstU32<1000>;
    type AssetId = u32;
    type AssetIdParameter = u32;
    type ReserveData = ();
    type Currency = Balances;
    // Only pools create these assets. They pay no deposit, because a pool itself costs a fee.
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSignedBy<PoolsAccount, AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type AssetDeposit = ConstU128<0>;
    type AssetAccountDeposit = ConstU128<0>;
    type MetadataDepositBase = ConstU128<0>;
    type MetadataDepositPerByte = ConstU128<0>;
    type ApprovalDeposit = ConstU128<{ super::deposit(1, 80) }>;
    type StringLimit = ConstU32<50>;
    type Freezer = ();
    type Holder = ();
    type Extra = ();
    type CallbackHandle = ();
    type AssetIdAllocator = ();
    type WeightInfo = weights::pallet_assets_pool_assets::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = BenchmarkPools;
}

parameter_types! {
    /// The id that determines the account that creates pools.
    pub const PoolsId: PalletId = PalletId(*b"dpin/dex");
    /// Liquidity providers' share of every swap: 0.3 %.
    pub const PoolFee: Permill = Permill::from_parts(3_000);
    /// Maximum of that share that governance may set: 1 %.
    pub const MaxPoolFee: Permill = Permill::from_percent(1);
    /// Fee for withdrawing liquidity: none.
    pub const WithdrawalFee: Permill = Permill::zero();
}

ord_parameter_types! {
    /// The account that creates pools.
    pub const PoolsAccount: AccountId = AccountIdConversion::<AccountId>::into_account_truncating(&PoolsId::get());
}

/// The id of a pool: its two assets, with DPN first if it is one of them.
pub type PoolId = (AssetKind, AssetKind);

type PoolAccounts = AccountIdConverter<PoolsId, PoolId>;

impl pallet_asset_conversion::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type HigherPrecisionBalance = sp_core::U256;
    type AssetKind = AssetKind;
    type Assets = NativeAndAssets;
    type PoolId = PoolId;
    type PoolLocator = Chain<
        WithFirstAsset<Native, AccountId, AssetKind, PoolAccounts>,
        Ascending<AccountId, AssetKind, PoolAccounts>,
    >;
    type PoolAssetId = u32;
    type PoolAssets = PoolAssets;
    type LPFee = PoolFee;
    type AdminOrigin = EnsureRoot<AccountId>;
    type MaxSwapFee = MaxPoolFee;
    type PoolSetupFee = ConstU128<{ 10 * DPN }>;
    type PoolSetupFeeAsset = Native;
    // The setup fee is burned.
    type PoolSetupFeeTarget = ();
    type LiquidityWithdrawalFee = WithdrawalFee;
    type MintMinLiquidity = ConstU128<100>;
    type MaxSwapPathLength = ConstU32<4>;
    type PalletId = PoolsId;
    type WeightInfo = weights::pallet_asset_conversion::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = BenchmarkPools;
}

impl pallet_asset_conversion_tx_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type AssetId = AssetKind;
    type OnChargeAssetTransaction =
        SwapAssetAdapter<Native, NativeAndAssets, AssetConversion, pallet_buyback::Fees<Runtime>>;
    type WeightInfo = weights::pallet_asset_conversion_tx_payment::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = BenchmarkPools;
}

impl pallet_issuance::Config for Runtime {
    type Currency = Balances;
    type Rules = IssuanceRules;
    type Reputation = WorkerReputation;
    type Stable = Stable;
    type Pots = Pots;
    type OnEraEnd = Buyback;
    type WeightInfo = weights::pallet_issuance::WeightInfo<Runtime>;
}

impl pallet_buyback::Config for Runtime {
    type Assets = NativeAndAssets;
    type Swap = AssetConversion;
    type Pools = AssetConversion;
    type Rules = BuybackRules;
    type FeeShares = FeeShares;
    type Pots = Pots;
    type Stable = Stable;
    type Burns = Issuance;
    type Era = pallet_issuance::RunningEra<Runtime>;
    type Author = BlockAuthor;
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type WeightInfo = weights::pallet_buyback::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = AssetConversion;
}

/// The reputation that determines a worker's reward for capacity.
pub struct WorkerReputation;

impl Convert<AccountId, Perbill> for WorkerReputation {
    fn convert(worker: AccountId) -> Perbill {
        Workers::reputation(&worker)
    }
}

/// The author of the block, who receives transaction fees.
///
/// The author is read from the block's digest and not from `Authorship::author`. That function
/// stores its result for the rest of the block. Fees are shared after `Authorship` has removed the
/// result. If it were stored again, the next block would be credited to the wrong author.
pub struct BlockAuthor;

impl Get<Option<AccountId>> for BlockAuthor {
    fn get() -> Option<AccountId> {
        let digest = System::digest();
        let pre_runtime = digest.logs.iter().filter_map(|log| log.as_pre_runtime());
        let author = <Runtime as pallet_authorship::Config>::FindAuthor::find_author(pre_runtime);
        // The benchmarks have no blocks, but every real block shares fees with its author.
        #[cfg(feature = "runtime-benchmarks")]
        let author = author.or_else(|| Some(benchmark_author()));
        author
    }
}

fn percent(percent: u32) -> Perbill {
    Perbill::from_percent(percent)
}

fn basis_points(points: u32) -> Perbill {
    Perbill::from_rational(points, 10_000)
}

/// The parameters of the emission, as governance has set them.
pub struct IssuanceRules;

impl Get<pallet_issuance::Rules> for IssuanceRules {
    fn get() -> pallet_issuance::Rules {
        pallet_issuance::Rules {
            era_blocks: economy::EraBlocks::get().get(),
            ecosystem: percent(economy::EcosystemPercent::get().get()),
            validators: percent(economy::ValidatorsPercent::get().get()),
            demand: percent(economy::DemandPercent::get().get()),
            demand_cap: percent(economy::DemandCapPercent::get().get()),
            at_once: percent(economy::AtOncePercent::get().get()),
        }
    }
}

/// The parameters of the buy-back, of its market prices and of the liquidity bonds, as governance
/// has set them.
pub struct BuybackRules;

impl Get<pallet_buyback::Rules> for BuybackRules {
    fn get() -> pallet_buyback::Rules {
        pallet_buyback::Rules {
            interval: economy::BuybackInterval::get().get(),
            max_impact: basis_points(economy::MaxImpact::get().get()),
            min_reserve: economy::MinReserve::get().get(),
            max_deviation: basis_points(economy::MaxDeviation::get().get()),
            average_blocks: economy::AverageBlocks::get().get(),
            stale_blocks: economy::StaleBlocks::get().get(),
            max_step: basis_points(economy::MaxStep::get().get()),
            bond_rise: percent(economy::BondRisePercent::get().get()),
            bond_daily: basis_points(economy::BondDaily::get().get()),
        }
    }
}

/// The shares of transaction fees, as governance has set them.
pub struct FeeShares;

impl Get<pallet_buyback::FeeShares> for FeeShares {
    fn get() -> pallet_buyback::FeeShares {
        pallet_buyback::FeeShares {
            author: percent(economy::AuthorPercent::get().get()),
            fund: percent(economy::FundPercent::get().get()),
        }
    }
}

/// Return the chain's own accounts with their balances.
pub fn pots() -> Vec<PotInfo> {
    Pot::ALL
        .into_iter()
        .map(|pot| {
            let account = Pots::convert(pot);
            PotInfo {
                pot,
                native: NativeAndAssets::total_balance(AssetKind::Native, &account),
                stable: NativeAndAssets::total_balance(BLC, &account),
                account,
            }
        })
        .collect()
}

/// Return all fees of a job, including the transaction fee.
///
/// # Errors
///
/// The error that posting the job would give, except errors about the requester's balance.
pub fn fees(spec: JobSpec) -> Result<FeeQuote, DispatchError> {
    let quote = Jobs::fees(&spec)?;
    let call = RuntimeCall::from(pallet_jobs::Call::submit_job { spec });
    let extension = <Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_extension();
    // The length is that of any signed transaction with this call.
    let (nobody, signature) = (AccountId32::new([0; 32]), MultiSignature::Sr25519([0; 64].into()));
    let mut info = call.get_dispatch_info();
    let transaction = UncheckedExtrinsic::new_signed(call, nobody.into(), signature, extension);
    info.extension_weight = transaction.get_dispatch_info().extension_weight;
    let bytes = u32::try_from(transaction.encoded_size()).unwrap_or(u32::MAX);
    Ok(FeeQuote { transaction: TransactionPayment::compute_fee(bytes, &info, 0), ..quote })
}

/// Creates pools for benchmarks, and supplies ids of assets that do not exist at genesis.
#[cfg(feature = "runtime-benchmarks")]
pub struct BenchmarkPools;

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkPools {
    /// Give `account` `native` planck and `amount` of `asset`. Creates the asset if it does not
    /// exist.
    fn endow(account: &AccountId, native: Balance, asset: u32, amount: Balance) {
        use frame_support::traits::{
            fungible::Mutate as _,
            fungibles::{Create, Mutate as _},
        };
        if !<Assets as Inspect<AccountId>>::asset_exists(asset) {
            <Assets as Create<_>>::create(asset, account.clone(), true, 1).expect("the asset's id is free");
        }
        Balances::mint_into(account, native).expect("the account can receive DPN");
        Assets::mint_into(asset, account, amount).expect("the account can receive the asset");
    }

    /// Create a pool with at least these reserves, provided by `account`.
    fn provide(account: AccountId, native: Balance, asset: AssetKind, amount: Balance) {
        use alloc::boxed::Box;
        use frame_system::RawOrigin;
        let origin = || RawOrigin::Signed(account.clone()).into();
        let pair = || (Box::new(AssetKind::Native), Box::new(asset.clone()));
        if AssetConversion::get_reserves(AssetKind::Native, asset.clone()).is_err() {
            let (native, other) = pair();
            AssetConversion::create_pool(origin(), native, other).expect("there is no such pool");
        }
        let (one, other) = pair();
        AssetConversion::add_liquidity(origin(), one, other, native, amount, 1, 1, account.clone())
            .expect("the account has what it provides");
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_asset_conversion_tx_payment::BenchmarkHelperTrait<AccountId, AssetKind, AssetKind> for BenchmarkPools {
    fn create_asset_id_parameter(id: u32) -> (AssetKind, AssetKind) {
        (AssetKind::WithId(id), AssetKind::WithId(id))
    }

    fn setup_balances_and_pool(asset: AssetKind, account: AccountId) {
        let AssetKind::WithId(id) = asset else { return };
        Self::endow(&account, 10_000 * DPN, id, 10_000 * DPN);
        Self::provide(account, 1_000 * DPN, asset, 1_000 * DPN);
    }
}

/// The account that benchmarks use as the author. On the development chain it has DPN and BLC.
#[cfg(feature = "runtime-benchmarks")]
pub fn benchmark_author() -> AccountId {
    sp_keyring::Sr25519Keyring::Ferdie.to_account_id()
}

/// First id of pool shares in benchmarks.
///
/// One benchmark uses the first entry of the map as its own. The hash of this id is less than those
/// of all ids at genesis.
#[cfg(feature = "runtime-benchmarks")]
const BENCHMARK_SHARES: u32 = 1_919;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_assets::BenchmarkHelper<u32, ()> for BenchmarkPools {
    fn create_asset_id_parameter(id: u32) -> u32 {
        BENCHMARK_SHARES.saturating_add(id)
    }

    fn create_reserve_id_parameter(_: u32) {}
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_asset_conversion::BenchmarkHelper<AssetKind> for BenchmarkPools {
    // Pools without DPN cost the most. Only they can form a path of the maximum length.
    fn create_pair(seed1: u32, seed2: u32) -> (AssetKind, AssetKind) {
        // Otherwise assets could only be created in the order of their ids.
        pallet_assets::NextAssetId::<Runtime>::kill();
        let asset = |seed: u32| AssetKind::WithId(seed.saturating_add(crate::BLC_ID).saturating_add(1));
        (asset(seed1), asset(seed2))
    }
}
