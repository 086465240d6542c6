//! Runs the program `dpin` as people and scripts run it.

use crate::network::{die_with_parent, program};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{path::PathBuf, process::Stdio};
use tokio::process::Command;

/// `dpin` for one account at one node.
#[derive(Clone, Debug)]
pub struct Dpin {
    url: String,
    suri: String,
    dir: PathBuf,
}

impl Dpin {
    /// A `dpin` that asks the node at `url`, signs with the secret URI, and runs in the directory.
    pub fn new(url: impl Into<String>, suri: impl Into<String>, dir: impl Into<PathBuf>) -> Self {
        Self { url: url.into(), suri: suri.into(), dir: dir.into() }
    }

    /// The node's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Run a command with JSON output, and wait for its end.
    ///
    /// # Errors
    ///
    /// When the command does not start, is killed, or writes no text. [`Answer`] contains its own
    /// errors.
    pub async fn run(&self, arguments: &[&str]) -> Result<Answer> {
        self.run_with(&["--json"], arguments).await
    }

    /// Run a command as people do, and wait for its end.
    ///
    /// # Errors
    ///
    /// The errors of [`Self::run`].
    pub async fn run_for_people(&self, arguments: &[&str]) -> Result<Answer> {
        self.run_with(&[], arguments).await
    }

    async fn run_with(&self, options: &[&str], arguments: &[&str]) -> Result<Answer> {
        let mut command = Command::new(program("dpin")?);
        command.args(["--url", &self.url]).args(options).args(arguments).env("DPIN_SURI", &self.suri);
        command.current_dir(&self.dir).stdin(Stdio::null()).kill_on_drop(true);
        die_with_parent(command.as_std_mut());
        let output = command.output().await.context("dpin does not start")?;
        Ok(Answer {
            command: format!("dpin {}", arguments.iter().take(2).copied().collect::<Vec<_>>().join(" ")),
            code: output.status.code().context("dpin was killed")?,
            result: String::from_utf8(output.stdout)?,
            errors: String::from_utf8(output.stderr)?,
        })
    }

    /// Run a command that must succeed. Returns its result.
    ///
    /// # Errors
    ///
    /// When it fails.
    pub async fn ok(&self, arguments: &[&str]) -> Result<Value> {
        self.run(arguments).await?.ok()
    }

    /// Run a command that must end with this exit code. Returns its error.
    ///
    /// # Errors
    ///
    /// When it ends with another code.
    pub async fn fails(&self, code: i32, arguments: &[&str]) -> Result<Value> {
        self.run(arguments).await?.error(code)
    }
}

/// The output of `dpin`, and its exit code.
#[derive(Clone, Debug)]
pub struct Answer {
    command: String,
    code: i32,
    result: String,
    errors: String,
}

impl Answer {
    /// The exit code.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The standard output.
    pub fn written(&self) -> &str {
        &self.result
    }

    /// The standard error.
    pub fn errors(&self) -> &str {
        &self.errors
    }

    /// The result of a successful command.
    ///
    /// # Errors
    ///
    /// When the command failed, or its result is no JSON.
    pub fn ok(self) -> Result<Value> {
        ensure!(self.code == 0, "{} ended with {}: {}", self.command, self.code, self.errors.trim());
        serde_json::from_str(&self.result).with_context(|| format!("{} writes {}", self.command, self.result))
    }

    /// The error of a command that ended with this exit code: the value of `error`, with a message
    /// and a hint.
    ///
    /// # Errors
    ///
    /// When the command ended with another code, or its error is no JSON or has no hint.
    pub fn error(self, code: i32) -> Result<Value> {
        let Self { command, errors, .. } = self;
        ensure!(self.code == code, "{command} ended with {}, not {code}: {}", self.code, errors.trim());
        let mut error: Value = serde_json::from_str(&errors).with_context(|| format!("{command} writes {errors}"))?;
        let error = error["error"].take();
        ensure!(error["message"].is_string() && error["hint"].is_string(), "the error of {command} is {error}");
        Ok(error)
    }
}
