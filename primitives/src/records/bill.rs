//! Bills: the division of a task's escrow when it closes.
//!
//! The requester holds reward + auditors' pay + fee + 2 · posting + stake. The stake pays for a
//! dispute: it is [`raw_loss`](crate::check::raw_loss) on a Raw kernel, and the pay of a jury on a
//! Deterministic one. The rows and their rules are in [`ending`](crate::ending).

#[cfg(feature = "json")]
use crate::json::{Amount, As};
use crate::{
    Balance,
    ending::{Burns, Next, Payer, Row, Wage},
    job::TaskCost,
    kernel::KernelClass,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_runtime::Perbill;
use scale_info::TypeInfo;

/// Largest share of the reward that a worker gets for its time without a result.
const TIME_SHARE: Perbill = Perbill::from_percent(10);
/// Largest part of the posting that can be used, in percent: it is held twice.
const MAX_USED: u16 = 200;

/// The money that a requester holds for one task, in the smallest unit of the job's asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Escrow {
    /// The class of the kernel.
    pub class: KernelClass,
    /// Reward, pay of the auditors and fees.
    pub cost: TaskCost,
    /// Fee of the weight of one undisturbed life of the task. It is held twice.
    pub posting: Balance,
    /// Stake for a dispute.
    pub stake: Balance,
}

impl Escrow {
    /// Return the amount held. `None` on overflow: such a job must not be posted.
    pub fn held(&self) -> Option<Balance> {
        self.cost.checked_total()?.checked_add(self.posting.checked_mul(2)?)?.checked_add(self.stake)
    }
}

/// The facts about a task that its bill depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// Weight used by all attempts, in percent of one undisturbed life. Above 200, as 200.
    pub used: u16,
    /// Blocks used by the worker, as a share of the task's deadline.
    pub ran: Perbill,
    /// Number of audit seats to pay: those that sealed right, or that sealed without a verdict.
    pub auditors: u32,
    /// Number of other seats to pay: of the majority, or those that revealed without a verdict.
    pub jurors: u32,
    /// Number of seats owed from earlier panels after which the task went on: [`Row::Right`] on a
    /// Raw kernel, [`Row::ChallengeFault`] on a Deterministic one. On a Raw kernel the requester
    /// then owes its whole stake.
    pub owed: Option<u32>,
}

/// The division of a task's escrow, in the smallest unit of the job's asset.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(rename_all = "camelCase"), schemars(rename = "BillView"))]
pub struct Bill {
    /// Amount for the worker.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub worker: Balance,
    /// Amount for each paid checker.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub pay: Balance,
    /// Number of audit seats that are paid.
    pub auditors: u32,
    /// Number of other seats that are paid.
    pub jurors: u32,
    /// Number of seats that the escrow should pay and does not cover. Slashes pay them.
    pub uncovered: u32,
    /// Fees for the revenue pot that count as demand.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub fees: Balance,
    /// Fee of the used weight for the revenue pot. It does not count as demand.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub posting: Balance,
    /// Amount burned.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub burned: Balance,
    /// Amount returned to the requester.
    #[cfg_attr(feature = "json", serde(with = "As::<Amount>"))]
    pub refund: Balance,
}

impl Bill {
    /// Return the sum of everything that the bill pays out. `None` on overflow.
    pub fn total(&self) -> Option<Balance> {
        let seats = Balance::from(self.auditors).checked_add(self.jurors.into())?;
        [self.worker, self.fees, self.posting, self.burned, self.refund]
            .into_iter()
            .try_fold(self.pay.checked_mul(seats)?, Balance::checked_add)
    }
}

/// The parts of an escrow. Money only moves from a part to the bill, so none is made or lost.
struct Parts {
    reward: Balance,
    fee: Balance,
    auditors: Balance,
    posting: Balance,
    stake: Balance,
}

/// Move up to `amount` out of a part.
pub(crate) fn take(part: &mut Balance, amount: Balance) -> Balance {
    let taken = amount.min(*part);
    *part = part.saturating_sub(taken);
    taken
}

