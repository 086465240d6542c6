//! Endings of a task: the rows of the table that says who pays, who is paid and what comes next.
//!
//! The requester holds the money of a task from its posting on. Nothing is paid before the task
//! closes. [`bill`](crate::bill::bill) then divides the escrow, and
//! [`losses`](crate::losses::losses) says what a row takes from bonds. D and R stand for
//! Deterministic and Raw kernels.
//!
//! | row | worker | requester pays | then |
//! |---|---|---|---|
//! | settled, unaudited | reward | reward, auditors, fee | closed |
//! | wrong, D | bond | – | again |
//! | wrong, R | x | x, which holds checkers, fee and weight | closed |
//! | fault, D | share for time | that, checkers, fee | closed |
//! | right, D | goes on; deviators lose their bonds | – | goes on |
//! | right, R | goes on; deviators lose x together | x | goes on |
//! | no verdict, unproved | – | checkers, fee | closed |
//! | unopened | bond (D), x (R) | – | again |
//! | opened late | a part of that, by its square | – | goes on |
//! | challenge upheld, D | bond | – | again |
//! | challenge upheld, R | x | reward (burned), checkers, fee | closed |
//! | challenge with a fault, D | goes on | jury | goes on |
//! | challenge lost, undecided | goes on; the challenger pays | – | goes on |
//! | fetched | goes on; the requester's deposit pays | – | goes on |
//! | withheld | x | when closed: reward (burned), fee | again |
//! | blame confirmed | share for time (R) | that and the panel (R), fee | closed |
//! | blame contradicted | rests (D), pays the panel (R) | – | again |
//! | input unavailable, repeated | – | fee | closed |
//! | keys missing | – | auditors, fee | closed |
//! | no worker, cancelled | – | – | closed |
//! | no checkers | – | checkers that have sealed, fee | closed |
//! | silent, timed out, undecided, unconfirmed | – | when closed: fee | again |
//! | declined | – | – | again |
//!
//! In every row the requester also pays the fee of the used weight.
//!
//! # Rules
//!
//! - Every row pays out what is held, neither more nor less.
//! - No row returns the reward once the output has been public, unless the result is proved wrong.
//! - Nobody has a share of a slash. Checkers get their pay from it, and never more than their pay.
//!   Requester, challenger and whoever else called a panel get nothing. A juror therefore earns the
//!   same whatever the verdict is.
//! - Only a proven fault costs a bond. On a Raw kernel nothing is proved: each side loses the same
//!   amount x, once.
//! - A weak panel proves nothing either: see [`Stakes::weak`](crate::losses::Stakes::weak).

use crate::{
    kernel::KernelClass::{self, Deterministic, Raw},
    panel::{Confirmation, Verdict},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// One row of the table of endings.
///
/// A row ends an attempt, a case or the task. D and R stand for Deterministic and Raw kernels.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(serde::Deserialize, schemars::JsonSchema), schemars(rename = "EndingView"))]
pub enum Row {
    /// The audited result is paid.
    Settled,
    /// A result without auditors is paid.
    Unaudited,
    /// A jury finds the worker's result wrong. R: the results differ, and nobody knows why.
    Wrong,
    /// A jury finds a fault of the language. Only D.
    Fault,
    /// A jury finds the worker's result right against deviating auditors.
    Right,
    /// A jury has no majority, or could not be drawn.
    NoVerdict,
    /// Too few auditors have sealed after all refills.
    Unproved,
    /// The worker has not opened its commitment within the grace.
    Unopened,
    /// The worker has opened its commitment late.
    OpenedLate,
    /// A jury upholds a challenge.
    ChallengeUpheld,
    /// A jury rejects a challenge.
    ChallengeLost,
    /// A jury has no majority about a challenge.
    ChallengeUndecided,
    /// No jury could be drawn for a challenge.
    ChallengeUndrawn,
    /// A jury finds a fault of the language in the challenged tile. Only D.
    ChallengeFault,
    /// Most of a panel could fetch an output that was reported as withheld.
    Fetched,
    /// One seat could fetch the output, but not most of them, or too few have answered.
    FetchedByFew,
    /// No seat could fetch the output for a day.
    Withheld,
    /// A panel agrees with a worker that blames the kernel.
    BlameConfirmed,
    /// A panel contradicts a worker that blames the kernel.
    BlameContradicted,
    /// A panel cannot decide about a blame.
    BlameUndecided,
    /// A panel cannot fetch an input either.
    InputUnavailable,
    /// A worker could not fetch an input, and no panel agrees.
    InputUnconfirmed,
    /// The requester has not sealed the job key to the seats.
    KeysMissing,
    /// No worker was found in time.
    NoWorker,
    /// No checkers were found in time.
    NoCheckers,
    /// The worker let its deadline pass.
    Silent,
    /// The worker declined, or its device or executor failed.
    Declined,
    /// A worker ran into the time limit, which no panel judges on D.
    TimedOut,
    /// A second worker ran into the time limit.
    Repeated,
    /// The requester cancelled the queued task.
    Cancelled,
}

/// The state of a task after a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// The task is closed, and its escrow is paid out.
    Closed,
    /// Another worker tries. The task closes with this row if the attempts are used up, or if it
    /// owes its stake already: [`Facts::owed`](crate::bill::Facts::owed).
    Again,
    /// The task goes on. The bill of the row is that of the settlement that it leads to.
    Continues,
}

