//! A handle of a process, which stays valid when its id is used again.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// A file descriptor that refers to a process.
pub(super) struct ProcessHandle(OwnedFd);

impl ProcessHandle {
    /// The handle of a process. `None` if there is no such process, or on a Linux before 5.3.
    pub(super) fn open(process: u32) -> Option<Self> {
        // SAFETY: a plain system call. The returned descriptor is owned by us alone.
        unsafe {
            let file = libc::syscall(libc::SYS_pidfd_open, process, 0);
            i32::try_from(file).ok().filter(|file| *file >= 0).map(|file| Self(OwnedFd::from_raw_fd(file)))
        }
    }

    /// Whether the process has ended.
    pub(super) fn is_gone(&self) -> bool {
        let mut poll = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one such structure, which outlives the call.
        unsafe { libc::poll(&mut poll, 1, 0) > 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_is_gone_once_it_has_ended() {
        let mut sleeper = Command::new("sleep").arg("60").spawn().unwrap();
        let handle = ProcessHandle::open(sleeper.id()).unwrap();
        assert!(!handle.is_gone());
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        assert!(handle.is_gone());
        assert!(ProcessHandle::open(sleeper.id()).is_none());
    }
}
