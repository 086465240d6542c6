//! The money of the runtime as a whole.

use super::*;
use crate::{
    configs::{BlcIssuer, BuybackRules, FeeShares, IssuanceRules, RevenuePot, fees, pots},
    genesis_config_presets::DEV_POOL_BLC,
};
use dpin_primitives::{
    economy::{Category, MONTH_BLOCKS, SUPPLY_CAP},
    traits::DemandLedger,
};
use frame_support::traits::OnInitialize;
use std::collections::BTreeSet;

fn root(call: RuntimeCall) -> RuntimeCall {
    RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(call) })
}

fn free(who: &AccountId) -> Balance {
    Balances::free_balance(who)
}

fn blc(who: &AccountId) -> Balance {
    NativeOrAssets::balance(BLC, who)
}

/// Run the economy's hooks for this many blocks, starting with the next one.
fn pass(blocks: BlockNumber) {
    for _ in 0..blocks {
        let next = System::block_number() + 1;
        System::set_block_number(next);
        Issuance::on_initialize(next);
        Buyback::on_initialize(next);
    }
}

#[test]
fn the_allocation_of_a_fresh_chain_is_the_white_papers() {
    for id in ["development", "local_testnet"] {
        preset(id).execute_with(|| {
            let allocation = Issuance::allocation();
            let table: Vec<_> = allocation.iter().map(|line| (line.category.name(), line.amount / DPN)).collect();
            assert_eq!(
                table,
                [
                    ("Airdrop Program", 180_600_000),
                    ("Core Contributor Reward", 12_600_000),
                    ("Super Nodes", 4_950_000),
                    ("Initial Liquidity", 4_200_000),
                    ("Liquidity Bonds", 4_200_000),
                    ("Community Governance", 3_450_000),
                ]
            );
            assert_eq!(allocation.iter().map(|line| line.amount).sum::<Balance>(), SUPPLY_CAP);

            let pooled = allocation.iter().find(|line| line.category == Category::Liquidity).unwrap();
            assert_eq!(pooled.released, pooled.amount);

            let supply = Issuance::supply();
            assert_eq!((supply.cap, supply.burned), (SUPPLY_CAP, 0));
            assert_eq!(supply.minted, allocation.iter().map(|line| line.minted).sum::<Balance>());
            assert_eq!(supply.minted, Balances::total_issuance());
            let endowed = Sr25519Keyring::well_known().count() as Balance * DEV_ENDOWMENT;
            let liquidity = Category::Liquidity.amount() + ExistentialDeposit::get();
            assert_eq!(supply.circulating, endowed + liquidity);
        });
    }
}

#[test]
fn dpn_at_genesis_come_from_the_allocation_alone() {
    let patch = Runtime::get_preset(&Some(PresetId::from("development"))).unwrap();
    let mut patch: Value = serde_json::from_slice(&patch).unwrap();
    let more = serde_json::json!({ "balances": { "balances": [[alice(), 1_000_000_000_000_000u64]] } });
    merge(&mut patch, more);
    assert!(std::panic::catch_unwind(|| chain(patch)).is_err());
}

#[test]
fn every_pot_has_an_account_of_its_own() {
    preset("development").execute_with(|| {
        let pots = pots();
        let accounts: BTreeSet<_> = pots.iter().map(|pot| pot.account.clone()).collect();
        assert_eq!(accounts.len(), Pot::ALL.len());
        let of = |wanted| pots.iter().find(|pot| pot.pot == wanted).unwrap();
        assert_eq!(of(Pot::Vesting).native, Category::Contributors.amount() + Category::Governance.amount());
        assert_eq!(of(Pot::SuperNodes).native, Category::SuperNodes.amount());
        assert_eq!(of(Pot::Bonds).native, Category::Bonds.amount());
        assert_eq!(of(Pot::Liquidity).native, ExistentialDeposit::get());
        assert_eq!(of(Pot::Liquidity).stable, BLC_MINIMUM);
    });
}

#[test]
fn the_first_pool_is_the_initial_liquidity_and_nobodys() {
    preset("development").execute_with(|| {
        let reserves = AssetConversion::get_reserves(AssetKind::Native, BLC).unwrap();
        assert_eq!(reserves, (Category::Liquidity.amount(), DEV_POOL_BLC));
        let market = Buyback::market(BLC).unwrap();
        assert_eq!(market.price, Some(FixedU128::from_u32(1)));
        let shares = PoolAssets::balance(0, Pots::convert(Pot::Liquidity));
        assert!(shares > 0 && PoolAssets::total_supply(0) - shares <= 100);
    });
}