/// The source of the pay of checkers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Payer {
    Nobody,
    /// The escrow of the task.
    Requester,
    /// Slashes: the bond of the worker, or of the auditors that deviate.
    Losers,
    /// The deposit of the account that called the panel.
    Caller,
}

/// The part of the reward for the worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wage {
    Nothing,
    /// The reward without the worker's fee.
    Reward,
    /// A share for its time.
    Time,
}

/// The part of the escrow that is burned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Burns {
    Nothing,
    /// The stake, without the pay of the checkers that it pays.
    Stake,
    /// The reward, without the pay of the jurors that it pays.
    Reward,
    /// The pay of auditors that could not seal.
    Pay,
}

/// A loss of a bond.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Loss {
    Nothing,
    /// The bond for the task or seat, of each.
    Bond,
    /// x, of all that lose together.
    Raw,
    /// The price of being late, of what a wrong result would cost.
    Late,
    /// The pay of the panel.
    Pay,
}

/// The use of a deposit: of a challenger, of a requester that reports an output as withheld, or of
/// an account that appeals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deposit {
    /// All of it comes back.
    Back,
    /// It pays the seats that have sealed, and the rest comes back.
    Pay,
    /// Half of it pays the seats that have sealed, the rest of that half is burned, and the other
    /// half comes back.
    Half,
    /// It pays the majority. A tenth goes to the accused worker, and the rest is burned.
    Lost,
}

/// Everything that a row decides.
pub(crate) struct Terms {
    pub(crate) next: Next,
    pub(crate) public: bool,
    pub(crate) wage: Wage,
    pub(crate) fee: bool,
    pub(crate) auditors: Payer,
    pub(crate) jurors: Payer,
    pub(crate) burns: Burns,
    pub(crate) worker: Loss,
    pub(crate) deviators: Loss,
    pub(crate) minority: Loss,
    pub(crate) deposit: Deposit,
}

impl Terms {
    /// The terms of an ending without a result: nobody is paid and nobody loses anything.
    const fn of(next: Next) -> Self {
        Self {
            next,
            public: false,
            wage: Wage::Nothing,
            fee: false,
            auditors: Payer::Nobody,
            jurors: Payer::Nobody,
            burns: Burns::Nothing,
            worker: Loss::Nothing,
            deviators: Loss::Nothing,
            minority: Loss::Nothing,
            deposit: Deposit::Back,
        }
    }

    /// The terms of a settled task.
    const fn settled(next: Next) -> Self {
        Self { public: true, wage: Wage::Reward, fee: true, auditors: Payer::Requester, ..Self::of(next) }
    }

    /// The terms of an ending at the requester's cost, without a loss of anybody else.
    const fn requesters() -> Self {
        Self { fee: true, ..Self::of(Next::Closed) }
    }

    /// The terms of a fault that a worker of a Deterministic task is proved to have made.
    const fn proved() -> Self {
        Self { auditors: Payer::Losers, jurors: Payer::Losers, worker: Loss::Bond, ..Self::of(Next::Again) }
    }
}

impl Row {
    /// Every row.
    pub const ALL: [Self; 30] = [
        Self::Settled,
        Self::Unaudited,
        Self::Wrong,
        Self::Fault,
        Self::Right,
        Self::NoVerdict,
        Self::Unproved,
        Self::Unopened,
        Self::OpenedLate,
        Self::ChallengeUpheld,
        Self::ChallengeLost,
        Self::ChallengeUndecided,
        Self::ChallengeUndrawn,
        Self::ChallengeFault,
        Self::Fetched,
        Self::FetchedByFew,
        Self::Withheld,
        Self::BlameConfirmed,
        Self::BlameContradicted,
        Self::BlameUndecided,
        Self::InputUnavailable,
        Self::InputUnconfirmed,
        Self::KeysMissing,
        Self::NoWorker,
        Self::NoCheckers,
        Self::Silent,
        Self::Declined,
        Self::TimedOut,
        Self::Repeated,
        Self::Cancelled,
    ];

