//! Fetch a job's output from the nodes that may have it, and check every byte of it against the
//! chain.
//!
//! An output proves itself, so any node may serve it: the user's node is asked first, then the
//! worker's. A node that is away is asked again for some minutes. A node that lacks the output, or
//! serves bytes that do not match the commitment, is not asked again.

use crate::{
    chain::{
        self, Chain,
        errors::is_unknown_method,
        link::Patience,
        reach::{self, NOT_PUBLIC},
        request,
    },
    error::{Error, Exit, Result},
    text::output::Output,
};
use dpin_primitives::{
    AccountId, BlockNumber, Hash, TaskId,
    address::NodeAddress,
    api::{KernelInfo, TaskStage, WorkerInfo},
    executor::{Commitment, MAX_CHUNK_BYTES},
    kernel::Tiling,
};
use dpin_rpc::{ErrorCode, JobView, OutputView};
use indicatif::ProgressBar;
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    io::{ErrorKind, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    pin::Pin,
    time::{Duration, Instant},
};
use subxt::rpcs::{RpcClient, rpc_params};
use tempfile::NamedTempFile;

/// Time for which nodes are asked for a part of an output. It restarts with each part.
const PATIENCE: Duration = Duration::from_secs(120);
/// Pause before the nodes are asked again. It doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(2);
/// Longest pause before the nodes are asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The chain's name of the error for an account that is not a worker.
const UNKNOWN_WORKER: &str = "Workers.UnknownWorker";

/// The file that an output is written to. Until the output is complete, its bytes are in a
/// temporary file beside it.
#[derive(Debug)]
pub(crate) struct OutFile {
    path: PathBuf,
    file: NamedTempFile,
    replace: bool,
}

impl OutFile {
    /// Prepare to write to `path`. An existing file is replaced only if `replace` is set.
    ///
    /// # Errors
    ///
    /// When something is there already, or nothing can be written there.
    pub(crate) fn open(path: &Path, replace: bool) -> Result<Self> {
        let shown = path.display();
        match std::fs::metadata(path) {
            Ok(there) if !there.is_file() => {
                return Err(Error::usage(format!("--out: {shown} is not a regular file")).hint("choose a file"));
            }
            Ok(_) if !replace => {
                return Err(Error::usage(format!("--out: {shown} already exists"))
                    .hint("choose another file, or replace it with --force"));
            }
            Ok(_) => (),
            Err(error) if error.kind() == ErrorKind::NotFound => (),
            Err(error) => return Err(unwritable(path, &error)),
        }
        if path.file_name().is_none() {
            return Err(Error::usage(format!("--out: {shown} is not the name of a file")).hint("choose a file"));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = temporary(folder).map_err(|error| unwritable(path, &error))?;
        Ok(Self { path: path.to_path_buf(), file, replace })
    }

    /// Set the length, and move the temporary file to its path.
    fn finish(self, length: u64) -> Result<()> {
        let Self { path, file, replace } = self;
        let broken = |error: std::io::Error| broken(&path, &error);
        file.as_file().set_len(length).and_then(|()| file.as_file().sync_all()).map_err(broken)?;
        let file = match replace {
            true => file,
            false => match file.persist_noclobber(&path) {
                Ok(_) => return Ok(()),
                Err(error) if error.error.kind() == ErrorKind::AlreadyExists => return Err(broken(error.error)),
                // Not every file system supports this.
                Err(error) => error.file,
            },
        };
        file.persist(&path).map(drop).map_err(|error| broken(error.error))
    }
}

/// The error for a file that cannot be created, before anything is sent.
fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    // The error itself would name the temporary file.
    Error::usage(format!("--out: {} cannot be written: {}", path.display(), error.kind()))
        .hint("choose a file in an existing directory that you may write to")
}

/// The error for a file that cannot be written after the output exists.
fn broken(path: &Path, error: &std::io::Error) -> Error {
    Error::failed(format!("{} cannot be written: {error}", path.display()))
}

/// The output of one task, as a part of the output file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct OutputPiece {
    /// The task that wrote it.
    pub task: TaskId,
    /// Offset in the file, in bytes.
    pub offset: u64,
    /// The worker that computed it.
    pub worker: AccountId,
    /// The worker's commitment.
    pub commitment: Commitment,
    /// The last block in which a jury can be called if no node serves it.
    pub reportable: Option<BlockNumber>,
}

