//! The cost of a job, by purpose.

use dpin_primitives::{Balance, api::Quote, economy::FeeQuote};
use polkadot_sdk::sp_runtime::Perbill;

/// Split the amount that posting a job holds by purpose. `reservation` is the reservation fee as a
/// share of the reward. The fee for the transaction is left at 0. `None` on overflow, which is
/// impossible for a valid quote.
pub(crate) fn split(quote: Quote, reservation: Perbill) -> Option<FeeQuote> {
    let Quote { shape, per_task, total, .. } = quote;
    let of_all = |amount: Balance| amount.checked_mul(Balance::from(shape.tasks));
    // The fee was priced as the reservation fee, rounded up, plus the surcharge.
    let reservation = reservation.mul_ceil(per_task.reward).min(per_task.fee);
    let surcharge = per_task.fee.checked_sub(reservation)?;
    Some(FeeQuote {
        tasks: shape.tasks,
        per_task,
        rewards: of_all(per_task.reward)?,
        reservation: of_all(reservation)?,
        surcharge: of_all(surcharge)?,
        auditors: of_all(per_task.per_auditor.checked_mul(per_task.auditors.into())?)?,
        total,
        worker_fees: of_all(per_task.worker_fee)?,
        transaction: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        AssetKind, BLC,
        job::{AuditPolicy, FeePolicy, JobShape, MAX_AUDITORS, MAX_TASKS, Reward, TaskCost},
    };
    use proptest::prelude::*;

    fn share() -> impl Strategy<Value = Perbill> {
        (0u32..=1_000_000_000).prop_map(Perbill::from_parts)
    }

    proptest! {
        #[test]
        fn the_parts_are_what_is_held_and_what_was_priced(
            amount in 0u128..1 << 90,
            tasks in 1..=MAX_TASKS,
            auditors in 0..=MAX_AUDITORS,
            native: bool,
            (reservation, surcharge, audit) in (share(), share(), share()),
            minimum: u64,
        ) {
            let policy = FeePolicy { reservation, surcharge, audit, audit_minimum: minimum.into() };
            let asset = if native { AssetKind::Native } else { BLC };
            let per_task = TaskCost::quote(&Reward { asset, per_task: amount }, auditors, &policy).unwrap();
            let count = Balance::from(tasks);
            let quote = Quote {
                shape: JobShape { groups: [1, 1, 1], total: tasks.into(), tasks },
                per_task,
                total: per_task.total() * count,
                audit: AuditPolicy { auditors, ..Default::default() },
            };
            let fees = split(quote.clone(), policy.reservation).unwrap();

            prop_assert_eq!(fees.rewards + fees.reservation + fees.surcharge + fees.auditors, quote.total);
            prop_assert_eq!(fees.reservation + fees.surcharge, per_task.fee * count);
            prop_assert_eq!(fees.reservation, policy.reservation.mul_ceil(amount) * count);
            let surcharge = if native { 0 } else { policy.surcharge.mul_ceil(amount) };
            prop_assert_eq!(fees.surcharge, surcharge * count);
            prop_assert_eq!((fees.total, fees.per_task, fees.tasks), (quote.total, per_task, tasks));
            prop_assert_eq!((fees.worker_fees, fees.transaction), (per_task.worker_fee * count, 0));
        }
    }
}
