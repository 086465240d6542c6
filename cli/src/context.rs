//! The global options, and the messages for an interrupted command.

use crate::{
    chain::{
        Chain,
        call::Call,
        errors::Refusal,
        fee_asset::FeeAsset,
        known_nodes,
        signer::{self, Signer, SignerArgs},
        submit::{Sent, Wait},
    },
    error::{Error, Exit, Result},
    text::{amount::parse_asset, output::Output, parse},
};
use clap::Args;
use codec::Decode;
use dpin_primitives::{AccountId, AssetKind, Hash, JobId};
use polkadot_sdk::sp_runtime::DispatchError;
use std::{
    path::{Path, PathBuf},
    sync::Mutex,
};

const HEADING: &str = "Global options";

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub(crate) struct GlobalArgs {
    /// URL of the node's JSON-RPC. Its answers about the chain are trusted: use your own node, or
    /// one that you trust
    #[arg(long, global = true, env = "DPIN_URL", default_value = "ws://127.0.0.1:9944", help_heading = HEADING)]
    pub url: String,
    /// Genesis hash that the node's chain must have [default: that of the last use of the node, or
    /// any for a node on this machine]
    #[arg(long, global = true, value_name = "HASH", env = "DPIN_GENESIS", value_parser = parse::hash, help_heading = HEADING)]
    pub genesis: Option<Hash>,
    /// Write results and errors as JSON, for scripts
    #[arg(long, global = true, help_heading = HEADING)]
    pub json: bool,
    /// Write results and errors only, without progress and warnings
    #[arg(long, short, global = true, help_heading = HEADING)]
    pub quiet: bool,
    /// State of a submitted transaction to wait for
    #[arg(long, global = true, value_enum, default_value_t, help_heading = HEADING)]
    pub wait: Wait,
    /// Asset that pays the transaction fees: DPN, BLC or the number of an asset [default: DPN]
    #[arg(long, global = true, value_name = "ASSET", default_value = "DPN", value_parser = parse_asset, hide_default_value = true, help_heading = HEADING)]
    pub fee_asset: AssetKind,
    /// Connect to workers' nodes at loopback and private addresses, and register such addresses,
    /// also on chains that are not for development
    #[arg(long, global = true, help_heading = HEADING)]
    pub allow_private_addresses: bool,
    /// The key that signs.
    #[command(flatten)]
    pub signer: SignerArgs,
}

/// A job that continues without this program.
#[derive(Clone, PartialEq, Eq, Debug)]
struct RunningJob {
    job: JobId,
    out: Option<PathBuf>,
    /// Whether its workers need a key that this program delivers.
    needs_key: bool,
    /// Whether only its output is missing.
    is_over: bool,
}

/// Most calls in one transaction.
const BATCH: usize = 50;

/// The result of sending several calls.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct SentAll {
    /// The transactions.
    pub transactions: Vec<Sent>,
    /// Names of the errors of failed calls.
    pub failed: Vec<String>,
}

/// The global options, and the state of the command.
#[derive(Debug)]
pub(crate) struct Context {
    global: GlobalArgs,
    /// The output format.
    pub output: Output,
    running: Mutex<Option<RunningJob>>,
}

impl Context {
    /// A context with these options.
    pub(crate) fn new(global: GlobalArgs) -> Self {
        let output = Output { json: global.json, quiet: global.quiet };
        Self { global, output, running: Mutex::new(None) }
    }

    /// Refuse `--wait none`, for commands that need the result of a transaction.
    ///
    /// # Errors
    ///
    /// When `--wait none` is set.
    pub(crate) fn must_wait(&self) -> Result<()> {
        match self.global.wait {
            Wait::None => {
                Err(Error::usage("--wait none: this command needs the result of its transactions")
                    .hint("omit --wait none"))
            }
            Wait::Included | Wait::Finalized => Ok(()),
        }
    }

