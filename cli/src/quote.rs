//! What a job would cost, and how long it would take.

use crate::{
    amount,
    chain::Chain,
    error::Result,
    output::{self, fields},
};
use dpin_primitives::{
    api::{Quote, Wait},
    economy::FeeQuote,
    job::JobSpec,
    AssetKind, SLOT_MS,
};
use dpin_rpc::QuoteView;
use serde_json::Value;

/// The chain's answer about a job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quoted {
    asset: AssetKind,
    quote: Quote,
    /// All fees.
    pub fees: FeeQuote,
    /// How long it would take.
    pub wait: Wait,
}

impl Quoted {
    /// Ask the chain.
    ///
    /// # Errors
    ///
    /// With the error that posting the job would give.
    pub async fn ask(chain: &Chain, spec: &JobSpec) -> Result<Self> {
        let quote = chain.api_or_refusal("ComputeApi_quote", spec).await?;
        let fees = chain.api_or_refusal("EconomyApi_fees", spec).await?;
        let wait = chain.api_or_refusal("ComputeApi_wait", spec).await?;
        Ok(Self { asset: spec.reward.asset.clone(), quote, fees, wait })
    }

    /// As JSON, as `compute_quote` answers it.
    pub fn to_json(&self) -> Value {
        output::json(QuoteView::from((self.quote.clone(), self.fees.clone(), self.wait)))
    }

    /// In one sentence.
    pub fn sentence(&self) -> String {
        let Self { asset, fees, wait, .. } = self;
        format!(
            "{}, {} to be held; done within {}",
            output::count(fees.tasks, "task"),
            amount::show(fees.total, asset),
            blocks(wait.settled)
        )
    }

    /// For people.
    pub fn text(&self) -> String {
        let Self { asset, fees, wait, .. } = self;
        let show = |amount| amount::show(amount, asset);
        let some = |amount| if amount == 0 { String::new() } else { show(amount) };
        fields(&[
            ("tasks", fees.tasks.to_string()),
            ("rewards", show(fees.rewards)),
            ("auditors", some(fees.auditors)),
            ("reservation", show(fees.reservation)),
            ("surcharge", some(fees.surcharge)),
            ("held", show(fees.total)),
            ("transaction", format!("{}, for posting it", amount::dpn(fees.transaction))),
            ("waiting", format!("{} tasks before it, {} workers available", wait.ahead, wait.available)),
            ("worker in", blocks(wait.assigned)),
            ("output by", blocks(wait.output)),
            ("settled by", blocks(wait.settled)),
        ])
    }
}

/// A number of blocks, and how long they take.
fn blocks(count: u32) -> String {
    let seconds = u64::from(count) * SLOT_MS / 1000;
    match seconds {
        0..=119 => format!("{count} blocks ({seconds} s)"),
        120..=7_199 => format!("{count} blocks ({} min)", seconds / 60),
        _ => format!("{count} blocks ({} h)", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        job::{AuditPolicy, JobShape, TaskCost},
        DPN,
    };

    #[test]
    fn a_quote_tells_what_is_held_and_how_long_it_takes() {
        let per_task =
            TaskCost { reward: DPN, per_auditor: DPN / 10, auditors: 2, fee: DPN / 100, worker_fee: DPN / 100 };
        let quoted = Quoted {
            asset: AssetKind::Native,
            quote: Quote {
                shape: JobShape { groups: [2, 1, 1], total: 2, tasks: 2 },
                per_task,
                total: 2 * per_task.total(),
                audit: AuditPolicy::default(),
            },
            fees: FeeQuote {
                tasks: 2,
                rewards: 2 * DPN,
                reservation: DPN / 50,
                surcharge: 0,
                auditors: DPN * 2 / 5,
                total: 2 * per_task.total(),
                worker_fees: DPN / 50,
                transaction: 5,
                per_task,
            },
            wait: Wait { assigned: 1, output: 21, settled: 50, ahead: 3, available: 4 },
        };
        assert_eq!(quoted.sentence(), "2 tasks, 2.42 DPN to be held; done within 50 blocks (2 min)");
        assert!(quoted.text().contains("held") && !quoted.text().contains("surcharge"));
        assert_eq!(quoted.to_json()["total"], (DPN * 242 / 100).to_string());
    }
}
