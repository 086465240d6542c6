//! Rewards for demand: whose fees count, the DPN they have burned, and when that is known.

use super::*;

/// ALICE works and BOB and CAROL audit, for 90 %, 6 % and 4 % of the pay.
fn paid() -> Vec<(AccountId, Balance)> {
    vec![(ALICE, 90), (BOB, 6), (CAROL, 4)]
}

fn unspent() -> Vec<EraIndex> {
    let first = Unspent::<Test>::get().map(|queue| queue.first);
    std::iter::successors(first, |era| Eras::<Test>::get(era).next).collect()
}

/// The amount spent of an era's fees, and the amount bought with it.
fn spent(of: EraIndex) -> (Balance, Balance) {
    (era(of).stable_spent, era(of).stable_burned)
}

#[test]
fn fees_are_split_by_pay() {
    TestExt::new().build_and_execute(|| {
        settled(NATIVE, 1_000, &paid());
        let native = |who| contribution(0, who).native;
        assert_eq!((native(&ALICE), native(&BOB), native(&CAROL)), (900, 60, 40));
        settled(BLC, 1_000, &paid());
        let stable = |who| contribution(0, who).stable;
        assert_eq!((stable(&ALICE), stable(&BOB), stable(&CAROL)), (900, 60, 40));
        assert_eq!((era(0).native_fees, era(0).stable_fees), (1_000, 1_000));
    });
}

#[test]
fn what_does_not_divide_goes_to_the_worker() {
    TestExt::new().build_and_execute(|| {
        settled(NATIVE, 11, &[(ALICE, 1), (BOB, 1), (CAROL, 1)]);
        let native = |who| contribution(0, who).native;
        assert_eq!((native(&ALICE), native(&BOB), native(&CAROL)), (5, 3, 3));
        settled(NATIVE, 7, &[(DAVE, 0), (BOB, 0)]);
        assert_eq!((native(&DAVE), native(&BOB)), (7, 3));
    });
}

#[test]
fn other_assets_and_no_fees_count_nothing() {
    TestExt::new().build_and_execute(|| {
        settled(dpin_primitives::AssetKind::WithId(2), 1_000, &paid());
        settled(NATIVE, 0, &paid());
        settled(BLC, 0, &paid());
        assert_eq!(era(0), EraInfo::default());
        assert_eq!(Contributions::<Test>::iter().count(), 0);
        assert!(unspent().is_empty());
    });
}

#[test]
fn fees_for_which_nobody_was_paid_are_on_nobodys_account() {
    TestExt::new().build_and_execute(|| {
        settled(NATIVE, 1_000, &[]);
        assert_eq!(era(0).native_fees, 1_000);
        assert_eq!(Contributions::<Test>::iter().count(), 0);
    });
}

#[test]
fn no_more_accounts_are_looked_at_than_can_be_paid_for_a_task() {
    TestExt::new().build_and_execute(|| {
        let many: Vec<_> = (0..20).map(|n| (AccountId::new([100 + n; 32]), 1)).collect();
        settled(NATIVE, 1_000, &many);
        assert_eq!(Contributions::<Test>::iter().count(), MAX_PAID as usize);
        let sum: Balance = Contributions::<Test>::iter_values().map(|one| one.native).sum();
        assert_eq!(sum, 1_000);
    });
}

#[test]
fn fees_in_dpn_earn_80_percent_of_themselves_at_most() {
    TestExt::new().build_and_execute(|| {
        settled(NATIVE, 100 * DPN, &paid());
        let ended = end_era();
        assert!(first_era().demand > 100 * DPN, "there would be more");
        assert!(reward(ended, &ALICE).demand_ready);
        assert_eq!(reward(ended, &ALICE).demand, net(72 * DPN));
        assert_eq!(reward(ended, &BOB).demand, net(6 * DPN * 8 / 10));
        for who in [&ALICE, &BOB, &CAROL] {
            assert_ok!(claim_reward(ended, who));
        }
        assert_eq!(era(ended).minted, 80 * DPN);
    });
}

#[test]
fn many_fees_share_the_part_for_demand() {
    TestExt::new().build_and_execute(|| {
        settled(NATIVE, 1_000_000 * DPN, &[(ALICE, 1)]);
        settled(NATIVE, 3_000_000 * DPN, &[(BOB, 1)]);
        let ended = end_era();
        let all = first_era().demand;
        assert_eq!(reward(ended, &ALICE).demand, net(all / 4));
        assert_eq!(reward(ended, &BOB).demand, net(all * 3 / 4));
    });
}

