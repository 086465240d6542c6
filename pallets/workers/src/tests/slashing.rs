//! Slashes, from the fault to the last planck.

use super::*;
use crate::{
    DueSlashes, PendingSlash, PendingSlashes, SlashId, Swept,
    slashing::{Due, Fault, MAX_SWEPT},
    weights::WeightInfo,
};
use polkadot_sdk::{frame_support::weights::WeightMeter, sp_runtime::Perbill};
use proptest::prelude::*;

/// The fault that [`slash`] names.
const REASON: ReasonCode = ReasonCode::WrongResult;

fn apply(id: SlashId) -> DispatchResult {
    Workers::apply_slash(RuntimeOrigin::signed(account(9)), id)
}

fn cancel(id: SlashId) -> DispatchResult {
    Workers::cancel_slash(RuntimeOrigin::root(), id)
}

fn free(who: &AccountId) -> Balance {
    Balances::free_balance(who)
}

fn pending() -> Vec<PendingSlash> {
    PendingSlashes::<Test>::iter_values().collect()
}

/// Lock and slash `amount`, and let the slash be carried out.
fn slash_through(who: &AccountId, amount: Balance, claims: &[(AccountId, Balance)]) -> Event<Test> {
    assert!(Workers::lock(who, amount));
    slash(who, amount, claims);
    System::reset_events();
    pass(DELAY);
    events().remove(0)
}

mod a_pending_slash {
    use super::*;

    #[test]
    fn stays_locked_until_it_is_due() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let issuance = Balances::total_issuance();
            assert!(Workers::lock(&ALICE, 600));
            let id = slash(&ALICE, 500, &[(BOB, 300)]);
            pass(DELAY - 1);

            assert_eq!((Workers::locked(&ALICE), slashing(&ALICE)), (600, 500));
            assert_eq!((held(&ALICE), free(&BOB)), (MIN_BOND, ENDOWMENT));
            assert_eq!(Balances::total_issuance(), issuance);
            assert_eq!(Workers::info(&ALICE).unwrap().slashing, 500);
            assert!(available(&ALICE));
            let due = 1 + DELAY;
            assert_eq!(
                events(),
                [Event::SlashPending { id, worker: ALICE, task: TASK, reason: REASON, amount: 500, due }]
            );
            let claims = vec![(BOB, 300)].try_into().unwrap();
            let slash =
                PendingSlash { worker: ALICE, task: TASK, reason: REASON, amount: 500, claims, due, fault: None };
            assert_eq!(pending(), [slash]);
        });
    }

    #[test]
    fn takes_no_more_than_is_locked() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 400));
            slash(&ALICE, Balance::MAX, &[]);
            assert_eq!(slashing(&ALICE), 400);
        });
    }

    #[test]
    fn does_not_take_what_another_has_set_aside() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 400));
            slash(&ALICE, 300, &[]);
            slash(&ALICE, 300, &[]);
            slash(&ALICE, 300, &[]);
            let mut amounts: Vec<_> = pending().iter().map(|slash| slash.amount).collect();
            amounts.sort();
            assert_eq!(amounts, [100, 300]);
        });
    }

    #[test]
    fn of_nothing_there_is_none() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            slash(&ALICE, 100, &[(BOB, 1)]);
            assert!(Workers::lock(&ALICE, 100));
            slash(&ALICE, 0, &[(BOB, 1)]);
            slash(&BOB, 100, &[(CAROL, 1)]);
            assert_eq!((pending(), events()), (vec![], vec![]));
        });
    }

    #[test]
    fn is_not_unlocked_with_the_rest() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 600));
            slash(&ALICE, 500, &[]);
            unlock(&ALICE, 100);
            assert_eq!((Workers::locked(&ALICE), Workers::free_bond(&ALICE)), (500, 500));
        });
    }

    #[test]
    fn may_not_be_unlocked() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 600));
            slash(&ALICE, 500, &[]);
            // With debug assertions on, the defensive failure panics.
            let unlock = || unlock(&ALICE, 101);
            assert_eq!(std::panic::catch_unwind(unlock).is_err(), cfg!(debug_assertions));
            assert_eq!(Workers::locked(&ALICE), 600);
        });
    }

    #[test]
    fn is_neither_unbonded_nor_withdrawn() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            SlashDelay::set(10 * LEAVE_BLOCKS);
            assert_ok!(bond(ALICE, 500));
            assert!(Workers::lock(&ALICE, MIN_BOND + 100));
            let id = slash(&ALICE, MIN_BOND + 100, &[]);
            assert_noop!(unbond(ALICE, 500), E::BondLocked);
            assert_ok!(leave(ALICE));
            pass(LEAVE_BLOCKS);
            assert_noop!(withdraw(ALICE, ALICE), E::BondLocked);

            assert_ok!(cancel(id));
            assert_ok!(withdraw(ALICE, ALICE));
            assert_eq!(free(&ALICE), ENDOWMENT);
        });
    }

    #[test]
    fn too_many_take_a_worker_out_of_the_index_until_there_are_fewer() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(bond(ALICE, 500));
            assert!(Workers::lock(&ALICE, 500));
            for _ in 1..MAX_PENDING {
                slash(&ALICE, 10, &[]);
            }
            assert!(available(&ALICE));
            let last = slash(&ALICE, 10, &[]);
            let beyond = slash(&ALICE, 10, &[]);
            assert!(!available(&ALICE));
            assert_ok!(cancel(beyond));
            assert!(!available(&ALICE));
            assert_ok!(cancel(last));
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn keeps_its_due_block_when_the_delay_changes() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 600));
            let old = slash(&ALICE, 100, &[]);
            SlashDelay::set(1_000);
            let new = slash(&ALICE, 100, &[]);
            pass(DELAY);
            assert_noop!(apply(old), E::UnknownSlash);
            assert_noop!(apply(new), E::NotDue);
        });
    }

    #[test]
    fn waits_a_block_even_without_a_delay() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            SlashDelay::set(0);
            assert!(Workers::lock(&ALICE, 100));
            pass(1);
            // Made after the sweep of this block.
            let id = slash(&ALICE, 100, &[]);
            assert_noop!(apply(id), E::NotDue);
            pass(1);
            assert_eq!(pending(), []);
        });
    }
}

