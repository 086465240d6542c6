//! The steps of a task from stage to stage, one file for each part of the diagram in the crate's
//! documentation.
//!
//! A step takes the task in hand ([`Open`]) and consumes it: it stores the next stage or closes the
//! task, and returns the weight spent beyond the weight of the call or draw that has caused it.
//! Checks that run before a transaction enters a block read less than that: the rules are stored
//! ready for use only while a block is executed.

mod accuse;
mod assign;
mod audit;
mod blame;
mod close;
mod commit;
mod dispute;
mod expire;

pub(crate) use audit::Weighed;

use crate::*;
use core::marker::PhantomData;
use dpin_primitives::{
    Balance, BlockNumber, TaskId,
    api::TaskStep,
    traits::{JobLedger, TaskBrief},
};
use polkadot_sdk::frame_support::{ensure, weights::Weight};

/// An open task in hand: everything that its steps need, read once.
pub(crate) struct Open<T: Config> {
    pub id: TaskId,
    pub state: TaskState,
    pub brief: TaskBrief,
    pub rules: Rules,
    pub now: BlockNumber,
    /// Weight of the rare extras so far: regions, filing, closing.
    spent: Weight,
    runtime: PhantomData<T>,
}

impl<T: Config> Open<T> {
    pub(crate) fn load(id: TaskId) -> Result<Self, Error<T>> {
        Self::of(id, Pallet::<T>::stored(id)?)
    }

    /// Take up a task whose state is read already.
    pub(crate) fn of(id: TaskId, state: TaskState) -> Result<Self, Error<T>> {
        let brief = T::Jobs::brief(id).ok_or(Error::<T>::UnknownTask)?;
        Ok(Self::new(id, state, brief))
    }

    pub(crate) fn new(id: TaskId, state: TaskState, brief: TaskBrief) -> Self {
        let (rules, now) = (Pallet::<T>::rules(), Pallet::<T>::now());
        Self { id, state, brief, rules, now, spent: Weight::zero(), runtime: PhantomData }
    }

    /// Store the task at its next stage. Returns the weight spent.
    pub(crate) fn enter(mut self, stage: Stage) -> Weight {
        self.state.stage = stage;
        self.stay()
    }

    /// Store the task, whose stage has not ended. Returns the weight spent.
    fn stay(self) -> Weight {
        self.spent.saturating_add(Pallet::<T>::store(self.id, self.state))
    }

    fn spend(&mut self, weight: Weight) {
        self.spent = self.spent.saturating_add(weight);
    }

    /// The last of so many blocks after this one.
    fn after(&self, blocks: BlockNumber) -> BlockNumber {
        self.now.saturating_add(blocks)
    }

    /// Leave a step of the current attempt in the nodes' offchain index.
    fn note(&self, step: TaskStep) {
        history::note::<T>(self.id, self.state.attempt, step);
    }

    /// Number of tiles of the whole output.
    fn tiles(&self) -> u32 {
        self.brief.tiling.tiles(self.brief.group_count)
    }

    /// Value of the task for the reputation of those who work on it, in planck. A canary pays
    /// nothing: its value is the stake of an audit.
    fn worth(&self) -> Balance {
        if self.id.is_canary() {
            return self.rules.audit_bond;
        }
        self.rules.in_dpn(&self.brief.reward.asset, self.brief.reward.per_task).unwrap_or(Balance::MAX)
    }

    /// The count of fresh outputs from which a draw is allowed that is decided on in this block.
    fn drawable_at(&self) -> u64 {
        RunningEntropy::<T>::get().ripe_at(self.rules.fresh_outputs)
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn stored(task: TaskId) -> Result<TaskState, Error<T>> {
        Tasks::<T>::get(task).ok_or(Error::UnknownTask)
    }

    /// Check that a report is about the current attempt, before the stage's deadline.
    fn check_in_time(state: &TaskState, attempt: u8) -> Result<(), Error<T>> {
        ensure!(state.attempt == attempt, Error::<T>::WrongAttempt);
        ensure!(Self::now() <= state.stage.due(), Error::<T>::TooLate);
        Ok(())
    }
}
