//! Computes one run: lays out its files, runs it in a child, and reads how the child ended.

use super::{
    Engine,
    conduct::Conduct,
    lanes::LaneEnd,
    state::{Finish, LaneRun},
};
use crate::{
    device::fault::ChildFault,
    observe::{
        metrics::Moved,
        report::{Kill, outcome_name},
    },
    process::{
        parent::{ChildEnd, Fresh, Watch, WorkOrder},
        wire::{self, Message, Order, Phase, Times},
    },
    store::{
        age::millis,
        files::{private_dir, remove_dir},
        keys::Undecrypted,
        outputs::{Hashes, ReceivedOutput},
    },
};
use dpin_primitives::{
    BlobHash, Hash,
    executor::{Commitment, RunRequest, RunStatus, RunTimings},
    reason::ReasonCode,
};
use std::{
    io,
    path::Path,
    time::{Duration, Instant},
};

/// The folder of a run's work folder whose files go to the child. The output goes to the folder
/// around it.
const GIVEN: &str = "in";
/// A run that timed out was too late, not too slow, if the queue and failed tries took too much of
/// its limit. Too much is more than one part in `OWN_PART`.
const OWN_PART: u32 = 4;

impl Engine {
    /// Compute one run in the folder `work`.
    pub(super) fn execute(&self, run: &mut LaneRun, work: &Path) -> LaneEnd {
        match self.try_execute(run, work) {
            Ok(end) => end,
            Err(error) => LaneEnd::Finished(self.failed(run, ChildFault::Executor(error.to_string()))),
        }
    }

    fn try_execute(&self, run: &mut LaneRun, work: &Path) -> io::Result<LaneEnd> {
        if let Some(status) = self.config.conduct.made_up(&run.request) {
            return Ok(LaneEnd::Finished(self.done(run, status, None)));
        }
        if self.config.conduct.loses(&run.device) {
            return Ok(LaneEnd::DeviceLost("it was taken away".into()));
        }
        self.tend_folders()?;
        if let Err(full) = self.make_room(&run.request) {
            return Ok(LaneEnd::Finished(self.failed(run, ChildFault::Executor(full))));
        }
        if let Some(end) = self.lay_out(run, work)? {
            return Ok(end);
        }
        let begun = Instant::now();
        let (end, ran) = self.run_child(run, work, begun)?;
        run.account.kill = kill_of(&end);
        if let Some(kill) = run.account.kill {
            self.metrics.killed(kill);
        }
        match self.judge_by_control(end, ran, &run.device, &run.stop) {
            Some(end) => self.read_end(run, end, begun),
            None => Ok(LaneEnd::Stopped),
        }
    }

    /// Put source and inputs into the folder [`GIVEN`] of `work`. Encrypted inputs are decrypted.
    /// Returns how the run ended if that is not possible.
    fn lay_out(&self, run: &LaneRun, work: &Path) -> io::Result<Option<LaneEnd>> {
        remove_dir(work)?;
        private_dir(work)?;
        let given = work.join(GIVEN);
        private_dir(&given)?;
        let source = run.request.kernel.source;
        if !self.blobs.link(&source, &given.join(wire::SOURCE_FILE))? {
            return Ok(Some(LaneEnd::BlobMissing));
        }
        for (position, hash) in run.request.inputs.iter().enumerate() {
            let file = given.join(wire::input_file(position));
            let failed = if self.blobs.is_encrypted(hash) {
                self.decrypt_input(run, position, hash, &file)?
            } else {
                (!self.blobs.link(hash, &file)?).then_some(LaneEnd::BlobMissing)
            };
            if failed.is_some() {
                return Ok(failed);
            }
        }
        Ok(None)
    }

