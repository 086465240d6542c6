//! Events and amounts as text.

use crate::network::name;
use dpin_primitives::{AccountId, AssetKind, BLC_ID, Balance, TaskId, reason::ReasonCode};
use dpin_runtime::{Runtime, RuntimeEvent};
use pallet_proof_of_compute::{Dispute, Event as ProofEvent, Verdict};
use pallet_workers::Event as WorkerEvent;

/// Describe an event of a task in a few words. `None` if the event is not about a task.
pub fn of_task(event: &RuntimeEvent) -> Option<(TaskId, String)> {
    use pallet_jobs::Event as Job;
    match event {
        RuntimeEvent::ProofOfCompute(event) => of_proof(event),
        RuntimeEvent::Workers(event) => of_slash(event),
        RuntimeEvent::Jobs(Job::TaskSettled { task, worker, .. }) => {
            Some((*task, format!("settled    {} is paid", name(worker))))
        }
        RuntimeEvent::Jobs(Job::TaskFailed { task, reason, .. }) => {
            Some((*task, format!("given up   {}", of_reason(reason))))
        }
        _ => None,
    }
}

/// Describe a step of the proof of compute.
fn of_proof(event: &ProofEvent<Runtime>) -> Option<(TaskId, String)> {
    let (task, words) = match event {
        ProofEvent::TaskAssigned { task, attempt, worker, due } => {
            let attempt = attempt.saturating_add(1);
            (task, format!("assigned   {}, attempt {attempt}, due in block {due}", name(worker)))
        }
        ProofEvent::TaskCommitted { task, worker, commitment } => {
            let (bytes, ms) = (commitment.output_len, commitment.kernel_ms);
            (task, format!("committed  {}, {bytes} bytes, kernel {ms} ms", name(worker)))
        }
        ProofEvent::AuditorsDrawn { task, samples, auditors, .. } => {
            (task, format!("auditing   {}, {samples} tiles", names(auditors)))
        }
        ProofEvent::TaskSealed { task, by } => (task, format!("sealed     {}", name(by))),
        ProofEvent::TaskDisputed { task, worker, cause } => {
            (task, format!("disputed   {}: {}", name(worker), of_dispute(cause)))
        }
        ProofEvent::JuryDrawn { task, jurors, .. } => (task, format!("judging    {}", names(jurors))),
        ProofEvent::FindingRevealed { task, juror, .. } => (task, format!("revealed   {}", name(juror))),
        ProofEvent::DisputeSettled { task, verdict } => (task, format!("judged     {}", of_verdict(*verdict))),
        ProofEvent::TaskVerified { task, worker, .. } => (task, format!("verified   {}", name(worker))),
        ProofEvent::AttemptFailed { task, worker, reason, .. } => {
            (task, format!("failed     {}: {}", name(worker), of_reason(reason)))
        }
        _ => return None,
    };
    Some((*task, words))
}

/// Describe a slash for a task.
fn of_slash(event: &WorkerEvent<Runtime>) -> Option<(TaskId, String)> {
    let native = |amount: &Balance| of_amount(*amount, &AssetKind::Native);
    let (task, words) = match event {
        WorkerEvent::SlashPending { worker, task, reason, amount, due, .. } => {
            let (worker, amount, reason) = (name(worker), native(amount), of_reason(reason));
            (task, format!("caught     {worker} is to lose {amount} in block {due}: {reason}"))
        }
        WorkerEvent::Slashed { worker, task, paid, insured, burned, .. } => {
            let (paid, insured, burned) = (native(paid), native(insured), native(burned));
            (task, format!("slashed    {}: {paid} paid out, {insured} insured, {burned} burned", name(worker)))
        }
        WorkerEvent::SlashCancelled { worker, task, .. } => (task, format!("forgiven   {}", name(worker))),
        _ => return None,
    };
    Some((*task, words))
}

/// The names of accounts.
pub fn names<'a>(accounts: impl IntoIterator<Item = &'a AccountId>) -> String {
    let names: Vec<String> = accounts.into_iter().map(name).collect();
    if names.is_empty() { "-".into() } else { names.join(", ") }
}

/// A reason code without its hashes.
pub fn of_reason(reason: &ReasonCode) -> String {
    let text = format!("{reason:?}");
    text.split([' ', '{']).next().unwrap_or(&text).into()
}

/// The cause of a jury.
fn of_dispute(cause: &Dispute) -> String {
    match cause {
        Dispute::Seals => "seals contradict the opening".into(),
        Dispute::Challenge { challenger, tile } => format!("{} challenges tile {tile}", name(challenger)),
        Dispute::Withheld => "the output is said to be withheld".into(),
    }
}

fn of_verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WorkerRight => "the worker is right",
        Verdict::WorkerWrong => "the worker is wrong",
        Verdict::None => "no verdict",
    }
}

/// An exact amount with its unit.
pub fn of_amount(amount: Balance, asset: &AssetKind) -> String {
    const UNIT: Balance = dpin_primitives::DPN;
    let unit = match asset {
        AssetKind::Native => "DPN".to_string(),
        AssetKind::WithId(BLC_ID) => "BLC".to_string(),
        AssetKind::WithId(id) => format!("of asset {id}"),
    };
    let fraction = format!("{:012}", amount % UNIT);
    match fraction.trim_end_matches('0') {
        "" => format!("{} {unit}", amount / UNIT),
        fraction => format!("{}.{fraction} {unit}", amount / UNIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{BLC, DPN};

    #[test]
    fn amounts_are_exact_and_short() {
        assert_eq!(of_amount(10 * DPN, &AssetKind::Native), "10 DPN");
        assert_eq!(of_amount(DPN / 400 + 1, &AssetKind::Native), "0.002500000001 DPN");
        assert_eq!(of_amount(0, &BLC), "0 BLC");
    }

    #[test]
    fn reasons_lose_their_hashes() {
        let reason = ReasonCode::BuildFailed { log: Default::default() };
        assert_eq!(of_reason(&reason), "BuildFailed");
        assert_eq!(of_reason(&ReasonCode::Timeout), "Timeout");
    }
}
