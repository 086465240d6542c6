//! Payments out of funds that a pallet has put on hold.
//!
//! A payment moves its whole amount or nothing: the writes of a failed one are undone. It fails if
//! the receiver cannot take it, for example because the receiver would hold less than the
//! existential deposit. An amount that is not paid stays on hold. Nothing is rounded here.

use dpin_primitives::{AccountId, Balance};
use polkadot_sdk::{
    frame_support::{
        defensive,
        storage::with_storage_layer,
        traits::{
            fungible, fungibles,
            tokens::{Fortitude::Force, Precision, Restriction::Free},
        },
    },
    sp_runtime::{DispatchError, DispatchResult},
};

/// Pay `amount` of what `from` has on hold for `reason` to `to`, as free balance.
///
/// Returns the amount paid: `amount` or zero.
pub fn pay<Currency>(reason: &Currency::Reason, from: &AccountId, to: &AccountId, amount: Balance) -> Balance
where
    Currency: fungible::MutateHold<AccountId, Balance = Balance>,
{
    all_or_nothing(amount, || {
        exactly(amount, Currency::transfer_on_hold(reason, from, to, amount, Precision::Exact, Free, Force))
    })
}

/// Pay `amount` of an asset that `from` has on hold for `reason` to `to`, as free balance. A
/// payment to `from` itself is a release.
///
/// Returns the amount paid: `amount` or zero.
pub fn pay_asset<Assets>(
    asset: Assets::AssetId,
    reason: &Assets::Reason,
    from: &AccountId,
    to: &AccountId,
    amount: Balance,
) -> Balance
where
    Assets: fungibles::MutateHold<AccountId, Balance = Balance>,
{
    all_or_nothing(amount, || deliver_asset::<Assets>(asset, reason, from, to, amount))
}

/// As [`pay_asset`], but say why the payment failed. The caller must undo the writes of a failed
/// one.
///
/// # Errors
///
/// The reason for which the asset cannot be moved.
pub fn deliver_asset<Assets>(
    asset: Assets::AssetId,
    reason: &Assets::Reason,
    from: &AccountId,
    to: &AccountId,
    amount: Balance,
) -> DispatchResult
where
    Assets: fungibles::MutateHold<AccountId, Balance = Balance>,
{
    let moved = if to == from {
        Assets::release(asset, reason, from, amount, Precision::Exact)
    } else {
        Assets::transfer_on_hold(asset, reason, from, to, amount, Precision::Exact, Free, Force)
    };
    exactly(amount, moved)
}

/// Pay claims in their order, as far as `most` goes: the last claim that `most` reaches is paid in
/// part. A claim that cannot be paid is left out.
///
/// Returns the total paid.
pub fn pay_claims<'a, Currency>(
    reason: &Currency::Reason,
    from: &AccountId,
    most: Balance,
    claims: impl IntoIterator<Item = &'a (AccountId, Balance)>,
) -> Balance
where
    Currency: fungible::MutateHold<AccountId, Balance = Balance>,
{
    claims.into_iter().fold(0, |paid: Balance, (to, claim)| {
        let rest = most.saturating_sub(paid);
        paid.saturating_add(pay::<Currency>(reason, from, to, rest.min(*claim)))
    })
}

/// Burn `amount` of what `from` has on hold for `reason`, or all of it if that is less.
///
/// Returns the amount burned.
pub fn burn<Currency>(reason: &Currency::Reason, from: &AccountId, amount: Balance) -> Balance
where
    Currency: fungible::MutateHold<AccountId, Balance = Balance>,
{
    if amount == 0 {
        return 0;
    }
    Currency::burn_held(reason, from, amount, Precision::BestEffort, Force).unwrap_or_else(|_| {
        defensive!("what is held can be burned");
        0
    })
}

/// Check that a transfer with exact precision has moved `amount`.
fn exactly(amount: Balance, moved: Result<Balance, DispatchError>) -> DispatchResult {
    if moved? == amount {
        return Ok(());
    }
    defensive!("exact precision moves all or nothing");
    Err(DispatchError::Corruption)
}