    /// Return the row of a dispute about an audit.
    pub fn of_dispute(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Right => Self::Right,
            Verdict::Wrong(_) => Self::Wrong,
            Verdict::Fault => Self::Fault,
            Verdict::None => Self::NoVerdict,
        }
    }

    /// Return the row of a challenge.
    pub fn of_challenge(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Right => Self::ChallengeLost,
            Verdict::Wrong(_) => Self::ChallengeUpheld,
            Verdict::Fault => Self::ChallengeFault,
            Verdict::None => Self::ChallengeUndecided,
        }
    }

    /// Return the row of a blame.
    pub fn of_blame(decision: Confirmation) -> Self {
        match decision {
            Confirmation::Confirmed => Self::BlameConfirmed,
            Confirmation::Contradicted => Self::BlameContradicted,
            Confirmation::Undecided => Self::BlameUndecided,
        }
    }

    /// Return the state of the task after the row.
    pub fn next(self, class: KernelClass) -> Next {
        self.terms(class).next
    }

    /// Whether the output has been public before the row, or is from the row on.
    pub fn is_public(self, class: KernelClass) -> bool {
        self.terms(class).public
    }

    /// Return the use of the deposit of the account that has called the panel.
    pub fn deposit(self, class: KernelClass) -> Deposit {
        self.terms(class).deposit
    }

    /// Whether the row marks the kernel as not reproducible, for its requester's further tasks.
    pub fn marks(self, class: KernelClass) -> bool {
        class == Raw && matches!(self, Self::Wrong | Self::NoVerdict | Self::ChallengeUpheld)
    }

    /// Whether the worker rests after the row, because no panel can know whether it is at fault.
    pub fn rests(self, class: KernelClass) -> bool {
        match self {
            Self::BlameContradicted => class == Deterministic,
            Self::InputUnconfirmed | Self::TimedOut => true,
            _ => false,
        }
    }

    /// Return everything that the row decides.
    pub(crate) fn terms(self, class: KernelClass) -> Terms {
        match self {
            Self::Settled
            | Self::Unaudited
            | Self::OpenedLate
            | Self::Right
            | Self::ChallengeLost
            | Self::ChallengeUndecided
            | Self::ChallengeUndrawn
            | Self::ChallengeFault
            | Self::Fetched
            | Self::FetchedByFew => self.terms_of_settlement(class),
            Self::Wrong | Self::Fault | Self::NoVerdict | Self::Unproved | Self::Unopened => self.terms_of_audit(class),
            Self::ChallengeUpheld | Self::Withheld => self.terms_of_accusation(class),
            _ => self.terms_without_result(class),
        }
    }

    /// Rows that settle the task, or after which it goes on to its settlement.
    fn terms_of_settlement(self, class: KernelClass) -> Terms {
        let on = Terms::settled(Next::Continues);
        let minority = if class == Deterministic { Loss::Bond } else { Loss::Nothing };
        match (self, class) {
            (Self::Unaudited, _) => Terms { auditors: Payer::Nobody, ..Terms::settled(Next::Closed) },
            (Self::OpenedLate, _) => Terms { worker: Loss::Late, ..on },
            (Self::Right, Deterministic) => Terms { jurors: Payer::Losers, deviators: Loss::Bond, minority, ..on },
            (Self::Right, Raw) => Terms { jurors: Payer::Requester, burns: Burns::Stake, deviators: Loss::Raw, ..on },
            (Self::ChallengeLost, _) => Terms { jurors: Payer::Caller, deposit: Deposit::Lost, minority, ..on },
            (Self::ChallengeUndecided, _) | (Self::ChallengeFault, Raw) => {
                Terms { jurors: Payer::Caller, deposit: Deposit::Half, ..on }
            }
            (Self::Fetched, _) => Terms { jurors: Payer::Caller, deposit: Deposit::Lost, ..on },
            (Self::FetchedByFew, _) => Terms { jurors: Payer::Caller, deposit: Deposit::Pay, ..on },
            (Self::ChallengeFault, Deterministic) => Terms { jurors: Payer::Requester, ..on },
            (Self::ChallengeUndrawn, _) => on,
            _ => Terms::settled(Next::Closed),
        }
    }

    /// Rows that end an audit or its dispute without a payment to the worker.
    fn terms_of_audit(self, class: KernelClass) -> Terms {
        let paid = Terms { auditors: Payer::Requester, jurors: Payer::Requester, ..Terms::requesters() };
        match (self, class) {
            (Self::Wrong, Deterministic) => Terms { deviators: Loss::Bond, minority: Loss::Bond, ..Terms::proved() },
            (Self::Wrong, Raw) => Terms { burns: Burns::Stake, worker: Loss::Raw, ..paid },
            (Self::Unopened, Deterministic) => Terms { jurors: Payer::Nobody, ..Terms::proved() },
            (Self::Unopened, Raw) => Terms { jurors: Payer::Nobody, worker: Loss::Raw, ..Terms::proved() },
            (Self::Fault, Deterministic) => Terms { wage: Wage::Time, ..paid },
            (Self::Unproved, _) => Terms { jurors: Payer::Nobody, ..paid },
            _ => paid,
        }
    }

    /// Rows in which an accusation against a verified result succeeds.
    fn terms_of_accusation(self, class: KernelClass) -> Terms {
        match (self, class) {
            (Self::ChallengeUpheld, Deterministic) => Terms { public: true, minority: Loss::Bond, ..Terms::proved() },
            (Self::ChallengeUpheld, Raw) => Terms {
                public: true,
                auditors: Payer::Requester,
                jurors: Payer::Requester,
                burns: Burns::Reward,
                worker: Loss::Raw,
                ..Terms::requesters()
            },
            _ => Terms { public: true, fee: true, burns: Burns::Reward, worker: Loss::Raw, ..Terms::proved() },
        }
    }

    /// Rows in which nobody has checked a result.
    fn terms_without_result(self, class: KernelClass) -> Terms {
        match (self, class) {
            (Self::BlameConfirmed, Raw) => Terms { wage: Wage::Time, jurors: Payer::Requester, ..Terms::requesters() },
            (Self::BlameContradicted, Raw) => {
                Terms { jurors: Payer::Losers, worker: Loss::Pay, ..Terms::of(Next::Again) }
            }
            (Self::KeysMissing, _) => Terms { auditors: Payer::Requester, burns: Burns::Pay, ..Terms::requesters() },
            (Self::NoCheckers, _) => Terms { auditors: Payer::Requester, ..Terms::requesters() },
            (Self::BlameConfirmed | Self::InputUnavailable | Self::Repeated, _) => Terms::requesters(),
            (Self::NoWorker | Self::Cancelled, _) => Terms::of(Next::Closed),
            (Self::BlameUndecided | Self::InputUnconfirmed | Self::Silent | Self::TimedOut, _) => {
                Terms { fee: true, ..Terms::of(Next::Again) }
            }
            _ => Terms::of(Next::Again),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, vec::Vec};

    #[test]
    fn every_row_is_listed_once_and_reads_as_it_is_written() {
        let rows = (0..=u8::MAX).map_while(|number| Row::decode(&mut &[number][..]).ok());
        assert!(rows.eq(Row::ALL));
        let names: BTreeSet<_> = Row::ALL.map(|row| serde_json::to_string(&row).unwrap()).into();
        assert_eq!(names.len(), Row::ALL.len());
        let read = names.iter().map(|name| serde_json::from_str::<Row>(name).unwrap());
        assert_eq!(read.count(), Row::ALL.len());
    }

    #[test]
    fn only_a_verified_result_is_ever_public() {
        // Rows of an audit, a blame or a draw come before the result is verified.
        let verified = [
            Row::Settled,
            Row::Unaudited,
            Row::Right,
            Row::OpenedLate,
            Row::ChallengeUpheld,
            Row::ChallengeLost,
            Row::ChallengeUndecided,
            Row::ChallengeUndrawn,
            Row::ChallengeFault,
            Row::Fetched,
            Row::FetchedByFew,
            Row::Withheld,
        ];
        for row in Row::ALL {
            for class in [Deterministic, Raw] {
                assert_eq!(row.is_public(class), verified.contains(&row), "{row:?}");
            }
        }
    }

    #[test]
    fn a_task_is_tried_again_only_without_a_second_dispute_on_its_stake() {
        let again = |class| Row::ALL.into_iter().filter(move |row| row.next(class) == Next::Again);
        let differs = [Row::Wrong, Row::ChallengeUpheld];
        assert!(again(Raw).chain(differs).collect::<Vec<_>>().len() == again(Deterministic).count());
        assert!(again(Raw).all(|row| row.terms(Raw).jurors != Payer::Requester));
    }

    #[test]
    fn a_mark_and_a_rest_cost_no_money_and_meet_no_proven_fault() {
        for row in Row::ALL {
            assert!(!row.marks(Deterministic), "{row:?}");
            assert!(!(row.rests(Deterministic) && row.terms(Deterministic).worker != Loss::Nothing), "{row:?}");
            assert!(!(row.rests(Raw) && row.terms(Raw).worker != Loss::Nothing), "{row:?}");
        }
        assert!(Row::Wrong.marks(Raw) && Row::NoVerdict.marks(Raw) && !Row::Right.marks(Raw));
    }
}
