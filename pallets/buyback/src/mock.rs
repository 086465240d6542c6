//! A mock runtime with balances, assets, pools and this pallet. Only the ledger of burns is a fake.

#![allow(unreachable_pub, reason = "the tests of the crate use what they need")]

use crate::{self as pallet_buyback, FeeShares, Rules};

use dpin_primitives::{
    AccountId, AssetKind, BLC_UNIT, Balance, BlockNumber, DPN,
    economy::{EraIndex, Pot},
    traits::{BurnLedger, OnEraEnd},
};
use polkadot_sdk::{
    frame_support::{
        self, PalletId, assert_ok, derive_impl,
        instances::{Instance1, Instance2},
        parameter_types, storage_alias,
        traits::{
            ConstU32, ConstU128, Hooks,
            fungibles::{Inspect, Mutate},
        },
        weights::Weight,
    },
    frame_system::{self, EnsureRoot},
    pallet_asset_conversion::{self, AccountIdConverter, Ascending, Chain, PoolLocator, WithFirstAsset},
    pallet_assets, pallet_balances,
    sp_core::U256,
    sp_io::TestExternalities,
    sp_runtime::{Permill, traits::Convert},
};

pub use dpin_primitives::BLC;
pub use pallet_mock::Pots;

pub const NATIVE: AssetKind = AssetKind::Native;
/// Another asset, without a market at the start.
pub const OTHER: AssetKind = AssetKind::WithId(2);

/// Has the endowment, and made the pools.
pub const ALICE: AccountId = AccountId::new([1; 32]);
/// Attacks the buy-back, with the same endowment.
pub const MALLORY: AccountId = AccountId::new([2; 32]);
/// Authors the blocks.
pub const AUTHOR: AccountId = AccountId::new([3; 32]);
/// Owns the assets.
pub const ADMIN: AccountId = AccountId::new([9; 32]);

/// Least balance of DPN and of the assets.
pub const ED: Balance = DPN / 1_000;
/// The balance of every asset in the accounts of ALICE and MALLORY.
pub const ENDOWMENT: Balance = 1_000_000_000 * DPN;
/// The reserves of the pools at the start.
pub const RESERVE: Balance = 4_000_000 * DPN;

pallet_mock::runtime! {
    1: Balances = pallet_balances,
    2: Assets = pallet_assets<Instance1>,
    3: PoolAssets = pallet_assets<Instance2>,
    4: AssetConversion = pallet_asset_conversion,
    5: Buyback = pallet_buyback,
}

pallet_mock::system!();

pallet_mock::balances!(ED);

pallet_mock::assets!(Instance1 {});
pallet_mock::assets!(Instance2 {
    type AssetAccountDeposit = ConstU128<0>;
    type AssetDeposit = ConstU128<0>;
});
pallet_mock::all_assets!(Assets);

parameter_types! {
    pub const Native: AssetKind = NATIVE;
    pub const PoolsId: PalletId = PalletId(*b"dpin/poo");
    /// The pools' fee.
    pub static PoolFee: Permill = Permill::from_parts(3_000);
    pub const MaxPoolFee: Permill = Permill::from_percent(10);
    pub const WithdrawalFee: Permill = Permill::zero();
}

type PoolAccount = AccountIdConverter<PoolsId, (AssetKind, AssetKind)>;
type Locator =
    Chain<WithFirstAsset<Native, AccountId, AssetKind, PoolAccount>, Ascending<AccountId, AssetKind, PoolAccount>>;

impl pallet_asset_conversion::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type HigherPrecisionBalance = U256;
    type AssetKind = AssetKind;
    type Assets = AllAssets;
    type PoolId = (AssetKind, AssetKind);
    type PoolLocator = Locator;
    type PoolAssetId = u32;
    type PoolAssets = PoolAssets;
    type PoolSetupFee = ConstU128<0>;
    type PoolSetupFeeAsset = Native;
    type PoolSetupFeeTarget = ();
    type PalletId = PoolsId;
    type LPFee = PoolFee;
    type AdminOrigin = EnsureRoot<AccountId>;
    type MaxSwapFee = MaxPoolFee;
    type LiquidityWithdrawalFee = WithdrawalFee;
    type MaxSwapPathLength = ConstU32<4>;
    type MintMinLiquidity = ConstU128<100>;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
}

