//! `dpin-executor check`: the requirements for running strangers' kernels, with the remedy for each
//! that is not met.

use crate::{
    drivers::{self, Driver},
    files,
    sandbox::{self, Wall},
};
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// The result of one check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Name of the check.
    pub name: String,
    /// Whether kernels may not run if it fails.
    pub required: bool,
    /// The state, or the problem.
    pub state: Result<String, String>,
    /// How to solve the problem, if there is one.
    pub remedy: Option<String>,
}

impl Line {
    fn new(name: &str, required: bool, state: Result<String, String>, remedy: Option<String>) -> Self {
        let remedy = remedy.filter(|_| state.is_err());
        Self { name: name.into(), required, state, remedy }
    }

    /// Whether this keeps kernels from running.
    pub fn is_lacking(&self) -> bool {
        self.required && self.state.is_err()
    }

    /// The JSON form.
    pub fn json(&self) -> serde_json::Value {
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
    pub fn text(&self) -> String {
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
pub fn walls(tried: &Result<Vec<Wall>, String>) -> Vec<Line> {
    match tried {
        Ok(walls) => walls
            .iter()
            .map(|wall| Line::new(&wall.name, wall.is_required(), wall.state.clone(), remedy(wall)))
            .collect(),
        Err(why) => vec![Line::new("sandbox", true, Err(why.clone()), None)],
    }
}

/// The remedy for a missing wall.
pub fn remedy(wall: &Wall) -> Option<String> {
    let why = wall.state.as_ref().err()?;
    remedy_on(Path::new("/"), &wall.name, why)
}

/// The remedy on the system below `root`.
fn remedy_on(root: &Path, name: &str, why: &str) -> Option<String> {
    let number = |file: &str| fs::read_to_string(root.join(file)).ok()?.trim().parse::<u64>().ok();
    let text = match name {
        sandbox::FILES if why.contains("turned off") => {
            "turn Landlock on: add `landlock` to the boot parameter `lsm=` (/sys/kernel/security/lsm lists what is on), and reboot"
        }
        sandbox::FILES if why.contains("could be read") || why.contains("could be made") => {
            "kernels can reach it beside the drivers: move one of them elsewhere"
        }
        sandbox::FILES => {
            "run Linux 5.19 or later with Landlock: Debian 12 has it; on Ubuntu 22.04 install the HWE kernel \
             (`apt-get install linux-generic-hwe-22.04`) and reboot. In a container, allow the calls `landlock_*`"
        }
        sandbox::CALLS => {
            "run Linux 5.14 or later with seccomp filters (CONFIG_SECCOMP_FILTER). In a container, allow the call `seccomp`"
        }
        sandbox::LIMITS => return None,
        sandbox::SPACES | sandbox::ROOT => {
            if number("proc/sys/kernel/apparmor_restrict_unprivileged_userns") == Some(1) {
                "AppArmor refuses user namespaces to programs without a profile: install the profile of dpin-executor \
                 (docs/operator.md, \"Ubuntu\")"
            } else if number("proc/sys/kernel/unprivileged_userns_clone") == Some(0) {
                "allow user namespaces: `sysctl -w kernel.unprivileged_userns_clone=1`"
            } else if number("proc/sys/user/max_user_namespaces") == Some(0) {
                "allow user namespaces: `sysctl -w user.max_user_namespaces=15000`"
            } else {
                "allow user namespaces; a container (--security-opt seccomp=…, CAP_SYS_ADMIN) or a service manager \
                 (RestrictNamespaces=) may forbid them"
            }
        }
        _ => return None,
    };
    Some(text.into())
}

/// The lines for the data directory and its disk, on which up to `most_bytes` will be stored.
pub fn disk(folder: Option<&Path>, most_bytes: u64) -> Vec<Line> {
    const FOLDER: &str = "data directory";
    const DISK: &str = "disk";
    let Some(folder) = folder else {
        let why = || Err("not looked at".into());
        return [FOLDER, DISK]
            .map(|name| Line::new(name, false, why(), Some("name the data directory with --data-dir".into())))
            .into();
    };
    let there = existing(folder);
    let state = match tempfile::Builder::new().prefix(".check-").tempfile_in(&there) {
        Ok(_) if there == folder => Ok(format!("{} can be written to", folder.display())),
        Ok(_) => Ok(format!("{} can be made", folder.display())),
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
        Ok((free, _)) => Ok(format!("{} MiB are free, and the limits allow {} MiB to be stored", free >> 20, most_bytes >> 20)),
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
pub fn devices(listed: &[String], problems: &[String]) -> Line {
    let problem = |listed: &str| problems.iter().fold(listed.to_owned(), |text, problem| format!("{text}; {problem}"));
    let state = match listed {
        [] => Err(problem("there is no OpenCL device")),
        listed => Ok(problem(&listed.join("; "))),
    };
    Line::new("OpenCL devices", true, state, Some(missing_devices().join("\n")))
}

/// Reasons why this machine may lack devices, each with its remedy.
pub fn missing_devices() -> Vec<String> {
    let elsewhere = drivers::registered().iter().any(Driver::is_registered);
    let may_open = |path: &Path| fs::File::options().read(true).write(true).open(path).is_ok();
    missing_devices_on(Path::new("/"), elsewhere, &may_open)
}

/// The reasons on the system below `root`. `may_open` returns whether this user may open a device
/// node. `registered`: a driver is registered, below `root` or elsewhere.
fn missing_devices_on(root: &Path, registered: bool, may_open: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let listed = |folder: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let drivers: Vec<PathBuf> = listed("etc/OpenCL/vendors")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "icd"))
        .collect();
    let has_nvidia = root.join("proc/driver/nvidia/version").exists();
    let mut hints = Vec::new();
    if drivers.is_empty() && !registered {
        hints.push(
            "no driver is registered: /etc/OpenCL/vendors has no .icd file. Install your GPU vendor's OpenCL driver (Debian and \
             Ubuntu: nvidia-opencl-icd or libnvidia-compute-NNN, rocm-opencl-runtime or mesa-opencl-icd, intel-opencl-icd), or \
             pocl-opencl-icd, which makes a device of the CPU"
                .to_owned(),
        );
    } else if has_nvidia && !drivers.iter().any(|driver| driver.to_string_lossy().to_lowercase().contains("nvidia")) {
        hints.push(
            "NVIDIA's kernel driver runs, and its OpenCL driver is not registered: write `libnvidia-opencl.so.1` to \
             /etc/OpenCL/vendors/nvidia.icd, or install nvidia-opencl-icd"
                .to_owned(),
        );
    }
    if has_nvidia && !root.join("dev/nvidia-uvm").exists() {
        hints.push(
            "/dev/nvidia-uvm is missing, which the sandbox cannot make: run `nvidia-modprobe -u -c 0` as root, or enable \
             nvidia-persistenced"
                .to_owned(),
        );
    }
    let nodes = [listed("dev/dri"), vec![root.join("dev/kfd")], listed("dev")].concat();
    let closed: Vec<String> = nodes
        .iter()
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_node = name.starts_with("renderD") || name == "kfd" || name.starts_with("nvidia");
            is_node && !path.is_dir() && path.exists() && !may_open(path)
        })
        .map(|path| format!("/{}", path.strip_prefix(root).unwrap_or(path).display()))
        .collect();
    if !closed.is_empty() {
        hints.push(format!(
            "this user may not open {}: add it to the groups of these files (`usermod -aG render,video USER`) and log in again",
            closed.join(", ")
        ));
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn hints(files: &[(&str, &str)], closed: &str) -> Vec<String> {
        let root = root(files);
        missing_devices_on(root.path(), false, &|path| closed.is_empty() || !path.ends_with(closed))
    }

    #[test]
    fn missing_devices_are_explained() {
        const ICD: (&str, &str) = ("etc/OpenCL/vendors/pocl.icd", "libpocl.so");
        const NVIDIA: (&str, &str) = ("proc/driver/nvidia/version", "580");
        let told = |files: &[(&str, &str)], closed: &str, text: &str| {
            let hints = hints(files, closed);
            assert!(hints.iter().any(|hint| hint.contains(text)), "{text} is not in {hints:?}");
        };
        told(&[], "", "/etc/OpenCL/vendors has no .icd file");
        told(&[ICD, NVIDIA], "", "/etc/OpenCL/vendors/nvidia.icd");
        told(&[ICD, NVIDIA], "", "/dev/nvidia-uvm is missing");
        told(&[ICD, ("dev/dri/renderD128", "")], "renderD128", "may not open /dev/dri/renderD128");
        told(&[ICD, ("dev/dri/renderD128", "")], "renderD128", "render,video");
        told(&[ICD, ("dev/kfd", "")], "kfd", "/dev/kfd");
        assert_eq!(hints(&[ICD, ("dev/dri/renderD128", "")], ""), [""; 0]);
    }

    #[test]
    fn a_missing_wall_has_a_remedy_of_its_own() {
        let of = |files: &[(&str, &str)], name, why| remedy_on(root(files).path(), name, why).unwrap_or_default();
        assert!(
            of(&[], sandbox::FILES, "Landlock's interface is number 1; at least 2 is needed").contains("HWE kernel")
        );
        assert!(of(&[], sandbox::FILES, "Landlock is turned off").contains("lsm="));
        let restricted = ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
        assert!(of(&[restricted], sandbox::SPACES, "EPERM").contains("profile"));
        assert!(of(&[("proc/sys/user/max_user_namespaces", "0\n")], sandbox::SPACES, "ENOSPC")
            .contains("max_user_namespaces"));
        assert!(of(&[], sandbox::ROOT, "EPERM").contains("RestrictNamespaces"));
    }

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