mod carried_out {
    use super::*;

    #[test]
    fn it_pays_the_claims_then_the_pot_and_burns_the_rest() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let issuance = Balances::total_issuance();
            assert!(Workers::lock(&ALICE, 600));
            let id = slash(&ALICE, 500, &[(BOB, 300), (CAROL, 149)]);
            System::reset_events();
            pass(DELAY);

            assert_eq!((free(&BOB), free(&CAROL), free(&POT)), (ENDOWMENT + 300, ENDOWMENT + 149, 25));
            assert_eq!(Balances::total_issuance(), issuance - 26);
            let standing = standing(&ALICE);
            assert_eq!((held(&ALICE), standing.locked, standing.slashing, standing.pending), (500, 100, 0, 0));
            let (paid, insured, burned) = (449, 25, 26);
            let slashed = Event::Slashed { id, worker: ALICE, task: TASK, reason: REASON, paid, insured, burned };
            assert_eq!(events(), [slashed, Event::FellBelowMinBond { worker: ALICE, bond: 500 }]);
            assert!(!available(&ALICE));
            assert_eq!(DueSlashes::<Test>::iter().count(), 0);
        });
    }

    #[test]
    fn it_pays_the_first_claims_first_when_there_is_too_little() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            slash_through(&ALICE, 400, &[(BOB, 300), (CAROL, 150), (BOB, Balance::MAX)]);
            assert_eq!((free(&BOB), free(&CAROL), free(&POT)), (ENDOWMENT + 300, ENDOWMENT + 100, 0));
        });
    }

    #[test]
    fn a_claim_of_an_account_that_cannot_exist_stays_in_the_rest() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let dead = account(77);
            let event = slash_through(&ALICE, 100, &[(dead.clone(), EXISTENTIAL_DEPOSIT - 1), (BOB, 60), (BOB, 0)]);
            assert_eq!((free(&dead), free(&BOB), free(&POT)), (0, ENDOWMENT + 60, 20));
            assert!(matches!(event, Event::Slashed { paid: 60, insured: 20, burned: 20, .. }));
        });
    }

    #[test]
    fn a_claim_creates_an_account_that_can_exist() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            slash_through(&ALICE, 100, &[(account(77), EXISTENTIAL_DEPOSIT)]);
            assert_eq!(free(&account(77)), EXISTENTIAL_DEPOSIT);
        });
    }

    #[test]
    fn what_the_pot_cannot_take_is_burned() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let event = slash_through(&ALICE, 2 * EXISTENTIAL_DEPOSIT - 2, &[]);
            assert!(matches!(event, Event::Slashed { paid: 0, insured: 0, burned: 18, .. }));
            assert_eq!(free(&POT), 0);
        });
    }

    #[test]
    fn it_may_take_the_whole_bond_of_an_account_with_nothing_else() {
        TestExt::new().endow(ALICE, MIN_BOND + EXISTENTIAL_DEPOSIT).worker(ALICE, 1).build_and_execute(|| {
            slash_through(&ALICE, MIN_BOND, &[(BOB, 1)]);
            assert_eq!((held(&ALICE), free(&ALICE)), (0, EXISTENTIAL_DEPOSIT));
            assert_ok!(leave(ALICE));
            pass(LEAVE_BLOCKS);
            assert_ok!(withdraw(BOB, ALICE));
        });
    }

    #[test]
    fn it_leaves_available_who_has_enough_left() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(bond(ALICE, 500));
            slash_through(&ALICE, 500, &[]);
            assert!(available(&ALICE));
            assert_eq!(events().len(), 1);
        });
    }

    #[test]
    fn it_reaches_the_leaving_before_they_can_withdraw() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, MIN_BOND));
            assert_ok!(leave(ALICE));
            slash(&ALICE, MIN_BOND, &[(BOB, 10)]);
            pass(LEAVE_BLOCKS);
            assert_ok!(withdraw(BOB, ALICE));
            assert_eq!((free(&ALICE), free(&BOB)), (ENDOWMENT - MIN_BOND, ENDOWMENT + 10));
        });
    }

    #[test]
    fn two_of_one_block_take_what_each_set_aside() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, MIN_BOND) && Workers::lock(&BOB, 100));
            slash(&ALICE, 700, &[(CAROL, 700)]);
            slash(&ALICE, 700, &[(CAROL, 700)]);
            slash(&BOB, 50, &[(CAROL, 50)]);
            pass(DELAY);
            assert_eq!((held(&ALICE), held(&BOB), free(&CAROL)), (0, MIN_BOND - 50, ENDOWMENT + MIN_BOND + 50));
            assert_eq!((Workers::locked(&ALICE), Workers::locked(&BOB)), (0, 50));
        });
    }

    #[test]
    fn it_takes_what_is_held_should_that_be_less() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 800));
            slash(&ALICE, 800, &[(BOB, 100)]);
            // Impossible outside a test: a part of the bond is gone.
            let (reason, exact) = (crate::HoldReason::Bond.into(), Precision::Exact);
            assert_ok!(Balances::burn_held(&reason, &ALICE, 700, exact, Fortitude::Force));
            pass(DELAY);
            assert_eq!((held(&ALICE), Workers::locked(&ALICE)), (0, 0));
            assert_eq!((free(&BOB), free(&POT)), (ENDOWMENT + 100, 100));
        });
    }
}

