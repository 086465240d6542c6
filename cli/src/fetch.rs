//! Fetch a job's output from the workers' nodes, and check every byte of it against the chain.

use crate::{
    chain::{self, request, Chain},
    error::{Error, Exit, Result},
    output::Output,
};
use dpin_primitives::{
    api::{KernelInfo, WorkerInfo},
    executor::MAX_CHUNK_BYTES,
    kernel::Tiling,
    AccountId, Hash, TaskId,
};
use dpin_rpc::{CommitmentView, JobView, OutputView};
use indicatif::ProgressBar;
use std::{
    collections::BTreeMap,
    io::{Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};
use subxt::rpcs::{rpc_params, RpcClient};

/// How often a worker's node is asked for the same part.
const ATTEMPTS: u32 = 3;
/// How long to wait between.
const PAUSE: Duration = Duration::from_secs(2);

/// A part of the output file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Whose output it is.
    pub task: TaskId,
    /// Where it begins in the file.
    pub offset: u64,
    /// Who computed it.
    pub worker: AccountId,
    /// What the worker committed to.
    pub commitment: CommitmentView,
}

/// The pieces of a job's output, in order, the indices of tasks that have none, and the length of the whole. `size` tells how many bytes a task of so
/// many work-groups writes: where it is known, the place of a task without output stays empty in the file.
pub fn pieces(job: &JobView, size: Option<Tiling>) -> (Vec<Piece>, Vec<u32>, u64) {
    let (mut pieces, mut missing) = (Vec::new(), Vec::new());
    let mut offset = 0u64;
    for task in &job.tasks {
        match (&task.worker, task.commitment) {
            (Some(worker), Some(commitment)) => {
                let id = TaskId { job: job.id, index: task.index };
                pieces.push(Piece { task: id, offset, worker: worker.clone(), commitment });
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

/// Where the bytes came from.
pub struct Fetcher<'a> {
    chain: &'a Chain,
    output: Output,
    /// Ask this node instead of the workers'.
    from: Option<String>,
    nodes: BTreeMap<AccountId, RpcClient>,
}

impl<'a> Fetcher<'a> {
    /// Fetches for the chain of this node; from the node at `from` instead of the workers' if it is given.
    pub fn new(chain: &'a Chain, output: Output, from: Option<String>) -> Self {
        Self { chain, output, from, nodes: BTreeMap::new() }
    }

    /// Write a job's output to `path`, every task's at its place. The file appears when it is complete and verified.
    ///
    /// # Errors
    ///
    /// When a task has no output and `partial` is not set, a node does not give it, or it does not verify.
    pub async fn write(&mut self, job: &JobView, path: &Path, partial: bool) -> Result<u64> {
        let kernel: Option<KernelInfo> = self.chain.api("ComputeApi_kernel", job.kernel).await.unwrap_or_default();
        let (pieces, missing, length) = pieces(job, kernel.map(|kernel| kernel.manifest.tiling));
        if !missing.is_empty() && !partial {
            let list: Vec<String> = missing.iter().map(u32::to_string).collect();
            let all = if list.len() == job.tasks.len() { "no task" } else { "not every task" };
            return Err(Error::job_failed(format!(
                "{all} of job {} has an output; without one: {}",
                job.id,
                list.join(", ")
            ))
            .hint(format!("`dpin job show {}` tells why; --partial writes the others", job.id)));
        }
        let broken = |error: std::io::Error| Error::failed(format!("{} cannot be written: {error}", path.display()));
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = temporary(folder).map_err(broken)?;
        let total = pieces.iter().map(|piece| piece.commitment.output_len).sum();
        let bar = self.output.bar(total, true);
        bar.set_message("output");
        for piece in &pieces {
            file.seek(SeekFrom::Start(piece.offset)).map_err(broken)?;
            self.fetch(piece, file.as_file_mut(), &bar).await?;
        }
        bar.finish_and_clear();
        file.as_file_mut().set_len(length).map_err(broken)?;
        file.as_file_mut().sync_all().map_err(broken)?;
        file.persist(path).map_err(|error| broken(error.error))?;
        Ok(total)
    }

    async fn fetch(&mut self, piece: &Piece, file: &mut impl Write, bar: &ProgressBar) -> Result<()> {
        let mut offset = 0;
        while offset < piece.commitment.output_len {
            let part = self.part(piece, offset).await?;
            let data = verified(part, &self.chain.genesis(), piece, offset)?;
            file.write_all(&data).map_err(|error| Error::failed(format!("the output cannot be written: {error}")))?;
            offset += data.len() as u64;
            bar.inc(data.len() as u64);
        }
        Ok(())
    }

    /// A part of a task's output, asked for more than once if need be.
    async fn part(&mut self, piece: &Piece, offset: u64) -> Result<OutputView> {
        let mut attempt = 1;
        loop {
            let error = match self.ask(piece, offset).await {
                Ok(part) => return Ok(part),
                Err(error) => error,
            };
            if attempt == ATTEMPTS || error.exit == Exit::Usage {
                return Err(error.hint(format!(
                    "try `dpin job output {}` again later, or another node with --from URL; while the challenge window is open, \
                     proofOfCompute.reportUnavailable calls a jury",
                    piece.task.job
                )));
            }
            attempt += 1;
            self.nodes.remove(&piece.worker);
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn ask(&mut self, piece: &Piece, offset: u64) -> Result<OutputView> {
        if !self.nodes.contains_key(&piece.worker) {
            let address = match &self.from {
                Some(from) => from.clone(),
                None => address(self.chain, &piece.worker).await?,
            };
            let node = chain::connect(&address).await.map_err(|error| Error {
                exit: Exit::Connection,
                message: format!("the node of the worker {}: {}", piece.worker, error.message),
                ..error
            })?;
            self.nodes.insert(piece.worker.clone(), node);
        }
        let node = self.nodes.get(&piece.worker).ok_or_else(|| Error::failed("the worker's node is gone"))?;
        request(node, "compute_output", rpc_params![piece.task, offset, MAX_CHUNK_BYTES]).await
    }
}

/// The address of a worker's node.
///
/// # Errors
///
/// When it is not registered, or the node does not answer.
pub async fn address(chain: &Chain, worker: &AccountId) -> Result<String> {
    let info: Option<WorkerInfo> = chain.api("ComputeApi_worker", worker).await?;
    let address = info.map(|info| info.address.into_inner()).and_then(|address| String::from_utf8(address).ok());
    address.filter(|address| !address.is_empty()).ok_or_else(|| {
        Error::failed(format!("the worker {worker} is not registered any more, so its node is not known"))
            .hint("if you know a node that has it, name it with --from URL")
    })
}

/// The bytes of a part, once they are checked against what the chain says the worker committed to.
fn verified(part: OutputView, genesis: &Hash, piece: &Piece, offset: u64) -> Result<Vec<u8>> {
    let false_part = |what: &str| {
        Error::unverified(format!("task {}: {what}", piece.task)).hint(
            "the worker's node gives something else than was committed to; while the challenge window is open, \
             proofOfCompute.reportUnavailable calls a jury",
        )
    };
    let CommitmentView { root, output_len, .. } = piece.commitment;
    if part.offset != offset || part.total != output_len {
        return Err(false_part("the part is not the one that was asked for"));
    }
    let rest = output_len.saturating_sub(offset);
    let data = part.verify(genesis, piece.task, &root).map_err(|error| false_part(&error.to_string()))?;
    if data.is_empty() || data.len() as u64 > rest {
        return Err(false_part("the part is too long"));
    }
    Ok(data)
}

#[cfg(unix)]
fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    // As a file that is simply created: the umask decides.
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
    use dpin_primitives::{
        reason::ReasonCode,
        tile_tree::{leaf, TileTree},
    };
    use polkadot_sdk::sp_core::Bytes;

    fn part() -> (OutputView, Piece) {
        let (genesis, task) = (Hash::zero(), TaskId { job: 3, index: 1 });
        let output: Vec<u8> = (0..16u8).collect();
        let tree = TileTree::new(output.chunks(4).zip(0..).map(|(tile, i)| leaf(&genesis, task, i, tile)).collect());
        let (_, proof) = tree.open(&[1]).unwrap();
        let data = Bytes(output[4..8].to_vec());
        let commitment = CommitmentView { root: tree.root(), output_len: 16, kernel_ms: 1 };
        let view = OutputView { total: 16, offset: 4, data, tile_bytes: 4, root: tree.root(), proof };
        (view, Piece { task, offset: 0, worker: [1; 32].into(), commitment })
    }

    #[test]
    fn a_part_verifies_against_the_chain_and_not_against_what_its_node_says() {
        let (view, piece) = part();
        assert_eq!(verified(view.clone(), &Hash::zero(), &piece, 4), Ok(vec![4, 5, 6, 7]));

        let refused = |view: OutputView, piece: &Piece, offset: u64| {
            let error = verified(view, &Hash::zero(), piece, offset).unwrap_err();
            assert_eq!(error.exit, Exit::Unverified, "{error}");
        };
        refused(view.clone(), &piece, 0);
        refused(OutputView { data: Bytes(vec![0; 4]), ..view.clone() }, &piece, 4);
        refused(OutputView { total: 8, ..view.clone() }, &piece, 4);
        refused(OutputView { data: Bytes(vec![]), ..view.clone() }, &piece, 4);
        let other = CommitmentView { root: Hash::repeat_byte(1), ..piece.commitment };
        refused(view.clone(), &Piece { commitment: other, ..piece.clone() }, 4);
        refused(view, &Piece { task: TaskId { job: 4, index: 1 }, ..piece }, 4);
    }

    #[test]
    fn every_output_has_its_place_and_failed_tasks_leave_theirs_empty() {
        let job = crate::sample::ended([ReasonCode::Timeout, ReasonCode::NoWorker]);
        let (found, missing, length) = pieces(&job, Some(Tiling::PerGroup { bytes: 32 }));
        assert_eq!((found.len(), missing, length), (1, vec![1, 2], 192));
        assert_eq!((found[0].task, found[0].offset), (TaskId { job: 7, index: 0 }, 0));
        assert_eq!(pieces(&job, None).2, 64);
    }
}
