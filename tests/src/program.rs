//! The `main` of the programs that test, show or measure something.
//!
//! Every such program ends with one line that starts with its name, and with an exit status:
//!
//! | last line | exit status | meaning |
//! |---|---|---|
//! | `name: ok SUMMARY` | 0 | everything is as required |
//! | `name: failed SUMMARY` | 1 | the work is done, and its result is not as required |
//! | `name: failed: ERROR` | 1 | the work could not be done |

use anyhow::{Result, bail};
use std::{fmt::Display, future::Future, process::ExitCode};
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};

/// The result of a program that has done its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    success: bool,
    words: String,
}

impl Verdict {
    /// Everything is as required. The summary may be empty.
    pub fn ok(summary: impl Display) -> Self {
        Self::of(true, summary)
    }

    /// The verdict `ok` or `failed`, followed by a summary, which may be empty.
    pub fn of(success: bool, summary: impl Display) -> Self {
        let word = if success { "ok" } else { "failed" };
        Self::in_words(success, format!("{word} {summary}").trim_end())
    }

    /// A verdict in words of its own.
    pub fn in_words(success: bool, words: impl Into<String>) -> Self {
        Self { success, words: words.into() }
    }
}

/// Run a program to its end, or until SIGINT or SIGTERM asks it to stop. Prints the last line.
///
/// The work is polled by the calling thread only, so that it may start a
/// [`Network`](crate::network::Network).
pub fn run(name: &str, work: impl Future<Output = Result<Verdict>>) -> ExitCode {
    let result = match Runtime::new() {
        Ok(runtime) => runtime.block_on(async {
            tokio::select! {
                result = work => result,
                result = interrupted() => result,
            }
        }),
        Err(error) => Err(error.into()),
    };
    report(name, &result)
}

/// Print the last line of a program that needs no asynchronous runtime. Returns its exit status.
pub fn report(name: &str, result: &Result<Verdict>) -> ExitCode {
    println!("{}", last_line(name, result));
    match result {
        Ok(Verdict { success: true, .. }) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn last_line(name: &str, result: &Result<Verdict>) -> String {
    match result {
        Ok(Verdict { words, .. }) => format!("{name}: {words}"),
        Err(error) => format!("{name}: failed: {error:#}"),
    }
}

/// Wait for a signal that asks the program to end, and fail.
async fn interrupted() -> Result<Verdict> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => (),
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    bail!("interrupted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn the_last_line_has_the_name_the_verdict_and_the_summary() {
        assert_eq!(last_line("demo", &Ok(Verdict::ok("jobs=2"))), "demo: ok jobs=2");
        assert_eq!(last_line("clients", &Ok(Verdict::ok(""))), "clients: ok");
        assert_eq!(last_line("kills", &Ok(Verdict::of(false, "lost=1"))), "kills: failed lost=1");
        assert_eq!(last_line("tool", &Ok(Verdict::in_words(true, "3 of 3 equal"))), "tool: 3 of 3 equal");
        let error = anyhow!("no node").context("the network does not start");
        assert_eq!(last_line("demo", &Err(error)), "demo: failed: the network does not start: no node");
    }

    #[test]
    fn only_a_success_has_the_exit_status_0() {
        let status = |result| format!("{:?}", run("test", async { result }));
        assert_eq!(status(Ok(Verdict::ok(""))), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(status(Ok(Verdict::of(false, ""))), format!("{:?}", ExitCode::FAILURE));
        assert_eq!(status(Err(anyhow!("broken"))), format!("{:?}", ExitCode::FAILURE));
    }
}