mod apply_slash {
    use super::*;

    #[test]
    fn anyone_may_when_it_is_due() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 100));
            let id = slash(&ALICE, 100, &[(BOB, 100)]);
            System::set_block_number(1 + DELAY);
            assert_ok!(apply(id));
            assert_eq!(free(&BOB), ENDOWMENT + 100);
            assert_noop!(apply(id), E::UnknownSlash);
        });
    }

    #[test]
    fn is_refused_before_it_is_due() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 100));
            let id = slash(&ALICE, 100, &[(BOB, 100)]);
            System::set_block_number(DELAY);
            assert_noop!(apply(id), E::NotDue);
        });
    }

    #[test]
    fn refuses_unknown_slashes_and_the_unsigned() {
        TestExt::new().build_and_execute(|| {
            assert_noop!(apply(0), E::UnknownSlash);
            assert_noop!(Workers::apply_slash(RuntimeOrigin::none(), 0), DispatchError::BadOrigin);
        });
    }
}

mod cancel_slash {
    use super::*;

    /// A wrong result, noted and slashed.
    fn wrong(who: &AccountId) -> SlashId {
        Workers::note(who, Outcome::Wrong, FULL_WEIGHT);
        slash(who, 200, &[(BOB, 100)])
    }

    #[test]
    fn unlocks_the_bond_and_restores_the_reputation() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            Workers::note(&ALICE, Outcome::Right, FULL_WEIGHT);
            let reputation = Workers::reputation(&ALICE);
            assert!(Workers::lock(&ALICE, 200));
            let id = wrong(&ALICE);
            assert!(Workers::reputation(&ALICE) < reputation);
            System::reset_events();

