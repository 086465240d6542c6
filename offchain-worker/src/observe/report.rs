//! The report of a run: its outcome, the time of each part, the way its child ended, and the
//! compiler's messages.
//!
//! A report is text for people: lines of `name: value`, then sections, each below a line of dashes.
//! It is stored under its hash. If a run fails for a reason with a log, the report is that log.

use crate::{device::MAX_COMPILER_BYTES, process::wire::Times};
use dpin_primitives::executor::{RunRequest, RunStatus, Work};
use std::{
    fmt::{self, Write},
    time::Duration,
};

/// Line above the description of a failure.
const FAILURE: &str = "--- failure ---";
/// Line above the compiler's messages for a program that it accepted.
const COMPILER: &str = "--- compiler ---";

/// Why a child ended before its work was done.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kill {
    /// The run's time limit was reached.
    Time,
    /// It held too much memory.
    Memory,
    /// A signal that the executor did not send: from a crash, a limit of the operating system, or
    /// the sandbox.
    Signal(i32),
    /// The executor is stopping, or the run was removed.
    Stop,
}

impl Kill {
    /// The cause's name in reports and metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kill::Time => "time",
            Kill::Memory => "memory",
            Kill::Signal(libc::SIGSYS) => "forbidden system call",
            Kill::Signal(libc::SIGXCPU) => "processor time",
            Kill::Signal(libc::SIGXFSZ) => "file size",
            Kill::Signal(_) => "signal",
            Kill::Stop => "stop",
        }
    }
}

/// The history of a run so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// The device of the last try.
    pub device: Option<String>,
    /// The devices that were lost during earlier tries.
    pub lost: Vec<String>,
    /// How often the device had no room for the run.
    pub no_room: u32,
    /// The failures of earlier tries.
    pub tried: Vec<String>,
    /// Time of earlier tries.
    pub wasted: Duration,
    /// Time spent waiting for blobs.
    pub fetch: Duration,
    /// Time spent waiting for a lane, once all blobs were present.
    pub queue: Duration,
    /// Time from the order to an open device.
    pub launch: Option<Duration>,
    /// Whether the compiled program was reused from an earlier run.
    pub cached: Option<bool>,
    /// The times that the child reported.
    pub times: Option<Times>,
    /// Time for hashing the output.
    pub hash: Option<Duration>,
    /// Time from the child's order to its end.
    pub wall: Option<Duration>,
    /// Why the child ended early, if it did.
    pub kill: Option<Kill>,
    /// The compiler's messages for a program that it accepted.
    pub messages: String,
}

