//! A node without a working device or room on the disk can take no tasks. It pauses its worker on
//! chain, and lets it resume when it can take tasks again.

use super::OwnWorker;
use crate::{Call, Config, LOG_TARGET, Pallet, report::devices_message};
use codec::{Decode, Encode};
use dpin_primitives::{
    BlockNumber,
    executor::{READINESS_KEY, Readiness},
    traits::WorkerRegistry,
};
use polkadot_sdk::{
    frame_system::offchain::SubmitTransaction, sp_application_crypto::RuntimeAppPublic,
    sp_runtime::offchain::storage::StorageValueRef,
};

/// Blocks in a row in which the executor must have been unable to take tasks, or able again, before
/// that is reported.
pub(crate) const STEADY_BLOCKS: BlockNumber = 10;

/// The time since which the executor contradicts the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
struct Differs {
    working: bool,
    since: BlockNumber,
    last: BlockNumber,
}

/// The last readiness of the executor; `None` if it gives no answer.
fn readiness() -> Option<Readiness> {
    StorageValueRef::persistent(READINESS_KEY).get().ok().flatten()
}

impl<T: Config> Pallet<T> {
    /// Report whether the executor can take tasks, if the chain does not know it and the state has
    /// lasted for [`STEADY_BLOCKS`].
    pub(super) fn attend_devices(own: &OwnWorker<'_>) {
        let OwnWorker { genesis, now, worker, .. } = *own;
        let name = (b"dpin/devices-differ", genesis, worker).encode();
        let mut stored = StorageValueRef::persistent(&name);
        let told = |ready: &Readiness| T::Workers::may_report_devices(worker, *ready == Readiness::Ready, now);
        let Some(ready) = readiness().filter(told) else {
            if matches!(stored.get::<Differs>(), Ok(Some(_))) {
                stored.clear();
            }
            return;
        };
        let working = ready == Readiness::Ready;
        // The count begins again after a gap of blocks, or after a block of another fork.
        let goes_on = |before: &Differs| before.working == working && before.last.saturating_add(1) == now;
        let before = stored.get::<Differs>().ok().flatten().filter(goes_on);
        let since = before.map_or(now, |before| before.since);
        let is_steady = now.saturating_sub(since) >= STEADY_BLOCKS;
        // The report is submitted again after as many blocks, in case the pool has lost it.
        let since = if is_steady { now } else { since };
        stored.set(&Differs { working, since, last: now });
        if is_steady {
            Self::submit_devices(own, ready);
        }
    }

    fn submit_devices(own: &OwnWorker<'_>, ready: Readiness) {
        let OwnWorker { genesis, now: at, key, worker } = *own;
        let working = ready == Readiness::Ready;
        let Some(signature) = key.sign(&devices_message(&genesis, worker, working, at)) else {
            log::warn!(target: LOG_TARGET, "worker {worker:?}: the keystore does not sign the report on its devices");
            return;
        };
        let call = Call::report_devices { worker: worker.clone(), working, at, signature };
        let transaction = T::create_authorized_transaction(call.into());
        match (SubmitTransaction::<T, Call<T>>::submit_transaction(transaction), ready) {
            (Ok(()), Readiness::NoDevice) => log::warn!(
                target: LOG_TARGET,
                "worker {worker:?}: the executor has had no working device for {STEADY_BLOCKS} blocks; reported in block \
                 {at}, so that the worker is paused until a device works again",
            ),
            (Ok(()), Readiness::DiskLow) => log::warn!(
                target: LOG_TARGET,
                "worker {worker:?}: the executor's disk has been too full to take tasks for {STEADY_BLOCKS} blocks; reported in \
                 block {at}, so that the worker is paused until there is room. Free some, or change the executor's reserve and \
                 quota (docs/operator.md)",
            ),
            (Ok(()), Readiness::Ready) => log::info!(
                target: LOG_TARGET,
                "worker {worker:?}: a device works and there is room on the disk; reported in block {at}, so that the worker resumes",
            ),
            (Err(()), _) => log::warn!(
                target: LOG_TARGET,
                "worker {worker:?}: the transaction pool does not take the report on its devices in block {at}",
            ),
        }
    }
}