            assert_ok!(cancel(id));

            assert_eq!((Workers::locked(&ALICE), slashing(&ALICE), held(&ALICE)), (0, 0, MIN_BOND));
            assert_eq!(Workers::reputation(&ALICE), reputation);
            assert_eq!(events(), [Event::SlashCancelled { id, worker: ALICE, task: TASK, amount: 200 }]);
            pass(2 * DELAY);
            assert_eq!((held(&ALICE), free(&BOB)), (MIN_BOND, ENDOWMENT));
            assert_noop!(cancel(id), E::UnknownSlash);
        });
    }

    #[test]
    fn makes_available_who_was_out_for_its_reputation() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 200));
            let id = wrong(&ALICE);
            assert!(!available(&ALICE));
            assert_ok!(cancel(id));
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn takes_back_one_fault_and_not_another() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 400));
            let first = wrong(&ALICE);
            pass(1);
            wrong(&ALICE);
            Workers::note(&BOB, Outcome::Wrong, FULL_WEIGHT);
            assert_ok!(cancel(first));
            // The first fault has faded the weights once, and has no other effect.
            assert!(Workers::reputation(&ALICE) <= Workers::reputation(&BOB));
            assert!(Workers::reputation(&BOB) - Workers::reputation(&ALICE) < Perbill::from_parts(10));
        });
    }

    #[test]
    fn takes_back_a_strike() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 400));
            Workers::note(&ALICE, Outcome::Silent, 0);
            Workers::note(&ALICE, Outcome::Silent, 0);
            let id = slash(&ALICE, 200, &[]);
            assert_eq!(strikes(&ALICE), 2);
            assert_ok!(cancel(id));
            assert_eq!(strikes(&ALICE), 1);
        });
    }

    #[test]
    fn takes_back_no_strike_that_is_forgotten() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 400));
            Workers::note(&ALICE, Outcome::Silent, 0);
            Workers::note(&ALICE, Outcome::Silent, 0);
            let id = slash(&ALICE, 200, &[]);
            Workers::note(&ALICE, Outcome::Right, FULL_WEIGHT);
            Workers::note(&ALICE, Outcome::Silent, 0);
            assert_ok!(cancel(id));
            assert_eq!(strikes(&ALICE), 1);
        });
    }

    #[test]
    fn takes_back_no_fault_of_another_block_or_of_another_slash() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 400));
            Workers::note(&ALICE, Outcome::Declined, 0);
            pass(1);
            let late = slash(&ALICE, 100, &[]);
            Workers::note(&ALICE, Outcome::Declined, 0);
            slash(&ALICE, 0, &[]);
            let second = slash(&ALICE, 100, &[]);
            let reputation = Workers::reputation(&ALICE);
            assert_ok!(cancel(late));
            assert_ok!(cancel(second));
            assert_eq!(Workers::reputation(&ALICE), reputation);
        });
    }

    #[test]
    fn the_slash_takes_the_fault_along() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 400));
            Workers::note(&ALICE, Outcome::Silent, 0);
            slash(&ALICE, 100, &[]);
            assert!(matches!(pending()[0].fault, Some(Fault { noted: 1, strike: 1, .. })));
            assert_eq!(standing(&ALICE).fault, None);
        });
    }

    #[test]
    fn is_the_matter_of_its_origin_alone() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 100));
            let id = slash(&ALICE, 100, &[]);
            for origin in [RuntimeOrigin::signed(ALICE), RuntimeOrigin::signed(BOB), RuntimeOrigin::none()] {
                assert_noop!(Workers::cancel_slash(origin, id), DispatchError::BadOrigin);
            }
            assert_noop!(cancel(id + 1), E::UnknownSlash);
        });
    }

    #[test]
    fn comes_too_late_when_it_is_carried_out() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 100));
            let id = slash(&ALICE, 100, &[]);
            pass(DELAY);
            assert_noop!(cancel(id), E::UnknownSlash);
        });
    }
}