/// Pay up to `seats` seats out of a part, each in full, and return their number.
pub(crate) fn seat(part: &mut Balance, seats: u32, pay: Balance) -> u32 {
    let covered = part.checked_div(pay).map_or(seats, |covered| u32::try_from(covered).unwrap_or(seats).min(seats));
    take(part, pay.saturating_mul(covered.into()));
    covered
}

impl Parts {
    /// Pay seats of panels out of the reward if it would be burned, then out of the stake.
    fn pay_jurors(&mut self, seats: u32, burns: Burns, bill: &mut Bill) {
        let mut paid = if burns == Burns::Reward { seat(&mut self.reward, seats, bill.pay) } else { 0 };
        paid = paid.saturating_add(seat(&mut self.stake, seats.saturating_sub(paid), bill.pay));
        bill.jurors = bill.jurors.saturating_add(paid);
        bill.uncovered = bill.uncovered.saturating_add(seats.saturating_sub(paid));
    }

    /// Pay the auditors: out of a stake that would be burned, otherwise out of their own part.
    fn pay_auditors(&mut self, seats: u32, burns: Burns, bill: &mut Bill) {
        let mut paid = if burns == Burns::Stake { seat(&mut self.stake, seats, bill.pay) } else { 0 };
        paid = paid.saturating_add(seat(&mut self.auditors, seats.saturating_sub(paid), bill.pay));
        bill.auditors = paid;
        bill.uncovered = bill.uncovered.saturating_add(seats.saturating_sub(paid));
    }

    fn pay_worker(&mut self, wage: Wage, cost: &TaskCost, ran: Perbill, bill: &mut Bill) {
        match wage {
            Wage::Nothing => {}
            Wage::Reward => {
                bill.fees = bill.fees.saturating_add(take(&mut self.reward, cost.worker_fee));
                bill.worker = core::mem::take(&mut self.reward);
            }
            Wage::Time => bill.worker = take(&mut self.reward, ran.min(TIME_SHARE).mul_floor(cost.reward)),
        }
    }

    fn burn(&mut self, burns: Burns, bill: &mut Bill) {
        let part = match burns {
            Burns::Nothing => return,
            Burns::Stake => &mut self.stake,
            Burns::Reward => &mut self.reward,
            Burns::Pay => &mut self.auditors,
        };
        bill.burned = bill.burned.saturating_add(core::mem::take(part));
    }
}

/// Divide the escrow of a task that closes with `row`.
///
/// The bill of a row after which the task goes on is that of its settlement, if nothing else
/// happens. `None` if the escrow itself overflows. Rounds against the party that could gain: the
/// used weight up, a share for time down.
pub fn bill(row: Row, escrow: &Escrow, facts: &Facts) -> Option<Bill> {
    let held = escrow.held()?;
    let (terms, cost) = (row.terms(escrow.class), &escrow.cost);
    let mut parts = Parts {
        reward: cost.reward,
        fee: cost.fee,
        auditors: cost.per_auditor.checked_mul(cost.auditors.into())?,
        posting: escrow.posting.checked_mul(2)?,
        stake: escrow.stake,
    };
    let mut bill = Bill { pay: cost.per_auditor, ..Bill::default() };
    bill.posting = take(&mut parts.posting, weighed(escrow.posting, facts.used)?);
    if terms.fee {
        bill.fees = core::mem::take(&mut parts.fee);
    }
    if let Some(owed) = facts.owed {
        parts.pay_jurors(owed, Burns::Stake, &mut bill);
    }
    if terms.jurors == Payer::Requester {
        parts.pay_jurors(facts.jurors, terms.burns, &mut bill);
    }
    if terms.auditors == Payer::Requester {
        // The stake of an earlier dispute pays its jurors only.
        let burns = if row == Row::Wrong { terms.burns } else { Burns::Nothing };
        parts.pay_auditors(facts.auditors.min(cost.auditors), burns, &mut bill);
    }
    parts.pay_worker(terms.wage, cost, facts.ran, &mut bill);
    if terms.next == Next::Closed && terms.burns == Burns::Stake {
        // Each side loses x, no more: fee and weight lie inside of the requester's.
        take(&mut parts.stake, bill.fees.saturating_add(bill.posting));
    }
    parts.burn(terms.burns, &mut bill);
    if facts.owed.is_some() && escrow.class == KernelClass::Raw {
        parts.burn(Burns::Stake, &mut bill);
    }
    bill.refund = held.checked_sub(bill.total()?)?;
    Some(bill)
}

