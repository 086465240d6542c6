//! `dpin job quote`: the price of a job, and the time it would take.

use super::post::doubts;
use crate::{
    context::Context,
    error::Result,
    job::{
        plan::{Deposit, Plan},
        spec::JobArgs,
    },
    text::output::fields,
};
use clap::Args;
use codec::Encode;
use dpin_primitives::job::JobSpec;
use serde_json::Value;

/// Arguments of `job quote`.
#[derive(Args, Debug)]
pub(crate) struct QuoteArgs {
    #[command(flatten)]
    job: JobArgs,
}

/// Print the price of a job.
///
/// # Errors
///
/// When the chain would refuse the job.
pub(crate) async fn run(args: QuoteArgs, context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let prepared = args.job.prepare(context, &chain).await?;
    // Without a key the account's own workers are not excluded.
    let requester = context.account(&None).ok();
    let plan = prepared.plan(&chain, requester.as_ref()).await?;
    let doubts = doubts(&prepared, &plan);
    let mut json = plan.quoted.to_json();
    add_plan(&mut json, &plan);
    json["doubts"] = doubts.iter().map(|doubt| doubt.problem.clone()).collect();
    json["spec"] = encoded(&prepared.spec).into();
    context.output.result(&json, || {
        let mut lines = plan.quoted.lines();
        lines.extend(plan.lines());
        lines.extend(doubts.iter().map(|doubt| ("but", format!("{}; {}", doubt.problem, doubt.remedy))));
        fields(&lines)
    });
    Ok(())
}

/// A job as the chain encodes it, in hex: for `compute_quote`, and for users who build the call
/// themselves.
fn encoded(spec: &JobSpec) -> String {
    format!("0x{}", hex::encode(spec.encode()))
}

/// Add a plan's expenses beyond the escrow to the JSON: deposits, transactions and their fees.
fn add_plan(json: &mut Value, plan: &Plan) {
    json["deposits"] = plan.deposits.iter().map(Deposit::to_json).collect();
    json["deposited"] = plan.deposit().to_string().into();
    json["transactions"] = plan.transactions.into();
    json["transactionFees"] = plan.fees.map(|fees| fees.to_string()).into();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::sample;
    use serde_json::json;

    #[test]
    fn the_encoded_job_of_a_quote_is_what_the_node_takes() {
        let text = encoded(&sample::spec());
        // `compute_quote` reads and decodes its parameter in this way.
        let bytes: polkadot_sdk::sp_core::Bytes = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(<JobSpec as codec::DecodeAll>::decode_all(&mut &bytes[..]), Ok(sample::spec()));
    }
}