/// The purchases reported to the ledger of burns.
#[storage_alias]
pub type Burned = StorageValue<Fakes, Vec<(AssetKind, Balance, Balance)>>;

/// The markets that were fit, and the number of blocks for which they were.
#[storage_alias]
pub type Fit = StorageValue<Fakes, Vec<(AssetKind, BlockNumber)>>;

/// Records purchases in storage, so that a roll-back removes the record too.
pub struct FakeBurns;

/// The weight that the ledger returns for a purchase.
pub const BURN_WEIGHT: Weight = Weight::from_parts(77, 7);
/// The weight that the ledger returns when a market was fit.
pub const FIT_WEIGHT: Weight = Weight::from_parts(11, 1);

impl BurnLedger for FakeBurns {
    fn bought(asset: &AssetKind, spent: Balance, burned: Balance) -> Weight {
        Burned::append((asset.clone(), spent, burned));
        BURN_WEIGHT
    }

    fn was_fit(asset: &AssetKind, blocks: BlockNumber) -> Weight {
        Fit::mutate(|fit| fit.get_or_insert_default().push((asset.clone(), blocks)));
        FIT_WEIGHT
    }
}

parameter_types! {
    pub static TheRules: Rules = Rules::default();
    pub static TheFeeShares: FeeShares = FeeShares::default();
    pub static Era: EraIndex = 0;
    pub static BlockAuthor: Option<AccountId> = Some(AUTHOR);
    pub const Stable: AssetKind = BLC;
}

impl pallet_buyback::Config for Test {
    type Assets = AllAssets;
    type Swap = AssetConversion;
    type Pools = AssetConversion;
    type Rules = TheRules;
    type FeeShares = TheFeeShares;
    type Pots = Pots;
    type Stable = Stable;
    type Burns = FakeBurns;
    type Era = Era;
    type Author = BlockAuthor;
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = AssetConversion;
}

pub fn pot(pot: Pot) -> AccountId {
    Pots::convert(pot)
}

pub fn balance(asset: &AssetKind, who: &AccountId) -> Balance {
    AllAssets::balance(asset.clone(), who)
}

pub fn issuance(asset: &AssetKind) -> Balance {
    AllAssets::total_issuance(asset.clone())
}

/// The account of an asset's pool.
pub fn pool(asset: &AssetKind) -> AccountId {
    Locator::pool_address(&NATIVE, asset).unwrap()
}

/// DPN and the asset in a pool.
pub fn reserves(asset: &AssetKind) -> (Balance, Balance) {
    (balance(&NATIVE, &pool(asset)), balance(asset, &pool(asset)))
}

/// Make a pool as anybody may.
pub fn make_pool(asset: &AssetKind, native: Balance, reserve: Balance) {
    let alice = RuntimeOrigin::signed(ALICE);
    assert_ok!(AssetConversion::create_pool(alice.clone(), Box::new(NATIVE), Box::new(asset.clone())));
    let pair = (Box::new(NATIVE), Box::new(asset.clone()));
    assert_ok!(AssetConversion::add_liquidity(alice, pair.0, pair.1, native, reserve, native, reserve, ALICE));
}

/// Swap as anybody may, and return the yield. `None` if the pool refuses.
pub fn trade(who: &AccountId, from: &AssetKind, to: &AssetKind, amount: Balance) -> Option<Balance> {
    let before = balance(to, who);
    let path = vec![Box::new(from.clone()), Box::new(to.clone())];
    let origin = RuntimeOrigin::signed(who.clone());
    AssetConversion::swap_exact_tokens_for_tokens(origin, path, amount, 1, who.clone(), true).ok()?;
    Some(balance(to, who) - before)
}

