//! Panels: several checkers that answer one question about a task, judged together.
//!
//! # Rules
//!
//! - A seat seals a finding, or says that it cannot find one. Both are answers.
//! - A silent seat and one that cannot are replaced by one new seat each, in at most
//!   [`MAX_REFILLS`] refills. A seat that has sealed stays.
//! - A finding counts if a majority of the panel's size agrees on it, and more seats than were ever
//!   silent: [`Panel::needed`].
//! - Silence is a fault only if enough others have sealed: [`Panel::silent`].
//!
//! # Why
//!
//! Refills alone would let a party win that keeps honest seats off the net. Each silenced seat
//! would be another ticket for its friends, until they have the majority. With the second condition
//! of [`Panel::needed`], both auditors are friends of such a party in 2.8 % of all tasks, not in 7
//! %, if it owns a tenth of all checkers.
//!
//! One new seat for a silent one, not two: own silence gains nothing, because the friends on a
//! panel never become more than they were among the seats first drawn. It also costs the requester
//! nothing. A second seat would cost a pay, more than a silent seat loses.

use crate::{
    AccountId, Balance, BlockNumber, Hash, duty::DutyId, kernel::KernelClass, reason::ReasonCode, seal::Finding,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use scale_info::TypeInfo;

/// Number of seats of a jury, which decides a dispute or a challenge.
pub const JURY: u32 = 5;
/// Number of seats of an appeal.
pub const APPEAL: u32 = 15;
/// Number of seats of a panel that checks a blame.
pub const BLAME: u32 = 3;
/// Number of seats of a panel that looks for a missing input or a withheld output.
pub const FETCHERS: u32 = 5;
/// Maximum number of seats of a panel.
pub const MAX_SEATS: u32 = APPEAL;
/// Maximum number of refills of a panel.
pub const MAX_REFILLS: u8 = 2;
/// Maximum number of seats that refills have emptied.
pub const MAX_GONE: u32 = MAX_SEATS * MAX_REFILLS as u32;

/// The reason why a checker cannot answer: a reason code without its log.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(serde::Deserialize, schemars::JsonSchema), schemars(rename = "ObstacleView"))]
pub enum Obstacle {
    /// The requester has not sealed the job key to the seat, or the sealed key does not open.
    NoKey,
    /// An input could not be fetched in time.
    InputUnavailable,
    /// The kernel did not compile.
    BuildFailed,
    /// The kernel crashed.
    KernelFault,
    /// The memory of the device is too small.
    OutOfMemory,
    /// The sample takes longer than the check may take.
    TooLong,
    /// The device was lost.
    DeviceLost,
    /// The executor could not do its work.
    Other,
}

impl From<&ReasonCode> for Obstacle {
    fn from(reason: &ReasonCode) -> Self {
        match reason {
            ReasonCode::InputUnavailable { .. } => Self::InputUnavailable,
            ReasonCode::BuildFailed { .. } => Self::BuildFailed,
            ReasonCode::KernelFault { .. } => Self::KernelFault,
            ReasonCode::OutOfMemory => Self::OutOfMemory,
            ReasonCode::Timeout => Self::TooLong,
            ReasonCode::DeviceLost => Self::DeviceLost,
            _ => Self::Other,
        }
    }
}

/// One seat of a panel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Seat {
    /// The account on the seat.
    pub who: AccountId,
    /// The answer of the seat.
    pub answer: Answer,
}

/// The answer of a seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Answer {
    /// The seat has not answered.
    Open,
    /// The seat has sealed a finding.
    Sealed(Hash),
    /// The seat has revealed its finding.
    Found(Finding),
    /// The seat cannot find anything.
    Cannot(Obstacle),
}

impl Answer {
    /// Whether the seat has sealed.
    pub fn is_sealed(&self) -> bool {
        matches!(self, Self::Sealed(_) | Self::Found(_))
    }
}

/// A seat that a refill has emptied.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Gone {
    /// The seat was silent when its round ended.
    Silent(AccountId),
    /// The seat said that it cannot.
    Cannot(AccountId, Obstacle),
}

