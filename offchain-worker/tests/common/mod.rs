//! A real executor process with a client, and kernels to run on it.

#![allow(dead_code)]
#![allow(unreachable_pub, reason = "the benches include this module and export it")]

use codec::{Decode, DecodeAll, Encode};
use dpin_kernels::Job;
use dpin_primitives::{
    Hash, TaskId, blake2,
    executor::{Commitment, ExecutorStatus, Opening, OutputChunk, RunRequest, RunStatus, RunTimings, Work},
    kernel::{KernelClass, KernelManifest, Param, Tiling},
    reason::ReasonCode,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
use std::{
    io::Write,
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The executor's path. The measurements (`measure/`) include this file too, but Cargo does not
/// give them the path.
pub const PROGRAM: &str = match option_env!("CARGO_BIN_EXE_dpin-executor") {
    Some(program) => program,
    None => "dpin-executor",
};

pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub const GENESIS: Hash = Hash::repeat_byte(0x77);

/// An answer: status code and body.
pub type Answer = (u16, Vec<u8>);

/// An executor, which is killed on drop.
pub struct Executor {
    child: Child,
    pub folder: TempDir,
    base: String,
    agent: ureq::Agent,
    pub token: String,
}

impl Executor {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(options: &[&str]) -> Self {
        Self::start_in(PROGRAM, tempfile::tempdir().unwrap(), options, &[])
    }

    pub fn start_in(program: &str, folder: TempDir, options: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_on(program, folder, options, environment, || Ok(()))
    }

    /// Start it after `prepare`, which changes what the executor inherits, and only makes system
    /// calls.
    pub fn start_on(
        program: &str,
        folder: TempDir,
        options: &[&str],
        environment: &[(&str, &str)],
        prepare: impl FnMut() -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let port_file = folder.path().join("port");
        let _ = std::fs::remove_file(&port_file);
        write_token(&folder.path().join("token"));
        let mut command = serve(program, folder.path());
        // SAFETY: the caller promises that `prepare` only makes system calls.
        unsafe { command.pre_exec(prepare) };
        let mut child =
            command.args(options).arg("--port-file").arg(&port_file).envs(environment.iter().copied()).spawn().unwrap();
        let address = wait("the port file", Duration::from_secs(60), || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the executor ended: {status}");
            }
            std::fs::read_to_string(&port_file).ok()
        });
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(Duration::from_secs(60)))
                .build(),
        );
        Self { child, folder, base: format!("http://{address}"), agent, token: TOKEN.into() }
    }

    /// Kill it, and start another one in the same directory with other options and additional
    /// environment variables.
    pub fn kill_and_restart_with(mut self, options: &[&str], environment: &[(&str, &str)]) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        Self::start_in(PROGRAM, folder, options, environment)
    }

    /// Wait until it has ended by itself.
    pub fn ended(&mut self) -> ExitStatus {
        wait("the executor's end", Duration::from_secs(30), || self.child.try_wait().unwrap())
    }

    /// Kill the working children, as the operating system does when memory runs out.
    pub fn kill_children(&self) {
        let children = wait("a child, or the end of the run", Duration::from_secs(20), || {
            let children = children_of(self.pid());
            (!children.is_empty() || self.status().running == 0).then_some(children)
        });
        for child in children {
            // SAFETY: a plain system call. The executor waits for its children, so their ids are
            // not reused soon.
            unsafe { libc::kill(child as libc::pid_t, libc::SIGKILL) };
        }
    }

    /// Kill it, and start another one in the same directory.
    pub fn kill_and_restart(self) -> Self {
        self.kill_and_restart_as(PROGRAM)
    }

    /// Kill it, and start `program` in the same directory.
    pub fn kill_and_restart_as(self, program: &str) -> Self {
        Self::start_in(program, self.kill(), &[], &[])
    }

    /// Kill the executor, and return its folder as it was left.
    pub fn kill(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.folder_when_ended()
    }

    /// Ask it to stop, and wait until it has.
    pub fn terminate(&mut self) -> ExitStatus {
        // SAFETY: the child has not been waited for.
        unsafe { libc::kill(self.child.id() as libc::pid_t, libc::SIGTERM) };
        wait("the executor's end", Duration::from_secs(20), || self.child.try_wait().unwrap())
    }

    /// Take its folder, for the next executor.
    pub fn folder_when_ended(mut self) -> TempDir {
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    fn finish(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
        let mut answer = answer.unwrap();
        let body = answer.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap();
        (answer.status().as_u16(), body)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.finish(self.agent.get(format!("{}{path}", self.base)).header("authorization", self.bearer()).call())
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.finish(self.agent.delete(format!("{}{path}", self.base)).header("authorization", self.bearer()).call())
    }

    pub fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.finish(self.agent.post(format!("{}{path}", self.base)).header("authorization", self.bearer()).send(body))
    }

    pub fn put(&self, path: &str, body: &[u8]) -> Answer {
        self.finish(self.agent.put(format!("{}{path}", self.base)).header("authorization", self.bearer()).send(body))
    }

    pub fn status(&self) -> ExecutorStatus {
        decode(self.get("/v1/status"))
    }

    pub fn put_blob(&self, bytes: &[u8]) -> Hash {
        let hash = blake2(bytes);
        assert_eq!(self.put(&format!("/v1/blob/{}", hex::encode(hash)), bytes), (200, vec![]));
        hash
    }

    pub fn post_run(&self, request: &RunRequest) -> RunStatus {
        decode(self.post("/v1/runs", &request.encode()))
    }

    pub fn run_status(&self, id: &Hash) -> RunStatus {
        decode(self.get(&format!("/v1/runs/{}", hex::encode(id))))
    }

    pub fn timings(&self, id: &Hash) -> RunTimings {
        decode(self.get(&format!("/v1/runs/{}/timings", hex::encode(id))))
    }

    pub fn wait_until_running(&self, id: &Hash) {
        wait("the run to begin", Duration::from_secs(20), || (self.run_status(id) == RunStatus::Running).then_some(()));
    }

    /// Post a run and wait for its outcome.
    pub fn run(&self, request: &RunRequest) -> RunStatus {
        self.post_run(request);
        self.outcome(&request.id)
    }

    pub fn outcome(&self, id: &Hash) -> RunStatus {
        wait("the run to end", Duration::from_secs(120), || match self.run_status(id) {
            RunStatus::Queued | RunStatus::Running => None,
            ended => Some(ended),
        })
    }

    pub fn commitment(&self, request: &RunRequest) -> Commitment {
        match self.run(request) {
            RunStatus::Committed(commitment) => commitment,
            other => panic!("{other:?}{}", self.log_of(&other)),
        }
    }

    pub fn sample(&self, request: &RunRequest) -> Vec<Hash> {
        match self.run(request) {
            RunStatus::Sampled(leaves) => leaves,
            other => panic!("{other:?}{}", self.log_of(&other)),
        }
    }

    pub fn failure(&self, request: &RunRequest) -> ReasonCode {
        match self.run(request) {
            RunStatus::Failed(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    pub fn log(&self, hash: &Hash) -> String {
        let (status, bytes) = self.get(&format!("/v1/log/{}", hex::encode(hash)));
        assert_eq!(status, 200);
        assert_eq!(blake2(&bytes), *hash);
        String::from_utf8(bytes).unwrap()
    }

    /// The report of a finished run, by its id.
    pub fn report(&self, id: &Hash) -> String {
        let (status, bytes) = self.get(&format!("/v1/runs/{}/report", hex::encode(id)));
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(status, 200, "{text}");
        assert_eq!(self.log(&blake2(text.as_bytes())), text);
        text
    }

    fn log_of(&self, status: &RunStatus) -> String {
        match status {
            RunStatus::Failed(reason) => reason.log().map(|log| format!("\n{}", self.log(&log))).unwrap_or_default(),
            _ => String::new(),
        }
    }

    pub fn opening(&self, id: &Hash, tiles: &[u32]) -> Opening {
        decode(self.post(&format!("/v1/runs/{}/opening", hex::encode(id)), &tiles.to_vec().encode()))
    }

    pub fn chunk(&self, task: TaskId, offset: u64, length: u64) -> OutputChunk {
        let path = format!("/v1/outputs/{}/{}?offset={offset}&length={length}", task.job, task.index);
        decode(self.get(&path))
    }

    /// The whole output of a task, with every chunk checked against `root`.
    pub fn output(&self, task: TaskId, root: &Hash) -> Vec<u8> {
        let mut output = Vec::new();
        loop {
            let chunk = self.chunk(task, output.len() as u64, 100_000);
            assert_eq!(chunk.verify(&GENESIS, task, root), Ok(()));
            assert_eq!(chunk.offset, output.len() as u64);
            output.extend_from_slice(&chunk.data);
            if output.len() as u64 == chunk.total {
                return output;
            }
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The failure section of a run's report.
pub fn failure_in(report: &str) -> &str {
    let (_, failure) = report.split_once("\n--- failure ---\n").unwrap_or_else(|| panic!("no failure in\n{report}"));
    failure.split_once("\n--- compiler ---\n").map_or(failure, |(failure, _)| failure)
}

/// The value of `name` in a report.
pub fn told_in<'a>(report: &'a str, name: &str) -> Option<&'a str> {
    report.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// The command that serves in `folder`, with the token file there.
pub fn serve(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder.join("data"))
        .arg("--token-file")
        .arg(folder.join("token"))
        .stdin(Stdio::null());
    command
}

/// Make the system refuse these calls to this thread and all processes it starts.
pub fn refuse_calls(calls: &[libc::c_long]) -> std::io::Result<()> {
    let rules = calls.iter().map(|call| (*call, Vec::new())).collect();
    let (allow, refuse) = (SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32));
    let target = TargetArch::try_from(std::env::consts::ARCH).map_err(std::io::Error::other)?;
    let filter = SeccompFilter::new(rules, allow, refuse, target).map_err(std::io::Error::other)?;
    let program = BpfProgram::try_from(filter).map_err(std::io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(std::io::Error::other)
}

pub fn write_token(path: &Path) {
    let _ = std::fs::remove_file(path);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(TOKEN.as_bytes()).unwrap();
}

pub fn decode<T: Decode>((status, body): Answer) -> T {
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    T::decode_all(&mut body.as_slice()).unwrap()
}

/// Poll `probe` until it returns a value.
pub fn wait<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(begun.elapsed() < limit, "waited {limit:?} for {what}");
        sleep(Duration::from_millis(10));
    }
}

/// Ids of the processes whose parent is `pid`, without the spare child.
pub fn children_of(pid: u32) -> Vec<u32> {
    let stat = |entry: std::fs::DirEntry| {
        let child: u32 = entry.file_name().to_str()?.parse().ok()?;
        let text = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let parent: u32 = text.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        let folder = std::fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        // A run's source is put there before its order.
        let waits = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("child-"))
            && !folder.join("in/source").exists();
        (parent == pid && !waits).then_some(child)
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter_map(stat).collect()
}

/// Ids of all descendants of `pid`.
pub fn all_children_of(pid: u32) -> Vec<u32> {
    let parent = |child: u32| -> Option<u32> {
        let text = std::fs::read_to_string(format!("/proc/{child}/stat")).ok()?;
        text.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let all: Vec<u32> = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    let descends = |child: &u32| {
        std::iter::successors(parent(*child), |above| parent(*above).filter(|above| *above > 0))
            .any(|above| above == pid)
    };
    all.into_iter().filter(descends).collect()
}

/// Whether the process still runs. A dead process that was not waited for does not.
pub fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

pub fn task(job: u64) -> TaskId {
    TaskId { job, index: 0 }
}

/// A manifest for `source`, whose kernel is named `f`.
pub fn manifest(source: &str, params: &[Param], local_size: [u32; 3], tiling: Tiling) -> KernelManifest {
    KernelManifest {
        source: blake2(source.as_bytes()),
        entry: b"f".to_vec().try_into().unwrap(),
        params: params.to_vec().try_into().unwrap(),
        local_size,
        tiling,
        options: Default::default(),
        class: KernelClass::Raw,
    }
}

/// A task of `groups` work-groups of 16 work-items that computes `source`. The kernel is
/// `f(output)` with 64 bytes per tile.
pub fn simple(source: &str, task: TaskId, groups: u32, limit_ms: u64) -> RunRequest {
    let kernel = manifest(source, &[Param::Output], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    RunRequest {
        id: RunRequest::id(&GENESIS, task, 0, &Work::Task),
        genesis: GENESIS,
        task,
        work: Work::Task,
        kernel,
        groups: [groups, 1, 1],
        first_group: 0,
        group_count: groups,
        scalars: vec![],
        inputs: vec![],
        limit_ms,
    }
}

/// Every work-item writes its global id.
pub const COUNT: &str = "__kernel void f(__global uint *out) {
    out[dpin_tile() * 16 + get_local_id(0)] = (uint)get_global_id(0);
}
";

/// The output of [`COUNT`] for `groups` work-groups.
pub fn counted(groups: u32) -> Vec<u8> {
    (0..groups * 16).flat_map(u32::to_le_bytes).collect()
}

/// Never ends.
pub const ENDLESS: &str = "__kernel void f(volatile __global uint *out) {
    while (out[dpin_tile() * 16] != 0xffffffffu) {
        out[dpin_tile() * 16] = 1;
    }
}
";

/// Takes some seconds on any machine, and has the output of [`COUNT`].
pub const SLOW: &str = "__kernel void f(volatile __global uint *out) {
    for (uint i = 0; i < 20000000u; i++) {
        out[dpin_tile() * 16 + get_local_id(0)] = i;
    }
    out[dpin_tile() * 16 + get_local_id(0)] = (uint)get_global_id(0);
}
";

/// A request for work-groups `first..first + count` of a ready kernel's job.
pub fn request_of(job: &Job, task: TaskId, work: Work, first: u32, count: u32) -> RunRequest {
    let kernel = job.kernel.manifest().unwrap();
    let groups = std::array::from_fn(|d| job.global_size[d] / kernel.local_size[d]);
    RunRequest {
        id: RunRequest::id(&GENESIS, task, 0, &work),
        genesis: GENESIS,
        task,
        work,
        kernel,
        groups,
        first_group: first.into(),
        group_count: count,
        scalars: job.scalars.clone(),
        inputs: job.inputs.iter().map(|input| blake2(input)).collect(),
        limit_ms: 60_000,
    }
}

pub fn put_blobs_of(executor: &Executor, job: &Job) {
    executor.put_blob(job.kernel.source.as_bytes());
    for input in &job.inputs {
        executor.put_blob(input);
    }
}
