//! Where open tasks are filed: under the block in which the sweep looks at them, and in the queues
//! of the lotteries.

use crate::*;
use dpin_primitives::{BlockNumber, TaskId};
use pallet_support::{agenda::Agenda, queue::Queue};
use polkadot_sdk::frame_support::weights::Weight;

/// Blocks after which the sweep looks at a new task for the first time: later than most tasks are
/// closed.
const FIRST_LOOK: BlockNumber = 12;

/// Most deadlines looked at by the sweep of one block, even if there is weight for more.
pub(crate) const MAX_SWEPT: u32 = 4_096;

/// The tasks by the block in which the sweep looks at them.
pub(crate) type Due<T> = Agenda<TaskId, Deadlines<T>, DeadlineCounts<T>, Swept<T>>;

/// Tasks that wait for a worker.
pub(crate) type WaitingQueue<T> = Queue<TaskId, Waiting<T>, WaitingEnds<T>>;
/// Tasks that wait for their sample and auditors.
pub(crate) type DrawingQueue<T> = Queue<TaskId, Drawing<T>, DrawingEnds<T>>;
/// Tasks whose draw is repeated.
pub(crate) type RedrawingQueue<T> = Queue<TaskId, Redrawing<T>, RedrawingEnds<T>>;

impl<T: Config> Pallet<T> {
    /// Store a task's new state, and make sure that the sweep looks at it in time.
    ///
    /// A task stays filed where it is unless its new deadline comes earlier. Most tasks are closed
    /// before the sweep has looked at them even once, so that two writes do for all their
    /// deadlines. Returns the weight of filing the task again, if that was necessary.
    pub(crate) fn store(task: TaskId, mut state: TaskState) -> Weight {
        let due = state.stage.due();
        let now = Self::now();
        let refiled = state.filed.is_some_and(|filed| filed > due || filed < now);
        if refiled {
            Self::file(task, &mut state, due);
        } else if state.filed.is_none() {
            Self::file(task, &mut state, due.min(now.saturating_add(FIRST_LOOK)));
        }
        Tasks::<T>::insert(task, state);
        if refiled { T::WeightInfo::refile_task() } else { Weight::zero() }
    }

    /// File a task under a block. An older entry stays, and the sweep skips it.
    fn file(task: TaskId, state: &mut TaskState, at: BlockNumber) {
        state.filed = Some(Due::<T>::file(Self::now(), at, task));
    }

    /// File a task under its deadline. It was filed under an earlier block.
    pub(crate) fn refile(task: TaskId, mut state: TaskState) {
        let due = state.stage.due();
        Self::file(task, &mut state, due);
        Tasks::<T>::insert(task, state);
    }
}
