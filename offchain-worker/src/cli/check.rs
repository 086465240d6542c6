//! `dpin-executor check`: the requirements for running strangers' kernels, with the remedy for each
//! that is not met.

use super::{devices::list_devices, options::Options};
use crate::{
    device::{entry::DeviceEntry, missing::missing_devices},
    process::{
        parent::{Children, DeviceList},
        sandbox::{remedy::remedy, walls::Wall},
    },
    store::files,
};
use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// Check whether strangers' kernels may run on this machine.
pub(super) fn run(data_dir: Option<&Path>, json: bool, options: &Options) -> Result<(), String> {
    let keystore = data_dir.and_then(Path::parent).map(|node| node.join("keystore"));
    let mut lines = walls(&try_walls(&Vec::from_iter(keystore))?);
    let DeviceList { devices: listed, problems } = list_devices(options.memory_limit())?;
    let named = |(number, entry): (u32, &DeviceEntry)| {
        format!("{number}: {} ({})", String::from_utf8_lossy(&entry.device.model), entry.platform)
    };
    lines.push(devices(&(0..).zip(&listed).map(named).collect::<Vec<_>>(), &problems));
    lines.extend(disk(data_dir, options.max_stored_bytes().saturating_add(options.max_blob_bytes())));
    for line in &lines {
        if json {
            println!("{}", line.json());
        } else {
            println!("{}", line.text());
        }
    }
    let lacking: Vec<&str> = lines.iter().filter(|line| line.is_lacking()).map(|line| line.name.as_str()).collect();
    match lacking.as_slice() {
        [] => Ok(()),
        lacking => Err(format!("strangers' kernels cannot run: {}", lacking.join(", "))),
    }
}

/// Test the walls of this machine's sandbox in a child. `secrets` are files that the child must not
/// be able to read.
///
/// # Errors
///
/// If no child can be started. The inner error says why the test did not finish.
fn try_walls(secrets: &[PathBuf]) -> Result<Result<Vec<Wall>, String>, String> {
    let (_folder, mut children) = Children::temporary(None).map_err(|error| error.to_string())?;
    Ok(children.try_walls(secrets))
}

/// The result of one check.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Line {
    /// Name of the check.
    name: String,
    /// Whether kernels may not run if it fails.
    required: bool,
    /// The state, or the problem.
    state: Result<String, String>,
    /// How to solve the problem, if there is one.
    remedy: Option<String>,
}

impl Line {
    fn new(name: &str, required: bool, state: Result<String, String>, remedy: Option<String>) -> Self {
        let remedy = remedy.filter(|_| state.is_err());
        Self { name: name.into(), required, state, remedy }
    }

    /// Whether this keeps kernels from running.
    fn is_lacking(&self) -> bool {
        self.required && self.state.is_err()
    }

    /// The JSON form.
    fn json(&self) -> serde_json::Value {
        let (ok, detail) = match &self.state {
            Ok(how) => (true, how),
            Err(why) => (false, why),
        };
        serde_json::json!({
            "name": self.name,
            "required": self.required,
            "ok": ok,
            "detail": detail,
            "remedy": self.remedy,
        })
    }

    /// The text for the terminal.
    fn text(&self) -> String {
        let (mark, detail) = match (&self.state, self.required) {
            (Ok(how), _) => ("ok     ", how),
            (Err(why), true) => ("MISSING", why),
            (Err(why), false) => ("without", why),
        };
        let remedy = self.remedy.iter().map(|remedy| format!("\n{:24}-> {}", "", remedy.replace('\n', "\n   ")));
        format!("{mark} {:15} {}{}", self.name, detail.replace('\n', " "), remedy.collect::<String>())
    }
}

/// The lines for the walls of the sandbox.
fn walls(tried: &Result<Vec<Wall>, String>) -> Vec<Line> {
    match tried {
        Ok(walls) => walls
            .iter()
            .map(|wall| Line::new(&wall.name, wall.is_required(), wall.state.clone(), remedy(wall)))
            .collect(),
        Err(why) => vec![Line::new("sandbox", true, Err(why.clone()), None)],
    }
}

/// The lines for the data directory and its disk, on which up to `most_bytes` will be stored.
fn disk(folder: Option<&Path>, most_bytes: u64) -> Vec<Line> {
    const FOLDER: &str = "data directory";
    const DISK: &str = "disk";
    let Some(folder) = folder else {
        let why = || Err("not checked".into());
        return [FOLDER, DISK]
            .map(|name| Line::new(name, false, why(), Some("name the data directory with --data-dir".into())))
            .into();
    };
    let there = existing(folder);
    let state = match tempfile::Builder::new().prefix(".check-").tempfile_in(&there) {
        Ok(_) if there == folder => Ok(format!("{} is writable", folder.display())),
        Ok(_) => Ok(format!("{} can be created", folder.display())),
        Err(error) => Err(format!("{}: {}", there.display(), plain(&error))),
    };
    let remedy = format!("give {} to the user who runs the executor", there.display());
    let room = match files::disk_reserve(&there).and_then(|reserve| Ok((files::free_bytes(&there)?, reserve))) {
        Ok((free, reserve)) if free < reserve => Err(format!(
            "{} MiB are free; {} MiB always stay free, so nothing can be stored",
            free >> 20,
            reserve >> 20
        )),
        Ok((free, _)) if free < most_bytes => Ok(format!(
            "{} MiB are free, fewer than the {} MiB that the limits allow to be stored; runs are refused when they are used up",
            free >> 20,
            most_bytes >> 20
        )),
        Ok((free, _)) => {
            Ok(format!("{} MiB are free, and the limits allow {} MiB to be stored", free >> 20, most_bytes >> 20))
        }
        Err(error) => Err(plain(&error)),
    };
    vec![
        Line::new(FOLDER, true, state, Some(remedy)),
        Line::new(DISK, true, room, Some("make room, or name a directory on another disk with --data-dir".into())),
    ]
}

/// `folder`, or its nearest ancestor that exists.
fn existing(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.into());
    absolute.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")).into()
}

fn plain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

/// The line for the devices. `listed` are those present, and `problems` those of the drivers.
fn devices(listed: &[String], problems: &[String]) -> Line {
    let problem = |listed: &str| problems.iter().fold(listed.to_owned(), |text, problem| format!("{text}; {problem}"));
    let state = match listed {
        [] => Err(problem("there is no OpenCL device")),
        listed => Ok(problem(&listed.join("; "))),
    };
    Line::new("OpenCL devices", true, state, Some(missing_devices().join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_data_directory_is_looked_at_before_it_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let lines = disk(Some(&folder.path().join("a/b")), 0);
        assert!(lines.iter().all(|line| line.state.is_ok()), "{lines:?}");
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is left there");
        let lines = disk(Some(Path::new("/proc/self/executor")), 0);
        assert!(lines.iter().any(|line| line.is_lacking() && line.remedy.is_some()), "{lines:?}");
        let lines = disk(Some(folder.path()), u64::MAX);
        assert!(lines.iter().any(|line| line.text().contains("fewer than")), "{lines:?}");
    }

    #[test]
    fn a_line_says_the_same_to_people_and_programs() {
        let line = devices(&[], &["driver a.icd: it crashed".into()]);
        assert!(line.is_lacking() && line.text().starts_with("MISSING OpenCL devices"), "{}", line.text());
        assert_eq!(line.json()["ok"], false);
        assert!(line.json()["detail"].as_str().unwrap().contains("a.icd"));
        assert_eq!(devices(&["0: Model".into()], &[]).remedy, None);
    }
}