/// Return the fee of the used weight, rounded up. At most twice the posting.
fn weighed(posting: Balance, used: u16) -> Option<Balance> {
    let used = Balance::from(used.min(MAX_USED));
    // Divides first, because a posting can be large. The remainder is below 100.
    let (whole, rest) = (posting.checked_div(100)?, posting.checked_rem(100)?);
    whole.checked_mul(used)?.checked_add(rest.checked_mul(used)?.div_ceil(100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::{LEAST_RAW_PERCENT, raw_loss},
        panel::JURY,
    };
    use KernelClass::{Deterministic, Raw};
    use proptest::prelude::*;

    /// Two auditors at 25, a reward of 1,000, a posting of 4. The stake is 350 on R and 125 on D.
    fn escrow(class: KernelClass) -> Escrow {
        let cost = TaskCost { reward: 1_000, per_auditor: 25, auditors: 2, fee: 10, worker_fee: 5 };
        let stake = if class == Raw { 350 } else { 125 };
        Escrow { class, cost, posting: 4, stake }
    }

    fn facts() -> Facts {
        Facts { used: 100, ran: Perbill::from_percent(50), auditors: 2, jurors: 3, owed: None }
    }

    /// The parts of a bill: worker, seats, fees, burned. The posting is 4, the rest is the refund.
    fn paid(row: Row, class: KernelClass) -> (Balance, u32, Balance, Balance) {
        let bill = bill(row, &escrow(class), &facts()).unwrap();
        assert_eq!((bill.posting, bill.uncovered), (4, 0));
        (bill.worker, bill.auditors + bill.jurors, bill.fees, bill.burned)
    }

    #[test]
    fn the_table_of_a_deterministic_task() {
        for (row, worker, seats, fees, burned) in [
            (Row::Settled, 995, 2, 15, 0),
            (Row::Unaudited, 995, 0, 15, 0),
            (Row::Wrong, 0, 0, 0, 0),
            (Row::Fault, 100, 5, 10, 0),
            (Row::Right, 995, 2, 15, 0),
            (Row::NoVerdict, 0, 5, 10, 0),
            (Row::Unproved, 0, 2, 10, 0),
            (Row::Unopened, 0, 0, 0, 0),
            (Row::OpenedLate, 995, 2, 15, 0),
            (Row::ChallengeUpheld, 0, 0, 0, 0),
            (Row::ChallengeLost, 995, 2, 15, 0),
            (Row::ChallengeFault, 995, 5, 15, 0),
            (Row::Withheld, 0, 0, 10, 1_000),
            (Row::BlameConfirmed, 0, 0, 10, 0),
            (Row::BlameContradicted, 0, 0, 0, 0),
            (Row::InputUnavailable, 0, 0, 10, 0),
            (Row::KeysMissing, 0, 2, 10, 0),
            (Row::NoWorker, 0, 0, 0, 0),
            (Row::NoCheckers, 0, 2, 10, 0),
            (Row::Silent, 0, 0, 10, 0),
            (Row::Cancelled, 0, 0, 0, 0),
        ] {
            assert_eq!(paid(row, Deterministic), (worker, seats, fees, burned), "{row:?}");
        }
    }

    #[test]
    fn the_table_of_a_raw_task_where_it_differs() {
        for (row, worker, seats, fees, burned) in [
            (Row::Wrong, 0, 5, 10, 350 - 5 * 25 - 10 - 4),
            (Row::Right, 995, 5, 15, 350 - 3 * 25),
            (Row::NoVerdict, 0, 5, 10, 0),
            (Row::Unopened, 0, 0, 0, 0),
            (Row::ChallengeUpheld, 0, 5, 10, 1_000 - 3 * 25),
            (Row::Withheld, 0, 0, 10, 1_000),
            (Row::BlameConfirmed, 100, 3, 10, 0),
        ] {
            assert_eq!(paid(row, Raw), (worker, seats, fees, burned), "{row:?}");
        }
    }

    #[test]
    fn a_key_that_one_seat_did_not_get_costs_the_pay_of_that_seat() {
        let facts = Facts { auditors: 1, ..facts() };
        let bill = bill(Row::KeysMissing, &escrow(Deterministic), &facts).unwrap();
        assert_eq!((bill.auditors, bill.burned), (1, 25));
    }

    #[test]
    fn the_used_weight_rounds_up_and_has_an_end() {
        let posting = |used| bill(Row::Cancelled, &escrow(Raw), &Facts { used, ..facts() }).unwrap().posting;
        assert_eq!([0, 1, 10, 26, 100, 200, 201, u16::MAX].map(posting), [0, 1, 1, 2, 4, 8, 8, 8]);
    }

    #[test]
    fn an_appeal_beyond_the_stake_is_left_to_the_losers() {
        let facts = Facts { jurors: 17, ..facts() };
        let bill = bill(Row::Right, &escrow(Raw), &facts).unwrap();
        assert_eq!((bill.jurors, bill.uncovered, bill.burned), (14, 3, 0));
    }

    fn amount() -> impl Strategy<Value = Balance> {
        prop_oneof![
            Just(0),
            0u128..100,
            any::<u64>().prop_map(u128::from),
            0u128..1 << 110,
            any::<u128>(),
            (0u128..9).prop_map(|less| u128::MAX - less)
        ]
    }

    prop_compose! {
        fn any_escrow()(
            amounts in [amount(), amount(), amount(), amount(), amount()], auditors in 0u32..=7, raw: bool, fee: u128
        ) -> Escrow {
            let [reward, per_auditor, requester_fee, posting, stake] = amounts;
            let worker_fee = if reward == u128::MAX { fee } else { fee % (reward + 1) };
            let cost = TaskCost { reward, per_auditor, auditors, fee: requester_fee, worker_fee };
            Escrow { class: if raw { Raw } else { Deterministic }, cost, posting, stake }
        }
    }

    fn held_escrow() -> impl Strategy<Value = Escrow> {
        any_escrow().prop_filter("the escrow overflows", |escrow| escrow.held().is_some())
    }

    prop_compose! {
        fn any_facts()(
            used in 0u16..300, ran in 0u32..=1_000_000_000, auditors in 0u32..=9, jurors in 0u32..=17,
            owed in prop::option::of(0u32..20)
        ) -> Facts {
            Facts { used, ran: Perbill::from_parts(ran), auditors, jurors, owed }
        }
    }

    /// An escrow as a job has it: the stake covers what it must.
    fn posted() -> impl Strategy<Value = Escrow> {
        let posted = (any_escrow(), LEAST_RAW_PERCENT..=400, 0u128..1 << 100).prop_map(|(mut escrow, percent, pay)| {
            let cost = &mut escrow.cost;
            (cost.per_auditor, cost.fee, escrow.posting) = (pay, cost.fee >> 30, escrow.posting >> 30);
            cost.reward >>= 8;
            cost.worker_fee = cost.worker_fee.min(cost.reward);
            escrow.stake = match escrow.class {
                Raw => raw_loss(cost.auditors, pay, percent).unwrap(),
                Deterministic => pay * u128::from(JURY),
            };
            escrow
        });
        posted.prop_filter("the escrow overflows", |escrow| escrow.held().is_some())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn every_row_pays_out_what_is_held(escrow in any_escrow(), facts in any_facts()) {
            for row in Row::ALL {
                let bill = bill(row, &escrow, &facts);
                prop_assert_eq!(bill.is_some(), escrow.held().is_some(), "{:?}", row);
                prop_assert_eq!(bill.map(|bill| bill.total().unwrap()), escrow.held(), "{:?}", row);
            }
        }

        #[test]
        fn no_ending_gives_output_and_money(escrow in held_escrow(), facts in any_facts()) {
            for row in Row::ALL {
                let bill = bill(row, &escrow, &facts).unwrap();
                let proved = row == Row::ChallengeUpheld && escrow.class == Deterministic;
                if row.is_public(escrow.class) && !proved {
                    let rest = escrow.held().unwrap() - escrow.cost.reward - escrow.cost.fee;
                    prop_assert!(bill.refund <= rest, "{row:?}");
                } else {
                    prop_assert!(bill.worker <= escrow.cost.reward / 10, "{row:?}: no reward without a result");
                }
            }
        }

        #[test]
        fn who_posts_pays_the_weight_and_mostly_the_fee(escrow in held_escrow(), facts in any_facts()) {
            let free = [
                Row::Wrong, Row::Unopened, Row::ChallengeUpheld, Row::BlameContradicted, Row::NoWorker, Row::Declined,
                Row::Cancelled,
            ];
            for row in Row::ALL {
                let bill = bill(row, &escrow, &facts).unwrap();
                let (used, hundred) = (u128::from(facts.used.min(200)), 100u128);
                prop_assert!(bill.posting >= escrow.posting / hundred * used);
                prop_assert!(bill.posting <= escrow.posting * 2);
                let raw_jury = escrow.class == Raw && matches!(row, Row::Wrong | Row::ChallengeUpheld);
                if !free.contains(&row) || raw_jury {
                    prop_assert!(bill.fees >= escrow.cost.fee, "{row:?}");
                }
            }
        }

        #[test]
        fn every_checker_that_the_requester_owes_is_paid(
            escrow in posted(), auditors in 0u32..=7, jurors in 0u32..=JURY, owed in 0u32..=JURY, used in 0u16..300
        ) {
            let auditors = auditors.min(escrow.cost.auditors);
            // Without auditors there is no dispute that could leave a debt.
            let owed = (escrow.class == Raw && escrow.cost.auditors > 0).then_some(owed);
            let facts = Facts { used, ran: Perbill::one(), auditors, jurors, owed };
            for row in Row::ALL {
                let bill = bill(row, &escrow, &facts).unwrap();
                prop_assert_eq!(bill.uncovered, 0, "{:?}", row);
                let terms = row.terms(escrow.class);
                let expected = |payer, seats| if payer == Payer::Requester { seats } else { 0 };
                prop_assert_eq!(bill.auditors, expected(terms.auditors, auditors), "{:?}", row);
                prop_assert_eq!(bill.jurors, expected(terms.jurors, jurors) + owed.unwrap_or(0), "{:?}", row);
            }
        }

        #[test]
        fn a_raw_mismatch_costs_the_requester_x(
            escrow in posted().prop_filter("not raw", |escrow| escrow.class == Raw), used in 0u16..=200
        ) {
            let facts = Facts { used, auditors: escrow.cost.auditors, jurors: JURY, ..facts() };
            let bill = bill(Row::Wrong, &escrow, &facts).unwrap();
            let spent = bill.total().unwrap() - bill.refund;
            let needed = spent - bill.burned;
            prop_assert_eq!(spent, escrow.stake.max(needed));
        }

        #[test]
        fn a_row_that_goes_on_is_billed_as_its_settlement(escrow in held_escrow(), facts in any_facts()) {
            let facts = Facts { owed: None, ..facts };
            let settled = bill(Row::Settled, &escrow, &facts);
            let owing = bill(Row::Settled, &escrow, &Facts { owed: Some(facts.jurors), ..facts });
            for row in Row::ALL.into_iter().filter(|row| row.next(escrow.class) == Next::Continues) {
                let pays = row.terms(escrow.class).jurors == Payer::Requester;
                prop_assert_eq!(bill(row, &escrow, &facts), if pays { owing } else { settled }, "{:?}", row);
            }
        }
    }

    #[test]
    fn a_bill_reads_as_it_is_written() {
        let bill = bill(Row::Settled, &escrow(Raw), &facts()).unwrap();
        let json = serde_json::to_value(bill).unwrap();
        assert_eq!((&json["worker"], &json["refund"]), (&"995".into(), &"354".into()));
        assert_eq!(serde_json::from_value::<Bill>(json).unwrap(), bill);
    }
}
