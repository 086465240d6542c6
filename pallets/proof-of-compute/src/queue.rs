//! First come, first served: queues of tasks in pages.
//!
//! A page is one entry of the state, so that many tasks come and go with few of them being written.
//! Positions count tasks, not pages. The state keeps nothing of an empty queue but its position.

use dpin_primitives::TaskId;
use polkadot_sdk::frame_support::{traits::ConstU32, BoundedVec};

/// Tasks in a page.
pub const PAGE_TASKS: u32 = 64;

/// A page of a queue.
pub type Page = BoundedVec<TaskId, ConstU32<PAGE_TASKS>>;

/// What becomes of a task at the head of a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    /// It leaves the queue.
    Done,
    /// It goes to the end of the queue.
    Again,
    /// It stays where it is, and so do all behind it.
    Stop,
}

/// The page of a position.
pub(crate) fn page_of(position: u64) -> u64 {
    position.checked_div(PAGE_TASKS.into()).unwrap_or_default()
}

/// The place of a position in its page.
pub(crate) fn place_of(position: u64) -> usize {
    position.checked_rem(PAGE_TASKS.into()).unwrap_or_default() as usize
}

/// The first position of the page after that of `position`, or `position` itself if a page begins
/// there.
pub(crate) fn page_end(position: u64) -> u64 {
    position.div_ceil(PAGE_TASKS.into()).saturating_mul(PAGE_TASKS.into())
}

/// A queue in a map of pages, with the positions of its first task and of the next free place in a
/// value.
macro_rules! queue {
    ($push:ident, $serve:ident, $tasks:ident, $map:ident, $ends:ident) => {
        /// Put a task at the end.
        pub(crate) fn $push(task: TaskId) {
            $ends::<T>::mutate(|(_, next)| {
                if $map::<T>::try_append($crate::queue::page_of(*next), task).is_err() {
                    defensive!("a page has a place for each of its positions");
                }
                next.saturating_inc();
            });
        }

        /// Let at most `most` of the tasks that are there now have their turn; returns how many
        /// left their places.
        pub(crate) fn $serve(most: u32, mut turn: impl FnMut(TaskId) -> Turn) -> u32 {
            use $crate::queue::{page_end, page_of, place_of};
            let (start, end) = $ends::<T>::get();
            let end = end.min(start.saturating_add(most.into()));
            let (mut first, mut stopped) = (start, false);
            let mut again = Vec::new();
            while first < end && !stopped {
                let page = $map::<T>::get(page_of(first)).unwrap_or_default();
                let before = first;
                let left = page_end(first.saturating_add(1)).min(end).saturating_sub(first);
                for task in page.into_iter().skip(place_of(first)).take(left as usize) {
                    match turn(task) {
                        Turn::Done => {}
                        Turn::Again => again.push(task),
                        Turn::Stop => {
                            stopped = true;
                            break;
                        }
                    }
                    first.saturating_inc();
                    if place_of(first) == 0 {
                        $map::<T>::remove(page_of(first.saturating_sub(1)));
                    }
                }
                if !stopped && first < before.saturating_add(left) {
                    defensive!("a page is as long as its positions say");
                    first = before.saturating_add(left);
                    $map::<T>::remove(page_of(before));
                }
            }
            $ends::<T>::mutate(|(head, next)| {
                *head = first;
                if first >= *next && place_of(first) != 0 {
                    $map::<T>::remove(page_of(first));
                    *head = page_end(first);
                    *next = *head;
                }
            });
            again.into_iter().for_each(Self::$push);
            u32::try_from(first.saturating_sub(start)).unwrap_or(u32::MAX)
        }

        /// All tasks in it, in order.
        #[cfg(any(feature = "std", feature = "try-runtime"))]
        pub(crate) fn $tasks() -> Vec<TaskId> {
            use $crate::queue::{page_of, place_of};
            let (first, next) = $ends::<T>::get();
            let place = |at| $map::<T>::get(page_of(at)).and_then(|page| page.get(place_of(at)).copied());
            (first..next).filter_map(place).collect()
        }
    };
}