#[test]
fn a_fee_can_be_paid_in_blc() {
    preset("development").execute_with(|| {
        let issuance = Balances::total_issuance();
        let (reserve, _) = AssetConversion::get_reserves(AssetKind::Native, BLC).unwrap();
        let call = RuntimeCall::System(frame_system::Call::remark { remark: vec![1] });
        author(1, 1_000, GENESIS, vec![signed_and_paid_in(Some(BLC), Sr25519Keyring::Charlie, 0, call)]);

        assert_eq!(free(&charlie()), DEV_ENDOWMENT);
        let paid = DEV_BLC_ENDOWMENT - blc(&charlie());
        assert!(paid > 0 && paid < BLC_UNIT / 10, "a remark costs {paid}");
        let fee = reserve - AssetConversion::get_reserves(AssetKind::Native, BLC).unwrap().0;
        let to_author = NativeOrAssets::total_balance(AssetKind::Native, &alice()) - DEV_ENDOWMENT;
        let to_fund = free(&Pots::convert(Pot::Fund)) - ExistentialDeposit::get();
        assert_eq!((to_author, to_fund), (fee * 37 / 100, fee * 3 / 100));
        assert_eq!(issuance - Balances::total_issuance(), fee - to_author - to_fund);
    });
}

#[test]
fn who_has_blc_alone_can_pay_for_transactions() {
    preset("development").execute_with(|| {
        let newcomer = Sr25519Keyring::One;
        assert_ok!(NativeOrAssets::transfer(
            BLC,
            &alice(),
            &newcomer.to_account_id(),
            BLC_UNIT,
            Preservation::Preserve
        ));
        let call = RuntimeCall::Assets(pallet_assets::Call::transfer_keep_alive {
            id: codec::Compact(BLC_ID),
            target: bob().into(),
            amount: BLC_UNIT / 10,
        });
        author(1, 1_000, GENESIS, vec![signed_and_paid_in(Some(BLC), newcomer, 0, call)]);
        assert_eq!(blc(&bob()), DEV_BLC_ENDOWMENT + BLC_UNIT / 10);
        assert_eq!(free(&newcomer.to_account_id()), 0);
    });
}

#[test]
fn an_asset_without_a_pool_pays_no_fee() {
    preset("development").execute_with(|| {
        let id = BLC_ID + 1;
        assert_ok!(Assets::create(RuntimeOrigin::signed(alice()), codec::Compact(id), alice().into(), 1));
        assert_ok!(Assets::mint(RuntimeOrigin::signed(alice()), codec::Compact(id), charlie().into(), DPN));
        let call = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
        let paid = signed_and_paid_in(Some(AssetKind::WithId(id)), Sr25519Keyring::Charlie, 0, call);
        System::set_block_number(1);
        assert!(
            Executive::validate_transaction(
                sp_runtime::transaction_validity::TransactionSource::External,
                paid,
                System::block_hash(0)
            )
            .is_err()
        );
        assert_eq!((free(&charlie()), Assets::balance(id, charlie())), (DEV_ENDOWMENT, DPN));
    });
}

#[test]
fn governance_and_nobody_else_mints_blc() {
    preset("development").execute_with(|| {
        let mint = |amount| {
            RuntimeCall::Assets(pallet_assets::Call::mint {
                id: codec::Compact(BLC_ID),
                beneficiary: bob().into(),
                amount,
            })
        };
        let as_issuer = |call| {
            RuntimeCall::Utility(pallet_utility::Call::dispatch_as {
                as_origin: Box::new(OriginCaller::system(frame_system::RawOrigin::Signed(BlcIssuer::get()))),
                call: Box::new(call),
            })
        };
        use sp_runtime::traits::Dispatchable;
        assert!(mint(DPN).dispatch(RuntimeOrigin::signed(alice())).is_err());
        assert!(as_issuer(mint(DPN)).dispatch(RuntimeOrigin::signed(alice())).is_err());
        assert_eq!(blc(&bob()), DEV_BLC_ENDOWMENT);
        assert_ok!(root(as_issuer(mint(DPN))).dispatch(RuntimeOrigin::signed(alice())));
        assert_eq!(blc(&bob()), DEV_BLC_ENDOWMENT + DPN);
    });
}