mod sweep {
    use super::*;

    fn look() -> Weight {
        <() as WeightInfo>::sweep_slashes(1) - <() as WeightInfo>::sweep_slashes(0)
    }

    /// The operations on the state that carry out `count` slashes due in one block, with everything
    /// in the backend.
    fn operations_for(count: u64) -> BTreeMap<String, u64> {
        let mut ext = TestExt::new().worker(ALICE, 1).build();
        ext.execute_with(|| {
            assert!(Workers::lock(&ALICE, u128::from(count)));
            (0..count).for_each(|_| _ = slash(&ALICE, 1, &[]));
            System::set_block_number(1 + DELAY);
        });
        ext.commit_all().unwrap();
        let mut counted = BTreeMap::new();
        ext.execute_with(|| {
            counted = operations(|| {
                while !pending().is_empty() {
                    Workers::sweep(&mut WeightMeter::new())
                }
            });
            Workers::do_try_state().unwrap();
        });
        counted
    }

    #[test]
    fn reads_and_writes_as_much_for_each_slash_however_many_there_are() {
        // Only these operations: the test itself iterates (`Next`) to read the pending slashes.
        let (few, many) = (operations_for(50), operations_for(800));
        for operation in ["Get", "Put", "Append"] {
            let count = |counted: &BTreeMap<String, u64>| counted.get(operation).copied().unwrap_or(0);
            let each = count(&few).div_ceil(50);
            assert!(count(&many) <= (each + 1) * 800, "{operation}: {} of 800, {each} of one of few", count(&many));
        }
    }

    #[test]
    fn looks_at_no_more_slashes_than_its_cap() {
        TestExt::new().build_and_execute(|| {
            // Filed for slashes that were carried out before.
            (0..MAX_SWEPT + 10).for_each(|id| _ = Due::<Test>::file(3, 3, id.into()));
            System::set_block_number(3);
            Workers::sweep(&mut WeightMeter::new());
            assert_eq!(Due::<Test>::items(3).count(), 10);
            Workers::sweep(&mut WeightMeter::new());
            assert_eq!(DueSlashes::<Test>::iter().count(), 0);
        });
    }