/// Put fees into the revenue pot.
pub fn earn(asset: &AssetKind, amount: Balance) {
    assert_ok!(AllAssets::mint_into(asset.clone(), &pot(Pot::Revenue), amount));
}

/// Begin the next block.
pub fn next_block() -> Weight {
    pass(1)
}

/// Skip `blocks` blocks and begin the last of them. Those in between are empty slots, without
/// observations.
pub fn pass(blocks: BlockNumber) -> Weight {
    let now = System::block_number() + blocks;
    System::set_block_number(now);
    Buyback::on_initialize(now)
}

/// Pass whole blocks until one begins in which a slice is bought.
pub fn until_buy() {
    loop {
        next_block();
        if System::block_number().is_multiple_of(TheRules::get().interval) {
            return;
        }
    }
}

/// Pass whole blocks until the price has an average, and on to the block before one in which a
/// slice is bought. Nothing is bought until then.
pub fn warm_up() {
    let rules = TheRules::get();
    let start = System::block_number();
    TheRules::mutate(|rules| rules.interval = 0);
    while System::block_number() < start + rules.average_blocks
        || !(System::block_number() + 1).is_multiple_of(rules.interval)
    {
        next_block();
    }
    TheRules::set(rules);
}

/// Pass `days` days, with an observation every 60 blocks, in none of the blocks in which something
/// is swapped.
pub fn pass_days(days: BlockNumber) {
    let end = System::block_number() + days * dpin_primitives::economy::DAY_BLOCKS;
    while System::block_number() < end {
        pass(60);
    }
}

/// End the era as the issuance pallet does.
pub fn end_era() {
    let era = Era::get();
    Buyback::era_ended(era);
    Era::set(era + 1);
}

pallet_mock::events!(crate::Event<Test>);

/// The invariants of the pallet, and that no asset is lost or created.
pub fn check_invariants() {
    Buyback::do_try_state().unwrap();
    let known = Pot::ALL.map(pot).into_iter().chain([ALICE, MALLORY, AUTHOR, ADMIN, pool(&BLC), pool(&OTHER)]);
    let known = known.collect::<Vec<_>>();
    for asset in [NATIVE, BLC, OTHER] {
        let sum: Balance = known.iter().map(|who| AllAssets::total_balance(asset.clone(), who)).sum();
        assert_eq!(sum, issuance(&asset), "{asset:?}");
    }
}

/// The starting state of a test: two accounts with all assets, a pool of BLC with its market, the
/// bonds in their pot, block 1.
pub struct TestExt {
    pools: bool,
}

impl Default for TestExt {
    fn default() -> Self {
        Self::new()
    }
}

impl TestExt {
    pub fn new() -> Self {
        Self { pools: true }
    }

    /// Start without any pool.
    pub fn no_pool(mut self) -> Self {
        self.pools = false;
        self
    }

    pub fn build(self) -> TestExternalities {
        TheRules::set(Rules { average_blocks: 20, interval: 10, ..Rules::default() });
        PoolFee::set(Permill::from_parts(3_000));
        BlockAuthor::set(Some(AUTHOR));
        Era::set(0);
        let rich = [ALICE, MALLORY];
        let pots = [(pot(Pot::Revenue), ED), (pot(Pot::Bonds), 4_200_000 * DPN), (ADMIN, 10 * DPN)];
        let genesis = RuntimeGenesisConfig {
            assets: pallet_mock::assets_genesis(vec![(1, ADMIN, true, ED), (2, ADMIN, true, ED)], &rich, ENDOWMENT),
            balances: pallet_balances::GenesisConfig {
                balances: rich.clone().map(|who| (who, ENDOWMENT)).into_iter().chain(pots).collect(),
                ..Default::default()
            },
            buyback: pallet_buyback::GenesisConfig { markets: vec![BLC], ..Default::default() },
            ..Default::default()
        };
        pallet_mock::state::<Test>(genesis, || {
            if self.pools {
                make_pool(&BLC, RESERVE, RESERVE * BLC_UNIT / DPN);
            }
            System::reset_events();
        })
    }
}

pallet_mock::build_and_execute!(check_invariants);