/// Several checkers that answer one question about a task.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Panel {
    /// Seed of the first draw: of the sample and of the duty. Refills keep it.
    pub seed: Hash,
    /// Amount locked for each seat, in planck. It stays locked until the panel is judged.
    pub bond: Balance,
    /// Length of the check in blocks, with the backlog of the seats first drawn.
    pub check_blocks: BlockNumber,
    /// Number of seats at once, at least 1.
    pub size: u8,
    /// Number of refills.
    pub round: u8,
    /// Whether the panel was drawn from fewer than ten eligible checkers a seat. Then no bond is at
    /// stake.
    pub weak: bool,
    /// The seats.
    pub seats: BoundedVec<Seat, ConstU32<MAX_SEATS>>,
    /// The seats that refills have emptied. Their bonds stay locked too.
    pub gone: BoundedVec<Gone, ConstU32<MAX_GONE>>,
}

/// The decision of a jury.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(serde::Deserialize, schemars::JsonSchema), schemars(rename = "PanelVerdictView"))]
pub enum Verdict {
    /// The worker's result is right.
    Right,
    /// The worker's result is wrong. These are the right leaves, as their digest.
    Wrong(#[cfg_attr(feature = "json", schemars(with = "crate::json::HexHash"))] Hash),
    /// The kernel broke a rule of its language, so that there is no right result.
    Fault,
    /// Nobody can know.
    None,
}

/// The decision of a panel that checks a claim.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, serde::Serialize,
)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "json", derive(serde::Deserialize, schemars::JsonSchema), schemars(rename = "ConfirmationView"))]
pub enum Confirmation {
    /// The claim holds.
    Confirmed,
    /// The claim does not hold.
    Contradicted,
    /// Nobody can know.
    Undecided,
}

/// The side of a seat that has sealed, once its panel is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The seat agrees with the verdict, and is paid.
    Majority,
    /// The seat has revealed a finding and there is no verdict. The seat is paid.
    Undecided,
    /// The seat contradicts the verdict, or has not revealed. It is not paid and may lose.
    Minority,
}

impl Panel {
    /// Return the number of seats that must agree: a majority of the size, and more than were ever
    /// silent.
    ///
    /// A panel of one seat may be silent once, because it could never have more.
    pub fn needed(&self) -> u32 {
        let size = u32::from(self.size);
        let above_silent = if size > 1 { self.silences().saturating_add(1) } else { self.silences() };
        self.majority().max(above_silent)
    }

    /// More than half of the seats. The size counts if not all seats are taken.
    fn majority(&self) -> u32 {
        (u32::from(self.size).max(self.seats.len() as u32) / 2).saturating_add(1)
    }

    /// Return the number of seats that have sealed.
    pub fn sealed(&self) -> u32 {
        self.count(Answer::is_sealed)
    }

    fn count(&self, is: impl Fn(&Answer) -> bool) -> u32 {
        self.seats.iter().filter(|seat| is(&seat.answer)).count() as u32
    }

    /// Return the number of seats that were silent in any round.
    fn silences(&self) -> u32 {
        self.ever_silent().count() as u32
    }

    fn ever_silent(&self) -> impl Iterator<Item = &AccountId> {
        let gone = self.gone.iter().filter_map(|gone| match gone {
            Gone::Silent(who) => Some(who),
            Gone::Cannot(..) => None,
        });
        let open = self.seats.iter().filter(|seat| seat.answer == Answer::Open).map(|seat| &seat.who);
        gone.chain(open)
    }

    /// Whether no seat is open any more, so that the round ends before its deadline.
    pub fn is_answered(&self) -> bool {
        self.count(|answer| *answer == Answer::Open) == 0
    }

