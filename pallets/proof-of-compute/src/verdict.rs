//! Pure functions for the verdict of a jury, and for the claims on a slash.

use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{AccountId, Balance, Hash};
use polkadot_sdk::sp_runtime::Perbill;
use scale_info::TypeInfo;

/// Number of jurors drawn for a dispute.
pub const JURY: u32 = 5;
/// Number of jurors that must answer for a verdict.
pub const QUORUM: u32 = 3;

/// The finding of the majority: the digest of leaves that more than half of the answering jurors
/// have found. `None`, which is no verdict, if fewer than [`QUORUM`] jurors have answered.
pub fn truth(findings: &[Hash]) -> Option<Hash> {
    if (findings.len() as u32) < QUORUM {
        return None;
    }
    let count = |finding: &Hash| findings.iter().filter(|other| *other == finding).count();
    findings.iter().find(|finding| count(finding).saturating_mul(2) > findings.len()).copied()
}

/// The shares of a slash that are paid to somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Shares {
    /// Share of the account that the fault harmed: the requester, or a worker that was accused
    /// wrongly.
    pub injured: Perbill,
    /// Share of all finders together. A challenger gets half of it; honest auditors and jurors
    /// share the rest equally.
    pub finders: Perbill,
}

impl Shares {
    /// Whether a coalition of all accounts that are paid still loses at least 70 % of the slash.
    ///
    /// With larger shares, accusing honest workers before juries with a friendly majority would pay
    /// for a coalition of 40 % of the network (`make sim-collusion`).
    pub fn leave_a_loss(&self) -> bool {
        let parts = u64::from(self.injured.deconstruct()).saturating_add(self.finders.deconstruct().into());
        parts <= 300_000_000
    }

    /// The claims on a slash of `amount` planck, in this order: the injured account, the
    /// challenger, auditors and jurors. Every claim is rounded down.
    pub fn claims(
        &self,
        amount: Balance,
        injured: Option<&AccountId>,
        challenger: Option<&AccountId>,
        finders: &[AccountId],
    ) -> Vec<(AccountId, Balance)> {
        let all = self.finders.mul_floor(amount);
        let challengers = if challenger.is_some() { all / 2 } else { 0 };
        let each = all.saturating_sub(challengers).checked_div(finders.len() as Balance).unwrap_or(0);
        injured
            .map(|who| (who.clone(), self.injured.mul_floor(amount)))
            .into_iter()
            .chain(challenger.map(|who| (who.clone(), challengers)))
            .chain(finders.iter().map(|who| (who.clone(), each)))
            .filter(|(_, claim)| *claim > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn findings(letters: &str) -> Vec<Hash> {
        letters.bytes().map(Hash::repeat_byte).collect()
    }

    #[test]
    fn more_than_half_of_those_who_answered_decide_if_they_are_three() {
        for (found, verdict) in [
            ("", None),
            ("a", None),
            ("aa", None),
            ("aaa", Some('a')),
            ("aab", Some('a')),
            ("abc", None),
            ("aabb", None),
            ("baaa", Some('a')),
            ("aabbc", None),
            ("babab", Some('b')),
            ("ccccc", Some('c')),
        ] {
            assert_eq!(truth(&findings(found)), verdict.map(|letter| Hash::repeat_byte(letter as u8)), "{found}");
        }
    }

    #[test]
    fn an_order_of_payment_is_kept() {
        let [a, b, c] = [1, 2, 3].map(|n| AccountId::new([n; 32]));
        let shares = Shares { injured: Perbill::from_percent(10), finders: Perbill::from_percent(50) };
        let claims = shares.claims(1_000, Some(&a), Some(&b), &[c.clone(), a.clone()]);
        assert_eq!(claims, [(a.clone(), 100), (b, 250), (c, 125), (a, 125)]);
    }

    proptest! {
        #[test]
        fn a_coalition_of_all_who_are_paid_loses_most(
            amount in 0u128..1 << 100,
            injured in 0u32..=300_000_000,
            finders in 0u32..=300_000_000,
            found_by in 0u8..13,
            challenged: bool,
        ) {
            let shares = Shares { injured: Perbill::from_parts(injured), finders: Perbill::from_parts(finders) };
            prop_assume!(shares.leave_a_loss());
            let who = AccountId::new([9; 32]);
            let finders: Vec<AccountId> = (0..found_by).map(|n| AccountId::new([n; 32])).collect();
            let claims = shares.claims(amount, Some(&who), challenged.then_some(&who), &finders);
            prop_assert!(claims.len() <= dpin_primitives::worker::MAX_CLAIMS as usize);
            let paid: u128 = claims.iter().map(|(_, claim)| claim).sum();
            prop_assert!(amount - paid >= amount / 10 * 7);
        }
    }
}