    /// Decrypt the input at `position` to the file `to`. Returns how the run ended if that fails.
    fn decrypt_input(&self, run: &LaneRun, position: usize, hash: &BlobHash, to: &Path) -> io::Result<Option<LaneEnd>> {
        let Some((sealed, _)) = self.blobs.get(hash)? else { return Ok(Some(LaneEnd::BlobMissing)) };
        Ok(match self.keys.decrypt(run.request.task.job, sealed, to, &run.stop) {
            Ok(()) => None,
            Err(Undecrypted::NoKey) => Some(LaneEnd::BlobMissing),
            Err(Undecrypted::Stopped) => Some(LaneEnd::Stopped),
            Err(error) => {
                let text = format!("input {position} is encrypted, and {error}");
                let finish = self.failed(run, ChildFault::Executor(text));
                let passes = matches!(error, Undecrypted::DiskFull(_) | Undecrypted::Io(_));
                Some(LaneEnd::Finished(Finish { passing: finish.passing.filter(|_| passes), ..finish }))
            }
        })
    }

    /// Run the child on the files in `work`. Returns how it ended, and whether the kernel may have
    /// run. `begun`: the start of the run's computation.
    fn run_child(&self, run: &mut LaneRun, work: &Path, begun: Instant) -> io::Result<(ChildEnd, bool)> {
        let LaneRun { request, deadline, stop, device, account, reserved, .. } = run;
        let order = Order::Run {
            device: device.key(),
            memory_limit: *reserved,
            request: Box::new(RunRequest::clone(request)),
            check: true,
        };
        // A post during the run may set another deadline.
        let limit = || if deadline.left().is_zero() { Duration::ZERO } else { Duration::MAX };
        let mut ran = false;
        let mut on_message = |message| match message {
            Message::Phase(Phase::Running) => ran = true,
            Message::Phase(Phase::Building) => account.launch = Some(begun.elapsed()),
            Message::Built { messages, cached } => {
                self.metrics.program(cached);
                account.cached = Some(cached);
                account.messages = messages;
            }
            Message::Progress(groups) => tracing::debug!(run = ?request.id, groups, "progress"),
            _ => (),
        };
        let (conduct, id) = (self.config.conduct.clone(), request.id);
        let tile_bytes = request.kernel.tiling.tile_bytes() as usize;
        let alter = move |first: u32, tiles: &mut [u8]| conduct.before_hashing(&id, first, tiles, tile_bytes);
        let intake = Some(self.outputs.take_in(request, work, alter)?);
        let (given, class) = (work.join(GIVEN), device.device.class);
        let order = WorkOrder { order: &order, files: &given, class, intake, fresh: Fresh::Nothing };
        let mut end = self.children.run(order, Watch { limit: &limit, stop, on_message: &mut on_message });
        self.config.conduct.misreads(&mut end);
        Ok((end, ran))
    }

    /// The end of a run whose child ended so. `begun`: the start of the run's computation.
    fn read_end(&self, run: &mut LaneRun, end: ChildEnd, begun: Instant) -> io::Result<LaneEnd> {
        Ok(match end {
            ChildEnd::Done { times, wall, output: Some(output) } => {
                LaneEnd::Finished(self.computed(run, times, wall, output))
            }
            ChildEnd::Stopped => LaneEnd::Stopped,
            ChildEnd::Timeout => LaneEnd::Finished(self.timed_out(run, begun.elapsed())),
            ChildEnd::Failed(ChildFault::DeviceLost(why)) => LaneEnd::DeviceLost(why),
            ChildEnd::Failed(ChildFault::NoRoom(why)) => LaneEnd::NoRoom(why),
            ChildEnd::Failed(fault) | ChildEnd::Died { fault, .. } => {
                let fault = self.unless_disk_full(fault);
                if matches!(fault, ChildFault::Kernel(_) | ChildFault::Executor(_)) {
                    self.blobs.distrust(run.request.blobs());
                }
                LaneEnd::Finished(self.failed(run, fault))
            }
            ChildEnd::Exceeded(why) => LaneEnd::Finished(self.failed(run, ChildFault::Memory(why))),
            ChildEnd::Done { .. } | ChildEnd::Devices(_) | ChildEnd::Probed(_) | ChildEnd::Checked(_) => {
                return Err(io::Error::other("the child answered something else"));
            }
        })
    }