    /// End a round: empty the seats that have not sealed, and return the number of accounts to draw
    /// for them.
    ///
    /// Returns 0 and changes nothing if all seats have sealed, or if there was the last refill. An
    /// account in `gone` must not be drawn again.
    pub fn refill(&mut self) -> u32 {
        if self.round >= MAX_REFILLS || self.sealed() >= u32::from(self.size) {
            return 0;
        }
        let (sealed, empty): (Vec<Seat>, Vec<Seat>) =
            core::mem::take(&mut self.seats).into_iter().partition(|seat| seat.answer.is_sealed());
        self.seats = BoundedVec::truncate_from(sealed);
        for seat in empty {
            let gone = match seat.answer {
                Answer::Cannot(obstacle) => Gone::Cannot(seat.who, obstacle),
                _ => Gone::Silent(seat.who),
            };
            // Fits: each refill empties at most `MAX_SEATS` seats.
            let _ = self.gone.try_push(gone);
        }
        self.round = self.round.saturating_add(1);
        u32::from(self.size).saturating_sub(self.sealed())
    }

    /// Whether an audit proves something: enough seats have sealed.
    ///
    /// Whether the seals fit the opening is another question: [`Self::fits`].
    pub fn proved(&self) -> bool {
        self.sealed() >= self.needed()
    }

    /// Compare the seals of an audit with the worker's opening. Returns for each sealed seat
    /// whether it agrees. `duty` is the duty of the panel's seats.
    pub fn fits<'a>(&'a self, duty: &'a DutyId, opened: &'a Finding) -> impl Iterator<Item = (&'a AccountId, bool)> {
        self.seats.iter().filter_map(move |seat| match seat.answer {
            Answer::Sealed(seal) => Some((&seat.who, seal == duty.seal(&seat.who, opened))),
            _ => None,
        })
    }

    /// Return the accounts whose silence is a fault. Asked once, when the panel is judged.
    ///
    /// A silent seat is at fault if a majority of the panel's size has sealed, and at least two
    /// seats. The number of silent seats does not matter, or a coalition would be excused by its
    /// own silence. A seat that cannot does not count: if nobody can, nobody could have answered.
    pub fn silent(&self) -> Vec<AccountId> {
        if self.sealed() < self.majority().max(2) {
            return Vec::new();
        }
        self.ever_silent().cloned().collect()
    }

    /// Judge a dispute, a challenge or an appeal.
    ///
    /// `claim` is the digest of the leaves that the worker has opened, if it has. A finding needs
    /// [`Self::needed`] seats that agree on it. A fault of the language needs four fifths of the
    /// seats, a Deterministic kernel and a panel that is not weak, because it makes the kernel Raw
    /// for everybody.
    pub fn judge(&self, claim: Option<Hash>, class: KernelClass) -> Verdict {
        let Some(finding) = self.agreed() else { return Verdict::None };
        match finding {
            Finding::Leaves(leaves) if claim == Some(leaves) => Verdict::Right,
            Finding::Leaves(leaves) => Verdict::Wrong(leaves),
            Finding::Fault if self.finds_faults(class) => Verdict::Fault,
            _ => Verdict::None,
        }
    }

    fn finds_faults(&self, class: KernelClass) -> bool {
        let votes = self.votes(&Finding::Fault);
        let enough = votes.saturating_mul(5) >= u32::from(self.size).saturating_mul(4);
        enough && class == KernelClass::Deterministic && !self.weak
    }

    /// Return the finding of more than half of the panel, if it needs no more seats.
    fn agreed(&self) -> Option<Finding> {
        let needed = self.needed();
        let mut findings = self.seats.iter().filter_map(|seat| match seat.answer {
            Answer::Found(finding) => Some(finding),
            _ => None,
        });
        findings.find(|finding| self.votes(finding) >= needed)
    }

    fn votes(&self, finding: &Finding) -> u32 {
        self.count(|answer| *answer == Answer::Found(*finding))
    }

    /// Judge whether a claim holds. It takes at least `votes` seats to confirm it, and a majority
    /// to contradict it.
    pub fn confirm(&self, votes: u32) -> Confirmation {
        match self.agreed() {
            Some(Finding::Holds) if self.votes(&Finding::Holds) >= votes => Confirmation::Confirmed,
            Some(Finding::Fails) => Confirmation::Contradicted,
            _ => Confirmation::Undecided,
        }
    }

    /// Judge whether an output is withheld. One seat that could fetch it contradicts, because it
    /// can serve the output on.
    pub fn withheld(&self) -> Confirmation {
        if self.votes(&Finding::Fails) > 0 {
            return Confirmation::Contradicted;
        }
        self.confirm(self.needed())
    }

    /// Return the accounts that have sealed, each with its side. `claim` is as in [`Self::judge`].
    pub fn sides(&self, verdict: Verdict, claim: Option<Hash>) -> impl Iterator<Item = (&AccountId, Side)> {
        let truth = verdict.finding(claim);
        self.seats.iter().filter_map(move |seat| {
            let side = match seat.answer {
                Answer::Sealed(_) => Side::Minority,
                Answer::Found(_) if verdict == Verdict::None => Side::Undecided,
                Answer::Found(finding) if Some(finding) == truth => Side::Majority,
                Answer::Found(_) => Side::Minority,
                Answer::Open | Answer::Cannot(_) => return None,
            };
            Some((&seat.who, side))
        })
    }
}

