//! `compute_*`.

use super::{
    BlockAt, Budget, Chain, Subscriptions,
    job_keys::{WorkerKeys, checkers, signed_by_account, signed_by_worker},
    runtime,
};
use crate::{
    ComputeApiServer, EncryptionKeyView, Error, ExecutorError, JobEntryView, JobView, JobsPage, KernelView,
    KernelsPage, OutputView, QuoteView, TaskView, WorkersPage,
};
use codec::DecodeAll;
use dpin_primitives::{
    AccountId, Hash, JobId, KernelId, OpaqueBlock as Block, TaskId,
    api::{
        ComputeApi as RuntimeComputeApi, JobInfo, JobSummary, MAX_PAGE, NetworkInfo, ParametersInfo, TaskEvent,
        TaskStep, WorkerInfo, step_key, summary_key,
    },
    confidential::{MAX_RECIPIENT_CHARS, MAX_SEALED_BYTES, encryption_key_statement, job_key_statement},
    economy::EconomyApi as RuntimeEconomyApi,
    executor::{MAX_CHUNK_BYTES, OutputChunk},
    job::JobSpec,
    worker::DeviceClass,
};
use jsonrpsee::{
    Extensions, PendingSubscriptionSink,
    core::{async_trait, server::SubscriptionCloseResponse},
};
use polkadot_sdk::{
    sp_api::ProvideRuntimeApi,
    sp_core::{
        Bytes,
        offchain::{OffchainStorage, STORAGE_PREFIX},
    },
    sp_runtime::DispatchError,
};
use std::sync::Arc;

/// Attempts whose history is searched: more than governance can allow.
const MAX_ATTEMPTS: u8 = 16;

/// The functions of the node's executor that the methods need. The calls block.
pub trait Executor: Send + Sync + 'static {
    /// Returns a part of a task's output, `None` if the executor does not keep it.
    ///
    /// # Errors
    ///
    /// When there is no executor or it gives no answer.
    fn output(&self, task: TaskId, offset: u64, length: u32) -> Result<Option<OutputChunk>, ExecutorError>;

    /// Returns a log by its hash, `None` if the executor does not keep it.
    ///
    /// # Errors
    ///
    /// When there is no executor or it gives no answer.
    fn log(&self, hash: Hash) -> Result<Option<Vec<u8>>, ExecutorError>;

    /// Returns the report of the last run of a whole task, `None` if the executor does not keep it.
    ///
    /// # Errors
    ///
    /// When there is no executor or it gives no answer.
    fn task_report(&self, task: TaskId) -> Result<Option<Vec<u8>>, ExecutorError>;

    /// Returns the age recipient that job keys are sealed to.
    ///
    /// # Errors
    ///
    /// When there is no executor or it gives no answer.
    fn recipient(&self) -> Result<String, ExecutorError>;

    /// Uploads a sealed job key to the executor.
    ///
    /// # Errors
    ///
    /// When there is no executor, it gives no answer, or refuses the key.
    fn put_job_key(&self, job: JobId, sealed: &[u8]) -> Result<(), ExecutorError>;

    /// Returns a job's key, sealed to another recipient; `None` if the executor does not have it.
    ///
    /// # Errors
    ///
    /// When there is no executor, it gives no answer, or refuses the recipient.
    fn reseal(&self, job: JobId, recipient: &str) -> Result<Option<Vec<u8>>, ExecutorError>;
}

/// A job, as far as this node has a record of it.
pub(super) enum Found {
    /// The job has not ended.
    Open(JobInfo),
    /// The job has ended.
    Ended(JobSummary),
    /// The job has ended, and this node has no record of its end.
    Forgotten,
}

/// Finds jobs in the state and in the offchain index.
pub(super) struct Jobs<C, S> {
    client: Arc<C>,
    index: S,
}

impl<C, S: Clone> Clone for Jobs<C, S> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), index: self.index.clone() }
    }
}

