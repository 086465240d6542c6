//! Properties that hold in all circumstances.

use super::*;
use crate::schedule::released;
use dpin_primitives::economy::{EMISSION_MONTHS, MONTH_BLOCKS};
use std::collections::VecDeque;

const END: BlockNumber = EMISSION_MONTHS * MONTH_BLOCKS;

fn perbill() -> impl Strategy<Value = Perbill> {
    prop_oneof![Just(Perbill::zero()), Just(Perbill::one()), (0..=1_000_000_000u32).prop_map(Perbill::from_parts)]
}

/// All rules that governance may set, and caps beyond their limit.
fn rules() -> impl Strategy<Value = Rules> {
    (20..=28_800u32, [perbill(), perbill(), perbill(), perbill(), perbill()]).prop_map(
        |(era_blocks, [ecosystem, validators, demand, demand_cap, at_once])| Rules {
            era_blocks,
            ecosystem,
            validators,
            demand,
            demand_cap,
            at_once,
        },
    )
}

/// A step in a run of the whole pallet. Numbers name accounts.
#[derive(Clone, Debug)]
enum Step {
    /// A task is settled: whether its fees are in DPN, their amount, and the pay of each account.
    Settle(bool, Balance, Vec<(u8, Balance)>),
    /// A part of the stable coins in the revenue pot is spent, at a price in planck for 1,000.
    Buy(Perbill, Balance),
    Prove(u8, u32),
    Author(u8),
    Claim(u8),
    EndEra,
}

fn step() -> impl Strategy<Value = Step> {
    let pays = prop::collection::vec((0..6u8, 0..1_000_000u128), 1..8);
    prop_oneof![
        4 => (any::<bool>(), 1_000_000..1_000_000_000_000_000u128, pays).prop_map(|(native, fees, paid)| Step::Settle(native, fees, paid)),
        3 => (perbill(), 1..100_000u128).prop_map(|(part, rate)| Step::Buy(part, rate)),
        2 => (0..6u8, 0..10_000u32).prop_map(|(who, units)| Step::Prove(who, units)),
        2 => (0..6u8).prop_map(Step::Author),
        1 => (0..6u8).prop_map(Step::Claim),
        2 => Just(Step::EndEra),
    ]
}

/// A task paid in the stable coin, with fees far below the era's part for demand.
fn settle_in_stable() -> impl Strategy<Value = Step> {
    (1_000_000..1_000_000_000u128, 0..6u8).prop_map(|(fees, number)| Step::Settle(false, fees, vec![(number, 1)]))
}

/// A purchase at a price from 1 to 100,000 planck for 1,000, with every order of magnitude equally
/// likely.
fn buy() -> impl Strategy<Value = Step> {
    (perbill(), 0..6u32, 1..10u128).prop_map(|(part, zeros, digit)| Step::Buy(part, 10u128.pow(zeros) * digit))
}

fn who(number: u8) -> AccountId {
    AccountId::new([100 + number; 32])
}

/// The accounts below this number own requester, worker and auditors; the others are honest.
const COALITION: u8 = 3;

fn is_of_coalition(account: &AccountId) -> bool {
    (0..COALITION).any(|number| who(number) == *account)
}

/// Fees of tasks in the stable coin that the revenue pot has not spent, in order, and whether they
/// are the coalition's.
#[derive(Default)]
struct Revenue {
    waiting: VecDeque<(bool, Balance)>,
    /// The value of the coalition's fees when they were burned or spent, in planck, rounded down.
    worth: Balance,
}

impl Revenue {
    fn buy(&mut self, part: Perbill, rate: Balance) {
        let all: Balance = self.waiting.iter().map(|(_, amount)| amount).sum();
        let spent = part.mul_ceil(all);
        let burned = spent * rate / 1_000;
        let mut rest = spent;
        while rest > 0 {
            let (of_coalition, amount) = self.waiting.front_mut().expect("no more is spent than there is");
            let taken = rest.min(*amount);
            if *of_coalition {
                self.worth += taken * burned / spent;
            }
            rest -= taken;
            *amount -= taken;
            if *amount == 0 {
                self.waiting.pop_front();
            }
        }
        bought(spent, burned);
    }
}

