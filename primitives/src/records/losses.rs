//! Losses: what a row of the [endings](crate::ending) takes from bonds and deposits.
//!
//! Amounts are in planck. A loss pays checkers first, each exactly its pay. The rest is burned or
//! goes to the insurance pot.

use crate::{
    Balance, BlockNumber,
    bill::{seat, take},
    check::late,
    ending::{Deposit, Loss, Payer, Row},
    kernel::KernelClass::{self, Deterministic},
    panel::Verdict,
};
use polkadot_sdk::sp_runtime::Perbill;

/// Share of a challenger's bond for the worker that it has challenged in vain.
const COMPENSATION: Perbill = Perbill::from_percent(10);

/// The bonds that a row may cost, in planck.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stakes {
    /// The worker's bond for the task.
    pub worker: Balance,
    /// The bond of each seat.
    pub seat: Balance,
    /// x: the loss of each side of a dispute that nobody can prove. At most the worker's bond.
    pub raw: Balance,
    /// The pay of one checker.
    pub pay: Balance,
    /// Whether the panel was weak. Then a proven fault costs x instead of a bond, and a seat in the
    /// minority nothing.
    pub weak: bool,
    /// Blocks by which the opening was late, and the grace.
    pub late: (BlockNumber, BlockNumber),
    /// Number of auditors on the losing side of a dispute.
    pub deviators: u32,
    /// Number of audit seats to pay.
    pub auditors: u32,
    /// Number of other seats to pay.
    pub jurors: u32,
}

/// The losses of bonds by a row, in planck.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Losses {
    /// Loss of the worker.
    pub worker: Balance,
    /// Loss of each auditor on the losing side.
    pub deviator: Balance,
    /// Loss of each juror in the minority, and of each that has sealed and not revealed.
    pub minority: Balance,
    /// Number of audit seats that get their pay from these losses.
    pub auditors: u32,
    /// Number of other seats that get their pay from these losses.
    pub jurors: u32,
}

/// Return the losses of bonds by a row.
///
/// The rest of the losses is burned or goes to the insurance pot: nobody has a share of it. A loss
/// of x that several auditors bear together is divided equally and rounded up.
pub fn losses(row: Row, class: KernelClass, stakes: &Stakes) -> Losses {
    let terms = row.terms(class);
    let proves = class == Deterministic && !stakes.weak;
    let whole = if proves { stakes.worker } else { stakes.raw.min(stakes.worker) };
    let worker = match terms.worker {
        Loss::Nothing => 0,
        Loss::Bond => whole,
        Loss::Raw => stakes.raw.min(stakes.worker),
        Loss::Late => late(whole, stakes.late.0, stakes.late.1),
        Loss::Pay => stakes.pay.saturating_mul(stakes.jurors.into()).min(stakes.worker),
    };
    let deviator = match terms.deviators {
        Loss::Nothing => 0,
        Loss::Bond if proves => stakes.seat,
        _ => stakes.raw.div_ceil(stakes.deviators.max(1).into()).min(stakes.seat),
    };
    let paid = |payer, seats| if payer == Payer::Losers { seats } else { 0 };
    Losses {
        worker,
        deviator,
        minority: if terms.minority == Loss::Bond && proves { stakes.seat } else { 0 },
        auditors: paid(terms.auditors, stakes.auditors),
        jurors: paid(terms.jurors, stakes.jurors),
    }
}

/// The division of a deposit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Split {
    /// Number of seats that are paid.
    pub seats: u32,
    /// Amount for all paid seats together.
    pub paid: Balance,
    /// Amount for the accused worker.
    pub worker: Balance,
    /// Amount burned.
    pub burned: Balance,
    /// Amount returned to the depositor.
    pub back: Balance,
}

impl Deposit {
    /// Return the use of an appellant's stake. It is lost unless the appeal changes the verdict.
    ///
    /// An appeal without a verdict leaves none: it pays its seats only.
    pub fn of_appeal(first: Verdict, second: Verdict) -> Self {
        match second {
            Verdict::None => Self::Pay,
            second if second == first => Self::Lost,
            _ => Self::Back,
        }
    }

