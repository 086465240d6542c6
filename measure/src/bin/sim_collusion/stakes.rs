//! The schemes of a coalition, and the amounts at stake in a task.

use dpin_primitives::{
    AssetKind, Balance,
    job::{FeePolicy, Reward, TaskCost},
};
use pallet_proof_of_compute::{Rules, verdict::Shares};

/// The cost of computing a task honestly, in per cent of its reward: at worst all of it.
pub(crate) const COMPUTING_PERCENT: Balance = 100;

/// The scheme of the coalition, as described for the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scheme {
    MadeUp,
    Accuse,
    AccuseOwnJob,
    ChallengeOwnJob,
}

impl Scheme {
    /// All schemes, in the order of the columns.
    pub(crate) const ALL: [Self; 4] = [Self::MadeUp, Self::Accuse, Self::AccuseOwnJob, Self::ChallengeOwnJob];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MadeUp => "made up",
            Self::Accuse => "accuse",
            Self::AccuseOwnJob => "accuse, own job",
            Self::ChallengeOwnJob => "challenge, own job",
        }
    }
}

/// The amounts at stake in a task.
#[derive(Clone, Debug)]
pub(crate) struct Stakes {
    pub cost: TaskCost,
    /// The worker's bond, in planck.
    pub task_bond: Balance,
    /// The bond of each auditor and juror, in planck.
    pub check_bond: Balance,
    /// The bond of a challenger, in planck.
    pub challenge_bond: Balance,
    pub shares: Shares,
    /// The cost of computing honestly, in planck.
    pub computing: Balance,
}

impl Stakes {
    pub(crate) fn new(reward: Balance, auditors: u32, rules: &Rules, fees: &FeePolicy) -> Option<Self> {
        let asset = AssetKind::Native;
        let task_bond = rules.task_bond(&asset, reward)?;
        Some(Self {
            cost: TaskCost::quote(&Reward { asset, per_task: reward }, auditors, fees)?,
            task_bond,
            check_bond: rules.check_bond(task_bond),
            challenge_bond: rules.accusation_bond(task_bond),
            shares: rules.shares,
            computing: reward * COMPUTING_PERCENT / 100,
        })
    }
}