impl Account {
    /// The report of `request`, with its `outcome` and, if it failed, the description `failure`.
    pub(crate) fn report(&self, request: &RunRequest, outcome: &str, failure: Option<&str>) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text, request, outcome, failure);
        text
    }

    fn write(&self, to: &mut String, request: &RunRequest, outcome: &str, failure: Option<&str>) -> fmt::Result {
        writeln!(to, "id: {}", hex::encode(request.id))?;
        writeln!(to, "task: {}", request.task)?;
        match &request.work {
            Work::Task => writeln!(to, "work: the whole task, {} work-groups", request.group_count)?,
            Work::Sample(tiles) => writeln!(to, "work: a sample of {} tiles", tiles.len())?,
        }
        writeln!(to, "outcome: {outcome}")?;
        self.write_history(to, request.limit_ms)?;
        self.write_times(to)?;
        if let Some(failure) = failure {
            write!(to, "\n{FAILURE}\n{failure}")?;
        }
        if !self.messages.trim().is_empty() {
            let most = self.messages.floor_char_boundary(MAX_COMPILER_BYTES);
            write!(to, "\n{COMPILER}\n{}", self.messages.get(..most).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Write the device, the earlier tries, and how the child and the program were.
    fn write_history(&self, to: &mut String, limit_ms: u64) -> fmt::Result {
        if let Some(device) = &self.device {
            writeln!(to, "device: {device}")?;
        }
        for lost in &self.lost {
            writeln!(to, "lost: {}", lost.replace('\n', " "))?;
        }
        for tried in &self.tried {
            writeln!(to, "tried: {}", tried.replace('\n', " "))?;
        }
        match self.kill {
            Some(Kill::Time) => writeln!(to, "killed: time, after its limit of {limit_ms} ms")?,
            Some(Kill::Signal(signal)) => writeln!(to, "killed: {}, number {signal}", Kill::Signal(signal).name())?,
            Some(kill) => writeln!(to, "killed: {}", kill.name())?,
            None => (),
        }
        if let Some(cached) = self.cached {
            writeln!(to, "program: {}", if cached { "compiled before" } else { "compiled for this run" })?;
        }
        Ok(())
    }

    /// Write the stages that took place, with their times.
    fn write_times(&self, to: &mut String) -> fmt::Result {
        for (name, time) in self.stages() {
            if let Some(time) = time {
                writeln!(to, "{name}: {:.3} ms", time.as_secs_f64() * 1e3)?;
            }
        }
        Ok(())
    }

    /// The stages of the run with their times, in their order. `None` for one that did not take
    /// place.
    pub(crate) fn stages(&self) -> [(&'static str, Option<Duration>); 8] {
        let ns = |of: fn(Times) -> u64| self.times.map(|times| Duration::from_nanos(of(times)));
        [
            ("fetch", Some(self.fetch)),
            ("queue", Some(self.queue)),
            ("launch", self.launch),
            ("build", ns(|times| times.build_ns)),
            ("run", ns(|times| times.kernel_ns)),
            ("read", ns(|times| times.read_ns)),
            ("hash", self.hash),
            ("wall", self.wall),
        ]
    }
}

/// The name of an outcome, in reports and metrics.
pub(crate) fn outcome_name(status: &RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "queued",
        RunStatus::Running => "running",
        RunStatus::Committed(_) => "committed",
        RunStatus::Sampled(_) => "sampled",
        RunStatus::Failed(reason) => reason.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::child::tests::request;
    use dpin_primitives::{Hash, kernel::Tiling, reason::ReasonCode};

    fn account() -> Account {
        Account {
            device: Some("0: Model".into()),
            fetch: Duration::from_micros(1_500),
            times: Some(Times { build_ns: 2_000_000, kernel_ns: 3_000_000, read_ns: 0, checked: true }),
            kill: Some(Kill::Time),
            messages: "kernel.cl:1:1: warning: unused\n".into(),
            ..Account::default()
        }
    }

    #[test]
    fn a_report_tells_outcome_times_and_texts() {
        let report =
            account().report(&request(Work::Task, Tiling::PerGroup { bytes: 8 }), "timeout", Some("it did not end"));
        for line in [
            "task: 0:0",
            "work: the whole task, 3000 work-groups",
            "outcome: timeout",
            "device: 0: Model",
            "killed: time, after its limit of 1 ms",
            "fetch: 1.500 ms",
            "build: 2.000 ms",
            "run: 3.000 ms",
            FAILURE,
            "it did not end",
            COMPILER,
            "kernel.cl:1:1: warning: unused",
        ] {
            assert!(report.lines().any(|found| found == line), "no `{line}` in\n{report}");
        }
        assert!(!report.contains("hash:"), "what did not happen takes no time: {report}");
    }

    #[test]
    fn what_a_driver_says_of_a_lost_device_is_one_line() {
        let account = Account { lost: vec!["gone\noutcome: committed".into()], ..Account::default() };
        let report = account.report(&request(Work::Sample(vec![1]), Tiling::PerGroup { bytes: 8 }), "sampled", None);
        assert_eq!(report.matches("\noutcome: ").count(), 1);
    }

    #[test]
    fn outcomes_have_the_names_everybody_knows() {
        assert_eq!(outcome_name(&RunStatus::Failed(ReasonCode::BuildFailed { log: Hash::zero() })), "buildFailed");
        assert_eq!(outcome_name(&RunStatus::Failed(ReasonCode::OutOfMemory)), "outOfMemory");
        assert_eq!(outcome_name(&RunStatus::Sampled(vec![])), "sampled");
    }
}
