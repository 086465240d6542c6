//! `dpin job`: calls for a jury, and other calls that anybody may make about the tasks and debts of
//! jobs.

use crate::{
    chain::{Chain, blake2_concat, call::Call, submit::Sent, value_key},
    context::Context,
    error::{Error, Result},
    text::{amount, output::table, parse},
};
use clap::Subcommand;
use codec::Decode;
use dpin_primitives::{AccountId, AssetKind, Balance, JobId, TaskId};
use serde_json::{Value, json};

/// Calls for a jury, and other calls that anybody may make about tasks and debts.
#[derive(Subcommand, Debug)]
pub(crate) enum DisputeCommand {
    /// Challenge a tile of a verified task as wrong, while the challenge window is open. A bond is
    /// held. If the jury agrees, it is returned with a reward; otherwise it pays the jury and the
    /// worker
    #[command(after_help = "Example:\n  dpin --dev bob job challenge 7 --task 0 --tile 12")]
    Challenge {
        /// Number of the job
        job: JobId,
        /// Index of the task
        #[arg(long, value_name = "INDEX")]
        task: u32,
        /// Index of the tile, from 0: its offset in the task's output divided by the bytes of a
        /// tile
        #[arg(long, value_name = "INDEX")]
        tile: u32,
    },
    /// Report that the output of a verified task of yours cannot be fetched, while the challenge
    /// window is open. A bond is held. If the jury cannot fetch the output either, the task is
    /// refunded and the bond is returned
    #[command(after_help = "Example:\n  dpin --dev bob job report-unavailable 7 --task 0")]
    ReportUnavailable {
        /// Number of the job
        job: JobId,
        /// Index of the task
        #[arg(long, value_name = "INDEX")]
        task: u32,
    },
    /// End a stage of a task whose deadline has passed. The chain does this itself as soon as a
    /// block has room
    Expire {
        /// Number of the job
        job: JobId,
        /// Index of the task
        #[arg(long, value_name = "INDEX")]
        task: u32,
    },
    /// Claim payments of jobs that an account could not receive when they were due. Anybody may
    /// claim them; the account receives them
    #[command(
        after_help = "Examples:\n  dpin --dev alice job claim-owed\n  dpin --dev bob job claim-owed alice --dry-run"
    )]
    ClaimOwed {
        /// Account that receives the payments [default: that of the signing key]
        #[arg(value_parser = parse::account)]
        account: Option<AccountId>,
        /// Show the payments without claiming them
        #[arg(long)]
        dry_run: bool,
    },
}

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub(crate) async fn run(command: DisputeCommand, context: &Context) -> Result<()> {
    match command {
        DisputeCommand::Challenge { job, task, tile } => {
            jury(Call::challenge(TaskId { job, index: task }, tile), job, task, context).await
        }
        DisputeCommand::ReportUnavailable { job, task } => {
            jury(Call::report_unavailable(TaskId { job, index: task }), job, task, context).await
        }
        DisputeCommand::Expire { job, task } => {
            context
                .send_and_report(
                    Call::expire_task(TaskId { job, index: task }),
                    &format!("ended the stage of task {job}:{task}"),
                )
                .await
        }
        DisputeCommand::ClaimOwed { account, dry_run } => claim(account, dry_run, context).await,
    }
}

/// Call for a jury, and print the bond.
async fn jury(call: Call, job: JobId, task: u32, context: &Context) -> Result<()> {
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let sent = context.send(&chain, &signer, &call).await?;
    let bond = bond(&sent);
    let mut json = sent.to_json();
    json["bond"] = bond.map(|bond| bond.to_string()).into();
    context.output.result(&json, || {
        let held = bond.map(|bond| format!("; {} held until it decides", amount::dpn(bond))).unwrap_or_default();
        match sent.block {
            Some((number, _)) => {
                format!("called a jury in block {number}{held}\nfollow it with `dpin job show {job} --task {task}`")
            }
            None => format!("submitted as {:?}, without waiting for a block", sent.signed.hash),
        }
    });
    Ok(())
}