#[test]
fn unvested_dpn_are_in_nobodys_reach() {
    preset("development").execute_with(|| {
        let beneficiary = Sr25519Keyring::EveStash;
        let who = beneficiary.to_account_id();
        let claim = || {
            RuntimeCall::Issuance(pallet_issuance::Call::claim_vested {
                beneficiary: who.clone(),
                category: Category::Governance,
            })
        };
        use sp_runtime::traits::Dispatchable;
        // Neither a batch nor a proxy can claim more than any other caller: nothing before the
        // cliff.
        for call in [claim(), RuntimeCall::Utility(pallet_utility::Call::batch_all { calls: vec![claim(), claim()] })] {
            assert!(call.dispatch(RuntimeOrigin::signed(who.clone())).is_err());
        }
        assert_ok!(Proxy::add_proxy(RuntimeOrigin::signed(who.clone()), bob().into(), ProxyType::Any, 0));
        let before = free(&who);
        assert_ok!(Proxy::proxy(RuntimeOrigin::signed(bob()), who.clone().into(), None, Box::new(claim())));
        assert_eq!(free(&who), before);
        // The beneficiary can neither send nor bond an unvested amount.
        let all = Category::Governance.amount();
        assert!(Balances::transfer_allow_death(RuntimeOrigin::signed(who.clone()), bob().into(), all).is_err());
        assert_noop!(NativeOrAssets::hold(AssetKind::Native, &REASON, &who, all), TokenError::FundsUnavailable);

        // The first part is paid once, a month after the cliff of six months.
        System::set_block_number(7 * MONTH_BLOCKS);
        assert_ok!(claim().dispatch(RuntimeOrigin::signed(bob())));
        assert!(claim().dispatch(RuntimeOrigin::signed(bob())).is_err());
        assert_eq!(free(&who), before + all / 36);
        assert_ok!(Issuance::do_try_state());
    });
}

#[test]
fn an_era_of_six_hours_ends_and_its_emission_begins_at_the_first_month() {
    preset("development").execute_with(|| {
        let ecosystem = Pots::convert(Pot::Ecosystem);
        pallet_issuance::Contributions::<Runtime>::mutate(0, alice(), |one| one.blocks = 1);
        pallet_issuance::Eras::<Runtime>::mutate(0, |era| era.info.blocks = 1);
        System::set_block_number(6 * HOURS);
        Issuance::on_initialize(6 * HOURS);
        assert_eq!(Issuance::current_era(), 1);
        let era = Issuance::era(0).unwrap();
        // One 120th of the emission of the first month.
        assert_eq!(era.emission / DPN, 16_784);
        assert_eq!(era.validators, era.emission / 4);
        assert_eq!(era.capacity + era.demand, era.emission - era.emission / 4);
        // No reward is paid yet, so the ecosystem has received nothing.
        assert_eq!((era.ecosystem, free(&ecosystem)), (0, ExistentialDeposit::get()));
        assert_ok!(Issuance::claim_reward(RuntimeOrigin::signed(bob()), 0, alice()));
        let share = (era.validators * 3).div_ceil(10);
        assert_eq!(free(&ecosystem), ExistentialDeposit::get() + share);
        assert_eq!(Issuance::era(0).unwrap().ecosystem, share);
        assert_ok!(Issuance::do_try_state());
    });
}

#[test]
fn blc_in_the_revenue_pot_buys_dpn_and_burns_them() {
    preset("development").execute_with(|| {
        pass(2 * HOURS - 1);
        let pot = RevenuePot::get();
        assert_ok!(NativeOrAssets::transfer(BLC, &bob(), &pot, 500 * BLC_UNIT, Preservation::Preserve));
        <Issuance as DemandLedger>::settled(&BLC, 500 * BLC_UNIT, &[(charlie(), 1_000 * BLC_UNIT)]);
        let issuance = Balances::total_issuance();
        pass(BuybackRules::get().interval);

        let totals = Buyback::totals(BLC);
        assert_eq!(totals.spent, 500 * BLC_UNIT + BLC_MINIMUM - blc(&pot));
        assert!(totals.spent > 0, "the buy-back is halted: {:?}", Buyback::market(BLC).unwrap().halt);
        // A little less than one to one, because of the pool's fee and slippage.
        assert!(totals.bought < totals.spent && totals.bought > totals.spent * 99 / 100);
        assert_eq!(totals.burned, totals.bought);
        assert_eq!(Balances::total_issuance(), issuance - totals.burned);
        assert_eq!(blc(&pot), BLC_MINIMUM);
        let era = Issuance::era(0).unwrap();
        assert_eq!((era.stable_spent, era.stable_burned), (totals.spent, totals.burned));
        assert_eq!(era.stable_spent, era.stable_fees);
        assert_ok!(Buyback::do_try_state());
        assert_ok!(Issuance::do_try_state());
    });
}