pub(crate) use queue;

#[cfg(test)]
mod tests {
    use crate::{mock::*, queue::Turn, *};
    use dpin_primitives::TaskId;
    use polkadot_sdk::sp_io::TestExternalities;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    const MANY: u32 = 3 * PAGE_TASKS;

    fn numbered(job: u64) -> TaskId {
        TaskId { job, index: 0 }
    }

    fn pages() -> usize {
        Waiting::<Test>::iter().count()
    }

    #[test]
    fn an_empty_queue_leaves_no_page_behind() {
        TestExternalities::default().execute_with(|| {
            for count in [1, PAGE_TASKS - 1, PAGE_TASKS, PAGE_TASKS + 1, MANY] {
                (0..count).for_each(|job| ProofOfCompute::push_waiting(numbered(job.into())));
                assert_eq!(pages() as u32, count.div_ceil(PAGE_TASKS));
                assert_eq!(ProofOfCompute::serve_waiting(u32::MAX, |_| Turn::Done), count);
                assert_eq!((pages(), ProofOfCompute::waiting_len()), (0, 0), "after {count} tasks");
            }
        });
    }

    #[test]
    fn a_task_that_goes_to_the_end_has_one_turn_only() {
        TestExternalities::default().execute_with(|| {
            (0..5).for_each(|job| ProofOfCompute::push_waiting(numbered(job)));
            assert_eq!(ProofOfCompute::serve_waiting(u32::MAX, |_| Turn::Again), 5);
            assert_eq!(ProofOfCompute::waiting(), (0..5).map(numbered).collect::<Vec<_>>());
        });
    }

    #[test]
    fn a_page_that_is_missing_stops_nobody() {
        TestExternalities::default().execute_with(|| {
            WaitingEnds::<Test>::put((10, 10 + u64::from(PAGE_TASKS)));
            let served = std::panic::catch_unwind(|| ProofOfCompute::serve_waiting(u32::MAX, |_| Turn::Done));
            assert!(
                served.is_err() || ProofOfCompute::waiting_len() == 0,
                "told where it is tested, and got over elsewhere"
            );
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn behaves_as_a_queue(
            steps in prop::collection::vec((0u32..100, 0u32..120, prop::collection::vec(0u8..16, 1..8)), 1..20)
        ) {
            TestExternalities::default().execute_with(|| {
                let (mut model, mut next) = (VecDeque::new(), 0u64);
                for (pushed, most, turns) in steps {
                    for _ in 0..pushed {
                        ProofOfCompute::push_waiting(numbered(next));
                        model.push_back(numbered(next));
                        next += 1;
                    }
                    let turn = |at: usize| match turns[at % turns.len()] {
                        0 => Turn::Stop,
                        1..=4 => Turn::Again,
                        _ => Turn::Done,
                    };
                    let (mut seen, mut expected, mut again) = (Vec::new(), Vec::new(), Vec::new());
                    let served = ProofOfCompute::serve_waiting(most, |task| {
                        seen.push(task);
                        turn(seen.len() - 1)
                    });
                    let mut left = 0;
                    for _ in 0..model.len().min(most as usize) {
                        expected.push(model[0]);
                        match turn(expected.len() - 1) {
                            Turn::Stop => break,
                            Turn::Again => again.extend(model.pop_front()),
                            Turn::Done => { model.pop_front(); }
                        }
                        left += 1;
                    }
                    model.extend(again);
                    prop_assert_eq!((served, seen), (left, expected));
                    prop_assert_eq!(ProofOfCompute::waiting(), Vec::from(model.clone()));
                    prop_assert_eq!(ProofOfCompute::waiting_len(), model.len() as u64);
                    prop_assert!(pages() <= model.len().div_ceil(PAGE_TASKS as usize) + 1);
                }
                Ok(())
            })?;
        }
    }
}
