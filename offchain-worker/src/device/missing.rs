//! Reasons why a machine may lack OpenCL devices.

use super::drivers::{self, Driver};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Reasons why this machine may lack devices, each with its remedy.
pub(crate) fn missing_devices() -> Vec<String> {
    let elsewhere = drivers::registered().iter().any(Driver::is_registered);
    let may_open = |path: &Path| fs::File::options().read(true).write(true).open(path).is_ok();
    missing_devices_on(Path::new("/"), elsewhere, &may_open)
}

/// The reasons on the system below `root`. `may_open` returns whether this user may open a device
/// node. `registered`: a driver is registered, below `root` or elsewhere.
fn missing_devices_on(root: &Path, registered: bool, may_open: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let has_nvidia = root.join("proc/driver/nvidia/version").exists();
    let mut hints = Vec::from_iter(missing_driver(root, registered, has_nvidia));
    if has_nvidia && !root.join("dev/nvidia-uvm").exists() {
        hints.push(
            "/dev/nvidia-uvm is missing, which the sandbox cannot make: run `nvidia-modprobe -u -c 0` as root, or enable \
             nvidia-persistenced"
                .to_owned(),
        );
    }
    let closed = closed_nodes(root, may_open);
    if !closed.is_empty() {
        hints.push(format!(
            "this user may not open {}: add it to the groups of these files (`usermod -aG render,video USER`) and log in again",
            closed.join(", ")
        ));
    }
    hints
}

/// The driver that seems to be missing on the system below `root`, if one does.
fn missing_driver(root: &Path, registered: bool, has_nvidia: bool) -> Option<String> {
    let drivers: Vec<PathBuf> = files_in(&root.join("etc/OpenCL/vendors"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "icd"))
        .collect();
    let is_nvidia = |driver: &PathBuf| driver.to_string_lossy().to_lowercase().contains("nvidia");
    if drivers.is_empty() && !registered {
        Some(
            "no driver is registered: /etc/OpenCL/vendors has no .icd file. Install your GPU vendor's OpenCL driver (Debian and \
             Ubuntu: nvidia-opencl-icd or libnvidia-compute-NNN, rocm-opencl-runtime or mesa-opencl-icd, intel-opencl-icd), or \
             pocl-opencl-icd, which makes a device of the CPU"
                .to_owned(),
        )
    } else if has_nvidia && !drivers.iter().any(is_nvidia) {
        Some(
            "NVIDIA's kernel driver runs, and its OpenCL driver is not registered: write `libnvidia-opencl.so.1` to \
             /etc/OpenCL/vendors/nvidia.icd, or install nvidia-opencl-icd"
                .to_owned(),
        )
    } else {
        None
    }
}

/// The nodes of GPUs below `root` that this user may not open.
fn closed_nodes(root: &Path, may_open: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let nodes = [files_in(&root.join("dev/dri")), vec![root.join("dev/kfd")], files_in(&root.join("dev"))].concat();
    let closed = nodes.iter().filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_node = name.starts_with("renderD") || name == "kfd" || name.starts_with("nvidia");
        is_node && !path.is_dir() && path.exists() && !may_open(path)
    });
    closed.map(|path| format!("/{}", path.strip_prefix(root).unwrap_or(path).display())).collect()
}

/// The paths in `folder`, sorted.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
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
        let has_hint = |files: &[(&str, &str)], closed: &str, text: &str| {
            let hints = hints(files, closed);
            assert!(hints.iter().any(|hint| hint.contains(text)), "{text} is not in {hints:?}");
        };
        has_hint(&[], "", "/etc/OpenCL/vendors has no .icd file");
        has_hint(&[ICD, NVIDIA], "", "/etc/OpenCL/vendors/nvidia.icd");
        has_hint(&[ICD, NVIDIA], "", "/dev/nvidia-uvm is missing");
        has_hint(&[ICD, ("dev/dri/renderD128", "")], "renderD128", "may not open /dev/dri/renderD128");
        has_hint(&[ICD, ("dev/dri/renderD128", "")], "renderD128", "render,video");
        has_hint(&[ICD, ("dev/kfd", "")], "kfd", "/dev/kfd");
        assert_eq!(hints(&[ICD, ("dev/dri/renderD128", "")], ""), [""; 0]);
    }
}