    /// The result of a run whose output has arrived.
    fn computed(&self, run: &mut LaneRun, times: Times, wall: Duration, output: ReceivedOutput) -> Finish {
        run.account.times = Some(times);
        run.account.wall = Some(wall);
        run.account.hash = Some(output.hashing);
        let output_len = run.request.output_bytes();
        let status = match output.hashes {
            Hashes::Leaves(leaves) => RunStatus::Sampled(leaves),
            Hashes::Root(root) => RunStatus::Committed(Commitment {
                root,
                output_len,
                kernel_ms: u32::try_from(times.kernel_ns.div_ceil(1_000_000)).unwrap_or(u32::MAX),
            }),
        };
        self.metrics.moved(Moved::OutputsIn, output_len);
        self.done(run, status, Some(times))
    }

    /// The result of a run whose deadline came `took` after the start of its computation.
    fn timed_out(&self, run: &LaneRun, took: Duration) -> Finish {
        let LaneRun { request, account, .. } = run;
        let (had, limit) = (millis(took), request.limit_ms);
        // The run was too late, not too slow. The kernel is not to blame for time that the executor
        // lost.
        let own = account.queue.saturating_add(account.wasted);
        if own > Duration::from_millis(limit) / OWN_PART {
            let text = format!("of its {limit} ms it had {had}, and waited for its turn or for another try before");
            return self.failed(run, ChildFault::Executor(text));
        }
        let why = format!("it had not ended after its limit of {limit} ms, of which it had {had} on the device");
        let report = self.logs.put(&account.report(request, ReasonCode::Timeout.code(), Some(&why)));
        Finish { status: RunStatus::Failed(ReasonCode::Timeout), timings: None, report, passing: None }
    }

    /// The result of a run that reached `status`.
    fn done(&self, run: &LaneRun, status: RunStatus, times: Option<Times>) -> Finish {
        let LaneRun { request, account, .. } = run;
        let timings = times.map(|times| RunTimings {
            build_ms: times.build_ns / 1_000_000,
            device_us: times.kernel_ns / 1_000,
            read_ms: times.read_ns / 1_000_000,
            hash_ms: account.hash.map(millis).unwrap_or_default(),
            wall_ms: account.wall.map(millis).unwrap_or_default(),
            fetch_ms: millis(account.fetch),
            queue_ms: millis(account.queue),
        });
        let report = self.logs.put(&account.report(request, outcome_name(&status), None));
        Finish { status, timings, report, passing: None }
    }

    /// The result of a run that failed with `fault`. Its report is its log.
    pub(super) fn failed(&self, run: &LaneRun, fault: ChildFault) -> Finish {
        let LaneRun { request, account, .. } = run;
        let (text, reason): (_, fn(Hash) -> ReasonCode) = match &fault {
            ChildFault::Build(text) => (text, |log| ReasonCode::BuildFailed { log }),
            ChildFault::Kernel(text) => (text, |log| ReasonCode::KernelFault { log }),
            // The run fits the device, so other processes use the device's memory.
            ChildFault::Executor(text) | ChildFault::NoRoom(text) => (text, |log| ReasonCode::ExecutorFault { log }),
            ChildFault::Memory(text) => (text, |_| ReasonCode::OutOfMemory),
            ChildFault::DeviceLost(text) => (text, |_| ReasonCode::DeviceLost),
        };
        let name = reason(Hash::zero()).code();
        let report = self.logs.put(&account.report(request, name, Some(text)));
        // Logs the report's hash instead of its text, because the text is redacted only in the
        // report.
        tracing::debug!(run = ?request.id, name, ?report, "fault");
        let passing =
            matches!(fault, ChildFault::Executor(_)).then(|| text.lines().next().unwrap_or_default().to_owned());
        Finish { status: RunStatus::Failed(reason(report)), timings: None, report, passing }
    }
}

/// Why a child ended before its work was done, if it did.
fn kill_of(end: &ChildEnd) -> Option<Kill> {
    match end {
        ChildEnd::Timeout => Some(Kill::Time),
        ChildEnd::Exceeded(_) => Some(Kill::Memory),
        ChildEnd::Died { signal, .. } => signal.map(Kill::Signal),
        ChildEnd::Stopped => Some(Kill::Stop),
        _ => None,
    }
}
