//! `dpin job submit-many`: several jobs of one kernel in one transaction.

use super::{
    options::LimitArgs,
    post::{doubts, refuse_doubtful},
};
use crate::{
    chain::{
        Chain,
        call::Call,
        submit::{self, Sent},
    },
    context::Context,
    error::{Error, Result},
    job::{
        outlook,
        plan::Plan,
        prepared::{Prepared, has_enough},
        quote::Quoted,
        spec::JobArgs,
    },
    text::{
        amount,
        output::{count, table},
    },
    usage,
};
use clap::{Args, Parser};
use codec::Decode;
use dpin_primitives::{AccountId, AssetKind, Balance, JobId, KernelId};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
};

/// Most jobs in one transaction.
const MOST: usize = 64;
/// Most bytes of the list.
const MAX_BYTES: u64 = 1024 * 1024;

/// Arguments of `job submit-many`.
#[derive(Args, Debug)]
pub(crate) struct ManyArgs {
    /// File with one job on each line, written as the arguments of `dpin job submit`; `-` for
    /// standard input. Quote arguments that contain spaces; empty lines and lines that begin with #
    /// are skipped
    file: PathBuf,
    #[command(flatten)]
    limits: LimitArgs,
}

/// A job of the list.
#[derive(Parser, Debug)]
#[command(name = "job", no_binary_name = true, disable_help_flag = true)]
struct JobLine {
    #[command(flatten)]
    job: JobArgs,
}

/// Split a line into words. Text in quotes is part of one word.
fn split_words(line: &str) -> std::result::Result<Vec<String>, &'static str> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match quote {
        Some(_) => Err("a quote is not closed"),
        None => Ok(words),
    }
}

/// The jobs of a list, each with its line number.
fn parse_list(text: &str) -> Result<Vec<(usize, JobArgs)>> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let mut jobs = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let words = split_words(line).map_err(|problem| Error::usage(format!("line {number}: {problem}")))?;
        let JobLine { job } = JobLine::try_parse_from(words).map_err(|error| {
            let error = usage::usage_error(&error);
            Error { message: format!("line {number}: {}", error.message), ..error }
        })?;
        if job.encrypt {
            return Err(Error::usage(format!(
                "line {number}: --encrypt: the key of encrypted inputs can be delivered for one job only"
            ))
            .hint("post this job alone: `dpin job submit`"));
        }
        jobs.push((number, job));
    }
    match jobs.len() {
        0 => Err(Error::usage("the file lists no job").hint("write lines such as blur.cl --global 64 --reward 1DPN")),
        1..=MOST => Ok(jobs),
        all => Err(Error::usage(format!("the file lists {all} jobs; a transaction posts at most {MOST}"))
            .hint("split the list into several files")),
    }
}

fn read_list(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().take(MAX_BYTES).read_to_string(&mut text),
        false => std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text)),
    };
    read.map_err(|error| Error::usage(format!("{} cannot be read: {error}", path.display())))?;
    Ok(text)
}

/// The asset in which all jobs are paid. Fails if they cannot be posted together.
fn common_asset(jobs: &[(usize, Prepared)]) -> Result<AssetKind> {
    let mut first: Option<(KernelId, AssetKind)> = None;
    for (number, Prepared { spec, .. }) in jobs {
        let own = (spec.kernel, spec.reward.asset.clone());
        match &first {
            Some(first) if *first != own => {
                return Err(Error::usage(format!(
                    "line {number}: the kernel or the asset differs from that of the first job"
                ))
                .named("Jobs.MixedJobs")
                .hint("put jobs of another kernel or asset into another file"));
            }
            _ => first = Some(own),
        }
    }
    Ok(first.map_or(AssetKind::Native, |(_, asset)| asset))
}

/// The sums of the escrows and of the deposits, with each deposit counted once.
fn sums(plans: &[Plan]) -> (Balance, Balance) {
    let held = plans.iter().map(|plan| plan.quoted.fees.total).fold(0, Balance::saturating_add);
    let deposits: BTreeMap<_, _> = plans
        .iter()
        .flat_map(|plan| &plan.deposits)
        .map(|deposit| ((deposit.what, deposit.id), deposit.amount))
        .collect();
    (held, deposits.into_values().fold(0, Balance::saturating_add))
}