/// The pieces of a job's output in order, the indices of tasks without output, and the total
/// length. `size` is the kernel's tiling, from which the length of a missing output follows. If it
/// is known, the place of a missing output stays empty in the file.
pub(crate) fn pieces(job: &JobView, size: Option<Tiling>) -> (Vec<OutputPiece>, Vec<u32>, u64) {
    let (mut pieces, mut missing) = (Vec::new(), Vec::new());
    let mut offset = 0u64;
    for task in &job.tasks {
        match (&task.worker, task.commitment) {
            (Some(worker), Some(commitment)) => {
                let id = TaskId { job: job.id, index: task.index };
                let reportable = match task.stage {
                    TaskStage::Verified { due } if job.audit.challenge_blocks > 0 => Some(due),
                    _ => None,
                };
                pieces.push(OutputPiece { task: id, offset, worker: worker.clone(), commitment, reportable });
                offset = offset.saturating_add(commitment.output_len);
            }
            _ => {
                missing.push(task.index);
                offset = offset.saturating_add(size.map_or(0, |tiling| tiling.output_bytes(task.group_count)));
            }
        }
    }
    (pieces, missing, offset)
}

/// A node that may have an output.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum OutputSource {
    /// The node that `--url` names.
    Own,
    /// The node of the worker that computed the output.
    Worker(AccountId),
    /// The node at this address.
    Named(String),
}

impl OutputSource {
    /// Whether asking it again is useless.
    fn is_useless(&self, error: &Error) -> bool {
        let is = |code: ErrorCode| error.name.as_deref() == Some(&(code as i32).to_string());
        let gone = matches!(error.name.as_deref(), Some(UNKNOWN_WORKER | NOT_PUBLIC));
        let never = gone || matches!(error.exit, Exit::Unverified | Exit::Usage) || is_unknown_method(error);
        // A node that is not a worker has no executor; the executor of a worker may be starting.
        never || is(ErrorCode::UnknownOutput) || (*self == Self::Own && is(ErrorCode::NoExecutor))
    }
}

/// Opens a connection to a node.
type Connect = Box<dyn Fn(String) -> Pin<Box<dyn Future<Output = Result<RpcClient>> + Send>> + Send + Sync>;

/// Fetches outputs from the nodes that have them.
pub(crate) struct Fetcher<'a> {
    chain: &'a Chain,
    output: Output,
    /// If set, only this node is asked.
    from: Option<String>,
    nodes: BTreeMap<OutputSource, RpcClient>,
    connect: Connect,
    patience: Duration,
    pause: Duration,
}

impl<'a> Fetcher<'a> {
    /// Create a fetcher for the chain of this node. With `from`, only the node at that address is
    /// asked.
    pub(crate) fn new(chain: &'a Chain, output: Output, from: Option<String>) -> Self {
        let connect: Connect =
            Box::new(move |address| Box::pin(async move { chain::connect(&address, Patience::OTHERS, output).await }));
        Self { chain, output, from, nodes: BTreeMap::new(), connect, patience: PATIENCE, pause: PAUSE }
    }

    /// Write a job's output, with each task's output at its place. The file appears when it is
    /// complete and verified.
    ///
    /// # Errors
    ///
    /// When a task has no output and `partial` is not set, or no task has an output. When no node
    /// serves an output, or it does not verify.
    pub(crate) async fn write(&mut self, job: &JobView, mut out: OutFile, partial: bool) -> Result<u64> {
        let kernel: Option<KernelInfo> = self.chain.api("ComputeApi_kernel", job.kernel).await.unwrap_or_default();
        let (pieces, missing, length) = pieces(job, kernel.map(|kernel| kernel.manifest.tiling));
        check_presence(job, &pieces, &missing, partial)?;
        let path = out.path.clone();
        let broken = |error: std::io::Error| broken(&path, &error);
        let total = pieces.iter().map(|piece| piece.commitment.output_len).sum();
        let bar = self.output.bar(total, true);
        bar.set_message("output");
        for piece in &pieces {
            out.file.seek(SeekFrom::Start(piece.offset)).map_err(broken)?;
            self.fetch_piece(piece, &mut out, &bar).await?;
        }
        bar.finish_and_clear();
        out.finish(length)?;
        Ok(total)
    }

