//! The blame for a child that died: on the kernel, its driver, or the executor.

use crate::{
    device::fault::ChildFault,
    process::{sandbox, wire::Phase},
};
use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

/// The fault of a child that closed its pipe without a report. `by_itself`: the child then exited;
/// otherwise it continued and had to be killed.
pub(super) fn crash(
    status: Option<ExitStatus>,
    by_itself: bool,
    phase: Option<Phase>,
    native: bool,
    said: &str,
) -> ChildFault {
    let signal = status.and_then(|status| status.signal()).filter(|_| by_itself);
    let how = match (signal, status) {
        _ if !by_itself => "closed the pipe to its parent and went on".into(),
        (Some(signal), _) => format!("killed by signal {signal} ({})", signal_name(signal)),
        (None, Some(status)) => format!("ended with {status}"),
        (None, None) => "did not end".into(),
    };
    let place = match phase {
        Some(Phase::Running) => "while the kernel ran",
        Some(Phase::Building) => "while the program was built",
        Some(Phase::Opening) => "while the device was opened",
        None => "before the device was opened",
    };
    let text = format!("{how} {place}\n{said}");
    let own_doing = signal.is_none_or(|signal| {
        [
            libc::SIGSEGV,
            libc::SIGBUS,
            libc::SIGFPE,
            libc::SIGILL,
            libc::SIGABRT,
            libc::SIGSYS,
            libc::SIGTRAP,
            libc::SIGXFSZ,
        ]
        .contains(&signal)
    });
    match phase {
        Some(Phase::Running) if native => match signal {
            Some(signal) if sandbox::FROM_OUTSIDE.contains(&signal) => ChildFault::Executor(text),
            _ => ChildFault::Kernel(text),
        },
        Some(Phase::Running) if own_doing && by_itself => ChildFault::Kernel(text),
        Some(Phase::Building) if own_doing && by_itself => ChildFault::Build(text),
        _ => ChildFault::Executor(text),
    }
}

/// The name of a signal, with its usual cause.
pub(super) fn signal_name(signal: i32) -> &'static str {
    match signal {
        libc::SIGSEGV => "SIGSEGV, bad memory access",
        libc::SIGBUS => "SIGBUS, bad memory access",
        libc::SIGFPE => "SIGFPE, bad arithmetic",
        libc::SIGILL => "SIGILL, bad instruction",
        libc::SIGABRT => "SIGABRT",
        libc::SIGKILL => "SIGKILL, from outside",
        libc::SIGXFSZ => "SIGXFSZ, file too large",
        _ => "signal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn killed_by(signal: i32) -> Option<ExitStatus> {
        Some(ExitStatus::from_raw(signal))
    }

    #[test]
    fn a_crash_is_blamed_by_its_phase() {
        for native in [false, true] {
            let fault = |phase| crash(killed_by(libc::SIGSEGV), true, phase, native, "");
            assert!(matches!(fault(Some(Phase::Running)), ChildFault::Kernel(text) if text.contains("SIGSEGV")));
            assert!(matches!(fault(Some(Phase::Building)), ChildFault::Build(_)));
            assert!(matches!(fault(Some(Phase::Opening)), ChildFault::Executor(_)));
            assert!(matches!(fault(None), ChildFault::Executor(_)));
        }
    }

    #[test]
    fn a_kill_from_outside_is_not_the_kernels_fault() {
        for (native, signal) in
            [false, true].into_iter().flat_map(|native| sandbox::FROM_OUTSIDE.map(|signal| (native, signal)))
        {
            let fault = crash(killed_by(signal), true, Some(Phase::Running), native, "");
            assert!(matches!(fault, ChildFault::Executor(_)), "{native} {signal}");
        }
    }

    #[test]
    fn a_native_kernel_whose_process_ends_in_any_other_way_is_to_blame() {
        let fault = |status, by_itself| crash(status, by_itself, Some(Phase::Running), true, "");
        assert!(matches!(fault(killed_by(libc::SIGALRM), true), ChildFault::Kernel(_)));
        assert!(matches!(fault(Some(ExitStatus::from_raw(0)), true), ChildFault::Kernel(_)));
        // The parent killed it, because it had closed the pipe and continued.
        assert!(
            matches!(fault(killed_by(libc::SIGKILL), false), ChildFault::Kernel(text) if text.contains("closed the pipe"))
        );
        assert!(matches!(fault(None, false), ChildFault::Kernel(_)));
        // A kernel on another processor cannot close the pipe, so the driver is at fault.
        let driver = crash(killed_by(libc::SIGKILL), false, Some(Phase::Running), false, "");
        assert!(matches!(driver, ChildFault::Executor(_)));
    }
}