impl Verdict {
    /// Return the finding that agrees with the verdict. `claim` is as in [`Panel::judge`].
    pub fn finding(&self, claim: Option<Hash>) -> Option<Finding> {
        match self {
            Self::Right => claim.map(Finding::Leaves),
            Self::Wrong(leaves) => Some(Finding::Leaves(*leaves)),
            Self::Fault => Some(Finding::Fault),
            Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(number: usize) -> AccountId {
        AccountId::new([number as u8; 32])
    }

    /// An answer by its letter: `-` open, `.` sealed, `x` cannot, `!` a fault, `y` and `n` to a
    /// claim, any other letter the leaves of that name.
    fn answer(letter: char) -> Answer {
        match letter {
            '-' => Answer::Open,
            '.' => Answer::Sealed(Hash::zero()),
            'x' => Answer::Cannot(Obstacle::Other),
            '!' => Answer::Found(Finding::Fault),
            'y' => Answer::Found(Finding::Holds),
            'n' => Answer::Found(Finding::Fails),
            _ => Answer::Found(Finding::Leaves(leaves(letter))),
        }
    }

    fn leaves(letter: char) -> Hash {
        Hash::repeat_byte(letter as u8)
    }

    /// A panel of `size` seats with these answers, after `silent` seats were silent.
    fn panel(size: u8, answers: &str, silent: usize) -> Panel {
        let seats = answers.chars().enumerate();
        let seats: Vec<Seat> = seats.map(|(n, letter)| Seat { who: account(n), answer: answer(letter) }).collect();
        let gone: Vec<Gone> = (0..silent).map(|n| Gone::Silent(account(100 + n))).collect();
        Panel {
            seed: Hash::zero(),
            bond: 0,
            check_blocks: 10,
            size,
            round: 0,
            weak: false,
            seats: seats.try_into().unwrap(),
            gone: gone.try_into().unwrap(),
        }
    }

    #[test]
    fn an_audit_needs_a_majority_and_more_seals_than_silence() {
        for (size, answers, silent, proved) in [
            (1, ".", 0, true),
            (1, "-", 0, false),
            (1, ".", 1, true),
            (1, ".", 2, false),
            (2, ".x", 0, false),
            (2, "..", 1, true),
            (2, "..", 2, false),
            (3, "..x", 0, true),
            (3, "..-", 0, true),
            (3, "..-", 1, false),
            (3, ".xx", 0, false),
            (7, "....xxx", 0, true),
            (7, "...xxxx", 0, false),
            (7, "......-", 4, true),
            (7, "......-", 5, false),
        ] {
            assert_eq!(panel(size, answers, silent).proved(), proved, "{size} {answers} {silent}");
        }
    }

    #[test]
    fn a_refill_keeps_seals_and_empties_every_other_seat() {
        let mut panel = panel(4, "-.x-", 0);
        assert!(!panel.is_answered());
        assert_eq!(panel.refill(), 3);
        assert_eq!(panel.seats.iter().map(|seat| seat.who.clone()).collect::<Vec<_>>(), [account(1)]);
        let gone = [Gone::Silent(account(0)), Gone::Cannot(account(2), Obstacle::Other), Gone::Silent(account(3))];
        assert_eq!(&panel.gone[..], gone);
        assert!(panel.is_answered());
        assert_eq!((panel.refill(), panel.round), (3, 2));
        assert_eq!((panel.refill(), panel.round), (0, 2), "there are two refills");
    }

    #[test]
    fn a_panel_that_has_sealed_is_not_refilled() {
        let full = panel(3, "..a", 0);
        let mut same = full.clone();
        assert_eq!(same.refill(), 0);
        assert_eq!(same, full);
    }

    #[test]
    fn the_largest_panel_fits_into_its_bounds() {
        let mut panel = panel(MAX_SEATS as u8, &"-".repeat(MAX_SEATS as usize), 0);
        for _ in 0..MAX_REFILLS {
            assert_eq!(panel.refill(), MAX_SEATS);
            panel.seats =
                (0..15).map(|n| Seat { who: account(n), answer: Answer::Open }).collect::<Vec<_>>().try_into().unwrap();
        }
        assert_eq!((panel.gone.len() as u32, panel.silences()), (MAX_GONE, MAX_GONE + MAX_SEATS));
        assert!(Panel::max_encoded_len() < 2_600, "{}", Panel::max_encoded_len());
    }

    #[test]
    fn silence_is_a_fault_only_where_others_could_answer() {
        for (size, answers, silent, faults) in [
            (2, ".-", 0, 0),
            (2, "..", 1, 1),
            (2, "--", 2, 0),
            (1, ".", 1, 0),
            (5, "...--", 0, 2),
            (5, "..---", 0, 0),
            (5, "..-xx", 0, 0),
            (5, "xxxx-", 3, 0),
            (5, "aab--", 4, 6),
        ] {
            assert_eq!(panel(size, answers, silent).silent().len(), faults, "{size} {answers} {silent}");
        }
    }

    #[test]
    fn a_verdict_needs_three_of_five_that_agree() {
        let wrong = |letter| Verdict::Wrong(leaves(letter));
        for (answers, silent, verdict) in [
            ("", 0, Verdict::None),
            ("aaxxx", 0, Verdict::None),
            ("aaa", 0, Verdict::Right),
            ("aaabb", 0, Verdict::Right),
            ("bbbaa", 0, wrong('b')),
            ("aabbc", 0, Verdict::None),
            ("bbcca", 0, Verdict::None),
            ("ccccc", 0, wrong('c')),
            ("aa...", 0, Verdict::None),
            ("aaa..", 0, Verdict::Right),
            ("bbb--", 0, wrong('b')),
            ("bbb--", 1, Verdict::None),
            ("bbbbb", 4, wrong('b')),
            ("bbbbb", 5, Verdict::None),
            ("aaa!!", 0, Verdict::Right),
            ("!!!aa", 0, Verdict::None),
            ("!!!!a", 0, Verdict::Fault),
            ("yyyyy", 0, Verdict::None),
        ] {
            let judged = panel(5, answers, silent).judge(Some(leaves('a')), KernelClass::Deterministic);
            assert_eq!(judged, verdict, "{answers} {silent}");
        }
        let unopened = panel(5, "aaaab", 0).judge(None, KernelClass::Raw);
        assert_eq!(unopened, wrong('a'), "a worker that opens nothing is not right");
    }

    #[test]
    fn a_fault_of_the_language_needs_a_deterministic_kernel_and_a_strong_panel() {
        let faults = panel(15, "!!!!!!!!!!!!aaa", 0);
        assert_eq!(faults.judge(None, KernelClass::Deterministic), Verdict::Fault);
        assert_eq!(faults.judge(None, KernelClass::Raw), Verdict::None);
        let weak = Panel { weak: true, ..faults };
        assert_eq!(weak.judge(None, KernelClass::Deterministic), Verdict::None);
        let fewer = panel(15, "!!!!!!!!!!!aaaa", 0);
        assert_eq!(fewer.judge(None, KernelClass::Deterministic), Verdict::None);
    }

    #[test]
    fn a_claim_is_confirmed_by_as_many_as_it_takes() {
        use Confirmation::{Confirmed, Contradicted, Undecided};
        for (size, answers, votes, decided) in [
            (3, "yyn", 2, Confirmed),
            (3, "yyn", 3, Undecided),
            (3, "yyy", 3, Confirmed),
            (3, "ynn", 3, Contradicted),
            (3, "yxx", 2, Undecided),
            (5, "yyyyn", 4, Confirmed),
            (5, "yyynn", 4, Undecided),
            (5, "yynnn", 4, Contradicted),
        ] {
            assert_eq!(panel(size, answers, 0).confirm(votes), decided, "{answers} {votes}");
        }
    }

    #[test]
    fn one_seat_that_can_fetch_an_output_ends_the_case() {
        use Confirmation::{Confirmed, Contradicted, Undecided};
        for (answers, silent, decided) in [
            ("yyyyn", 0, Contradicted),
            ("n----", 2, Contradicted),
            ("yyyyy", 0, Confirmed),
            ("yyyxx", 0, Confirmed),
            ("yyxxx", 0, Undecided),
            ("yyy--", 2, Undecided),
        ] {
            assert_eq!(panel(5, answers, silent).withheld(), decided, "{answers} {silent}");
        }
    }

    #[test]
    fn seats_stand_on_the_side_of_their_finding() {
        use Side::{Majority, Minority, Undecided};
        let sides = |answers: &str, verdict| {
            let panel = panel(5, answers, 0);
            panel.sides(verdict, Some(leaves('a'))).map(|(_, side)| side).collect::<Vec<_>>()
        };
        assert_eq!(sides("aab.x", Verdict::Right), [Majority, Majority, Minority, Minority]);
        assert_eq!(sides("ab-b", Verdict::Wrong(leaves('b'))), [Minority, Majority, Majority]);
        assert_eq!(sides("!!!!a", Verdict::Fault), [Majority, Majority, Majority, Majority, Minority]);
        assert_eq!(sides("abc.", Verdict::None), [Undecided, Undecided, Undecided, Minority]);
    }

    #[test]
    fn seals_are_compared_with_the_opening() {
        let duty = DutyId(Hash::repeat_byte(9));
        let opened = Finding::Leaves(leaves('a'));
        let mut panel = panel(3, "--x", 0);
        panel.seats[0].answer = Answer::Sealed(duty.seal(&account(0), &opened));
        panel.seats[1].answer = Answer::Sealed(duty.seal(&account(0), &opened));
        let fits: Vec<_> = panel.fits(&duty, &opened).map(|(who, fits)| (who.clone(), fits)).collect();
        assert_eq!(fits, [(account(0), true), (account(1), false)], "a copied seal fits nobody else");
    }

    #[test]
    fn a_finding_reads_as_it_is_written() {
        for verdict in [Verdict::Right, Verdict::Wrong(leaves('a')), Verdict::Fault, Verdict::None] {
            let json = serde_json::to_value(verdict).unwrap();
            assert_eq!(serde_json::from_value::<Verdict>(json).unwrap(), verdict);
        }
        assert_eq!(serde_json::to_value(Verdict::Fault).unwrap(), "fault");
    }

    /// The ways of one panel: every new seat is a friend of a coalition with chance `share`. Calls
    /// `end` with each final panel and its chance. Friends find `b`; `act` makes the others'
    /// answer.
    fn ways(panel: Panel, empty: u32, share: f64, chance: f64, other: char, end: &mut impl FnMut(&Panel, f64)) {
        if empty > 0 {
            for (letter, part) in [('b', share), (other, 1.0 - share)] {
                let mut next = panel.clone();
                next.seats.try_push(Seat { who: account(0), answer: answer(letter) }).unwrap();
                ways(next, empty - 1, share, chance * part, other, end);
            }
            return;
        }
        let mut next = panel.clone();
        match next.refill() {
            0 => end(&panel, chance),
            empty => ways(next, empty, share, chance, other, end),
        }
    }

    fn chance(size: u8, share: f64, other: char, is: impl Fn(&Panel) -> bool) -> f64 {
        let mut sum = 0.0;
        ways(panel(size, "", 0), size.into(), share, 1.0, other, &mut |panel, chance| {
            sum += if is(panel) { chance } else { 0.0 };
        });
        sum
    }

    #[test]
    fn who_silences_others_rarely_wins() {
        // A coalition with a tenth of the checkers keeps all others off the net.
        let audit = chance(2, 0.1, '-', Panel::proved);
        assert!((0.027..0.029).contains(&audit), "{audit}");
        let convicts =
            |panel: &Panel| matches!(panel.judge(Some(leaves('a')), KernelClass::Deterministic), Verdict::Wrong(_));
        let jury = chance(5, 0.1, '-', convicts);
        assert!(jury < 0.002, "{jury}");
        // Without refills or silence a third of the checkers owns a jury in 21 % of all cases.
        let majority = chance(5, 1.0 / 3.0, 'a', convicts);
        assert!((0.209..0.211).contains(&majority), "{majority}");
    }

    #[test]
    fn who_stays_silent_rarely_stops_a_panel() {
        // Here the coalition is silent: the letters change sides.
        let stopped = |size, share: f64| 1.0 - chance(size, 1.0 - share, '-', Panel::proved);
        for (size, share, most) in
            [(2, 0.1, 0.029), (3, 0.1, 0.009), (5, 0.1, 0.003), (2, 1.0 / 3.0, 0.27), (5, 1.0 / 3.0, 0.18)]
        {
            let stopped = stopped(size, share);
            assert!(stopped < most, "{size} {share}: {stopped}");
        }
    }

    proptest! {
        /// A coalition that is silent, says that it cannot, or seals as it likes never has more
        /// seals than it had seats in the first draw, as long as everybody else seals.
        #[test]
        fn own_silence_gains_no_seats(first in friends(5), plays in prop::collection::vec(0u8..3, 15), later in friends(10)) {
            let own = first.iter().filter(|own| **own).count() as u32;
            let mut panel = panel(5, "", 0);
            let (mut drawn, mut plays) = (first.into_iter().chain(later), plays.into_iter());
            let mut empty = 5;
            while empty > 0 {
                for _ in 0..empty {
                    let letter = match drawn.next() {
                        Some(true) => ['b', '-', 'x'][usize::from(plays.next().unwrap())],
                        _ => 'a',
                    };
                    panel.seats.try_push(Seat { who: account(0), answer: answer(letter) }).unwrap();
                }
                empty = panel.refill();
            }
            prop_assert!(panel.votes(&Finding::Leaves(leaves('b'))) <= own);
            if own < 3 {
                prop_assert!(panel.judge(Some(leaves('a')), KernelClass::Raw) != Verdict::Wrong(leaves('b')));
            }
        }

        /// With a majority of honest seats nobody honest stands in the minority, whatever the
        /// others answer.
        #[test]
        fn an_honest_majority_is_never_the_minority(
            honest in 3usize..=5,
            others in prop::collection::vec(prop::sample::select(&['a', 'b', 'c', '!', '.', '-', 'x'][..]), 2),
            right: bool,
        ) {
            let truth = if right { 'a' } else { 'c' };
            let answers: alloc::string::String =
                core::iter::repeat_n(truth, honest).chain(others.into_iter().take(5 - honest)).collect();
            let panel = panel(5, &answers, 0);
            let verdict = panel.judge(Some(leaves('a')), KernelClass::Deterministic);
            prop_assert_eq!(verdict, if right { Verdict::Right } else { Verdict::Wrong(leaves('c')) });
            prop_assert!(panel.sides(verdict, Some(leaves('a'))).take(honest).all(|(_, side)| side == Side::Majority));
            prop_assert!(panel.silent().iter().all(|who| *who >= account(honest)));
        }
    }

    fn friends(length: usize) -> impl Strategy<Value = Vec<bool>> {
        prop::collection::vec(any::<bool>(), length)
    }
}
