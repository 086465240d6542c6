//! A mock runtime with this pallet and balances.

#![allow(unreachable_pub, reason = "the tests of the crate use what they need")]

use crate::{self as pallet_issuance, Contribution, Rules};

use dpin_primitives::{
    AccountId, AssetKind, BLC, Balance, BlockNumber, DPN,
    economy::{Category, DAY_BLOCKS, EraIndex, EraInfo, Pot, RewardInfo},
    traits::{BurnLedger, CapacityLedger, DemandLedger, OnEraEnd},
};
use polkadot_sdk::{
    frame_support::{
        self, derive_impl, parameter_types,
        traits::{
            Hooks,
            fungible::{Inspect, Mutate},
            tokens::{Fortitude, Precision, Preservation},
        },
        weights::Weight,
    },
    frame_system,
    pallet_authorship::EventHandler,
    pallet_balances,
    sp_io::TestExternalities,
    sp_runtime::{
        DispatchResult, Perbill,
        traits::{Convert, Dispatchable},
    },
};
use std::{cell::RefCell, collections::BTreeMap};

pub use pallet_mock::{ALICE, BOB, CAROL, DAVE, EVE, Pots as PotAccounts};

pallet_mock::runtime! {
    1: Balances = pallet_balances,
    2: Issuance = pallet_issuance,
}

pallet_mock::system!();

/// Least balance of an account.
pub const ED: Balance = DPN / 1_000;

pallet_mock::balances!(ED);

/// The core contributors.
pub const FOUNDER: AccountId = AccountId::new([6; 32]);
pub const ENGINEER: AccountId = AccountId::new([7; 32]);
/// The community.
pub const COUNCIL: AccountId = AccountId::new([8; 32]);

/// The part of the advance for each of ALICE, BOB, CAROL and DAVE.
pub const ENDOWMENT: Balance = 1_000 * DPN;
/// The founder's part of the core contributors' allocation. It is not divisible by 36.
pub const FOUNDERS: Balance = 10_000_000 * DPN + 5;
pub const ERA_BLOCKS: BlockNumber = 7_200;

pub const NATIVE: AssetKind = AssetKind::Native;

/// The rules of the chain.
pub const RULES: Rules = Rules {
    era_blocks: ERA_BLOCKS,
    ecosystem: Perbill::from_percent(30),
    validators: Perbill::from_percent(25),
    demand: Perbill::from_percent(50),
    demand_cap: Perbill::from_percent(80),
    at_once: Perbill::from_percent(25),
};

thread_local! {
    static REPUTATIONS: RefCell<BTreeMap<AccountId, Perbill>> = const { RefCell::new(BTreeMap::new()) };
}

parameter_types! {
    pub static CurrentRules: Rules = RULES;
    pub static EndedEras: Vec<EraIndex> = Vec::new();
    pub const Stable: AssetKind = BLC;
    /// The part of the advance for each pot.
    pub static Given: Vec<(Pot, Balance)> = Vec::new();
}

/// The weight that the hook for the end of an era returns.
pub const ERA_END_WEIGHT: Weight = Weight::from_parts(77, 7);

pub struct EraEnds;
impl OnEraEnd for EraEnds {
    fn era_ended(era: EraIndex) -> Weight {
        EndedEras::mutate(|ended| ended.push(era));
        ERA_END_WEIGHT
    }
}

/// One half, unless a test sets another value.
pub struct Reputations;
impl Reputations {
    pub fn set(worker: AccountId, reputation: Perbill) {
        REPUTATIONS.with_borrow_mut(|all| all.insert(worker, reputation));
    }
}
impl Convert<AccountId, Perbill> for Reputations {
    fn convert(worker: AccountId) -> Perbill {
        REPUTATIONS.with_borrow(|all| all.get(&worker).copied().unwrap_or(Perbill::from_percent(50)))
    }
}

impl pallet_issuance::Config for Test {
    type Currency = Balances;
    type OnEraEnd = EraEnds;
    type Pots = PotAccounts;
    type Reputation = Reputations;
    type Rules = CurrentRules;
    type Stable = Stable;
    type WeightInfo = ();
}

pub fn set_rules(change: impl FnOnce(&mut Rules)) {
    CurrentRules::mutate(change);
}

pub fn balance(who: &AccountId) -> Balance {
    Balances::balance(who)
}

pub fn pot(pot: Pot) -> Balance {
    balance(&PotAccounts::convert(pot))
}

pub fn now() -> BlockNumber {
    System::block_number()
}

/// Begin this block and skip those before it. Returns the weight of `on_initialize`.
pub fn begin(block: BlockNumber) -> Weight {
    System::set_block_number(block);
    Issuance::on_initialize(block)
}

/// Report that the stable coin's market was fit for `blocks` more blocks.
pub fn was_fit(blocks: BlockNumber) {
    <Issuance as BurnLedger>::was_fit(&BLC, blocks);
}

/// End the running era as early as possible, with the stable coin's market fit all the time.
/// Returns its number.
pub fn end_era() -> EraIndex {
    was_fit(CurrentRules::get().era_blocks);
    end_unfit_era()
}

/// As [`end_era`], with a market that was not fit.
pub fn end_unfit_era() -> EraIndex {
    let current = Issuance::current_era();
    begin(Issuance::era(current).unwrap().start + CurrentRules::get().era_blocks);
    assert_eq!(Issuance::current_era(), current + 1, "the era has ended");
    current
}

pub fn proved(worker: &AccountId, units: u32) {
    <Issuance as CapacityLedger>::proved(worker, units);
}

