//! The distribution of transaction fees and tips.

use crate::{CollectedFees, Config, FeeShares, Pallet};
use core::marker::PhantomData;
use dpin_primitives::{AccountId, AssetKind, Balance, economy::Pot};
use polkadot_sdk::{
    frame_support::{
        defensive,
        traits::{
            Get, Imbalance, OnUnbalanced, fungible, fungibles,
            fungibles::Balanced,
            tokens::{Fortitude, Precision, Preservation},
        },
    },
    sp_runtime::traits::Convert,
};

/// The parts of a fee. Their sum is the fee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Split {
    /// The author's part.
    pub author: Balance,
    /// The fund's part.
    pub fund: Balance,
    /// The part that is burned.
    pub burned: Balance,
}

impl Split {
    /// Split a fee. The author's and the fund's parts are rounded down and never exceed the fee;
    /// the rest is burned.
    pub fn new(fee: Balance, shares: &FeeShares) -> Self {
        let author = shares.author.mul_floor(fee);
        let left = fee.saturating_sub(author);
        let fund = shares.fund.mul_floor(fee).min(left);
        Self { author, fund, burned: left.saturating_sub(fund) }
    }
}

/// Collects transaction fees and tips in DPN in the revenue pot until the block ends. Then
/// `Pallet::share_fees` splits them all at once. Fees that the pot cannot take are burned. `C` is
/// the currency of DPN.
pub struct NativeFees<T, C>(PhantomData<(T, C)>);

impl<T, C> OnUnbalanced<fungible::Credit<AccountId, C>> for NativeFees<T, C>
where
    T: Config,
    C: fungible::Balanced<AccountId, Balance = Balance>,
{
    fn on_nonzero_unbalanced(fees: fungible::Credit<AccountId, C>) {
        let amount = fees.peek();
        if C::resolve(&T::Pots::convert(Pot::Revenue), fees).is_ok() {
            CollectedFees::<T>::mutate(|collected| *collected = collected.saturating_add(amount));
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Share the fees that the block's transactions have paid in DPN: parts to the author of the
    /// block and to the fund, and the rest is burned. A part that cannot be paid is burned too.
    pub(crate) fn share_fees() {
        let amount = CollectedFees::<T>::take();
        if amount == 0 {
            return;
        }
        let (keep, polite) = (Preservation::Preserve, Fortitude::Polite);
        match T::Assets::withdraw(
            AssetKind::Native,
            &T::Pots::convert(Pot::Revenue),
            amount,
            Precision::Exact,
            keep,
            polite,
        ) {
            Ok(fees) => Fees::<T>::on_unbalanced(fees),
            // The fees stay in the pot, and are burned with the rest of it at the end of the era.
            Err(_) => {
                defensive!("fees of this block are in the pot");
            }
        }
    }
}

/// Pays parts of fees and tips in any asset to the author of the block and to the fund. The rest is
/// burned at once if it is DPN. In another asset it goes to the revenue pot, where it buys back DPN
/// that are burned.
pub struct Fees<T>(PhantomData<T>);

impl<T: Config> OnUnbalanced<fungibles::Credit<AccountId, T::Assets>> for Fees<T> {
    fn on_nonzero_unbalanced(fees: fungibles::Credit<AccountId, T::Assets>) {
        let split = Split::new(fees.peek(), &T::FeeShares::get());
        let asset = fees.asset();
        let (author, fees) = fees.split(split.author);
        let (fund, mut rest) = fees.split(split.fund);
        let mut pay = |who: Option<AccountId>, part| {
            let unpaid = match who {
                Some(who) => T::Assets::resolve(&who, part),
                None => Err(part),
            };
            if let Err(part) = unpaid {
                // It is the same asset, so the parts can be joined.
                let _ = rest.subsume(part);
            }
        };
        pay(T::Author::get(), author);
        pay(Some(T::Pots::convert(Pot::Fund)), fund);
        if asset != AssetKind::Native {
            // An amount below the asset's minimum cannot be kept if the pot has none of the asset
            // yet.
            let _burned = T::Assets::resolve(&T::Pots::convert(Pot::Revenue), rest);
        }
    }
}
