//! A child process with the processes that it started.

use crate::process::{
    handle::ProcessHandle,
    wire::{self, Order},
};
use nix::{
    sys::wait::{Id, WaitPidFlag, WaitStatus, waitid},
    unistd::Pid,
};
use std::{
    io,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus},
    thread,
    time::{Duration, Instant},
};

/// How long a killed child may take to exit: a driver may hold it inside the operating system's
/// kernel.
const REAP_TIME: Duration = Duration::from_secs(10);
/// How long a child that has closed its pipes may take to exit.
pub(super) const END_TIME: Duration = Duration::from_secs(2);
/// Pause between two looks whether a child has exited.
const END_PAUSE: Duration = Duration::from_millis(2);

/// A child with all processes it started. They are killed on drop.
pub(super) struct Group {
    child: Option<Child>,
    /// The process inside the sandbox. It may exit a little later than the child that started it.
    inside: Option<ProcessHandle>,
}

/// The pipes of a child.
pub(super) struct Pipes {
    /// The pipe for orders.
    pub stdin: ChildStdin,
    /// The pipe for messages.
    pub stdout: ChildStdout,
    /// The pipe for texts.
    pub stderr: ChildStderr,
}

impl Group {
    /// The group of `child`, which leads it.
    pub(super) fn new(child: Child) -> Self {
        Self { child: Some(child), inside: None }
    }

    /// Send `order`, and keep the pipe open for another one.
    pub(super) fn send(&mut self, order: &Order) -> io::Result<()> {
        match self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            Some(stdin) => wire::send(stdin, order),
            None => Ok(()),
        }
    }

    /// Take the pipes of the child. `None` if they were taken before.
    pub(super) fn take_pipes(&mut self) -> Option<Pipes> {
        let child = self.child.as_mut()?;
        Some(Pipes { stdin: child.stdin.take()?, stdout: child.stdout.take()?, stderr: child.stderr.take()? })
    }

    /// Note the id of the process inside the sandbox.
    pub(super) fn note_inside(&mut self, process: u32) {
        self.inside = ProcessHandle::open(process);
    }

    /// Whether the child has not exited.
    pub(super) fn is_alive(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Kill the group, and wait for the child and the process inside. `None` if they do not exit.
    fn end(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        if let Ok(group) = libc::pid_t::try_from(child.id()) {
            // SAFETY: the child has not been waited for, so its id, which is also the group's, was
            // not reused.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        let begun = Instant::now();
        while begun.elapsed() < REAP_TIME {
            match child.try_wait() {
                Ok(Some(status)) if self.inside.as_ref().is_none_or(ProcessHandle::is_gone) => return Some(status),
                Ok(_) => thread::sleep(END_PAUSE),
                Err(_) => return None,
            }
        }
        tracing::warn!(pid = child.id(), "a killed child does not exit: its driver holds it");
        thread::spawn(move || child.wait());
        None
    }

    /// Wait for a child that has closed its pipes; it exits after the process inside its sandbox.
    /// Kills the group if that takes too long. Returns the exit status, and whether the child ended
    /// by itself.
    pub(super) fn end_by_itself(&mut self) -> (Option<ExitStatus>, bool) {
        let begun = Instant::now();
        let mut by_itself = false;
        while begun.elapsed() < END_TIME {
            let child = self.child.as_ref().and_then(|child| i32::try_from(child.id()).ok());
            // Does not reap the child: once it is reaped, its id may be reused.
            let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
            match child.map(|child| waitid(Id::Pid(Pid::from_raw(child)), flags)) {
                Some(Ok(WaitStatus::StillAlive)) => thread::sleep(END_PAUSE),
                _ => {
                    by_itself = true;
                    break;
                }
            }
        }
        (self.end(), by_itself)
    }

    /// Kill the group. Returns whether the child is gone.
    pub(super) fn is_ended(&mut self) -> bool {
        self.end().is_some()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