/// Refuse jobs that cost more than the limit.
fn check_max_cost(held: Balance, most: Option<Balance>, asset: &AssetKind) -> Result<()> {
    match most {
        Some(most) if held > most => Err(Error::refused(format!(
            "the jobs would cost {}, more than --max-cost {}",
            amount::show(held, asset),
            amount::show(most, asset)
        ))
        .hint("lower --reward, --tasks or --auditors, or raise --max-cost")),
        _ => Ok(()),
    }
}

/// A posted job, from its event.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PostedJob {
    job: JobId,
    tasks: u32,
    held: Balance,
}

fn posted_jobs(sent: &Sent) -> Vec<PostedJob> {
    let events = sent.events.iter().filter(|event| event.pallet == "Jobs" && event.name == "JobSubmitted");
    events
        .filter_map(|event| <(JobId, AccountId, KernelId, u32, Balance)>::decode(&mut &event.fields[..]).ok())
        .map(|(job, _, _, tasks, held)| PostedJob { job, tasks, held })
        .collect()
}

/// Add the line of a job to an error.
fn at_line(line: usize) -> impl Fn(Error) -> Error {
    move |error| Error { message: format!("line {line}: {}", error.message), ..error }
}

/// Post the jobs of a list: all of them, or none.
///
/// # Errors
///
/// When a line is not a job, or the jobs cannot be posted together, cost too much, or are refused.
pub(crate) async fn run(args: ManyArgs, context: &Context) -> Result<()> {
    context.must_wait()?;
    let lines = parse_list(&read_list(&args.file)?)?;
    let (chain, signer) = (context.chain().await?, context.signer()?);
    let mut jobs = Vec::new();
    for (line, job) in &lines {
        jobs.push((*line, job.prepare(context, &chain).await.map_err(at_line(*line))?));
    }
    let asset = common_asset(&jobs)?;
    let most = args.limits.most(&asset)?;
    let account = signer.account();
    let list = JobList { context, chain: &chain, account: &account, jobs, force: args.limits.force };
    let plans = list.plan().await?;
    let (held, deposits) = sums(&plans);
    check_max_cost(held, most, &asset)?;
    list.check_balances(held, deposits, &asset).await?;
    context.output.note(format!(
        "{}: {} will be held; deposits: {}",
        count(u32::try_from(list.jobs.len()).unwrap_or(u32::MAX), "job"),
        amount::show(held, &asset),
        amount::dpn(deposits)
    ));

    let mut sent = Vec::new();
    for (line, prepared) in &list.jobs {
        sent.extend(prepared.establish(context, &chain, &signer).await.map_err(at_line(*line))?);
    }
    if plans.iter().any(|plan| plan.quoted.wait.is_none()) {
        check_max_cost(list.quote_again(&plans).await?, most, &asset)?;
    }
    let specs: Vec<_> = list.jobs.iter().map(|(_, prepared)| prepared.spec.clone()).collect();
    let last = context.send(&chain, &signer, &Call::submit_jobs(&specs)).await?;
    let posted = posted_jobs(&last);
    sent.push(last);
    context.output.result(&posted_json(&posted, deposits, &sent), || posted_text(&posted, &asset));
    Ok(())
}

/// The jobs of a list with their line numbers, and what is needed to check them.
struct JobList<'a> {
    context: &'a Context,
    chain: &'a Chain,
    account: &'a AccountId,
    jobs: Vec<(usize, Prepared)>,
    /// Whether to post jobs that will probably fail.
    force: bool,
}

