//! The memory, threads and processor time of a child.

use std::{fs, thread, time::Duration};

/// A process counts as starved if its threads waited for a core more than this many times as long
/// as they had one. The second limit is on its threads per core.
const STARVED_WAIT: u64 = 20;
const STARVED_THREADS_PER_CORE: u64 = 8;
/// Bytes of private memory that a child may hold for the driver, beyond the run's buffers and the
/// compiler.
const RUNTIME_BYTES: u64 = 512 * 1024 * 1024;
/// Most bytes of private memory for a compiler, if the device's memory for runs is at least as
/// large.
const COMPILER_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most bytes of private memory of a child that lists devices.
pub(super) const LOOK_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Most bytes of private memory for a child whose buffers have `bytes`, on a device with `memory`
/// bytes for all runs.
pub(super) fn most_private_bytes(bytes: u64, memory: u64) -> u64 {
    bytes.saturating_add(memory.min(COMPILER_BYTES)).saturating_add(RUNTIME_BYTES)
}

/// The resources of a process.
#[derive(Clone, Copy, Default)]
pub(super) struct Held {
    /// Bytes of anonymous and shared memory, but not of mapped files.
    pub bytes: u64,
    /// Number of threads.
    pub threads: u64,
}

impl Held {
    /// The resources of `process`, if it exists.
    pub(super) fn by(process: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let mut held = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
            let number = || value.trim().trim_end_matches(" kB").parse::<u64>().ok();
            match name {
                "RssAnon" | "RssShmem" => held.bytes = held.bytes.saturating_add(number()?.saturating_mul(1024)),
                "Threads" => held.threads = number()?,
                _ => (),
            }
        }
        Some(held)
    }
}

/// Whether a process timed out because it had too little processor time; if so, a message with its
/// times. Its threads must have waited for a core far longer than they had one. A process with more
/// threads than a driver starts does not count, because its threads waited for each other.
pub(super) fn starved(process: u32) -> Option<String> {
    let (mut threads, mut had, mut waited) = (0u64, 0u64, 0u64);
    for thread in fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten() {
        let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
        let mut numbers = text.split_whitespace().map_while(|number| number.parse::<u64>().ok());
        threads = threads.saturating_add(1);
        had = had.saturating_add(numbers.next().unwrap_or_default());
        waited = waited.saturating_add(numbers.next().unwrap_or_default());
    }
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    is_starved(threads, had, waited, cores).then(|| {
        let [had, waited] = [had, waited].map(Duration::from_nanos);
        format!("it did not end in time, and was on a core for {had:.1?} and waited for one for {waited:.1?}: this machine has other work")
    })
}

fn is_starved(threads: u64, had: u64, waited: u64, cores: u64) -> bool {
    threads <= cores.saturating_mul(STARVED_THREADS_PER_CORE) && waited / STARVED_WAIT > had
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_hardly_ever_has_a_core_is_starved() {
        let second = 1_000_000_000;
        assert!(is_starved(4, second, 21 * second, 2));
        // It shares the machine with others, as every child does.
        assert!(!is_starved(4, second, 10 * second, 2));
        // Its threads wait for each other.
        assert!(!is_starved(1_000, second, 500 * second, 2));
        // It sleeps.
        assert!(!is_starved(4, 0, 0, 2));
        assert_eq!(starved(std::process::id()), None);
    }

    #[test]
    fn threads_are_counted() {
        assert!(Held::by(std::process::id()).unwrap().threads > 0);
    }

    #[test]
    fn private_memory_is_read_from_the_process() {
        let bytes = || Held::by(std::process::id()).unwrap().bytes;
        let before = bytes();
        let mut held = vec![0u8; 64 << 20];
        held.iter_mut().step_by(512).for_each(|byte| *byte = 1);
        let after = bytes();
        assert!(after >= before + (48 << 20), "{before} -> {after}, {}", held.len());
    }
}