    async fn fetch_piece(&mut self, piece: &OutputPiece, out: &mut OutFile, bar: &ProgressBar) -> Result<()> {
        let mut sources = match &self.from {
            Some(from) => vec![OutputSource::Named(from.clone())],
            None => vec![OutputSource::Own, OutputSource::Worker(piece.worker.clone())],
        };
        let mut useless = Vec::new();
        let mut offset = 0;
        while offset < piece.commitment.output_len {
            let data = self.fetch_part(piece, offset, &mut sources, &mut useless, bar).await?;
            out.file.write_all(&data).map_err(|error| broken(&out.path, &error))?;
            offset += data.len() as u64;
            bar.inc(data.len() as u64);
        }
        Ok(())
    }

    /// Fetch a part of a task's output from the first source that serves it. That source moves to
    /// the front for the next time. Useless sources move to `useless`.
    async fn fetch_part(
        &mut self,
        piece: &OutputPiece,
        offset: u64,
        sources: &mut Vec<OutputSource>,
        useless: &mut Vec<(OutputSource, Error)>,
        bar: &ProgressBar,
    ) -> Result<Vec<u8>> {
        let (began, mut pause, mut said) = (Instant::now(), self.pause, BTreeSet::new());
        loop {
            let mut away = Vec::new();
            for source in sources.clone() {
                let error = match self.request_part(&source, piece, offset).await {
                    Ok(data) => {
                        sources.retain(|other| *other != source);
                        sources.insert(0, source);
                        bar.set_message("output");
                        return Ok(data);
                    }
                    Err(error) => error,
                };
                if source.is_useless(&error) {
                    sources.retain(|other| *other != source);
                    useless.push((source, error));
                } else {
                    self.nodes.remove(&source);
                    away.push((source, error));
                }
            }
            let left = self.patience.saturating_sub(began.elapsed());
            if away.is_empty() || left.is_zero() {
                return Err(unserved(piece, useless.iter().chain(&away)));
            }
            for (_, error) in away {
                if said.insert(error.message.clone()) {
                    let limit = self.patience.as_secs();
                    self.output.note(format!("task {}: {}; retrying for up to {limit} s", piece.task, error.message));
                }
            }
            bar.set_message(format!("waiting for the output of task {}", piece.task));
            tokio::time::sleep(pause.min(left)).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    async fn request_part(&mut self, source: &OutputSource, piece: &OutputPiece, offset: u64) -> Result<Vec<u8>> {
        let params = rpc_params![piece.task, offset, MAX_CHUNK_BYTES];
        let part = match source {
            OutputSource::Own => self.chain.request("compute_output", params).await?,
            _ => {
                let asked = match self.connect_to(source).await {
                    Ok(node) => request(&node, "compute_output", params).await,
                    Err(error) => Err(error),
                };
                asked.map_err(|error| match source {
                    OutputSource::Worker(worker) => {
                        Error { message: format!("the node of worker {worker}: {}", error.message), ..error }
                    }
                    _ => error,
                })?
            }
        };
        verify_part(part, &self.chain.genesis(), piece, offset)
    }

    async fn connect_to(&mut self, source: &OutputSource) -> Result<RpcClient> {
        if let Some(node) = self.nodes.get(source) {
            return Ok(node.clone());
        }
        let address = match source {
            OutputSource::Own => return Ok(self.chain.rpc().clone()),
            OutputSource::Named(address) => address.clone(),
            // Looked up each time: a worker may move.
            OutputSource::Worker(worker) => node_address(self.chain, worker).await?,
        };
        let node = (self.connect)(address).await?;
        self.nodes.insert(source.clone(), node.clone());
        Ok(node)
    }
}

/// The error if no node serves an output: the most serious of the reasons.
fn unserved<'e>(piece: &OutputPiece, reasons: impl Iterator<Item = &'e (OutputSource, Error)>) -> Error {
    let grave = |(source, error): &&(OutputSource, Error)| match (error.exit, source) {
        (Exit::Unverified, _) => 3,
        (_, OutputSource::Own) => 0,
        (Exit::Connection, _) => 2,
        _ => 1,
    };
    let found = reasons.max_by_key(grave).map(|(_, error)| error.clone());
    let error = found.unwrap_or_else(|| Error::failed(format!("no node serves the output of task {}", piece.task)));
    let jury = match piece.reportable {
        Some(block) => {
            format!(
                "; until block {block}, call a jury with `dpin job report-unavailable {} --task {}`, which holds a bond",
                piece.task.job, piece.task.index
            )
        }
        None => String::new(),
    };
    error.hint(format!(
        "fetch it later with `dpin job output {} --out FILE`, or from another node with --from URL{jury}",
        piece.task.job
    ))
}

/// Fails if there is nothing to fetch, or if an output is missing and `partial` is not set.
fn check_presence(job: &JobView, pieces: &[OutputPiece], missing: &[u32], partial: bool) -> Result<()> {
    let list: Vec<String> = missing.iter().map(u32::to_string).collect();
    let without = format!("those without: {}", list.join(", "));
    if pieces.is_empty() {
        Err(Error::job_failed(format!("no task of job {} has an output", job.id))
            .hint(format!("`dpin job show {}` shows the reasons", job.id)))
    } else if !missing.is_empty() && !partial {
        Err(Error::job_failed(format!("some tasks of job {} have no output; {without}", job.id))
            .hint(format!("`dpin job show {}` shows the reasons; --partial writes the other outputs", job.id)))
    } else {
        Ok(())
    }
}

/// The address of a worker's node.
///
/// # Errors
///
/// When the worker is not registered, its address is not public, or the node does not answer.
pub(crate) async fn node_address(chain: &Chain, worker: &AccountId) -> Result<String> {
    let info: Option<WorkerInfo> = chain.api("ComputeApi_worker", worker).await?;
    let info = info.ok_or_else(|| {
        Error::failed(format!("worker {worker} is no longer registered, so the address of its node is unknown"))
            .named(UNKNOWN_WORKER)
            .hint("if you know a node that has it, use --from URL")
    })?;
    // The address is the worker's own text: it must name a node and nothing else.
    let address = NodeAddress::parse(&info.address).map_err(|problem| {
        Error::failed(format!("the address of worker {worker} on the chain is not that of a node: {problem}"))
            .named(UNKNOWN_WORKER)
            .hint("if you know a node that has it, use --from URL")
    })?;
    reach::check(chain, &address).await?;
    Ok(address.ws_url())
}

/// The bytes of a part, after a check against the worker's commitment on chain.
fn verify_part(part: OutputView, genesis: &Hash, piece: &OutputPiece, offset: u64) -> Result<Vec<u8>> {
    let false_part = |what: &str| {
        Error::unverified(format!("task {}: the node's data do not match the commitment: {what}", piece.task))
    };
    let Commitment { root, output_len, .. } = piece.commitment;
    if part.offset != offset || part.total != output_len {
        return Err(false_part("it is not the requested part"));
    }
    let rest = output_len.saturating_sub(offset);
    let data = part.verify(genesis, piece.task, &root).map_err(|error| false_part(&error.to_string()))?;
    if data.is_empty() || data.len() as u64 > rest {
        return Err(false_part("its length is wrong"));
    }
    Ok(data)
}

#[cfg(unix)]
fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    // As for a normally created file, the umask decides.
    let permissions = std::fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".dpin-output-").permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".dpin-output-").tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chain::mock::{Mock, broken, refusal},
        job::sample,
    };
    use codec::Encode;
    use dpin_primitives::{
        reason::ReasonCode,
        tile_tree::{TileTree, leaf},
    };
    use polkadot_sdk::sp_core::Bytes;
    use serde_json::{Value, json};
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    fn part() -> (OutputView, OutputPiece) {
        let (genesis, task) = (Hash::zero(), TaskId { job: 3, index: 1 });
        let output: Vec<u8> = (0..16u8).collect();
        let tree = TileTree::new(output.chunks(4).zip(0..).map(|(tile, i)| leaf(&genesis, task, i, tile)).collect());
        let (_, proof) = tree.open(&[1]).unwrap();
        let data = Bytes(output[4..8].to_vec());
        let commitment = Commitment { root: tree.root(), output_len: 16, kernel_ms: 1 };
        let view = OutputView { total: 16, offset: 4, data, tile_bytes: 4, root: tree.root(), proof };
        (view, OutputPiece { task, offset: 0, worker: [1; 32].into(), commitment, reportable: None })
    }

    #[test]
    fn a_part_verifies_against_the_chain_and_not_against_what_its_node_says() {
        let (view, piece) = part();
        assert_eq!(verify_part(view.clone(), &Hash::zero(), &piece, 4), Ok(vec![4, 5, 6, 7]));

        let refused = |view: OutputView, piece: &OutputPiece, offset: u64| {
            let error = verify_part(view, &Hash::zero(), piece, offset).unwrap_err();
            assert_eq!(error.exit, Exit::Unverified, "{error}");
        };
        refused(view.clone(), &piece, 0);
        refused(OutputView { data: Bytes(vec![0; 4]), ..view.clone() }, &piece, 4);
        refused(OutputView { total: 8, ..view.clone() }, &piece, 4);
        refused(OutputView { data: Bytes(vec![]), ..view.clone() }, &piece, 4);
        let other = Commitment { root: Hash::repeat_byte(1), ..piece.commitment };
        refused(view.clone(), &OutputPiece { commitment: other, ..piece.clone() }, 4);
        refused(view, &OutputPiece { task: TaskId { job: 4, index: 1 }, ..piece }, 4);
    }

    #[test]
    fn every_output_has_its_place_and_failed_tasks_leave_theirs_empty() {
        let job = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        let (found, missing, length) = pieces(&job, Some(Tiling::PerGroup { bytes: 32 }));
        assert_eq!((found.len(), missing, length), (1, vec![1, 2], 192));
        assert_eq!((found[0].task, found[0].offset), (TaskId { job: 7, index: 0 }, 0));
        assert_eq!(pieces(&job, None).2, 64);
    }

    const QUIET: Output = Output { json: true, quiet: true };

    /// The answer of a mock node to `compute_output`: the part, a false one, an error with this
    /// code, or none.
    #[derive(Clone, Copy)]
    enum Gives {
        Part,
        False,
        Error(ErrorCode),
        Nothing,
    }

    fn give(gives: Gives, offset: u64) -> std::result::Result<Value, subxt::rpcs::Error> {
        let (mut view, _) = whole(offset);
        match gives {
            Gives::Part => Ok(json!(view)),
            Gives::False => {
                view.data.0[0] ^= 1;
                Ok(json!(view))
            }
            Gives::Error(code) => Err(refusal(code as i32, "no", None)),
            Gives::Nothing => Err(broken()),
        }
    }

    /// A tile at this offset of an output of four tiles, with its piece.
    fn whole(offset: u64) -> (OutputView, OutputPiece) {
        let (genesis, task) = (Hash::zero(), TaskId { job: 7, index: 0 });
        let output: Vec<u8> = (0..16u8).collect();
        let tree = TileTree::new(output.chunks(4).zip(0..).map(|(tile, i)| leaf(&genesis, task, i, tile)).collect());
        let (_, proof) = tree.open(&[offset as u32 / 4]).unwrap();
        let data = Bytes(output[offset as usize..offset as usize + 4].to_vec());
        let commitment = Commitment { root: tree.root(), output_len: 16, kernel_ms: 1 };
        let view = OutputView { total: 16, offset, data, tile_bytes: 4, root: tree.root(), proof };
        (view, OutputPiece { task, offset: 0, worker: [4; 32].into(), commitment, reportable: None })
    }

    /// Fetch from the own node and the worker's. The n-th connection to the worker's node gets the
    /// n-th answer in `workers`; the last one repeats. Returns the output and the number of these
    /// connections.
    async fn fetch_from(own: Gives, workers: Vec<Gives>) -> (Result<Vec<u8>>, usize) {
        fetch_at("ws://8.8.8.8:1", own, workers).await
    }

    /// As [`fetch_from`], with the worker's node at this address, on a public chain.
    async fn fetch_at(address: &'static str, own: Gives, workers: Vec<Gives>) -> (Result<Vec<u8>>, usize) {
        let asked = move |method: &str, params: &Value| match method {
            "chain_getBlockHash" => Ok(json!(Hash::zero())),
            "system_chainType" => Ok(json!("Live")),
            "compute_output" => give(own, params[1].as_u64().unwrap()),
            "state_call" if params[0] == "ComputeApi_worker" => {
                Ok(json!(Bytes(Some(sample::worker([4; 32].into(), address)).encode())))
            }
            "state_call" => Ok(json!(Bytes(None::<KernelInfo>.encode()))),
            other => panic!("{other}"),
        };
        let chain = Chain::over(RpcClient::new(Mock::new(asked)), "ws://own").await.unwrap();
        let dialled = Arc::new(AtomicUsize::new(0));
        let count = dialled.clone();
        let connect: Connect = Box::new(move |dialled| {
            assert_eq!(dialled, address);
            let gives = workers[count.fetch_add(1, Ordering::SeqCst).min(workers.len() - 1)];
            let mock = Mock::new(move |_, params| give(gives, params[1].as_u64().unwrap()));
            Box::pin(async move { Ok(RpcClient::new(mock)) })
        });
        let (patience, pause) = (Duration::from_millis(100), Duration::from_millis(1));
        let mut fetcher = Fetcher { connect, patience, pause, ..Fetcher::new(&chain, QUIET, None) };
        let mut job = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        job.tasks[0].commitment = Some(whole(0).1.commitment);
        job.tasks.truncate(1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.bin");
        let written = fetcher.write(&job, OutFile::open(&path, false).unwrap(), false).await;
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, usize::from(written.is_ok()), "nothing but a whole output stays");
        (written.map(|_| std::fs::read(&path).unwrap()), dialled.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn an_output_is_taken_from_whoever_has_it() {
        let output: Vec<u8> = (0..16u8).collect();
        let unknown = Gives::Error(ErrorCode::UnknownOutput);
        // The own node has the output: the worker's is not needed, whatever its address.
        assert_eq!(fetch_from(Gives::Part, vec![Gives::Nothing]).await, (Ok(output.clone()), 0));
        for own in [unknown, Gives::Error(ErrorCode::NoExecutor), Gives::False] {
            assert_eq!(fetch_from(own, vec![Gives::Part]).await, (Ok(output.clone()), 1));
        }
    }

    #[tokio::test]
    async fn a_worker_leads_nobody_to_a_private_address() {
        let unknown = Gives::Error(ErrorCode::UnknownOutput);
        for address in ["ws://127.0.0.1:1", "ws://[::ffff:10.0.0.1]:1", "ws://localhost:1"] {
            let (written, dialled) = fetch_at(address, unknown, vec![Gives::Part]).await;
            assert_eq!((written.unwrap_err().name.as_deref(), dialled), (Some(NOT_PUBLIC), 0), "{address}");
        }
    }

    #[tokio::test]
    async fn a_workers_node_that_is_away_is_waited_for() {
        let (unknown, starting) = (Gives::Error(ErrorCode::UnknownOutput), Gives::Error(ErrorCode::NoExecutor));
        let (written, dialled) = fetch_from(unknown, vec![Gives::Nothing, Gives::Nothing, starting, Gives::Part]).await;
        assert_eq!((written, dialled), (Ok((0..16).collect()), 4));
        let (written, dialled) = fetch_from(unknown, vec![Gives::Nothing]).await;
        let error = written.unwrap_err();
        assert!(dialled > 3 && error.exit == Exit::Connection, "{dialled}: {error}");
        assert!(error.hint.unwrap().contains("dpin job output 7"));
    }

    #[tokio::test]
    async fn what_no_node_has_or_proves_ends_at_once() {
        let unknown = Gives::Error(ErrorCode::UnknownOutput);
        for (own, worker, exit) in [
            (unknown, Gives::False, Exit::Unverified),
            (Gives::False, unknown, Exit::Unverified),
            (unknown, unknown, Exit::Failed),
        ] {
            let (written, dialled) = fetch_from(own, vec![worker]).await;
            assert_eq!((written.unwrap_err().exit, dialled), (exit, 1));
        }
    }

    #[test]
    fn a_file_is_tried_before_and_replaced_only_if_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.bin");
        let refused = |path: &Path, replace: bool| {
            let error = OutFile::open(path, replace).unwrap_err();
            assert!(error.exit == Exit::Usage && error.hint.is_some(), "{error}");
        };
        refused(folder.path(), true);
        refused(Path::new("/dev/null"), true);
        refused(&folder.path().join("none/out.bin"), false);
        OutFile::open(&path, false).unwrap().finish(3).unwrap();
        refused(&path, false);
        OutFile::open(&path, true).unwrap().finish(4).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [0; 4]);

        // A file that appears while the job runs is not lost either.
        let other = folder.path().join("other.bin");
        let file = OutFile::open(&other, false).unwrap();
        std::fs::write(&other, b"mine").unwrap();
        assert_eq!(file.finish(3).unwrap_err().exit, Exit::Failed);
        assert_eq!(std::fs::read(&other).unwrap(), b"mine");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn without_any_output_nothing_is_written_even_in_part() {
        let job = sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        let (some, missing, _) = pieces(&job, None);
        assert_eq!(check_presence(&job, &some, &missing, true), Ok(()));
        assert_eq!(check_presence(&job, &some, &missing, false).unwrap_err().exit, Exit::JobFailed);
        for partial in [false, true] {
            let error = check_presence(&job, &[], &[0, 1, 2], partial).unwrap_err();
            assert!(error.exit == Exit::JobFailed && error.message.contains("no task of job 7"), "{error}");
        }
    }
}
