//! The lists that clients read in pages.

use crate::{Config, JobRecord, Jobs, JobsOf, KernelRecord, Kernels, Pallet};
use alloc::vec::Vec;
use dpin_primitives::{
    AccountId, JobId, KernelId,
    api::{JobHead, KernelInfo, MAX_PAGE, Page},
};

/// Return a page of `entries`; these must begin after `after`.
fn page<Item, Cursor: Copy>(
    after: Option<Cursor>,
    limit: u32,
    mut entries: impl Iterator<Item = (Cursor, Item)>,
) -> Page<Item, Cursor> {
    let mut last = after;
    let mut items = Vec::new();
    for (cursor, item) in entries.by_ref().take(limit.min(MAX_PAGE) as usize) {
        last = Some(cursor);
        items.push(item);
    }
    Page { items, next: entries.next().and(last) }
}

/// Return a page of the jobs of a requester that have not ended, after job `after`.
pub(crate) fn jobs_of<T: Config>(requester: &AccountId, after: Option<JobId>, limit: u32) -> Page<JobHead, JobId> {
    let ids = match after {
        Some(id) => {
            JobsOf::<T>::iter_key_prefix_from(requester, JobsOf::<T>::hashed_key_for(requester, id.to_be_bytes()))
        }
        None => JobsOf::<T>::iter_key_prefix(requester),
    };
    page(after, limit, ids.map(JobId::from_be_bytes).filter_map(|id| Some((id, head(id, Jobs::<T>::get(id)?)))))
}

fn head(id: JobId, job: JobRecord) -> JobHead {
    JobHead {
        id,
        requester: job.requester,
        kernel: job.spec.kernel,
        reward: job.spec.reward,
        submitted: job.submitted,
        tasks: job.shape.tasks,
        open: job.open,
    }
}

/// Return a page of the registered kernels, after kernel `after`.
pub(crate) fn kernels<T: Config>(after: Option<KernelId>, limit: u32) -> Page<KernelInfo, KernelId> {
    let kernels = match after {
        Some(id) => Kernels::<T>::iter_from(Kernels::<T>::hashed_key_for(id)),
        None => Kernels::<T>::iter(),
    };
    page(after, limit, kernels.map(|(id, record)| (id, kernel_info::<T>(id, record))))
}

/// A registered kernel as the runtime API returns it.
pub(crate) fn kernel_info<T: Config>(id: KernelId, record: KernelRecord) -> KernelInfo {
    let KernelRecord { manifest, owner, deposit, jobs, builds, .. } = record;
    let quarantines = builds.quarantines(Pallet::<T>::now()).collect();
    KernelInfo { id, manifest, owner, deposit, jobs, quarantines }
}