    /// Connect to the node.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or has another genesis block than expected.
    pub(crate) async fn chain(&self) -> Result<Chain> {
        let chain = Chain::connect(&self.global.url, self.output).await?;
        known_nodes::check(&self.global.url, &chain.genesis(), self.global.genesis.as_ref())?;
        Ok(chain.allowing_private(self.global.allow_private_addresses))
    }

    /// The signing key.
    ///
    /// # Errors
    ///
    /// When no key is named, or it cannot be loaded.
    pub(crate) fn signer(&self) -> Result<Signer> {
        signer::load(&self.global.signer, &signer::variable)
    }

    /// The named account, or that of the signing key.
    ///
    /// # Errors
    ///
    /// When no account is named and no key can be loaded.
    pub(crate) fn account(&self, named: &Option<AccountId>) -> Result<AccountId> {
        match named {
            Some(account) => Ok(account.clone()),
            None => {
                self.signer().map(|signer| signer.account()).map_err(|error| match error.message == signer::NO_KEY {
                    true => Error::usage("an account is missing")
                        .hint("give an address, or the key of the account (--dev, --key-file)"),
                    false => error,
                })
            }
        }
    }

    /// Whether fees of transactions are paid in DPN.
    pub(crate) fn pays_fees_in_dpn(&self) -> bool {
        self.global.fee_asset == AssetKind::Native
    }

    /// Sign a call, submit it, and wait as the options say.
    ///
    /// # Errors
    ///
    /// When the transaction is refused or fails.
    pub(crate) async fn send(&self, chain: &Chain, signer: &Signer, call: &Call) -> Result<Sent> {
        let fee = match self.global.fee_asset {
            AssetKind::Native => None,
            AssetKind::WithId(id) => Some(FeeAsset::WithId(id)),
        };
        chain.submit(signer, call, self.global.wait, fee).await
    }

    /// Send calls in as few transactions as possible. Each call may fail without failing the
    /// others.
    ///
    /// # Errors
    ///
    /// When a transaction is refused; if there is only one call, also when it fails.
    pub(crate) async fn send_all(&self, chain: &Chain, signer: &Signer, calls: &[Call]) -> Result<SentAll> {
        let mut all = SentAll::default();
        if let [call] = calls {
            all.transactions.push(self.send(chain, signer, call).await?);
            return Ok(all);
        }
        let at = chain.at_final().await?;
        for batch in calls.chunks(BATCH) {
            let mut encoded = Vec::new();
            for call in batch {
                let bytes = at.tx().call_data(call);
                encoded.push(bytes.map_err(|error| Error::failed(format!("{}: {error}", call.title())))?);
            }
            let sent = self.send(chain, signer, &Call::force_batch(&encoded)).await?;
            for failed in sent.events.iter().filter(|event| event.name == "ItemFailed") {
                let error = DispatchError::decode(&mut &failed.fields[..]);
                all.failed.push(error.map_or("unknown".into(), |error| Refusal::of(at.metadata_ref(), &error).name));
            }
            all.transactions.push(sent);
        }
        Ok(all)
    }

    /// Send a call and print the result: `done` describes the success.
    ///
    /// # Errors
    ///
    /// When the transaction is refused or fails.
    pub(crate) async fn send_and_report(&self, call: Call, done: &str) -> Result<()> {
        let (chain, signer) = (self.chain().await?, self.signer()?);
        let sent = self.send(&chain, &signer, &call).await?;
        self.report(&sent, done);
        Ok(())
    }

    /// Print the result of a transaction.
    pub(crate) fn report(&self, sent: &Sent, done: &str) {
        self.output.result(&sent.to_json(), || match sent.block {
            Some((number, _)) => format!("{done} in block {number}"),
            None => format!("submitted as {:?}, without waiting for a block", sent.signed.hash),
        });
    }

    /// Record that a job runs from now on, and continues without this program.
    pub(crate) fn record_running(&self, job: JobId, out: Option<&Path>) {
        self.record(RunningJob { job, out: out.map(Path::to_path_buf), needs_key: false, is_over: false });
    }