impl<C, S> Jobs<C, S>
where
    C: ProvideRuntimeApi<Block> + Chain,
    C::Api: RuntimeComputeApi<Block>,
    S: OffchainStorage,
{
    /// Finds a job at a block, `None` if none was posted with this number.
    fn find(&self, at: Hash, id: JobId) -> Result<Option<Found>, Error> {
        let api = self.client.runtime_api();
        if let Some(job) = api.job(at, id).map_err(runtime)? {
            return Ok(Some(Found::Open(job)));
        }
        // The index also keeps entries of forks: only ids that the best chain has assigned count.
        if id >= api.job_count(at).map_err(runtime)? {
            return Ok(None);
        }
        let Some(bytes) = self.index.get(STORAGE_PREFIX, &summary_key(id)) else { return Ok(Some(Found::Forgotten)) };
        let summary = JobSummary::decode_all(&mut &bytes[..])
            .map_err(|error| Error::Database(format!("summary of job {id}: {error}")))?;
        Ok(Some(Found::Ended(summary)))
    }

    /// Returns a job at a block for an answer, `None` if it is unknown or forgotten.
    pub(super) fn view(&self, at: Hash, id: JobId) -> Result<Option<JobView>, Error> {
        Ok(match self.find(at, id)? {
            Some(Found::Open(job)) => Some(job.into()),
            Some(Found::Ended(summary)) => Some(summary.into()),
            Some(Found::Forgotten) | None => None,
        })
    }

    /// Returns the list entry of a requester's job, and the job that the requester posted before
    /// it.
    ///
    /// Behind a forgotten job, that is the next open one: all jobs between them are unreachable.
    fn entry(&self, at: Hash, requester: &AccountId, id: JobId) -> Result<(JobEntryView, Option<JobId>), Error> {
        Ok(match self.find(at, id)? {
            Some(Found::Open(job)) if job.requester == *requester => (JobEntryView::from(&job), job.previous),
            Some(Found::Ended(job)) if job.requester == *requester => (JobEntryView::from(&job), job.previous),
            _ => (JobEntryView::forgotten(id), self.newest_open_before(at, requester, id)?),
        })
    }

    /// Returns the last open job of a requester before `id`. A binary search, because the runtime
    /// lists them in order.
    fn newest_open_before(&self, at: Hash, requester: &AccountId, id: JobId) -> Result<Option<JobId>, Error> {
        let first_after = |after: Option<JobId>| -> Result<Option<JobId>, Error> {
            let page = self.client.runtime_api().jobs_of(at, requester.clone(), after, 1).map_err(runtime)?;
            Ok(page.items.first().map(|job| job.id).filter(|found| *found < id && after.is_none_or(|a| *found > a)))
        };
        let Some(mut low) = first_after(None)? else { return Ok(None) };
        // Invariant: `low` is an open job, and no job from `high` on, below `id`, is open.
        let mut high = id;
        while high.saturating_sub(low) > 1 {
            let middle = low + (high - low) / 2;
            match first_after(middle.checked_sub(1))? {
                Some(found) => low = found,
                None => high = middle,
            }
        }
        Ok(Some(low))
    }
}

/// Answers `compute_*`.
pub struct Compute<C, S> {
    client: Arc<C>,
    jobs: Jobs<C, S>,
    executor: Arc<dyn Executor>,
    keys: Arc<dyn WorkerKeys>,
    subscriptions: Subscriptions,
    budget: Arc<Budget>,
}

impl<C, S: Clone> Compute<C, S> {
    /// Creates the methods over the node's client, its offchain index, its executor and its worker
    /// keys. Outputs are paid from `budget`.
    pub fn new(
        client: Arc<C>,
        index: S,
        executor: Arc<dyn Executor>,
        keys: Arc<dyn WorkerKeys>,
        subscriptions: Subscriptions,
        budget: Arc<Budget>,
    ) -> Self {
        Self { jobs: Jobs { client: client.clone(), index }, client, executor, keys, subscriptions, budget }
    }
}

impl<C, S> Compute<C, S>
where
    C: ProvideRuntimeApi<Block> + Chain,
    C::Api: RuntimeComputeApi<Block>,
{
    /// Returns whether the worker's key is in this node's keystore.
    fn is_own(&self, at: Hash, account: &AccountId) -> Result<bool, Error> {
        let worker = self.client.runtime_api().worker(at, account.clone()).map_err(runtime)?;
        Ok(worker.is_some_and(|worker| self.keys.has(&worker.key)))
    }
}

fn page_limit(limit: u32) -> Result<u32, Error> {
    if limit == 0 {
        return Err(Error::EmptyPage);
    }
    Ok(limit.min(MAX_PAGE))
}