#[test]
fn a_quote_of_fees_adds_up_and_its_transaction_fee_is_what_is_charged() {
    preset("development").execute_with(|| {
        let (registers, spec) = fill(BLC);
        let parent = author(1, 1_000, GENESIS, registers).hash();
        for asset in [AssetKind::Native, BLC] {
            let (_, spec) = fill(asset.clone());
            let quote = fees(spec.clone()).unwrap();
            assert_eq!(quote.total, quote.rewards + quote.reservation + quote.surcharge + quote.auditors);
            assert_eq!(quote.total, Jobs::quote(&spec).unwrap().total);
            assert_eq!(quote.surcharge > 0, asset == BLC);
            assert!(quote.worker_fees > 0 && quote.transaction > 0);
        }
        let quote = fees(spec.clone()).unwrap();
        let call = RuntimeCall::Jobs(pallet_jobs::Call::submit_job { spec });
        author(2, 1_001, parent, vec![signed(Sr25519Keyring::Bob, 0, call)]);
        let charged = DEV_ENDOWMENT - free(&bob());
        // The charged fee may be lower, because unused weight is refunded.
        assert!(charged <= quote.transaction && charged > quote.transaction / 2, "{charged} of {}", quote.transaction);
        assert_eq!(NativeOrAssets::total_balance_on_hold(BLC, &bob()), quote.total);
    });
}

#[test]
fn no_numbers_governance_may_set_stop_the_economy() {
    use dynamic::economy::*;
    fn set<const A: u32, const B: u32>(low: bool) -> Ranged<A, B> {
        Ranged::new(if low { A } else { B })
    }
    // Sets sixteen parameters to the lower or the upper bound: one bit for each parameter.
    for bits in (0u32..1 << 16).step_by(257) {
        preset("development").execute_with(|| {
            let low = |bit: u32| bits >> bit & 1 == 0;
            macro_rules! turn {
                ($($bit:literal $name:ident),*) => {$(
                    let value = RuntimeParameters::Economy(Parameters::$name($name, Some(set(low($bit)))));
                    assert_ok!(pallet_parameters::Pallet::<Runtime>::set_parameter(RuntimeOrigin::root(), value));
                )*};
            }
            turn!(0 EraBlocks, 1 EcosystemPercent, 2 ValidatorsPercent, 3 DemandPercent, 4 DemandCapPercent, 5 AtOncePercent);
            turn!(6 BuybackInterval, 7 MaxImpact, 8 MaxDeviation, 9 AverageBlocks, 10 StaleBlocks, 11 MaxStep);
            turn!(12 AuthorPercent, 13 FundPercent, 14 BondRisePercent, 15 BondDaily);

            let shares = FeeShares::get();
            let fee = shares.author * 1_000_000u32 + shares.fund * 1_000_000u32;
            assert!(fee <= 600_000, "something of every fee is burned");
            assert!(IssuanceRules::get().demand_cap <= Perbill::from_percent(80));

            let pot = RevenuePot::get();
            assert_ok!(NativeOrAssets::transfer(BLC, &bob(), &pot, 500 * BLC_UNIT, Preservation::Preserve));
            pass(60);
            assert_ok!(Issuance::do_try_state());
            assert_ok!(Buyback::do_try_state());
        });
    }
}

#[test]
fn the_defaults_of_the_economy_are_those_of_the_design() {
    preset("development").execute_with(|| {
        let rules = IssuanceRules::get();
        assert_eq!(rules.era_blocks, 7_200);
        let parts = [rules.ecosystem, rules.validators, rules.demand, rules.demand_cap, rules.at_once];
        assert_eq!(parts, [30, 25, 50, 80, 25].map(Perbill::from_percent));
        let rules = BuybackRules::get();
        assert_eq!(rules.max_impact, Perbill::from_rational(7u32, 1_000));
        assert_eq!(FeeShares::get(), pallet_buyback::FeeShares::default());
        assert_eq!((rules.bond_rise, rules.bond_daily), (Perbill::from_percent(20), Perbill::from_percent(1)));
    });
}