    /// Divide a deposit of `amount` when `seats` seats are to get `pay` each.
    ///
    /// A seat is paid in full or not at all. Nothing is made or lost by rounding.
    pub fn split(self, amount: Balance, seats: u32, pay: Balance) -> Split {
        let mut left = match self {
            Self::Back => 0,
            Self::Half => amount.div_ceil(2),
            Self::Pay | Self::Lost => amount,
        };
        let kept = left;
        let seats = seat(&mut left, seats, pay);
        let paid = kept.saturating_sub(left);
        let worker = if self == Self::Lost { take(&mut left, COMPENSATION.mul_floor(amount)) } else { 0 };
        let burned = if self == Self::Pay { 0 } else { left };
        let out = paid.saturating_add(worker).saturating_add(burned);
        Split { seats, paid, worker, burned, back: amount.saturating_sub(out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AccountId, Hash,
        check::{LEAST_RAW_PERCENT, raw_loss},
        kernel::KernelClass::Raw,
        panel::{Answer, JURY, Panel, Seat, Side},
        seal::Finding,
    };
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn leaves(letter: char) -> Hash {
        Hash::repeat_byte(letter as u8)
    }

    /// A jury: `a` and `b` are leaves, `!` a fault, `.` a seal that is not revealed, `x` cannot,
    /// and `-` silence.
    fn jury(answers: &[char], weak: bool) -> Panel {
        let answer = |letter: &char| match letter {
            '!' => Answer::Found(Finding::Fault),
            '.' => Answer::Sealed(Hash::zero()),
            'x' => Answer::Cannot(crate::panel::Obstacle::Other),
            '-' => Answer::Open,
            _ => Answer::Found(Finding::Leaves(leaves(*letter))),
        };
        let seats = answers.iter().zip(0u8..);
        let seats: Vec<Seat> =
            seats.map(|(letter, n)| Seat { who: AccountId::new([n; 32]), answer: answer(letter) }).collect();
        Panel {
            seed: Hash::zero(),
            bond: 0,
            check_blocks: 10,
            size: JURY as u8,
            round: 0,
            weak,
            seats: seats.try_into().unwrap(),
            gone: Default::default(),
        }
    }

    /// Stakes of a task with `auditors` auditors, as the rules make them: a bond covers x.
    fn stakes(auditors: u32, pay: Balance, percent: u32, bond: Balance, weak: bool) -> Stakes {
        let raw = raw_loss(auditors, pay, percent).unwrap();
        let bond = bond.max(raw);
        Stakes { worker: bond, seat: bond, raw, pay, weak, late: (0, 200), deviators: 1, auditors, jurors: JURY }
    }

    /// The losses of a dispute that the opening `opened` of a worker began: the row, the losses and
    /// the auditors on the losing side.
    fn dispute(class: KernelClass, opened: char, auditors: &[char], panel: &Panel) -> (Row, Losses, Vec<usize>) {
        let verdict = panel.judge(Some(leaves(opened)), class);
        let truth = verdict.finding(Some(leaves(opened)));
        let losing = |letter: &char| truth.is_some_and(|truth| truth != Finding::Leaves(leaves(*letter)));
        let losers: Vec<usize> = (0..auditors.len()).filter(|n| losing(&auditors[*n])).collect();
        let row = Row::of_dispute(verdict);
        let stakes = Stakes { deviators: losers.len() as u32, ..stakes(2, 100, 200, 6_000, panel.weak) };
        (row, losses(row, class, &stakes), losers)
    }

    #[test]
    fn the_table_of_losses() {
        let stakes = Stakes { late: (20, 200), deviators: 2, ..stakes(2, 100, 200, 6_000, false) };
        assert_eq!((stakes.worker, stakes.raw), (6_000, 1_400));
        let of = |row, class| {
            let lost = losses(row, class, &stakes);
            (lost.worker, lost.deviator, lost.minority, lost.auditors, lost.jurors)
        };
        for (row, on_d, on_r) in [
            (Row::Wrong, (6_000, 6_000, 6_000, 2, 5), (1_400, 0, 0, 0, 0)),
            (Row::Right, (0, 6_000, 6_000, 0, 5), (0, 700, 0, 0, 0)),
            (Row::Unopened, (6_000, 0, 0, 2, 0), (1_400, 0, 0, 2, 0)),
            (Row::OpenedLate, (60, 0, 0, 0, 0), (14, 0, 0, 0, 0)),
            (Row::ChallengeUpheld, (6_000, 0, 6_000, 2, 5), (1_400, 0, 0, 0, 0)),
            (Row::ChallengeLost, (0, 0, 6_000, 0, 0), (0, 0, 0, 0, 0)),
            (Row::Withheld, (1_400, 0, 0, 2, 5), (1_400, 0, 0, 2, 5)),
            (Row::BlameContradicted, (0, 0, 0, 0, 0), (500, 0, 0, 0, 5)),
        ] {
            assert_eq!((of(row, Deterministic), of(row, Raw)), (on_d, on_r), "{row:?}");
        }
    }

    #[test]
    fn all_other_rows_cost_no_bond() {
        let faults = [
            Row::Wrong,
            Row::Right,
            Row::Unopened,
            Row::OpenedLate,
            Row::ChallengeUpheld,
            Row::ChallengeLost,
            Row::Withheld,
            Row::BlameContradicted,
        ];
        let stakes = Stakes { late: (200, 200), ..stakes(2, 100, 200, 6_000, false) };
        for row in Row::ALL.into_iter().filter(|row| !faults.contains(row)) {
            for class in [Deterministic, Raw] {
                assert_eq!(losses(row, class, &stakes), Losses::default(), "{row:?}");
            }
        }
    }

    #[test]
    fn a_deposit_pays_its_panel_and_comes_back_as_the_row_says() {
        let split = |deposit: Deposit| {
            let split = deposit.split(1_000, 3, 100);
            (split.paid, split.worker, split.burned, split.back)
        };
        assert_eq!(split(Deposit::Back), (0, 0, 0, 1_000));
        assert_eq!(split(Deposit::Pay), (300, 0, 0, 700));
        assert_eq!(split(Deposit::Half), (300, 0, 200, 500));
        assert_eq!(split(Deposit::Lost), (300, 100, 600, 0));
        assert_eq!(Deposit::Half.split(101, 1, 100).seats, 0, "a seat is paid in full or not at all");
    }

    #[test]
    fn an_appeal_in_vain_loses_its_stake() {
        let wrong = |letter| Verdict::Wrong(leaves(letter));
        for (first, second, deposit) in [
            (wrong('a'), wrong('a'), Deposit::Lost),
            (wrong('a'), Verdict::Right, Deposit::Back),
            (wrong('a'), wrong('b'), Deposit::Back),
            (wrong('a'), Verdict::Fault, Deposit::Back),
            (Verdict::Right, Verdict::Right, Deposit::Lost),
            (Verdict::Right, Verdict::None, Deposit::Pay),
        ] {
            assert_eq!(Deposit::of_appeal(first, second), deposit);
        }
    }

    fn answers(letters: &'static [char], length: usize) -> impl Strategy<Value = Vec<char>> {
        prop::collection::vec(prop::sample::select(letters), length)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        /// Deterministic: with a majority of honest jurors, who find the truth `a`, nobody honest
        /// loses anything, whatever worker, auditors and the other jurors do.
        #[test]
        fn nobody_honest_loses_a_bond_on_a_deterministic_kernel(
            opened in prop::sample::select(&['a', 'b'][..]), auditors in answers(&['a', 'b', 'c'], 3),
            honest in 3usize..=5, others in answers(&['a', 'b', 'c', '!', '.', 'x', '-'], 2), weak: bool
        ) {
            prop_assume!(auditors.iter().any(|sealed| *sealed != opened));
            let jurors: Vec<char> = core::iter::repeat_n('a', honest).chain(others).take(5).collect();
            let panel = jury(&jurors, weak);
            let (row, lost, losers) = dispute(Deterministic, opened, &auditors, &panel);
            prop_assert_eq!(row, if opened == 'a' { Row::Right } else { Row::Wrong });
            prop_assert_eq!(lost.worker > 0, opened == 'b');
            prop_assert!(losers.iter().all(|n| auditors[*n] != 'a'), "an honest auditor is no loser");
            let verdict = panel.judge(Some(leaves(opened)), Deterministic);
            let mut sides = panel.sides(verdict, Some(leaves(opened)));
            prop_assert!(sides.by_ref().take(honest).all(|(_, side)| side == Side::Majority));
            prop_assert!(!weak || lost.worker.max(lost.deviator) <= 1_400 && lost.minority == 0, "weak: {lost:?}");
        }

        /// Raw: everybody is honest, and the kernel gives each device `a` or `b` as its author
        /// likes.
        #[test]
        fn a_raw_kernel_costs_one_side_x_at_most(
            opened in prop::sample::select(&['a', 'b'][..]), auditors in answers(&['a', 'b'], 3),
            jurors in answers(&['a', 'b', 'x'], 5), weak: bool
        ) {
            let (_, lost, losers) = dispute(Raw, opened, &auditors, &jury(&jurors, weak));
            let together = lost.worker + lost.deviator * losers.len() as u128;
            prop_assert!(together < 1_400 + losers.len().max(1) as u128, "{lost:?}");
            prop_assert!(lost.worker == 0 || lost.deviator == 0);
            prop_assert_eq!(lost.minority, 0);
        }

        /// Losses cover the pay that they owe, for every row.
        #[test]
        fn losses_pay_every_checker_that_they_owe(
            auditors in 0u32..=7, pay in 0u128..1 << 100, percent in LEAST_RAW_PERCENT..=400, bond: u64,
            deviators in 1u32..=7, weak: bool, jurors in 0u32..=JURY
        ) {
            let stakes = Stakes { deviators, jurors, ..stakes(auditors, pay, percent, bond.into(), weak) };
            for row in Row::ALL {
                for class in [Deterministic, Raw] {
                    let lost = losses(row, class, &stakes);
                    let seats = u128::from(lost.auditors + lost.jurors);
                    prop_assert!(lost.worker + lost.deviator * u128::from(deviators) >= seats * pay, "{row:?}");
                    prop_assert!(lost.worker <= stakes.worker && lost.deviator <= stakes.seat);
                }
            }
        }

        #[test]
        fn extreme_stakes_never_overflow(
            worker: u128, seat: u128, raw: u128, pay: u128, seats: u32, blocks: u32, weak: bool
        ) {
            let stakes = Stakes {
                worker, seat, raw, pay, weak, late: (blocks, 200), deviators: seats, auditors: seats, jurors: seats,
            };
            for row in Row::ALL {
                for class in [Deterministic, Raw] {
                    let lost = losses(row, class, &stakes);
                    prop_assert!(lost.worker <= worker && lost.deviator <= seat && lost.minority <= seat);
                }
            }
        }

        #[test]
        fn a_deposit_is_divided_without_rest(amount: u128, seats: u32, pay: u128) {
            for deposit in [Deposit::Back, Deposit::Pay, Deposit::Half, Deposit::Lost] {
                let split = deposit.split(amount, seats, pay);
                prop_assert_eq!(split.paid + split.worker + split.burned + split.back, amount);
                prop_assert!(split.seats <= seats);
                prop_assert_eq!(Some(split.paid), pay.checked_mul(split.seats.into()));
                prop_assert!(deposit != Deposit::Half || split.back == amount / 2);
                prop_assert!(deposit != Deposit::Lost || split.back == 0);
            }
        }
    }
}