    #[test]
    fn what_was_carried_out_or_cancelled_before_is_skipped() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 30));
            let ids = [0; 3].map(|_| slash(&ALICE, 10, &[]));
            assert_ok!(Workers::cancel_slash(RuntimeOrigin::root(), ids[1]));
            System::set_block_number(1 + DELAY);
            assert_ok!(Workers::apply_slash(RuntimeOrigin::signed(BOB), ids[2]));
            let blocks = <() as WeightInfo>::sweep_block() * u64::from(1 + DELAY);
            let all = blocks + look() * 3 + <() as WeightInfo>::apply_slash();
            assert_eq!(Workers::on_idle(1 + DELAY, Weight::MAX), all);
            assert_eq!((pending().len(), DueSlashes::<Test>::iter().count()), (0, 0));
            assert_eq!(standing(&ALICE).locked, 0);
        });
    }

    /// Seven slashes of Alice's bond, due in two blocks; ends in the later block.
    fn seven_due() {
        assert!(Workers::lock(&ALICE, 70));
        (0..4).for_each(|_| _ = slash(&ALICE, 10, &[]));
        System::set_block_number(2);
        (0..3).for_each(|_| _ = slash(&ALICE, 10, &[]));
        System::set_block_number(2 + DELAY);
    }

    #[test]
    fn stops_when_its_weight_is_used_up_and_goes_on_later() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            seven_due();
            let blocks = <() as WeightInfo>::sweep_block() * 50;
            let limit = blocks + look() * 7 + <() as WeightInfo>::apply_slash() * 2;
            Workers::sweep(&mut WeightMeter::with_limit(limit));
            let left = pending().len();
            assert!((2..=5).contains(&left), "{left} are left");
            Workers::do_try_state().unwrap();
            Workers::sweep(&mut WeightMeter::new());
            assert_eq!((pending().len(), Swept::<Test>::get().block), (0, 3 + DELAY));
        });
    }

    #[test]
    fn is_charged_for_each_step() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let (block, step) = (<() as WeightInfo>::sweep_block(), <() as WeightInfo>::apply_slash());
            assert_eq!(Workers::on_idle(1, Weight::MAX), block, "nothing is due");
            seven_due();
            let all = block * u64::from(1 + DELAY) + (look() + step) * 7;
            assert_eq!(Workers::on_idle(2 + DELAY, Weight::MAX), all);
            assert_eq!(pending(), []);
        });
    }

    #[test]
    fn does_nothing_without_weight() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            seven_due();
            assert_eq!(Workers::on_idle(2 + DELAY, Weight::zero()), Weight::zero());
            assert_eq!(pending().len(), 7);
        });
    }

    #[test]
    fn need_not_go_through_blocks_without_slashes() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            System::set_block_number(1_000_000);
            slash_through(&ALICE, 10, &[]);
            let limit = <() as WeightInfo>::sweep_block() * u64::from(DELAY + 1) + look();
            System::set_block_number(2_000_000);
            assert!(Workers::lock(&ALICE, 10));
            slash(&ALICE, 10, &[]);
            System::set_block_number(2_000_000 + DELAY);
            Workers::sweep(&mut WeightMeter::with_limit(limit + <() as WeightInfo>::apply_slash()));
            assert_eq!(pending(), []);
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_planck_is_paid_insured_or_burned_and_the_claims_come_in_order(
        amount in 1..=MIN_BOND,
        claims in prop::collection::vec((2..20u8, prop_oneof![0..20u128, 0..600u128, Just(Balance::MAX)]), 0..16),
        share in 0..=100u32,
    ) {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            InsuranceShare::set(Perbill::from_percent(share));
            let issuance = Balances::total_issuance();
            let claims: Vec<_> = claims.into_iter().map(|(n, claim)| (account(n), claim)).collect();
            // The accounts from 10 on do not exist at first.
            let (mut rest, mut expected) = (amount, BTreeMap::<AccountId, Balance>::new());
            for (to, claim) in &claims {
                let has = expected.entry(to.clone()).or_insert_with(|| free(to));
                let pay = rest.min(*claim);
                if *has + pay >= EXISTENTIAL_DEPOSIT {
                    *has += pay;
                    rest -= pay;
                }
            }

            let event = slash_through(&ALICE, amount, &claims);

            let Event::Slashed { paid, insured, burned, .. } = event else { panic!("{event:?}") };
            assert_eq!(paid + insured + burned, amount);
            assert_eq!(paid, amount - rest);
            assert!(insured == Perbill::from_percent(share).mul_floor(rest) || insured == 0);
            assert!(expected.iter().all(|(to, has)| free(to) == *has));
            assert_eq!(free(&POT), insured);
            assert_eq!(Balances::total_issuance(), issuance - burned);
            assert_eq!(held(&ALICE), MIN_BOND - amount);
        });
    }
}
