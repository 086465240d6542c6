//! The memory of the off-chain worker in the node's offchain storage: runs, secrets, and submitted
//! reports.

use super::{MAX_REMEMBERED, OwnWorker};
use crate::{ReportId, report::REPORT_LONGEVITY};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, Encode};
use dpin_primitives::{
    BlockNumber, Hash, TaskId,
    worker::{Duty, Role},
};
use polkadot_sdk::sp_runtime::offchain::storage::StorageValueRef;

/// Blocks for which a duty must have been gone before its run is ended: it may be on the fork that
/// wins.
pub(crate) const GONE_BLOCKS: BlockNumber = 2;

/// The runs that the executor has not finished, as far as this node knows. Each has the last block
/// in which a duty waited for it.
pub(super) struct Unfinished {
    key: Vec<u8>,
    runs: BTreeMap<Hash, BlockNumber>,
    changed: bool,
}

impl Unfinished {
    pub(super) fn read(genesis: &Hash) -> Self {
        let key = (b"dpin/unfinished", genesis).encode();
        let runs = StorageValueRef::persistent(&key).get().ok().flatten().unwrap_or_default();
        Self { key, runs, changed: false }
    }

    /// Record that a duty waits for this run.
    pub(super) fn note(&mut self, id: Hash, now: BlockNumber) {
        if self.runs.len() < MAX_REMEMBERED || self.runs.contains_key(&id) {
            self.changed |= self.runs.insert(id, now) != Some(now);
        }
    }

    pub(super) fn forget(&mut self, id: &Hash) {
        self.changed |= self.runs.remove(id).is_some();
    }

    /// The runs that no duty waits for any more.
    pub(super) fn gone(&self, now: BlockNumber) -> Vec<(Hash, BlockNumber)> {
        let gone = self.runs.iter().filter(|(_, last)| now.saturating_sub(**last) > GONE_BLOCKS);
        gone.map(|(id, last)| (*id, *last)).collect()
    }

    pub(super) fn write(&self) {
        if self.changed {
            StorageValueRef::persistent(&self.key).set(&self.runs);
        }
    }
}

/// A juror's sealed finding, which it must be able to reveal.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) struct Secret {
    pub(super) task: TaskId,
    pub(super) round: Hash,
    pub(super) leaves: Vec<Hash>,
    pub(super) salt: Hash,
}

/// The secrets of a juror. A juror that loses them cannot reveal.
pub(super) struct Secrets {
    key: Vec<u8>,
    secrets: Vec<Secret>,
}

impl Secrets {
    /// Read the worker's secrets that belong to its `duties`.
    pub(super) fn read(own: &OwnWorker<'_>, duties: &[Duty]) -> Self {
        let key = (b"dpin/secrets", own.genesis, own.worker).encode();
        let mut secrets: Vec<Secret> = StorageValueRef::persistent(&key).get().ok().flatten().unwrap_or_default();
        secrets.retain(|secret| duties.iter().any(|duty| duty.task == secret.task && duty.role == Role::Juror));
        Self { key, secrets }
    }

    pub(super) fn of(&self, task: TaskId, round: Hash) -> Option<&Secret> {
        self.secrets.iter().find(|secret| secret.task == task && secret.round == round)
    }

    pub(super) fn keep(&mut self, secret: Secret) {
        // Secrets of a round on another fork are kept too: either fork may win.
        if self.secrets.len() < MAX_REMEMBERED {
            self.secrets.push(secret);
        }
        StorageValueRef::persistent(&self.key).set(&self.secrets);
    }
}

/// The submitted reports of a worker, each with its block.
pub(super) struct Submitted {
    key: Vec<u8>,
    reports: Vec<(ReportId, BlockNumber)>,
}

impl Submitted {
    /// Read the worker's submitted reports that the chain may still wait for.
    ///
    /// Reports on tasks that are not among its `duties` are left out. So are reports so old that
    /// the pool has dropped them, and reports of a later block, which is on another fork.
    pub(super) fn read(own: &OwnWorker<'_>, duties: &[Duty]) -> Self {
        let (key, now) = ((b"dpin/submitted", own.genesis, own.worker).encode(), own.now);
        let mut reports: Vec<(ReportId, BlockNumber)> =
            StorageValueRef::persistent(&key).get().ok().flatten().unwrap_or_default();
        reports.retain(|(report, at)| {
            let fresh = now.saturating_sub(*at) < REPORT_LONGEVITY as BlockNumber && *at <= now;
            fresh && duties.iter().any(|duty| duty.task == report.task)
        });
        Self { key, reports }
    }

    /// The block in which the report was last submitted.
    pub(super) fn at(&self, report: &ReportId) -> Option<BlockNumber> {
        self.reports.iter().find(|(submitted, _)| submitted == report).map(|(_, at)| *at)
    }

    pub(super) fn remember(&mut self, reports: &[ReportId], now: BlockNumber) {
        self.reports.retain(|(submitted, _)| !reports.contains(submitted));
        let room = MAX_REMEMBERED.saturating_sub(self.reports.len());
        self.reports.extend(reports.iter().take(room).map(|report| (*report, now)));
        StorageValueRef::persistent(&self.key).set(&self.reports);
    }
}
