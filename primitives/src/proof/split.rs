//! Splitting a job's work-groups into tasks.

use core::ops::Range;

/// Return the number of tasks of a job whose requester leaves the choice to the chain.
///
/// It is ceil(log2(number of available workers)), at least 1 and at most the number of work-groups
/// (DPN white paper, section 3.4).
pub fn auto_tasks(available_workers: u32, groups: u64) -> u32 {
    let ceil_log2 = u32::BITS.saturating_sub(available_workers.saturating_sub(1).leading_zeros());
    let most = u32::try_from(groups).unwrap_or(u32::MAX);
    ceil_log2.min(most).max(1)
}

/// Return the work-groups of task `index` when `groups` work-groups are split into `tasks`
/// contiguous ranges.
///
/// The sizes of the ranges differ by at most one. Returns `None` if there is no such task.
pub fn task_groups(groups: u64, tasks: u32, index: u32) -> Option<Range<u64>> {
    if index >= tasks {
        return None;
    }
    let (tasks, index) = (u64::from(tasks), u64::from(index));
    let (size, longer) = (groups.checked_div(tasks)?, groups.checked_rem(tasks)?);
    let first = index.saturating_mul(size).saturating_add(index.min(longer));
    Some(first..first.saturating_add(size).saturating_add(u64::from(index < longer)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn auto_follows_the_logarithm() {
        let many = 1_000_000;
        for (workers, tasks) in [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (1024, 10), (1025, 11), (u32::MAX, 32)]
        {
            assert_eq!(auto_tasks(workers, many), tasks, "{workers} workers");
        }
        assert_eq!(auto_tasks(1024, 3), 3);
    }

    proptest! {
        #[test]
        fn ranges_cover_all_groups_once(groups in 1u64..1 << 40, tasks in 1u32..300) {
            let mut next = 0;
            for index in 0..tasks {
                let range = task_groups(groups, tasks, index).unwrap();
                prop_assert_eq!(range.start, next);
                let size = range.end - range.start;
                prop_assert!(size == groups / u64::from(tasks) || size == groups / u64::from(tasks) + 1);
                next = range.end;
            }
            prop_assert_eq!(next, groups);
            prop_assert_eq!(task_groups(groups, tasks, tasks), None);
        }
    }
}
