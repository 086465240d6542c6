//! The end of an era, and the records kept of eras.

use crate::{Buybacks, Event, HISTORY_ERAS, MAX_ANSWERS, Totals, WeightInfo, mock::*};
use dpin_primitives::{
    BLC_UNIT, DPN,
    economy::{BuybackTotals, Pot},
    traits::OnEraEnd,
};
use polkadot_sdk::frame_support::traits::{LockableCurrency, WithdrawReasons};

#[test]
fn fees_in_dpn_are_burned_at_the_end_of_the_era() {
    TestExt::new().build_and_execute(|| {
        earn(&NATIVE, 7 * DPN);
        let before = issuance(&NATIVE);
        warm_up();
        until_buy();
        assert_eq!(issuance(&NATIVE), before);
        end_era();
        assert_eq!(issuance(&NATIVE), before - 7 * DPN);
        // The existential deposit stays.
        assert_eq!(balance(&NATIVE, &pot(Pot::Revenue)), ED);
        let burned = BuybackTotals { spent: 7 * DPN, bought: 0, burned: 7 * DPN };
        assert_eq!(Buyback::totals(NATIVE), burned);
        assert_eq!(Buyback::buybacks(NATIVE, 0), [(0, burned)]);
        assert!(events().contains(&Event::NativeBurned { era: 0, amount: 7 * DPN }));
        // The ledger of burns gets no report of it.
        assert_eq!(Burned::get(), None);
    });
}

#[test]
fn an_era_without_fees_burns_nothing() {
    TestExt::new().build_and_execute(|| {
        let before = issuance(&NATIVE);
        end_era();
        assert_eq!((issuance(&NATIVE), events()), (before, vec![]));
        assert_eq!(Buyback::buybacks(NATIVE, 0), []);
    });
}

#[test]
fn what_cannot_be_burned_waits_for_the_next_era() {
    TestExt::new().build_and_execute(|| {
        earn(&NATIVE, 7 * DPN);
        let (before, revenue) = (issuance(&NATIVE), pot(Pot::Revenue));
        Balances::set_lock(*b"testlock", &revenue, 5 * DPN, WithdrawReasons::all());
        end_era();
        assert_eq!(issuance(&NATIVE), before - 2 * DPN - ED);
        Balances::remove_lock(*b"testlock", &revenue);
        end_era();
        assert_eq!(issuance(&NATIVE), before - 7 * DPN);
        assert_eq!(Buyback::buybacks(NATIVE, 0).len(), 2);
    });
}

#[test]
fn totals_are_kept_for_each_era_and_for_ever() {
    TestExt::new().build_and_execute(|| {
        warm_up();
        for era in 0..3 {
            earn(&BLC, (era + 1) * 100 * BLC_UNIT);
            until_buy();
            earn(&NATIVE, DPN);
            end_era();
        }
        let eras = Buyback::buybacks(BLC, 0);
        assert_eq!(eras.iter().map(|(era, _)| *era).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(eras[0].1.spent, 100 * BLC_UNIT - ED);
        assert_eq!(eras[2].1.spent, 300 * BLC_UNIT);
        let sum: u128 = eras.iter().map(|(_, done)| done.burned).sum();
        assert_eq!(Totals::<Test>::get(BLC).burned, sum);
        assert_eq!(Buyback::buybacks(BLC, 2), [eras[2]]);
        assert_eq!(Buyback::buybacks(BLC, 3), []);
        assert_eq!(Buyback::totals(NATIVE).burned, 3 * DPN);
    });
}

#[test]
fn eras_too_long_ago_are_forgotten_and_the_totals_are_not() {
    TestExt::new().build_and_execute(|| {
        for _ in 0..HISTORY_ERAS + 20 {
            earn(&NATIVE, DPN);
            end_era();
        }
        assert_eq!(Buybacks::<Test>::iter().count(), HISTORY_ERAS as usize);
        assert_eq!(Buyback::totals(NATIVE).burned, u128::from(HISTORY_ERAS + 20) * DPN);
        let answer = Buyback::buybacks(NATIVE, 0);
        assert_eq!(answer.len(), MAX_ANSWERS);
        assert_eq!(answer[0].0, 20);
        assert_eq!(Buyback::buybacks(NATIVE, answer[99].0 + 1)[0].0, 120);
    });
}

#[test]
fn the_end_of_an_era_weighs_what_it_does() {
    TestExt::new().build_and_execute(|| {
        assert_eq!(Buyback::era_ended(0), <() as WeightInfo>::end_era());
    });
}