#[test]
fn rules_cannot_pay_more_than_80_percent() {
    TestExt::new().build_and_execute(|| {
        set_rules(|rules| rules.demand_cap = Perbill::one());
        settled(NATIVE, 100 * DPN, &[(ALICE, 1)]);
        let ended = end_era();
        assert_eq!(reward(ended, &ALICE).demand, net(80 * DPN));
        set_rules(|rules| rules.demand_cap = Perbill::from_percent(10));
        settled(NATIVE, 100 * DPN, &[(ALICE, 1)]);
        let ended = end_era();
        assert_eq!(reward(ended, &ALICE).demand, net(10 * DPN));
    });
}

#[test]
fn fees_in_the_stable_coin_wait_until_they_are_spent() {
    TestExt::new().build_and_execute(|| {
        settled(BLC, 100 * DPN, &[(ALICE, 1)]);
        proved(&ALICE, 1);
        settled(NATIVE, DPN, &[(BOB, 1)]);
        let ended = end_era();
        assert!(reward(ended, &ALICE).ready && !reward(ended, &ALICE).demand_ready);

        // The other parts do not wait.
        assert_ok!(claim_reward(ended, &ALICE));
        assert_eq!(era(ended).minted, first_era().capacity);
        assert_eq!(contribution(ended, &ALICE), Contribution { stable: 100 * DPN, ..Default::default() });
        assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::StableUnspent);
        // The share of fees in DPN is not known yet either.
        assert_noop!(claim_reward(ended, &BOB), Error::<Test>::StableUnspent);

        bought(99 * DPN, 50 * DPN);
        assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::StableUnspent);
        bought(DPN, DPN);
        assert!(reward(ended, &ALICE).demand_ready);
        // The purchases bought 51 DPN for 100 BLC; at the lowest rate it would have been 50.5.
        let lowest = (50 * DPN + 1) * 100 / 99;
        assert_eq!(reward(ended, &ALICE).demand, net(lowest * 8 / 10));
        assert_ok!(claim_reward(ended, &ALICE));
        assert_ok!(claim_reward(ended, &BOB));
        assert_eq!(balance(&BOB), ENDOWMENT + net(DPN * 8 / 10) / 4);
        assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn at_any_price_no_more_than_80_percent_of_what_was_burned_is_minted() {
    for (burned, expected) in [(0, 0), (1, 0), (10, 8), (DPN, DPN * 8 / 10), (4_000 * DPN, 3_200 * DPN)] {
        TestExt::new().build_and_execute(|| {
            settled(BLC, 100 * DPN, &[(ALICE, 1)]);
            let ended = end_era();
            bought(100 * DPN, burned);
            assert_eq!(reward(ended, &ALICE).demand, net(expected), "{burned} planck were burned");
        });
    }
}

#[test]
fn purchases_are_attributed_first_in_first_out() {
    TestExt::new().build_and_execute(|| {
        settled(BLC, 100, &[(ALICE, 1)]);
        end_era();
        settled(BLC, 50, &[(ALICE, 1)]);
        end_era();
        end_era();
        settled(BLC, 10, &[(ALICE, 1)]);
        assert_eq!(unspent(), vec![0, 1, 3]);

        bought(30, 60);
        assert_eq!((spent(0), spent(1)), ((30, 60), (0, 0)));
        bought(90, 270);
        assert_eq!((spent(0), spent(1)), ((100, 60 + 210), (20, 60)));
        assert_eq!(unspent(), vec![1, 3]);
        // The running era gets its part as well; the amount beyond all fees counts for nobody.
        bought(41, 410);
        assert_eq!((spent(1), spent(3)), ((50, 60 + 300), (10, 100)));
        assert!(unspent().is_empty());
        settled(BLC, 5, &[(ALICE, 1)]);
        assert_eq!(unspent(), vec![3]);
        assert_eq!(spent(3), (10, 100));
        bought(5, 5);
        assert_eq!(spent(3), (15, 105));
    });
}

#[test]
fn what_was_bought_is_divided_without_loss() {
    TestExt::new().build_and_execute(|| {
        for _ in 0..3 {
            settled(BLC, 1, &[(ALICE, 1)]);
            end_era();
        }
        bought(3, 100);
        let burned = [0, 1, 2].map(|of| era(of).stable_burned);
        assert_eq!(burned, [33, 33, 34]);
    });
}

#[test]
fn a_purchase_for_too_many_eras_is_carried_over() {
    TestExt::new().build_and_execute(|| {
        for _ in 0..10 {
            settled(BLC, 10, &[(ALICE, 1)]);
            end_era();
        }
        bought(90, 180);
        assert_eq!(spent(7), (10, 20));
        assert_eq!(spent(8), (0, 0));
        assert_eq!(unspent(), vec![8, 9]);
        let left = Carried::<Test>::get().unwrap();
        assert_eq!((left.spent, left.burned), (10, 20));

        bought(5, 5);
        assert_eq!(spent(8).0, 10);
        assert_eq!(spent(9).0, 5);
        assert_eq!(spent(8).1 + spent(9).1, 25, "nothing is lost");
        assert_eq!(Carried::<Test>::get(), None);
        assert_eq!(unspent(), vec![9]);
    });
}

#[test]
fn what_is_bought_with_other_money_is_not_carried_over() {
    TestExt::new().build_and_execute(|| {
        bought(100, 100);
        settled(BLC, 10, &[(ALICE, 1)]);
        assert_eq!((Carried::<Test>::get(), spent(0)), (None, (0, 0)));
        for _ in 0..8 {
            end_era();
            settled(BLC, 10, &[(ALICE, 1)]);
        }
        bought(90, 90);
        bought(1, 1);
        // Eight eras at once. The rest of the purchase is beyond the fees of tasks.
        assert_eq!(unspent(), Vec::<EraIndex>::new());
        assert_eq!(Carried::<Test>::get(), None);
        end_era();
        settled(BLC, 10, &[(ALICE, 1)]);
        assert_eq!(spent(Issuance::current_era()), (0, 0));
    });
}

#[test]
fn purchases_of_other_assets_and_of_nothing_count_nothing() {
    use dpin_primitives::{AssetKind, traits::BurnLedger};
    TestExt::new().build_and_execute(|| {
        settled(BLC, 10, &[(ALICE, 1)]);
        <Issuance as BurnLedger>::bought(&NATIVE, 10, 10);
        <Issuance as BurnLedger>::bought(&AssetKind::WithId(2), 10, 10);
        bought(0, 10);
        assert_eq!(spent(0), (0, 0));
        assert_eq!(unspent(), vec![0]);
    });
}

#[test]
fn unspent_fees_are_waited_for_no_longer_than_30_days() {
    TestExt::new().build_and_execute(|| {
        settled(BLC, 100 * DPN, &[(ALICE, 1)]);
        settled(NATIVE, DPN, &[(BOB, 1)]);
        let waits = end_era();
        settled(BLC, 10 * DPN, &[(CAROL, 1)]);
        bought(50 * DPN, 20 * DPN);
        while Issuance::current_era() < waits + WAIT_BLOCKS / ERA_BLOCKS {
            end_era();
        }
        assert_noop!(claim_reward(waits, &ALICE), Error::<Test>::StableUnspent);
        assert_eq!(unspent(), vec![0, 1]);
        end_era();
        assert_eq!(unspent(), vec![1]);
        assert!(reward(waits, &ALICE).demand_ready);
        // Later purchases count for later eras.
        bought(10 * DPN, 7 * DPN);
        assert_eq!((spent(0), spent(1)), ((50 * DPN, 20 * DPN), (10 * DPN, 7 * DPN)));
        assert_eq!(reward(waits, &ALICE).demand, net(16 * DPN));
        assert_ok!(claim_reward(waits, &ALICE));
        assert_ok!(claim_reward(waits, &BOB));
        assert_ok!(claim_reward(1, &CAROL));
        assert_eq!(era(waits).minted, 16 * DPN + DPN * 8 / 10);
    });
}

#[test]
fn a_purchase_that_is_carried_over_ends_with_those_that_wait_for_it() {
    TestExt::new().build_and_execute(|| {
        for _ in 0..9 {
            settled(BLC, 10, &[(ALICE, 1)]);
            end_era();
        }
        bought(85, 85);
        assert_eq!(Carried::<Test>::get().unwrap().spent, 5);
        while !unspent().is_empty() {
            end_era();
        }
        assert_eq!(Carried::<Test>::get(), None);
    });
}

#[test]
fn every_era_may_wait() {
    TestExt::new().build_and_execute(|| {
        let most = WAIT_BLOCKS / ERA_BLOCKS;
        for _ in 0..=2 * most {
            settled(BLC, 10, &[(ALICE, 1)]);
            end_era();
        }
        assert_eq!(unspent().len(), most as usize);
        settled(BLC, 10, &[(ALICE, 1)]);
        assert_eq!(unspent().len(), most as usize + 1);
    });
}

#[test]
fn while_the_market_is_unfit_no_time_to_wait_passes() {
    TestExt::new().build_and_execute(|| {
        settled(BLC, 100 * DPN, &[(ALICE, 1)]);
        let waits = end_era();
        for _ in 0..2 * WAIT_BLOCKS / ERA_BLOCKS {
            end_unfit_era();
        }
        assert_noop!(claim_reward(waits, &ALICE), Error::<Test>::StableUnspent);
        // The market is fit again, and the fees count.
        bought(100 * DPN, 40 * DPN);
        assert_eq!(reward(waits, &ALICE).demand, net(32 * DPN));
        assert_ok!(claim_reward(waits, &ALICE));
    });
}

#[test]
fn a_market_that_is_never_fit_again_is_not_waited_for_for_ever() {
    TestExt::new().build_and_execute(|| {
        settled(BLC, 100 * DPN, &[(ALICE, 1)]);
        bought(50 * DPN, 20 * DPN);
        let waits = end_unfit_era();
        let end = era(waits).end.unwrap();
        begin(end + LONGEST_WAIT_BLOCKS - 1);
        assert_noop!(claim_reward(waits, &ALICE), Error::<Test>::StableUnspent);
        begin(end + LONGEST_WAIT_BLOCKS);
        // Only spent fees count, less the unspent ones, and half a year is left to claim.
        assert_eq!(reward(waits, &ALICE).demand, net(16 * DPN));
        assert_ok!(claim_reward(waits, &ALICE));
        bought(50 * DPN, 50 * DPN);
        assert_eq!(spent(waits), (50 * DPN, 20 * DPN));
        assert!(unspent().is_empty());
    });
}

#[test]
fn the_length_of_later_eras_changes_no_wait() {
    for blocks in [20, ERA_BLOCKS, 28_800] {
        TestExt::new().build_and_execute(|| {
            settled(BLC, 100 * DPN, &[(ALICE, 1)]);
            let waits = end_era();
            let end = era(waits).end.unwrap();
            set_rules(|rules| rules.era_blocks = blocks);
            for _ in 0..100 {
                end_era();
            }
            let waited = now() - end >= WAIT_BLOCKS;
            assert_eq!(waited, blocks == 28_800);
            assert_eq!(reward(waits, &ALICE).demand_ready, waited, "eras of {blocks} blocks");
        });
    }
}

#[test]
fn more_eras_that_are_over_than_a_purchase_looks_at_are_passed_over_bit_by_bit() {
    TestExt::new().build_and_execute(|| {
        set_rules(|rules| rules.era_blocks = 20);
        for _ in 0..100 {
            settled(BLC, 10, &[(ALICE, 1)]);
            end_era();
        }
        was_fit(WAIT_BLOCKS);
        settled(BLC, 10, &[(BOB, 1)]);
        let current = Issuance::current_era();
        assert_eq!(unspent().len(), 101);
        for _ in 0..100 / MAX_ATTRIBUTED + 1 {
            bought(1, 1);
        }
        // All purchases count for the only era that is waited for.
        let spends = Balance::from(100 / MAX_ATTRIBUTED + 1).min(10);
        assert_eq!((spent(current).0, spent(0)), (spends, (0, 0)));
    });
}

#[test]
fn who_joins_an_era_that_bought_cheaply_has_no_part_in_that() {
    TestExt::new().build_and_execute(|| {
        settled(BLC, 100 * DPN, &[(CAROL, 1)]);
        bought(100 * DPN, 100 * DPN);
        // DPN have become ten times as expensive: 100 BLC buy 10. On average they bought 55, of
        // which 80 % are more than 10.
        settled(BLC, 100 * DPN, &[(ALICE, 1)]);
        bought(100 * DPN, 10 * DPN);
        let ended = end_era();
        assert_eq!(era(ended).stable_burned, 110 * DPN);
        assert_eq!(reward(ended, &ALICE).demand, net(8 * DPN));
        assert_eq!(reward(ended, &CAROL).demand, net(8 * DPN));
    });
}

#[test]
fn fees_that_are_never_spent_have_no_part_in_what_those_of_others_bought() {
    TestExt::new().build_and_execute(|| {
        settled(BLC, 100 * DPN, &[(CAROL, 1)]);
        bought(100 * DPN, 100 * DPN);
        // Nothing more is bought, for example because DPN have suddenly become expensive.
        settled(BLC, 10 * DPN, &[(ALICE, 1), (BOB, 1)]);
        let ended = end_era();
        while !reward(ended, &ALICE).demand_ready {
            end_era();
        }
        assert_eq!((reward(ended, &ALICE).demand, reward(ended, &BOB).demand), (0, 0));
        // Nothing records whose fees were spent, so the unspent amount is deducted from each
        // account.
        assert_eq!(reward(ended, &CAROL).demand, net(72 * DPN));
        assert_noop!(claim_reward(ended, &ALICE), Error::<Test>::NothingToClaim);
        assert_ok!(claim_reward(ended, &CAROL));
    });
}

#[test]
fn a_purchase_of_dust_does_not_spoil_an_era() {
    TestExt::new().build_and_execute(|| {
        settled(BLC, 100 * DPN, &[(ALICE, 1)]);
        bought(100 * DPN - 2, 100 * DPN - 2);
        // A swap rounds down, by less than one planck.
        bought(2, 1);
        let ended = end_era();
        assert!(net(80 * DPN) - reward(ended, &ALICE).demand <= 2);
    });
}