/// Number of eras of `blocks` blocks that count as a day, from 1 to 4.
fn days_of(blocks: BlockNumber) -> u32 {
    (days(1) / blocks).clamp(1, 4)
}

fn claim_all() {
    for ended in 0..Issuance::current_era() {
        for number in 0..6 {
            let _ = claim_reward(ended, &who(number));
        }
    }
}

/// The rewards for demand: account, era, and the amount after the ecosystem's share, in planck.
fn for_demand() -> Vec<(AccountId, EraIndex, Balance)> {
    let demand = |event| match event {
        Event::RewardClaimed { account, era, demand, .. } => Some((account, era, demand)),
        _ => None,
    };
    events().into_iter().filter_map(demand).collect()
}

/// Take the steps, spend all fees, claim everything.
///
/// With any rules and any prices, an owner of requester, worker and auditors gets less for demand
/// than its fees were worth. Their worth is taken when they are burned or spent. This holds for an
/// owner alone and among others. And no era gives more than its part, or more than 80 % of the DPN
/// burned.
fn check_that_paying_oneself_is_a_loss(rules: Rules, steps: Vec<Step>, all_is_spent: bool) {
    TestExt::new().build_and_execute(|| {
        set_rules(|all| *all = rules);
        let mut revenue = Revenue::default();
        System::reset_events();
        for step in steps {
            match step {
                Step::Settle(native, fees, paid) => {
                    // A task belongs to the coalition as a whole, or not at all.
                    let own = paid.first().is_some_and(|(number, _)| *number < COALITION);
                    let paid: Vec<_> = paid
                        .into_iter()
                        .map(|(number, pay)| (who(number % COALITION + if own { 0 } else { COALITION }), pay))
                        .collect();
                    match native {
                        true if own => revenue.worth += fees,
                        true => (),
                        false => revenue.waiting.push_back((own, fees)),
                    }
                    settled(if native { NATIVE } else { BLC }, fees, &paid);
                }
                Step::Buy(part, rate) => revenue.buy(part, rate),
                Step::Prove(number, units) => proved(&who(number), units),
                Step::Author(number) => author(&who(number)),
                Step::Claim(number) => {
                    for ended in 0..Issuance::current_era() {
                        let _ = claim_reward(ended, &who(number));
                    }
                }
                Step::EndEra => {
                    end_era();
                }
            }
            Issuance::do_try_state().unwrap();
        }
        if all_is_spent {
            revenue.buy(Perbill::one(), 1_000);
            // Purchases that were carried over reach the last eras with further, tiny purchases.
            (0..8).for_each(|_| bought(1, 0));
            end_era();
        } else {
            // Fees that are still unspent will never be spent, and are worth nothing.
            end_era();
            was_fit(WAIT_BLOCKS);
        }
        claim_all();
        for number in 0..6 {
            System::set_block_number(now() + days(160));
            let _ = claim_unlocked(&who(number));
        }
        let rewards = for_demand();
        let got: Balance =
            rewards.iter().filter(|(account, ..)| is_of_coalition(account)).map(|(.., demand)| demand).sum();
        if revenue.worth == 0 {
            assert_eq!(got, 0);
        } else {
            assert!(got < revenue.worth, "{got} for fees worth {}", revenue.worth);
        }
        for ended in 0..Issuance::current_era() {
            let EraInfo { demand, native_fees, stable_burned, .. } = era(ended);
            let minted: Balance = rewards.iter().filter(|(_, of, _)| *of == ended).map(|(.., demand)| demand).sum();
            assert!(minted <= demand);
            assert!(minted * 10 <= (native_fees + stable_burned) * 8);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_schedule_rises_and_telescopes(mut cuts in prop::collection::vec(0..END + MONTH_BLOCKS, 0..50)) {
        cuts.extend([0, END]);
        cuts.sort_unstable();
        let mut sum = 0;
        for (from, to) in cuts.iter().zip(cuts.iter().skip(1)) {
            prop_assert!(released(*from) <= released(*to));
            sum += released(*to) - released(*from);
        }
        prop_assert_eq!(sum, Category::Airdrop.amount());
    }

    #[test]
    fn the_schedule_never_stands_still(block in 0..END) {
        prop_assert!(released(block) < released(block + 1));
        // The release does not jump either: no block has more than the first ones.
        prop_assert!(released(block + 1) - released(block) <= released(1) + 1);
    }

    #[test]
    fn an_era_is_cut_without_a_rest(emission in 0..Category::Airdrop.amount(), rules in rules()) {
        let mut era = EraInfo { emission, ..Default::default() };
        crate::rewards::cut(&mut era, &rules, Perbill::one());
        prop_assert_eq!(era.capacity + era.demand + era.validators, emission);
    }

    #[test]
    fn what_decay_takes_is_of_the_part_for_capacity_alone(
        emission in 0..Category::Airdrop.amount(), rules in rules(), decay in perbill(),
    ) {
        let (mut whole, mut era) = (EraInfo { emission, ..Default::default() }, EraInfo { emission, ..Default::default() });
        crate::rewards::cut(&mut whole, &rules, Perbill::one());
        crate::rewards::cut(&mut era, &rules, decay);
        prop_assert_eq!((era.demand, era.validators), (whole.demand, whole.validators));
        prop_assert_eq!(era.capacity, decay.mul_floor(whole.capacity));
    }

    #[test]
    fn a_share_and_what_it_leaves_are_the_reward(reward in any::<u64>(), share in perbill()) {
        let left = crate::rewards::net(reward.into(), share);
        prop_assert!(left <= reward.into());
        // At most the exact part.
        let one = Balance::from(1_000_000_000u32);
        prop_assert!(left * one <= Balance::from(reward) * (one - Balance::from(share.deconstruct())));
        prop_assert!((left + 1) * one > Balance::from(reward) * (one - Balance::from(share.deconstruct())));
    }

    /// An owner of all of the network's capacity gains nothing by removing it and returning it, in
    /// any rhythm. The missed rewards exceed the reduction of the decay.
    #[test]
    fn no_rhythm_of_pauses_earns_more_than_running(
        turns in prop::collection::vec((1..120u32, 0..400u32), 1..40), blocks in 20..28_800u32, tiles in 1..1_000_000u64,
    ) {
        let eras = |days: u32| days * days_of(blocks);
        let (mut paused, mut faithful) = (Capacity::default(), Capacity::default());
        let (mut less, mut more) = (0u64, 0u64);
        for (runs, pauses) in turns {
            for at in 0..eras(runs) + eras(pauses) {
                faithful = faithful.after(tiles, blocks);
                more += u64::from(faithful.decay().deconstruct());
                let proved = if at < eras(runs) { tiles } else { 0 };
                paused = paused.after(proved, blocks);
                if proved > 0 {
                    less += u64::from(paused.decay().deconstruct());
                }
            }
        }
        prop_assert!(less <= more, "{less} instead of {more}");
    }

    #[test]
    fn capacity_is_never_forgotten_fast_nor_older_than_decay_asks_for(
        eras in prop::collection::vec((any::<u32>(), 1..28_800u32), 1..200),
    ) {
        let mut known = Capacity::default();
        for (tiles, blocks) in eras {
            let next = known.after(tiles.into(), blocks);
            prop_assert!(next.age <= days(DECAY_DAYS) && next.age <= known.age + blocks);
            let proved = u128::from(tiles) * u128::from(days(1)) / u128::from(blocks);
            prop_assert!(next.tiles >= proved.min(known.tiles) && next.tiles <= proved.max(known.tiles));
            // At most `blocks` ÷ 180 days of the missing capacity is forgotten.
            let lost = known.tiles.saturating_sub(next.tiles);
            let missing = known.tiles.saturating_sub(proved);
            prop_assert!(lost * u128::from(FORGET_BLOCKS) <= missing * u128::from(blocks));
            known = next;
        }
    }

    #[test]
    fn fees_are_split_without_a_rest(fees in any::<u64>(), pays in prop::collection::vec(any::<u64>(), 1..9)) {
        let pays: Vec<Balance> = pays.into_iter().map(Balance::from).collect();
        let shares = crate::rewards::split(fees.into(), &pays);
        prop_assert_eq!(shares.iter().sum::<Balance>(), Balance::from(fees));
        let total: Balance = pays.iter().sum();
        for (share, pay) in shares.iter().zip(&pays).skip(1) {
            prop_assert!(share * total <= Balance::from(fees) * pay);
        }
    }

    #[test]
    fn decay_only_falls_and_reputation_only_takes(days in 0..1_000u32, units in any::<u32>(), parts in 0..=1_000_000_000u32) {
        prop_assert!(crate::rewards::decay(days + 1) <= crate::rewards::decay(days));
        let weighted = |parts| crate::rewards::weighted(units, Perbill::from_parts(parts));
        prop_assert!(weighted(parts) <= u64::from(units) * 1_000);
        // Reputation above a newcomer's adds nothing.
        prop_assert!(weighted(parts) <= weighted(500_000_000));
    }

    #[test]
    fn streams_pay_everything_and_nothing_early(
        steps in prop::collection::vec((0..days(20), 1..DPN, any::<bool>()), 1..60),
    ) {
        let mut streams = StreamsOf::default();
        let mut earned: Vec<(BlockNumber, Balance)> = Vec::new();
        let (mut now, mut paid) = (0, 0);
        for (pass, amount, earns) in steps {
            now += pass;
            if earns {
                prop_assert!(add_stream(&mut streams, now, amount));
                earned.push((now, amount));
            }
            else {
                paid += take_vested(&mut streams, now);
            }
            // At most the amount that a line from the very moment of each claim would have paid, in
            // 1 / STREAM_BLOCKS planck.
            let line = |(start, amount): &(BlockNumber, Balance)| amount * Balance::from((now - start).min(STREAM_BLOCKS));
            let most: Balance = earned.iter().map(line).sum();
            prop_assert!(paid * Balance::from(STREAM_BLOCKS) <= most);
            let left: Balance = streams.iter().map(|stream| stream.amount - stream.released).sum();
            let all: Balance = earned.iter().map(|(_, amount)| amount).sum();
            prop_assert_eq!(paid + left, all);
        }
        paid += take_vested(&mut streams, now + STREAM_BLOCKS + STREAM_STEP);
        prop_assert!(streams.is_empty());
        prop_assert_eq!(paid, earned.iter().map(|(_, amount)| amount).sum::<Balance>());
    }

    #[test]
    fn steps_pay_everything_and_nothing_early(
        amount in 1..Category::Contributors.amount(),
        cliff in 0..1_000u32,
        period in 1..1_000u32,
        parts in 1..100u32,
        blocks in prop::collection::vec(0..200_000u32, 1..30),
    ) {
        let steps = Steps { start: 7, cliff, period, parts, amount, released: 0 };
        for block in blocks {
            let elapsed = block.saturating_sub(7 + cliff).min(period * parts);
            prop_assert!(steps.vested(block) * Balance::from(period) * Balance::from(parts) <= amount * Balance::from(elapsed));
            prop_assert!(steps.vested(block) <= steps.vested(block + 1));
        }
        prop_assert_eq!(steps.vested(steps.end()), amount);
        prop_assert!(steps.vested(steps.end() - 1) < amount);
    }

    #[test]
    fn paying_oneself_is_always_a_loss(rules in rules(), steps in prop::collection::vec(step(), 1..60)) {
        check_that_paying_oneself_is_a_loss(rules, steps, true);
    }

    /// As above, where the cap alone decides, prices jump, and many purchases are for one era.
    #[test]
    fn paying_oneself_is_a_loss_at_any_price_and_when_fees_are_never_spent(
        rules in rules(),
        all_is_spent: bool,
        steps in prop::collection::vec(prop_oneof![10 => settle_in_stable(), 10 => buy(), 1 => Just(Step::EndEra)], 2..12),
    ) {
        let nothing = Perbill::zero();
        let rules = Rules {
            era_blocks: 28_800, ecosystem: nothing, validators: nothing, demand: Perbill::one(), demand_cap: Perbill::one(), ..rules
        };
        check_that_paying_oneself_is_a_loss(rules, steps, all_is_spent);
    }
}
