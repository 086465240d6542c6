//! The distribution of transaction fees.

use crate::{CollectedFees, Fees, NativeFees, mock::*};
use dpin_primitives::{Balance, DPN, economy::Pot};
use polkadot_sdk::frame_support::traits::{Hooks, OnUnbalanced, fungible, fungibles};
use proptest::prelude::*;

/// A fee in DPN, as the native currency withdraws it from the payer.
fn collect(amount: Balance) {
    let fee = <Balances as fungible::Balanced<_>>::issue(amount);
    NativeFees::<Test, Balances>::on_unbalanced(fee);
}

fn end_block() {
    Buyback::on_finalize(System::block_number());
}

/// A block with a single fee, which ends.
fn pay_native(amount: Balance) {
    collect(amount);
    end_block();
}

/// A fee, as the union of all assets withdraws it.
fn pay(asset: dpin_primitives::AssetKind, amount: Balance) {
    let fee = <AllAssets as fungibles::Balanced<_>>::issue(asset, amount);
    Fees::<Test>::on_unbalanced(fee);
}

#[test]
fn a_fee_goes_to_author_and_fund_and_the_rest_is_burned() {
    for pay in [pay_native, |fee| pay(NATIVE, fee)] {
        TestExt::new().build_and_execute(|| {
            let before = issuance(&NATIVE);
            pay(DPN);
            assert_eq!(balance(&NATIVE, &AUTHOR), DPN / 100 * 37);
            assert_eq!(balance(&NATIVE, &pot(Pot::Fund)), DPN / 100 * 3);
            assert_eq!(issuance(&NATIVE), before + DPN / 100 * 40);
            assert_eq!(balance(&NATIVE, &pot(Pot::Revenue)), ED);
        });
    }
}

#[test]
fn fee_and_tip_are_split_together() {
    TestExt::new().build_and_execute(|| {
        let parts = [DPN, 0, 3 * DPN].map(<Balances as fungible::Balanced<_>>::issue);
        NativeFees::<Test, Balances>::on_unbalanceds(parts.into_iter());
        end_block();
        assert_eq!(balance(&NATIVE, &AUTHOR), 4 * DPN / 100 * 37);
        assert_eq!(balance(&NATIVE, &pot(Pot::Fund)), 4 * DPN / 100 * 3);
    });
}

#[test]
fn fees_in_dpn_are_shared_when_the_block_ends() {
    TestExt::new().build_and_execute(|| {
        let before = issuance(&NATIVE);
        for fee in [DPN, 2 * DPN, 5] {
            collect(fee);
        }
        // Nothing is burned yet, and nobody is paid.
        let fees = 3 * DPN + 5;
        assert_eq!((issuance(&NATIVE), CollectedFees::<Test>::get()), (before + fees, fees));
        assert_eq!(balance(&NATIVE, &pot(Pot::Revenue)), ED + fees);
        assert_eq!(balance(&NATIVE, &AUTHOR), 0);

        end_block();
        assert_eq!(balance(&NATIVE, &AUTHOR), 3 * DPN / 100 * 37 + 1);
        assert_eq!(balance(&NATIVE, &pot(Pot::Fund)), 3 * DPN / 100 * 3);
        assert_eq!(issuance(&NATIVE), before + 3 * DPN / 100 * 40 + 1);
        assert_eq!((balance(&NATIVE, &pot(Pot::Revenue)), CollectedFees::<Test>::get()), (ED, 0));

        // A block without fees changes nothing.
        let after = issuance(&NATIVE);
        end_block();
        assert_eq!(issuance(&NATIVE), after);
    });
}

#[test]
fn revenue_of_jobs_is_not_shared_with_the_fees_of_the_block() {
    TestExt::new().build_and_execute(|| {
        earn(&NATIVE, 7 * DPN);
        pay_native(DPN);
        assert_eq!(balance(&NATIVE, &pot(Pot::Revenue)), ED + 7 * DPN);
        assert_eq!(balance(&NATIVE, &AUTHOR), DPN / 100 * 37);
    });
}

#[test]
fn without_an_author_its_part_is_burned() {
    for pay in [pay_native, |fee| pay(NATIVE, fee)] {
        TestExt::new().build_and_execute(|| {
            BlockAuthor::set(None);
            let before = issuance(&NATIVE);
            pay(DPN);
            assert_eq!(issuance(&NATIVE), before + DPN / 100 * 3);
        });
    }
}

#[test]
fn what_a_dead_author_cannot_take_is_burned() {
    for pay in [pay_native, |fee| pay(NATIVE, fee)] {
        TestExt::new().build_and_execute(|| {
            let before = issuance(&NATIVE);
            // The author's part is below the existential deposit, and so is the fund's.
            pay(ED);
            assert_eq!(balance(&NATIVE, &AUTHOR), 0);
            assert_eq!(issuance(&NATIVE), before);
        });
    }
}

#[test]
fn of_another_asset_the_rest_goes_to_the_revenue_pot() {
    TestExt::new().build_and_execute(|| {
        let before = issuance(&OTHER);
        pay(OTHER, DPN);
        assert_eq!(balance(&OTHER, &AUTHOR), DPN / 100 * 37);
        assert_eq!(balance(&OTHER, &pot(Pot::Fund)), DPN / 100 * 3);
        assert_eq!(balance(&OTHER, &pot(Pot::Revenue)), DPN / 100 * 60);
        assert_eq!(issuance(&OTHER), before + DPN);
        // A part that nobody can be paid goes there too.
        BlockAuthor::set(None);
        pay(OTHER, 1_000);
        assert_eq!(balance(&OTHER, &pot(Pot::Revenue)), DPN / 100 * 60 + 970);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_planck_of_a_fee_is_paid_or_burned(fee in 1..1_000_000 * DPN) {
        TestExt::new().build_and_execute(|| {
            let before = issuance(&NATIVE);
            pay_native(fee);
            let paid = balance(&NATIVE, &AUTHOR) + balance(&NATIVE, &pot(Pot::Fund));
            assert!(paid <= fee / 100 * 40 + 40);
            assert_eq!(issuance(&NATIVE), before + paid);
        });
    }
}