/// Run `transfer` unless there is nothing to move, and undo it if it fails.
///
/// Returns the amount moved: `amount` or zero.
fn all_or_nothing(amount: Balance, transfer: impl FnOnce() -> DispatchResult) -> Balance {
    if amount == 0 || with_storage_layer(transfer).is_ok() { amount } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::*;
    use polkadot_sdk::frame_support::{
        assert_ok,
        traits::{
            fungible::{Inspect as _, InspectHold as _, MutateHold as _},
            fungibles::{Inspect as _, InspectHold as _, MutateHold as _},
        },
    };
    use proptest::prelude::*;

    fn reason() -> RuntimeHoldReason {
        HoldReason::Test.into()
    }

    fn hold(amount: Balance) {
        assert_ok!(Balances::hold(&reason(), &ALICE, amount));
        assert_ok!(AllAssets::hold(ASSET, &reason(), &ALICE, amount));
    }

    fn held() -> Balance {
        Balances::balance_on_hold(&reason(), &ALICE)
    }

    fn held_of_asset() -> Balance {
        AllAssets::balance_on_hold(ASSET, &reason(), &ALICE)
    }

    #[test]
    fn a_payment_moves_its_amount_from_the_hold_to_the_free_balance() {
        build().execute_with(|| {
            hold(1_000);
            assert_eq!(pay::<Balances>(&reason(), &ALICE, &BOB, 300), 300);
            assert_eq!((held(), Balances::balance(&BOB)), (700, ENDOWMENT + 300));
            assert_eq!(pay_asset::<AllAssets>(ASSET, &reason(), &ALICE, &BOB, 400), 400);
            assert_eq!((held_of_asset(), AllAssets::balance(ASSET, &BOB)), (600, ENDOWMENT + 400));
        });
    }

    #[test]
    fn who_is_paid_out_of_its_own_hold_gets_it_released() {
        build().execute_with(|| {
            hold(1_000);
            assert_eq!(pay_asset::<AllAssets>(ASSET, &reason(), &ALICE, &ALICE, 400), 400);
            assert_eq!((held_of_asset(), AllAssets::balance(ASSET, &ALICE)), (600, ENDOWMENT - 600));
        });
    }

    #[test]
    fn what_cannot_be_delivered_stays_on_hold() {
        build().execute_with(|| {
            hold(1_000);
            assert_eq!(pay::<Balances>(&reason(), &ALICE, &EVE, ED - 1), 0);
            assert_eq!(pay_asset::<AllAssets>(ASSET, &reason(), &ALICE, &EVE, ED - 1), 0);
            assert_eq!((held(), held_of_asset()), (1_000, 1_000));
            assert_eq!(pay::<Balances>(&reason(), &ALICE, &EVE, ED), ED);
        });
    }

    #[test]
    fn more_than_is_held_is_not_paid_but_what_is_held_is_burned() {
        build().execute_with(|| {
            hold(1_000);
            assert_eq!(pay::<Balances>(&reason(), &ALICE, &BOB, 1_001), 0);
            assert_eq!(pay_asset::<AllAssets>(ASSET, &reason(), &ALICE, &BOB, 1_001), 0);
            let before = Balances::total_issuance();
            assert_eq!(burn::<Balances>(&reason(), &ALICE, 1_001), 1_000);
            assert_eq!((held(), Balances::total_issuance()), (0, before - 1_000));
        });
    }

    #[test]
    fn nothing_moves_for_an_amount_of_zero() {
        build().execute_with(|| {
            hold(1_000);
            System::reset_events();
            assert_eq!(pay::<Balances>(&reason(), &ALICE, &BOB, 0), 0);
            assert_eq!(pay_asset::<AllAssets>(ASSET, &reason(), &ALICE, &BOB, 0), 0);
            assert_eq!(burn::<Balances>(&reason(), &ALICE, 0), 0);
            assert_eq!(System::events(), []);
        });
    }

    /// Accounts that can be paid: one that exists, another, and one that does not exist.
    const RECEIVERS: [AccountId; 3] = [BOB, CAROL, EVE];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Claims are paid in order and never for more than `most`; each is paid as a model says,
        /// and nothing is made or lost.
        #[test]
        fn claims_are_paid_in_order_and_no_planck_is_lost(
            on_hold in 1u128..10_000,
            most in 0u128..12_000,
            claims in prop::collection::vec((0usize..3, 0u128..3_000), 0..8),
            burned in 0u128..12_000,
        ) {
            build().execute_with(|| {
                hold(on_hold);
                let issuance = Balances::total_issuance();
                let total = |who: &AccountId| <Balances as fungible::Inspect<AccountId>>::total_balance(who);
                let before = RECEIVERS.map(|who| total(&who));
                let (mut expected, mut left, mut eve) = ([0u128; 3], most, 0u128);
                for (to, claim) in &claims {
                    let amount = left.min(*claim);
                    let exists = RECEIVERS[*to] != EVE || eve + amount >= ED;
                    let paid_before: Balance = expected.iter().sum();
                    if amount <= on_hold - paid_before && exists {
                        expected[*to] += amount;
                        left -= amount;
                        if RECEIVERS[*to] == EVE {
                            eve += amount;
                        }
                    }
                }
                let claims: Vec<_> = claims.into_iter().map(|(to, claim)| (RECEIVERS[to].clone(), claim)).collect();
                let paid = pay_claims::<Balances>(&reason(), &ALICE, most, &claims);
                let gained: Vec<_> =
                    RECEIVERS.iter().zip(before).map(|(who, before)| total(who) - before).collect();
                prop_assert_eq!(gained, expected.to_vec());
                prop_assert_eq!(paid, expected.iter().sum::<Balance>());
                prop_assert!(paid <= most);
                prop_assert_eq!(held(), on_hold - paid);
                prop_assert_eq!(Balances::total_issuance(), issuance);

                let gone = burn::<Balances>(&reason(), &ALICE, burned);
                prop_assert_eq!(gone, burned.min(on_hold - paid));
                prop_assert_eq!(held(), on_hold - paid - gone);
                prop_assert_eq!(Balances::total_issuance(), issuance - gone);
                Ok(())
            })?;
        }

        /// A payment of an asset moves all or nothing, to whomever.
        #[test]
        fn assets_are_paid_all_or_nothing(on_hold in 1u128..5_000, to in 0usize..3, amount in 0u128..6_000) {
            build().execute_with(|| {
                hold(on_hold);
                let to = &RECEIVERS[to];
                let before = AllAssets::balance(ASSET, to);
                let possible = amount <= on_hold && (*to != EVE || amount >= ED);
                let paid = pay_asset::<AllAssets>(ASSET, &reason(), &ALICE, to, amount);
                prop_assert_eq!(paid, if possible { amount } else { 0 });
                prop_assert_eq!(held_of_asset(), on_hold - paid);
                prop_assert_eq!(AllAssets::balance(ASSET, to), before + paid);
                Ok(())
            })?;
        }
    }
}