pub fn settled(asset: AssetKind, fees: Balance, paid: &[(AccountId, Balance)]) {
    <Issuance as DemandLedger>::settled(&asset, fees, paid);
}

pub fn bought(spent: Balance, burned: Balance) {
    <Issuance as BurnLedger>::bought(&BLC, spent, burned);
}

pub fn author(who: &AccountId) {
    <Issuance as EventHandler<AccountId, BlockNumber>>::note_author(who.clone());
}

pub fn era(era: EraIndex) -> EraInfo {
    Issuance::era(era).expect("the era is known")
}

/// The part of a reward that is left after the ecosystem's share of 30 %, which is rounded up.
pub fn net(reward: Balance) -> Balance {
    reward - (reward * 3).div_ceil(10)
}

pub fn contribution(era: EraIndex, who: &AccountId) -> Contribution {
    crate::Contributions::<Test>::get(era, who)
}

pub fn reward(era: EraIndex, who: &AccountId) -> RewardInfo {
    Issuance::reward(era, who.clone()).expect("there is something to claim")
}

/// Call as an unrelated account. A call that fails leaves no trace.
fn dispatch(call: crate::Call<Test>) -> DispatchResult {
    RuntimeCall::Issuance(call).dispatch(RuntimeOrigin::signed(DAVE)).map(drop).map_err(|failure| failure.error)
}

pub fn claim_reward(era: EraIndex, who: &AccountId) -> DispatchResult {
    dispatch(crate::Call::claim_reward { era, account: who.clone() })
}

pub fn claim_unlocked(who: &AccountId) -> DispatchResult {
    dispatch(crate::Call::claim_unlocked { account: who.clone() })
}

pub fn claim_vested(who: &AccountId, category: Category) -> DispatchResult {
    dispatch(crate::Call::claim_vested { beneficiary: who.clone(), category })
}

/// Give away the whole balance of an account, so that the account is removed.
pub fn reap(who: &AccountId) {
    let all = balance(who);
    Balances::transfer(who, &DAVE, all, Preservation::Expendable).unwrap();
    assert!(!System::account_exists(who));
}

pub fn burn(who: &AccountId, amount: Balance) {
    Balances::burn_from(who, amount, Preservation::Preserve, Precision::Exact, Fortitude::Polite).unwrap();
}

pallet_mock::events!(crate::Event<Test>);

pub fn days(days: BlockNumber) -> BlockNumber {
    days * DAY_BLOCKS
}

/// The starting state of a test: the whole allocation, four accounts with a part of the advance,
/// block 1.
pub struct TestExt {
    pub vesting: Vec<(Category, AccountId, Balance)>,
    pub advance: Vec<(AccountId, Balance)>,
}

impl TestExt {
    pub fn new() -> Self {
        let contributors = Category::Contributors.amount();
        let mut advance = [ALICE, BOB, CAROL, DAVE].map(|who| (who, ENDOWMENT)).to_vec();
        advance.extend(Pot::ALL.map(|pot| (PotAccounts::convert(pot), ED)));
        Self {
            vesting: vec![
                (Category::Contributors, FOUNDER, FOUNDERS),
                (Category::Contributors, ENGINEER, contributors - FOUNDERS),
                (Category::Governance, COUNCIL, Category::Governance.amount()),
            ],
            advance,
        }
    }

    pub fn advance(mut self, advance: Vec<(AccountId, Balance)>) -> Self {
        self.advance = advance;
        self
    }

    pub fn build(self) -> TestExternalities {
        let given = |pot| {
            let account = PotAccounts::convert(pot);
            self.advance.iter().filter(|(who, _)| *who == account).map(|(_, amount)| amount).sum()
        };
        Given::set(Pot::ALL.map(|pot| (pot, given(pot))).to_vec());
        let genesis = RuntimeGenesisConfig {
            issuance: pallet_issuance::GenesisConfig {
                vesting: self.vesting,
                advance: self.advance,
                ..Default::default()
            },
            ..Default::default()
        };
        pallet_mock::state::<Test>(genesis, || {
            CurrentRules::set(RULES);
            EndedEras::take();
            REPUTATIONS.take();
        })
    }
}

pallet_mock::build_and_execute!(check_invariants);

/// The invariants of the pallet. Also checks that each pot has exactly the amounts put in and not
/// paid out, which holds as long as nobody donates to a pot.
pub fn check_invariants() {
    Issuance::do_try_state().unwrap();
    let steps: Balance = crate::Vestings::<Test>::iter_values().map(|steps| steps.amount - steps.released).sum();
    let given = |pot| Given::get().into_iter().find(|(of, _)| *of == pot).map_or(0, |(_, amount)| amount);
    assert_eq!(pot(Pot::Vesting), given(Pot::Vesting) + steps + crate::Streaming::<Test>::get());
    let released = crate::Released::<Test>::get(Category::SuperNodes);
    assert_eq!(pot(Pot::SuperNodes), given(Pot::SuperNodes) + Category::SuperNodes.amount() - released);
    let eras: Vec<EraInfo> = crate::Eras::<Test>::iter_values().map(|record| record.info).collect();
    if crate::OldestEra::<Test>::get() == 0 {
        let ecosystem: Balance = eras.iter().map(|era| era.ecosystem).sum();
        assert_eq!(pot(Pot::Ecosystem), given(Pot::Ecosystem) + ecosystem);
        let minted: Balance = eras.iter().map(|era| era.minted).sum();
        assert_eq!(Issuance::supply().emitted, minted);
        let emission: Balance = eras.iter().map(|era| era.emission).sum();
        assert_eq!(Issuance::supply().scheduled, emission);
    }
}