/// The amount that a transaction put on hold.
fn bond(sent: &Sent) -> Option<Balance> {
    let held: ([u8; 2], AccountId, Balance) = sent.event("Balances", "Held").ok()?;
    Some(held.2)
}

/// A debt to an account.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Debt {
    requester: AccountId,
    asset: AssetKind,
    amount: Balance,
}

/// Decode a debt from the value and from the part of its key behind the creditor.
fn debt(mut rest: &[u8], mut value: &[u8]) -> Option<Debt> {
    // Skip the hash in front of the key itself.
    rest = rest.get(16..)?;
    let (requester, asset) = Decode::decode(&mut rest).ok()?;
    Some(Debt { requester, asset, amount: Decode::decode(&mut value).ok()? })
}

async fn debts(chain: &Chain, creditor: &AccountId) -> Result<Vec<Debt>> {
    let prefix = [value_key("Jobs", "Owed"), blake2_concat(creditor)].concat();
    let mut found = Vec::new();
    chain.entries(&prefix, |rest, value| found.extend(debt(rest, value))).await?;
    Ok(found)
}

async fn claim(account: Option<AccountId>, dry_run: bool, context: &Context) -> Result<()> {
    let account = context.account(&account)?;
    let chain = context.chain().await?;
    let found = debts(&chain, &account).await?;
    let mut transactions = Vec::new();
    if !dry_run && !found.is_empty() {
        let calls: Vec<Call> =
            found.iter().map(|debt| Call::claim_owed(&account, &debt.requester, &debt.asset)).collect();
        let sent = context.send_all(&chain, &context.signer()?, &calls).await?;
        if !sent.failed.is_empty() {
            return Err(Error::refused(format!(
                "{} of {} claims failed: {}",
                sent.failed.len(),
                found.len(),
                sent.failed.join(", ")
            ))
            .hint("an empty account cannot receive less than the existential deposit: see docs/economy.md"));
        }
        transactions = sent.transactions;
    }
    let asset = |asset: &AssetKind| crate::text::output::json(dpin_primitives::json::Asset::from(asset.clone()));
    let claims: Vec<Value> = found
        .iter()
        .map(|debt| json!({ "requester": debt.requester, "asset": asset(&debt.asset), "amount": debt.amount.to_string() }))
        .collect();
    let json = json!({
        "account": account,
        "claims": claims,
        "transactions": transactions.iter().map(Sent::to_json).collect::<Vec<_>>(),
    });
    context.output.result(&json, || {
        if found.is_empty() {
            return format!("nothing is owed to {account}");
        }
        let rows = found.iter().map(|debt| vec![debt.requester.to_string(), amount::show(debt.amount, &debt.asset)]);
        let end = if dry_run { "nothing was claimed" } else { "claimed" };
        format!("{}\n{end}", table(&["held of", "amount"], rows.collect()))
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::submit::{Event, Signed};
    use codec::Encode;
    use dpin_primitives::{BLC, Hash};

    #[test]
    fn a_debt_is_read_from_its_key_and_value() {
        let requester = AccountId::from([7; 32]);
        let key = blake2_concat((&requester, &BLC));
        let expected = Debt { requester, asset: BLC, amount: 5 };
        assert_eq!(debt(&key, &5u128.encode()), Some(expected));
        assert_eq!(debt(&key[..40], &5u128.encode()), None);
        assert_eq!(debt(&[], &[]), None);
    }

    #[test]
    fn the_bond_of_a_challenge_is_what_its_transaction_holds() {
        let fields = ([52u8, 0], AccountId::from([1; 32]), 9u128).encode();
        let event = Event { pallet: "Balances".into(), name: "Held".into(), fields };
        let account = AccountId::from([1; 32]);
        let signed = Signed { bytes: Vec::new(), hash: Hash::zero(), account, nonce: 0, born: 0 };
        let sent = Sent { block: None, events: vec![event], signed };
        assert_eq!(bond(&sent), Some(9));
        assert_eq!(bond(&Sent { events: Vec::new(), ..sent }), None);
    }
}
