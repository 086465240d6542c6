//! The invariants that must always hold. Each check is one function, named as a sentence.

use crate::{Config, Ends, HoldReason, Jobs, JobsOf, KernelCount, Kernels, LastJob, NextJob, OpenJobs, Owed, Pallet};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use dpin_primitives::{AccountId, AssetKind, BLC, Balance, JobId, KernelId};
use polkadot_sdk::{
    frame_support::{ensure, traits::fungibles::hold::Inspect},
    frame_system,
    sp_runtime::TryRuntimeError,
};

impl<T: Config> Pallet<T> {
    /// Check all invariants of the pallet.
    ///
    /// # Errors
    ///
    /// The broken invariant, in words.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::held_escrow_is_what_open_tasks_may_cost_and_what_is_owed()?;
        Self::held_kernel_deposits_are_those_of_the_kernels()?;
        Self::the_open_tasks_of_a_job_are_those_without_an_end()?;
        Self::only_live_jobs_have_ends()?;
        Self::ended_jobs_are_gone()?;
        Self::every_requester_is_known_by_its_open_jobs_and_no_others()?;
        Self::jobs_name_earlier_ones_and_the_last_is_known()?;
        Self::jobs_and_kernels_are_counted()?;
        Self::every_kernel_counts_the_jobs_that_use_it()?;
        Self::no_debt_is_zero()
    }

    fn held_escrow_is_what_open_tasks_may_cost_and_what_is_owed() -> Result<(), TryRuntimeError> {
        let mut expected = BTreeMap::<(AccountId, AssetKind), Balance>::new();
        let mut expect = |requester, asset, amount: Balance| {
            let sum = expected.entry((requester, asset)).or_default();
            *sum = sum.checked_add(amount).ok_or("escrow overflows")?;
            Ok::<_, TryRuntimeError>(())
        };
        for job in Jobs::<T>::iter_values() {
            let cost = job.cost.total().checked_mul(Balance::from(job.open)).ok_or("a job's escrow overflows")?;
            expect(job.requester, job.spec.reward.asset, cost)?;
        }
        for (_, (requester, asset), amount) in Owed::<T>::iter() {
            expect(requester, asset, amount)?;
        }
        Self::held_is(HoldReason::Escrow, expected)
    }

    fn held_kernel_deposits_are_those_of_the_kernels() -> Result<(), TryRuntimeError> {
        let mut expected = BTreeMap::<(AccountId, AssetKind), Balance>::new();
        for kernel in Kernels::<T>::iter_values() {
            let sum = expected.entry((kernel.owner, AssetKind::Native)).or_default();
            *sum = sum.checked_add(kernel.deposit).ok_or("kernel deposits overflow")?;
        }
        Self::held_is(HoldReason::Kernel, expected)
    }

    /// Every account holds exactly the amount in `expected` for `reason`; an account that is not
    /// listed holds 0.
    fn held_is(reason: HoldReason, expected: BTreeMap<(AccountId, AssetKind), Balance>) -> Result<(), TryRuntimeError> {
        let reason = reason.into();
        let accounts: BTreeSet<AccountId> = frame_system::Account::<T>::iter_keys()
            .chain(expected.keys().map(|(account, _)| account.clone()))
            .collect();
        let assets: BTreeSet<AssetKind> =
            [AssetKind::Native, BLC].into_iter().chain(expected.keys().map(|(_, asset)| asset.clone())).collect();
        for account in accounts {
            for asset in &assets {
                let held = T::Assets::balance_on_hold(asset.clone(), &reason, &account);
                let expected = expected.get(&(account.clone(), asset.clone())).copied().unwrap_or_default();
                ensure!(held == expected, "an account's hold is not the sum of what it is for");
            }
        }
        Ok(())
    }

    fn the_open_tasks_of_a_job_are_those_without_an_end() -> Result<(), TryRuntimeError> {
        for (id, job) in Jobs::<T>::iter() {
            let closed: Vec<u32> = Ends::<T>::iter_key_prefix(id).collect();
            ensure!(closed.iter().all(|index| *index < job.shape.tasks), "an end of a task that is none");
            ensure!(
                u32::try_from(closed.len()).ok().and_then(|closed| job.open.checked_add(closed))
                    == Some(job.shape.tasks),
                "open and closed tasks are not all tasks of the job"
            );
        }
        Ok(())
    }

    fn only_live_jobs_have_ends() -> Result<(), TryRuntimeError> {
        let ended: BTreeSet<JobId> = Ends::<T>::iter_keys().map(|(job, _)| job).collect();
        ensure!(ended.iter().all(Jobs::<T>::contains_key), "ends without a job");
        Ok(())
    }

    fn ended_jobs_are_gone() -> Result<(), TryRuntimeError> {
        let next = NextJob::<T>::get();
        for (id, job) in Jobs::<T>::iter() {
            ensure!(job.open > 0, "a job without open tasks");
            ensure!(id < next, "a job that was never posted");
        }
        Ok(())
    }

    fn every_requester_is_known_by_its_open_jobs_and_no_others() -> Result<(), TryRuntimeError> {
        for (id, job) in Jobs::<T>::iter() {
            ensure!(
                JobsOf::<T>::contains_key(&job.requester, id.to_be_bytes()),
                "a job that its requester is not known by"
            );
        }
        ensure!(JobsOf::<T>::iter_keys().count() == Jobs::<T>::iter_keys().count(), "an ended job is listed");
        Ok(())
    }

    fn jobs_name_earlier_ones_and_the_last_is_known() -> Result<(), TryRuntimeError> {
        for (id, job) in Jobs::<T>::iter() {
            ensure!(job.previous.is_none_or(|previous| previous < id), "a job comes after a later one");
            ensure!(LastJob::<T>::get(&job.requester).is_some_and(|last| last >= id), "a last job is not the last");
        }
        let next = NextJob::<T>::get();
        ensure!(LastJob::<T>::iter_values().all(|last| last < next), "a last job was never posted");
        Ok(())
    }

    fn jobs_and_kernels_are_counted() -> Result<(), TryRuntimeError> {
        ensure!(Jobs::<T>::iter_keys().count() == OpenJobs::<T>::get() as usize, "the open jobs are not counted");
        ensure!(Kernels::<T>::iter_keys().count() == KernelCount::<T>::get() as usize, "the kernels are not counted");
        Ok(())
    }

    fn every_kernel_counts_the_jobs_that_use_it() -> Result<(), TryRuntimeError> {
        let mut users = BTreeMap::<KernelId, u32>::new();
        for job in Jobs::<T>::iter_values() {
            let count = users.entry(job.spec.kernel).or_default();
            *count = count.checked_add(1).ok_or("too many jobs")?;
        }
        for (id, kernel) in Kernels::<T>::iter() {
            ensure!(users.remove(&id).unwrap_or_default() == kernel.jobs, "a kernel's number of jobs is wrong");
            ensure!(kernel.manifest.id() == id, "a kernel's id is not its manifest's");
        }
        ensure!(users.is_empty(), "a job without a kernel");
        Ok(())
    }

    fn no_debt_is_zero() -> Result<(), TryRuntimeError> {
        ensure!(Owed::<T>::iter_values().all(|amount| amount > 0), "a debt of nothing");
        Ok(())
    }
}
