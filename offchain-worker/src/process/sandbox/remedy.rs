//! The remedies for missing walls.

use super::walls::{CALLS, FILES, LIMITS, ROOT, SPACES, Wall};
use std::{fs, path::Path};

/// The remedy for a missing wall.
pub(crate) fn remedy(wall: &Wall) -> Option<String> {
    let why = wall.state.as_ref().err()?;
    remedy_on(Path::new("/"), &wall.name, why)
}

/// The remedy on the system below `root`.
fn remedy_on(root: &Path, name: &str, why: &str) -> Option<String> {
    let number = |file: &str| fs::read_to_string(root.join(file)).ok()?.trim().parse::<u64>().ok();
    let text = match name {
        FILES if why.contains("turned off") => {
            "turn Landlock on: add `landlock` to the boot parameter `lsm=` (/sys/kernel/security/lsm lists what is on), and reboot"
        }
        FILES if why.contains("could be read") || why.contains("could be made") => {
            "kernels can reach it beside the drivers: move one of them elsewhere"
        }
        FILES => {
            "run Linux 5.19 or later with Landlock: Debian 12 has it; on Ubuntu 22.04 install the HWE kernel \
             (`apt-get install linux-generic-hwe-22.04`) and reboot. In a container, allow the calls `landlock_*`"
        }
        CALLS => {
            "run Linux 5.14 or later with seccomp filters (CONFIG_SECCOMP_FILTER). In a container, allow the call `seccomp`"
        }
        LIMITS => return None,
        SPACES | ROOT => {
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

    #[test]
    fn a_missing_wall_has_a_remedy_of_its_own() {
        let of = |files: &[(&str, &str)], name, why| remedy_on(root(files).path(), name, why).unwrap_or_default();
        assert!(of(&[], FILES, "Landlock's interface is number 1; at least 2 is needed").contains("HWE kernel"));
        assert!(of(&[], FILES, "Landlock is turned off").contains("lsm="));
        let restricted = ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
        assert!(of(&[restricted], SPACES, "EPERM").contains("profile"));
        assert!(of(&[("proc/sys/user/max_user_namespaces", "0\n")], SPACES, "ENOSPC").contains("max_user_namespaces"));
        assert!(of(&[], ROOT, "EPERM").contains("RestrictNamespaces"));
    }
}
