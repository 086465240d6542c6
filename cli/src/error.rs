//! Errors, and the program's exit codes for them.

use crate::text::escape;
use dpin_primitives::JobId;
use std::fmt;

/// The reason why the program ended, as its exit code. The numbers never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Another error: a file, or an answer that cannot be read.
    Failed = 1,
    /// The command line, a file that it names, or a secret is invalid. clap exits with the same
    /// number.
    Usage = 2,
    /// The chain refused the transaction or the job.
    Refused = 3,
    /// A node cannot be reached, or the connection broke.
    Connection = 4,
    /// The job ended without all of its results.
    JobFailed = 5,
    /// An output does not match its worker's commitment.
    Unverified = 6,
    /// Interrupted by Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// The name of the exit code in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::Connection => "connection",
            Self::JobFailed => "jobFailed",
            Self::Unverified => "unverified",
            Self::Interrupted => "interrupted",
        }
    }
}

/// An error: its cause, and advice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Error {
    /// The exit code.
    pub exit: Exit,
    /// The cause, in one or two sentences.
    pub message: String,
    /// Advice on how to go on.
    pub hint: Option<String>,
    /// The chain's or the node's name of the error, such as `Jobs.InsufficientBalance`.
    pub name: Option<String>,
    /// The job that was posted before the error, and continues.
    pub job: Option<JobId>,
}

/// The result of functions of this program.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, name: None, job: None }
    }

    /// Any other error.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The command line, or something that it names, is invalid.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The chain refused.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// A node cannot be reached.
    pub(crate) fn connection(message: impl Into<String>) -> Self {
        Self::new(Exit::Connection, message)
    }

    /// The job ended without all of its results.
    pub(crate) fn job_failed(message: impl Into<String>) -> Self {
        Self::new(Exit::JobFailed, message)
    }

    /// An output does not match its worker's commitment.
    pub(crate) fn unverified(message: impl Into<String>) -> Self {
        Self::new(Exit::Unverified, message)
    }

    /// Interrupted by Ctrl-C.
    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new(Exit::Interrupted, message)
    }

    /// Add advice.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Add the chain's or the node's name of the error.
    pub(crate) fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Convert to JSON: `{"error": {"exit", "kind", "name", "message", "hint", "job"}}`.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error": {
            "exit": self.exit as u8,
            "kind": self.exit.name(),
            "name": self.name,
            "message": escape::message(&self.message),
            "hint": self.hint.as_deref().map(escape::message),
            "job": self.job,
        }})
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", escape::message(&self.message))?;
        match &self.hint {
            Some(hint) => write!(f, "\n  next: {}", escape::message(hint)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_as_documented() {
        let codes = [
            (Error::failed(""), 1),
            (Error::usage(""), 2),
            (Error::refused(""), 3),
            (Error::connection(""), 4),
            (Error::job_failed(""), 5),
            (Error::unverified(""), 6),
            (Error::interrupted(""), 130),
        ];
        for (error, code) in codes {
            assert_eq!(error.exit as u8, code, "{}", error.exit.name());
            assert_eq!(error.to_json()["error"]["exit"], code);
        }
    }

    #[test]
    fn an_error_says_what_to_do_next() {
        let error = Error::refused("too little").hint("get more").named("Jobs.InsufficientBalance");
        assert_eq!(error.to_string(), "error: too little\n  next: get more");
        assert_eq!(error.to_json()["error"]["name"], "Jobs.InsufficientBalance");
    }

    #[test]
    fn an_error_of_others_neither_steers_the_terminal_nor_fills_it() {
        let foreign = "\u{1b}]0;x\u{7}\u{202e}".repeat(20_000);
        let error = Error::failed(format!("compute_output: {foreign}")).hint(foreign);
        for text in [error.to_string(), error.to_json().to_string()] {
            assert!(text.len() < 20_000 && !text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{} bytes", text.len());
        }
    }
}