impl JobList<'_> {
    /// Plan every job. Fails if one of them would be refused.
    async fn plan(&self) -> Result<Vec<Plan>> {
        let Self { context, chain, account, jobs, force } = self;
        let mut plans = Vec::new();
        for (line, prepared) in jobs {
            let plan = prepared.plan(chain, Some(account)).await.map_err(at_line(*line))?;
            refuse_doubtful(context, &doubts(prepared, &plan), *force).map_err(at_line(*line))?;
            prepared.try_out(context, chain, account, &plan).await.map_err(at_line(*line))?;
            if let Some(warning) = outlook::warning(&plan.quoted.candidates, &prepared.spec) {
                context.output.note(format!("warning: line {line}: {warning}"));
            }
            plans.push(plan);
        }
        Ok(plans)
    }

    /// Check that the account can pay for all jobs together. Each of them was affordable alone.
    async fn check_balances(&self, held: Balance, deposits: Balance, asset: &AssetKind) -> Result<()> {
        let of_jobs = if *asset == AssetKind::Native { held } else { 0 };
        let free = self.chain.native(self.account).await?.free;
        has_enough(free, deposits.saturating_add(of_jobs), &AssetKind::Native)?;
        if let AssetKind::WithId(id) = asset {
            has_enough(self.chain.asset(*id, self.account).await?.free, held, asset)?;
        }
        Ok(())
    }

    /// The sum of the escrows according to the chain, which now has the kernel and the inputs, so
    /// that its quotes are complete.
    async fn quote_again(&self, plans: &[Plan]) -> Result<Balance> {
        let mut held: Balance = 0;
        for ((line, prepared), plan) in self.jobs.iter().zip(plans) {
            let quoted = Quoted::request(self.chain, &prepared.spec, Some(self.account)).await;
            let plan = Plan { quoted: quoted.map_err(at_line(*line))?, ..plan.clone() };
            refuse_doubtful(self.context, &doubts(prepared, &plan), self.force).map_err(at_line(*line))?;
            held = held.saturating_add(plan.quoted.fees.total);
        }
        Ok(held)
    }
}

fn posted_json(posted: &[PostedJob], deposits: Balance, sent: &[Sent]) -> Value {
    let (fees, fee_asset) = submit::fees_json(sent);
    let job = |one: &PostedJob| json!({ "job": one.job, "tasks": one.tasks, "held": one.held.to_string() });
    json!({
        "jobs": posted.iter().map(job).collect::<Vec<Value>>(),
        "held": posted.iter().map(|one| one.held).fold(0, Balance::saturating_add).to_string(),
        "deposited": deposits.to_string(),
        "transactionFees": fees,
        "feeAsset": fee_asset,
        "transactions": sent.iter().map(Sent::to_json).collect::<Vec<_>>(),
    })
}

fn posted_text(posted: &[PostedJob], asset: &AssetKind) -> String {
    let row = |one: &PostedJob| vec![one.job.to_string(), one.tasks.to_string(), amount::show(one.held, asset)];
    table(&["job", "tasks", "held"], posted.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;

    #[test]
    fn a_line_is_split_at_blanks_outside_quotes() {
        let split = |line| split_words(line).unwrap();
        assert_eq!(split("a.cl  --in \"my file\" --in 'x\"y'z ''"), ["a.cl", "--in", "my file", "--in", "x\"yz", ""]);
        assert_eq!(split(""), [""; 0]);
        assert!(split_words("a 'b").is_err());
    }

    #[test]
    fn a_list_has_a_job_on_each_line() {
        let jobs = parse_list(
            "# all\n\nblur.cl --global 64 --reward 1DPN --scalar -1\nblur.cl --global 128 --reward 2DPN --in 'a b'\n",
        )
        .unwrap();
        assert_eq!(jobs.iter().map(|(line, job)| (*line, job.global[0])).collect::<Vec<_>>(), [(3, 64), (4, 128)]);
    }

    #[test]
    fn what_is_wrong_with_a_list_is_told_with_its_line() {
        let line = "blur.cl --global 64 --reward 1DPN";
        for (text, part) in [
            (String::new(), "the file lists no job"),
            (format!("{line}\n{line} --frob"), "line 2: unexpected argument '--frob'"),
            (format!("{line}\n\nblur.cl --reward 1DPN"), "line 3: the following required arguments"),
            (format!("{line} --reward 'x"), "line 1: a quote"),
            (format!("{line} --encrypt"), "line 1: --encrypt: the key"),
            (format!("{line}\n").repeat(65), "the file lists 65 jobs; a transaction posts at most 64"),
        ] {
            let error = parse_list(&text).unwrap_err();
            assert_eq!(error.exit, Exit::Usage);
            assert!(error.message.contains(part), "{error}");
        }
    }
}
