//! The executor of this machine, where there is one: it knows the devices.

use crate::error::{Error, Result};
use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

/// The executor's program: beside this one, or in the search path.
fn program() -> Option<PathBuf> {
    const NAME: &str = "dpin-executor";
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(NAME)));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    beside.into_iter().chain(std::env::split_paths(&paths).map(|folder| folder.join(NAME))).find(|path| path.is_file())
}

/// What the executor tells of those of this machine's devices that it would use with `--device <choice>`: a line of JSON for each.
///
/// # Errors
///
/// When there is no executor, or it cannot tell.
pub fn devices(choice: &str) -> Result<String> {
    let program = program().ok_or_else(|| {
        Error::usage("there is no dpin-executor beside this program or in PATH")
            .hint("name the devices with --device, or run `dpin-executor devices --json` on the worker's machine and pass the file with --devices")
    })?;
    let run = Command::new(&program).args(["devices", "--json", "--device", choice]).stdin(Stdio::null()).output();
    let run = run.map_err(|error| Error::failed(format!("{} cannot be run: {error}", program.display())))?;
    if !run.status.success() {
        return Err(Error::failed(format!("{}: {}", program.display(), String::from_utf8_lossy(&run.stderr).trim())));
    }
    String::from_utf8(run.stdout).map_err(|_| Error::failed("the executor writes no text"))
}