#[async_trait]
impl<C, S> ComputeApiServer for Compute<C, S>
where
    C: ProvideRuntimeApi<Block> + Chain,
    C::Api: RuntimeComputeApi<Block> + RuntimeEconomyApi<Block>,
    S: OffchainStorage + 'static,
{
    fn job(&self, id: JobId) -> Result<Option<JobView>, Error> {
        self.jobs.view(self.client.best().hash, id)
    }

    fn jobs(&self, requester: AccountId, before: Option<JobId>, limit: u32) -> Result<JobsPage, Error> {
        let limit = page_limit(limit)? as usize;
        let at = self.client.best().hash;
        let mut id = match before {
            Some(before) => self.jobs.entry(at, &requester, before)?.1,
            None => self.client.runtime_api().last_job_of(at, requester.clone()).map_err(runtime)?,
        };
        let mut jobs = Vec::new();
        while let Some(next) = id.filter(|_| jobs.len() < limit) {
            let (job, previous) = self.jobs.entry(at, &requester, next)?;
            jobs.push(job);
            id = previous;
        }
        let next = jobs.last().map(|job| job.id).filter(|_| id.is_some());
        Ok(JobsPage { jobs, next })
    }

    fn task(&self, task: TaskId) -> Result<Option<TaskView>, Error> {
        let at = self.client.best().hash;
        let api = self.client.runtime_api();
        if let Some(info) = api.task(at, task).map_err(runtime)? {
            let candidates = api.candidates(at, task).map_err(runtime)?;
            return Ok(Some(TaskView { candidates, ..info.into() }));
        }
        Ok(match self.jobs.find(at, task.job)? {
            Some(Found::Ended(job)) => {
                let end = job.tasks.get(task.index as usize).cloned();
                end.map(|end| TaskView::ended(task.index, end, &job.shape))
            }
            _ => None,
        })
    }

    fn task_history(&self, task: TaskId) -> Result<Vec<TaskEvent>, Error> {
        let best = self.client.best();
        if !task.is_canary() && task.job >= self.client.runtime_api().job_count(best.hash).map_err(runtime)? {
            return Ok(Vec::new());
        }
        let mut events = Vec::new();
        for attempt in 0..MAX_ATTEMPTS {
            for kind in 0..TaskStep::KINDS {
                let Some(bytes) = self.jobs.index.get(STORAGE_PREFIX, &step_key(task, attempt, kind)) else { continue };
                let event = TaskEvent::decode_all(&mut &bytes[..])
                    .map_err(|error| Error::Database(format!("history of task {task}: {error}")))?;
                // An event of a block above the best one belongs to a fork.
                if event.block <= best.number {
                    events.push(event);
                }
            }
        }
        events.sort_by_key(|event| (event.attempt, event.block, event.step.kind()));
        Ok(events)
    }

    fn kernel(&self, id: KernelId) -> Result<Option<KernelView>, Error> {
        let kernel = self.client.runtime_api().kernel(self.client.best().hash, id).map_err(runtime)?;
        Ok(kernel.map(Into::into))
    }

    fn kernels(&self, after: Option<KernelId>, limit: u32) -> Result<KernelsPage, Error> {
        let limit = page_limit(limit)?;
        let page = self.client.runtime_api().kernels(self.client.best().hash, after, limit).map_err(runtime)?;
        Ok(KernelsPage { kernels: page.items.into_iter().map(Into::into).collect(), next: page.next })
    }

    fn worker(&self, account: AccountId) -> Result<Option<WorkerInfo>, Error> {
        self.client.runtime_api().worker(self.client.best().hash, account).map_err(runtime)
    }

    fn workers(&self, class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Result<WorkersPage, Error> {
        let limit = page_limit(limit)?;
        let page = self.client.runtime_api().workers(self.client.best().hash, class, after, limit).map_err(runtime)?;
        Ok(WorkersPage { workers: page.items, next: page.next })
    }

    fn quote(&self, spec: Bytes, requester: Option<AccountId>) -> Result<QuoteView, Error> {
        let spec = JobSpec::decode_all(&mut &spec[..]).map_err(|error| {
            // The codec's error has several lines.
            Error::InvalidSpec(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
        })?;
        let (at, api) = (self.client.best().hash, self.client.runtime_api());
        fn accepted<T>(answer: Result<T, DispatchError>) -> Result<T, Error> {
            answer.map_err(Error::SpecRefused)
        }
        let quote = accepted(api.quote(at, spec.clone()).map_err(runtime)?)?;
        let fees = accepted(api.fees(at, spec.clone()).map_err(runtime)?)?;
        let wait = accepted(api.wait(at, spec, requester).map_err(runtime)?)?;
        Ok((quote, fees, wait).into())
    }

    fn network(&self) -> Result<NetworkInfo, Error> {
        self.client.runtime_api().network(self.client.best().hash).map_err(runtime)
    }

    fn parameters(&self) -> Result<ParametersInfo, Error> {
        self.client.runtime_api().parameters(self.client.best().hash).map_err(runtime)
    }

    fn output(&self, extensions: &Extensions, task: TaskId, offset: u64, length: u32) -> Result<OutputView, Error> {
        if length == 0 {
            return Err(Error::EmptyRange);
        }
        let call = self.budget.begin(extensions)?;
        let chunk = self.executor.output(task, offset, length.min(MAX_CHUNK_BYTES))?;
        call.costs(chunk.as_ref().map_or(0, |chunk| chunk.data.len()));
        chunk.map(Into::into).ok_or(Error::UnknownOutput)
    }

    fn log(&self, hash: Hash) -> Result<Option<Bytes>, Error> {
        Ok(self.executor.log(hash)?.map(Bytes))
    }

    fn task_report(&self, task: TaskId) -> Result<Option<Bytes>, Error> {
        Ok(self.executor.task_report(task)?.map(Bytes))
    }

    fn encryption_key(&self, worker: AccountId) -> Result<EncryptionKeyView, Error> {
        let (at, api) = (self.client.best().hash, self.client.runtime_api());
        let info = api.worker(at, worker).map_err(runtime)?.filter(|info| self.keys.has(&info.key));
        let key = info.ok_or(Error::NoWorkerKey)?.key;
        let genesis = api.genesis(at).map_err(runtime)?;
        let recipient = self.executor.recipient()?;
        let signature = self.keys.sign(&key, &encryption_key_statement(&genesis, &recipient));
        Ok(EncryptionKeyView { recipient, signature: Bytes(signature.ok_or(Error::NoWorkerKey)?) })
    }

    fn put_job_key(&self, job: JobId, worker: AccountId, sealed: Bytes, signature: Bytes) -> Result<(), Error> {
        if sealed.len() > MAX_SEALED_BYTES {
            return Err(Error::KeyTooLong);
        }
        let (at, api) = (self.client.best().hash, self.client.runtime_api());
        let info = api.job(at, job).map_err(runtime)?.ok_or(Error::UnknownJob(job))?;
        let assigned = info.tasks.iter().any(|task| task.worker.as_ref() == Some(&worker));
        if !assigned || !self.is_own(at, &worker)? {
            return Err(Error::NotAssigned(job));
        }
        let genesis = api.genesis(at).map_err(runtime)?;
        if !signed_by_account(&info.requester, &job_key_statement(&genesis, job, &worker, &sealed), &signature) {
            return Err(Error::InvalidSignature("the job's requester"));
        }
        Ok(self.executor.put_job_key(job, &sealed)?)
    }

    fn job_key(&self, task: TaskId, checker: AccountId, recipient: String, signature: Bytes) -> Result<Bytes, Error> {
        if recipient.len() > MAX_RECIPIENT_CHARS {
            return Err(Error::KeyTooLong);
        }
        let (at, api) = (self.client.best().hash, self.client.runtime_api());
        let info = api.task(at, task).map_err(runtime)?.ok_or(Error::UnknownJob(task.job))?;
        let own = match &info.worker {
            Some(account) => self.is_own(at, account)?,
            None => false,
        };
        if !own {
            return Err(Error::NotAssigned(task.job));
        }
        let known = checkers(&info).any(|account| *account == checker);
        let key = api.worker(at, checker.clone()).map_err(runtime)?.filter(|_| known).map(|worker| worker.key);
        let key = key.ok_or(Error::NotChecking(checker))?;
        let genesis = api.genesis(at).map_err(runtime)?;
        if !signed_by_worker(&key, &encryption_key_statement(&genesis, &recipient), &signature) {
            return Err(Error::InvalidSignature("the worker key of who asks"));
        }
        self.executor.reseal(task.job, &recipient)?.map(Bytes).ok_or(Error::UnknownJobKey(task.job))
    }

    async fn subscribe_job(&self, pending: PendingSubscriptionSink, id: JobId) -> SubscriptionCloseResponse {
        let jobs = self.jobs.clone();
        let look = move |at: BlockAt| jobs.view(at.hash, id);
        self.subscriptions.follow_job(pending, &self.client, id, look).await
    }

    async fn subscribe_workers(
        &self,
        pending: PendingSubscriptionSink,
        class: Option<DeviceClass>,
    ) -> SubscriptionCloseResponse {
        self.subscriptions.follow_workers(pending, &self.client, class).await
    }
}