    /// As [`Self::record_running`], for a job to whose workers this program delivers a key.
    pub(crate) fn record_delivery(&self, job: JobId, out: Option<&Path>) {
        self.record(RunningJob { job, out: out.map(Path::to_path_buf), needs_key: true, is_over: false });
    }

    /// Record that the job has reached the stage that was waited for.
    pub(crate) fn record_end(&self) {
        if let Ok(mut running) = self.running.lock()
            && let Some(running) = running.as_mut()
        {
            running.is_over = true;
        }
    }

    fn record(&self, now: RunningJob) {
        if let Ok(mut running) = self.running.lock() {
            *running = Some(now);
        }
    }

    /// Add advice on how to resume the running job to an error.
    pub(crate) fn explained(&self, error: Error) -> Error {
        let running = self.running.lock().ok().and_then(|running| running.clone());
        let Some(RunningJob { job, out, needs_key, is_over }) = running else { return error };
        let error = Error { job: Some(job), ..error };
        if is_over || error.exit != Exit::Connection {
            return error;
        }
        let out = out.map_or_else(|| "FILE".into(), |path| path.display().to_string());
        let message = format!("job {job} is posted and continues, but {}", error.message);
        let hint = match needs_key {
            true => format!("run `dpin job deliver-key {job}` as soon as a node answers: the workers need the key"),
            false => format!(
                "do not post it again: follow it with `dpin job watch {job}`, and fetch its output with `dpin job output {job} --out {out}`"
            ),
        };
        Error { message, hint: Some(hint), ..error }
    }

    /// The error for an interruption by Ctrl-C.
    pub(crate) fn interrupted(&self) -> Error {
        let running = self.running.lock().ok().and_then(|running| running.clone());
        match running {
            Some(RunningJob { job, out, is_over: true, .. }) => {
                let out = out.map_or_else(|| "FILE".into(), |path| path.display().to_string());
                Error::interrupted(format!("interrupted before the output of job {job} was fetched"))
                    .hint(format!("fetch it with `dpin job output {job} --out {out}`"))
            }
            Some(RunningJob { job, needs_key: true, .. }) => {
                Error::interrupted(format!("interrupted; job {job} continues, but its workers need the key"))
                    .hint(format!("run `dpin job deliver-key {job}` now, with the same --job-keys"))
            }
            Some(RunningJob { job, out, .. }) => {
                let out = out.map_or_else(|| "FILE".into(), |path| path.display().to_string());
                Error::interrupted(format!("interrupted; job {job} continues")).hint(format!(
                    "follow it with `dpin job watch {job}`, and fetch its output with `dpin job output {job} --out {out}`"
                ))
            }
            None => Error::interrupted("interrupted")
                .hint("before you repeat the command, check whether its transactions took effect"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Line;

    fn context() -> Context {
        Context::new(Line::read(["dpin", "--json", "network"]).unwrap().global)
    }

    #[test]
    fn an_error_after_a_job_is_posted_names_it_and_says_how_to_go_on() {
        let broken = || Error::connection("compute_job: the connection broke").hint("ask again");
        let context = context();
        assert_eq!(context.explained(broken()), broken());

        context.record_running(7, Some(Path::new("a.bin")));
        let error = context.explained(broken());
        assert!(error.message.contains("job 7") && error.message.contains("the connection broke"), "{error}");
        let hint = error.hint.clone().unwrap();
        assert!(hint.contains("dpin job watch 7") && hint.contains("dpin job output 7 --out a.bin"), "{hint}");
        assert!(hint.contains("do not post it again"), "{hint}");
        assert_eq!(error.to_json()["error"]["job"], 7);
        let other = context.explained(Error::failed("a file").hint("look"));
        assert_eq!((other.message.as_str(), other.hint.as_deref(), other.job), ("a file", Some("look"), Some(7)));

        // Only the output is missing now.
        context.record_end();
        assert_eq!(context.explained(broken()).hint.as_deref(), Some("ask again"));

        context.record_delivery(8, None);
        assert!(context.explained(broken()).hint.unwrap().contains("dpin job deliver-key 8"));
    }
}
