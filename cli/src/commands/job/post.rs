//! Post a job: check everything, show its price, and only then send the transactions.

use super::options::LimitArgs;
use crate::{
    chain::{
        Chain,
        call::Call,
        signer::Signer,
        submit::{self, Fee, Sent},
    },
    context::Context,
    error::{Error, Exit, Result},
    job::{
        outlook::{self, Doubt},
        plan::{Deposit, Plan},
        prepared::Prepared,
        quote::Quoted,
        ticket::Ticket,
    },
    text::{amount, output::bytes},
};
use dpin_primitives::{AccountId, AssetKind, Balance, JobId, KernelId, kernel::Tiling};
use serde_json::{Value, json};

/// Reasons against posting a job.
pub(super) fn doubts(prepared: &Prepared, plan: &Plan) -> Vec<Doubt> {
    let mut doubts = outlook::doubts(&plan.quoted.candidates, &prepared.spec);
    let tasks = plan.quoted.tasks();
    if let (Tiling::Whole { bytes: each }, 2..) = (prepared.manifest.tiling, tasks) {
        doubts.push(Doubt {
            problem: format!(
                "the tiling of this kernel is `whole`: each of the {tasks} tasks writes its own output of {}, and the file holds all \
                 of them, one after the other",
                bytes(each.into())
            ),
            remedy: "for one output, omit --tasks".into(),
        });
    }
    doubts
}

/// Refuse a job with doubts; with `force`, only print them as warnings.
pub(super) fn refuse_doubtful(context: &Context, doubts: &[Doubt], force: bool) -> Result<()> {
    let mut problems = Vec::new();
    for doubt in doubts {
        if force {
            context.output.note(format!("warning: {}", doubt.problem));
        }
        problems.push(doubt.problem.clone());
    }
    if force || problems.is_empty() {
        return Ok(());
    }
    let remedies: Vec<&str> = doubts.iter().map(|doubt| doubt.remedy.as_str()).collect();
    Err(Error::refused(format!("{}. Nothing was posted", problems.join("; ")))
        .named("doubtful")
        .hint(format!("{}; --force posts the job all the same", remedies.join("; "))))
}

/// A job that was posted.
pub(super) struct Posted {
    pub(super) ticket: Ticket,
    pub(super) tasks: u32,
    pub(super) escrow: Balance,
    pub(super) plan: Plan,
    pub(super) sent: Vec<Sent>,
}

impl Posted {
    pub(super) fn job(&self) -> JobId {
        self.ticket.id()
    }

    /// The JSON fields about money and transactions that `run` and `submit` have in common.
    pub(super) fn money_json(&self) -> Value {
        let (fees, asset) = submit::fees_json(&self.sent);
        json!({
            "held": self.escrow.to_string(),
            "deposits": self.plan.deposits.iter().map(Deposit::to_json).collect::<Vec<_>>(),
            "deposited": self.plan.deposit().to_string(),
            "transactionFees": fees,
            "feeAsset": asset,
        })
    }

    /// The fees of its transactions, as people read them.
    pub(super) fn fees(&self) -> String {
        let fees: Vec<String> = Fee::sum(&self.sent).iter().map(Fee::show).collect();
        match fees.is_empty() {
            true => "the transaction fees".into(),
            false => format!("{} for transactions", fees.join(" and ")),
        }
    }

    /// The deposits, as people read them; empty if there are none.
    pub(super) fn deposits(&self) -> String {
        match self.plan.deposit() {
            0 => String::new(),
            deposit => format!("{} held until the stored blobs and the kernel are removed", amount::dpn(deposit)),
        }
    }
}

/// Merge the fields of `more` into `json`.
pub(super) fn merge(json: &mut Value, more: Value) {
    if let (Some(json), Value::Object(more)) = (json.as_object_mut(), more) {
        json.extend(more);
    }
}

/// Check everything and print the price, and only then send the first transaction.
pub(super) async fn post(
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    prepared: &Prepared,
    limits: &LimitArgs,
) -> Result<Posted> {
    let asset = prepared.spec.reward.asset.clone();
    let most = limits.most(&asset)?.map(|most| (asset, most));
    let account = signer.account();
    let plan = prepared.plan(chain, Some(&account)).await?;
    check_max_cost(&plan.quoted, most.as_ref())?;
    refuse_doubtful(context, &doubts(prepared, &plan), limits.force)?;
    prepared.try_out(context, chain, &account, &plan).await?;
    context.output.note(plan.text());
    if let Some(warning) = outlook::warning(&plan.quoted.candidates, &prepared.spec) {
        context.output.note(format!("warning: {warning}"));
    }
    // Without its key the job would waste the money.
    if let Some(key) = &prepared.key {
        prepared.keys.store(&chain.genesis(), &prepared.spec, key)?;
    }

    let mut sent = prepared.establish(context, chain, signer).await?;
    if plan.quoted.wait.is_none() {
        // The chain now has the kernel and the inputs, so its quote is complete.
        let quoted = Quoted::request(chain, &prepared.spec, Some(&account)).await?;
        check_max_cost(&quoted, most.as_ref())?;
        context.output.note(quoted.sentence());
        let plan = Plan { quoted, ..plan.clone() };
        refuse_doubtful(context, &doubts(prepared, &plan), limits.force)?;
    }
    let posted =
        context.send(chain, signer, &Call::submit_job(&prepared.spec)).await.map_err(|error| match error.exit {
            Exit::Connection => {
                error.hint("check with `dpin job list` whether the job was posted before you post it again")
            }
            _ => error,
        })?;
    let (job, _, _, tasks, escrow): (JobId, AccountId, KernelId, u32, Balance) =
        posted.event("Jobs", "JobSubmitted")?;
    let ticket = Ticket::posted(job, &prepared.spec, &posted);
    sent.push(posted);
    Ok(Posted { ticket, tasks, escrow, plan, sent })
}

/// Refuse a job that costs more than the limit.
fn check_max_cost(quoted: &Quoted, most: Option<&(AssetKind, Balance)>) -> Result<()> {
    match most {
        Some((asset, most)) if quoted.fees.total > *most => Err(Error::refused(format!(
            "the job would cost {}, more than --max-cost {}",
            amount::show(quoted.fees.total, asset),
            amount::show(*most, asset)
        ))
        .hint("lower --reward, --tasks or --auditors, or raise --max-cost")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_may_cost_is_compared_before_anything_else() {
        let quoted = crate::job::quote::tests::quoted();
        let total = quoted.fees.total;
        assert_eq!(check_max_cost(&quoted, None), Ok(()));
        assert_eq!(check_max_cost(&quoted, Some(&(AssetKind::Native, total))), Ok(()));
        let error = check_max_cost(&quoted, Some(&(AssetKind::Native, total - 1))).unwrap_err();
        assert!(error.exit == Exit::Refused && error.message.contains("--max-cost"), "{error}");
    }
}