/// The page of the documentation that lists the parameters.
fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/economy.md")).unwrap()
}

/// Format an amount in DPN, without trailing zeros.
fn told(planck: Balance) -> String {
    let (whole, rest) = (planck / DPN, planck % DPN);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{}", format!("{rest:012}").trim_end_matches('0'))
}

/// Find the line of a table of the page that begins with `first`.
fn line<'a>(page: &'a str, first: &str) -> &'a str {
    page.lines().find(|line| line.starts_with(first)).unwrap_or_else(|| panic!("no line begins with {first:?}"))
}

#[test]
fn the_page_tells_the_deposits_that_are_held() {
    let page = page();
    let blob = (
        told(<Runtime as pallet_blobs::Config>::BaseDeposit::get()),
        told(<Runtime as pallet_blobs::Config>::ByteDeposit::get()),
    );
    let kernel = (
        told(<Runtime as pallet_jobs::Config>::KernelDepositBase::get()),
        told(<Runtime as pallet_jobs::Config>::KernelDepositPerByte::get()),
    );
    for (of, (base, byte)) in [("| deposit for a blob |", blob), ("| deposit for a kernel |", kernel)] {
        let told = format!(" {base} DPN, and {byte} DPN a byte ");
        assert!(line(&page, of).contains(&told), "the page does not tell {told:?}");
    }
    // The deposit for storing a blob, as the chain really holds it.
    preset("development").execute_with(|| {
        let store = pallet_blobs::Call::store { lifetime: DAYS, data: vec![7; 1_000] };
        author(1, 1_000, GENESIS, vec![signed(Sr25519Keyring::Bob, 0, RuntimeCall::Blobs(store))]);
        let held = NativeOrAssets::total_balance_on_hold(AssetKind::Native, &bob());
        assert_eq!(told(held), "0.174");
    });
}

#[test]
fn the_page_tells_the_defaults_and_bounds_of_the_parameters() {
    use dynamic::economy::*;
    fn bounds<const A: u32, const B: u32>(_: Ranged<A, B>) -> (u32, u32) {
        (A, B)
    }
    let page = page();
    // Format with a comma between thousands.
    let grouped = |number: u32| {
        let digits = number.to_string();
        let groups = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap());
        groups.collect::<Vec<_>>().join(",")
    };
    TestExternalities::new_empty().execute_with(|| {
        macro_rules! check {
            ($($name:ident),*) => {$({
                let (value, (low, high)) = ($name::get().get(), bounds($name::get()));
                let line = line(&page, concat!("| `", stringify!($name), "`"));
                let cells = line.split('|').map(str::trim).collect::<Vec<_>>();
                assert!(cells[2].starts_with(&grouped(value)), "{line}: {value}");
                assert!(cells[3].starts_with(&format!("{} to {}", grouped(low), grouped(high))), "{line}: {low} to {high}");
            })*};
        }
        check!(EraBlocks, EcosystemPercent, ValidatorsPercent, DemandPercent, DemandCapPercent, AtOncePercent);
        check!(BuybackInterval, MaxImpact, MaxDeviation, AverageBlocks, StaleBlocks, MaxStep);
        check!(AuthorPercent, FundPercent, BondRisePercent, BondDaily);
        assert_eq!(MinReserve::get().get(), 10_000 * DPN);
        assert!(line(&page, "| `MinReserve`").contains("| 10,000 DPN |"));
    });
}

#[test]
fn the_page_divides_the_first_era_as_the_chain_does() {
    preset("development").execute_with(|| {
        System::set_block_number(6 * HOURS);
        Issuance::on_initialize(6 * HOURS);
        let era = Issuance::era(0).unwrap();
        let page = page();
        // Format with six digits after the point, rounded down.
        let cut = |planck: Balance| {
            let (whole, digits) = (planck / DPN, planck % DPN / 1_000_000);
            format!("| {},{:03}.{digits:06} |", whole / 1_000, whole % 1_000)
        };
        for (of, amount) in [
            ("| released |", era.emission),
            ("| validators |", era.validators),
            ("| workers, for demand |", era.demand),
            ("| workers, for capacity |", era.capacity),
        ] {
            assert!(line(&page, of).ends_with(&cut(amount)), "{of} {}", cut(amount));
        }
    });
}
