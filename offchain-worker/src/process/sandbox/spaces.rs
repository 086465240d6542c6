//! The child's own view of the system: namespaces, a small file system with the drivers, and no
//! privileges.

use super::paths::View;
use crate::process::handle::ProcessHandle;
use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    sched::{CloneFlags, unshare},
    sys::{
        prctl,
        signal::{SigHandler, Signal, raise, signal},
        wait::{WaitStatus, waitpid},
    },
    unistd::{
        ForkResult, Gid, Pid, Uid, chdir, fork, geteuid, getgid, getuid, pivot_root, setgroups, setresgid, setresuid,
    },
};
use std::{
    ffi::CString,
    fs, io,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

/// Path of the child's folder in its own file system.
pub(super) const OWN: &str = "/box";
/// Name of the folder, inside the child's folder, in which the file system is built.
pub(super) const ROOT_FOLDER: &str = "root";

/// Check whether this process may leave the namespaces of its parent.
///
/// Another process tries it and exits, so this process does not change if the answer is no. Some
/// systems let a process leave, but refuse it the ids without which it can start no thread. Ubuntu
/// does so to programs without an AppArmor profile.
///
/// # Errors
///
/// The error of the system call that was refused.
pub(super) fn try_to_leave() -> nix::Result<()> {
    in_another_process(|| {
        separate()?;
        in_another_process(|| Ok(()))
    })
}

/// Do `work` in a new process, which then exits.
fn in_another_process(work: impl FnOnce() -> nix::Result<()>) -> nix::Result<()> {
    // SAFETY: this process has one thread, so the new process may call anything.
    match unsafe { fork() }? {
        ForkResult::Child => {
            let code = work().err().map_or(0, |error| error as i32);
            // SAFETY: nothing needs cleaning up.
            unsafe { libc::_exit(code) }
        }
        ForkResult::Parent { child } => loop {
            match waitpid(child, None) {
                Ok(WaitStatus::Exited(_, 0)) => return Ok(()),
                Ok(WaitStatus::Exited(_, code)) => return Err(nix::Error::from_raw(code)),
                Err(nix::Error::EINTR) => (),
                Ok(_) => return Err(nix::Error::EPERM),
                Err(error) => return Err(error),
            }
        },
    }
}

/// Leave the namespaces of the parent. A new process, the only one in its process namespace,
/// continues from here. This process waits for it and exits in the same way. Before that, `tell` is
/// called with the new process's id. Returns a handle of this process to the new one, which cannot
/// see it by its id. The handle is `None` if the system has none.
///
/// # Errors
///
/// If the system refuses. This process can then start neither threads nor processes, so call
/// [`try_to_leave`] first.
pub(super) fn leave(tell: impl FnOnce(Pid)) -> nix::Result<Option<ProcessHandle>> {
    separate()?;
    let outer = ProcessHandle::open(std::process::id());
    // SAFETY: this process has one thread, so the new process may call anything.
    match unsafe { fork() }? {
        ForkResult::Child => Ok(outer),
        ForkResult::Parent { child } => {
            tell(child);
            // Pipes close when the other process exits, so this process must not hold them open.
            // SAFETY: these files are no longer used.
            unsafe { libc::close_range(0, libc::c_uint::MAX, 0) };
            end_as(child)
        }
    }
}

/// Create new namespaces for this process and those it will start.
fn separate() -> nix::Result<()> {
    let own = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    if geteuid().is_root() {
        return unshare(own);
    }
    let (user, group) = (getuid(), getgid());
    unshare(own | CloneFlags::CLONE_NEWUSER)?;
    // The ids inside equal those outside. An ordinary user can write `gid_map` only after
    // `setgroups`.
    write("/proc/self/setgroups", "deny")?;
    write("/proc/self/uid_map", &format!("{user} {user} 1"))?;
    write("/proc/self/gid_map", &format!("{group} {group} 1"))?;
    // Linux clears the death signal when the namespaces change.
    prctl::set_pdeathsig(Signal::SIGKILL)
}

/// Wait for `child`, and exit in the same way.
fn end_as(child: Pid) -> ! {
    let code = loop {
        match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, code)) => break code,
            Ok(WaitStatus::Signaled(_, ending, _)) => {
                // SAFETY: the default handler is no function of this process.
                let _ = unsafe { signal(ending, SigHandler::SigDfl) };
                let _ = raise(ending);
                break 128 + ending as i32;
            }
            Err(nix::Error::EINTR) | Ok(_) => (),
            Err(_) => break 1,
        }
    };
    // SAFETY: nothing needs cleaning up.
    unsafe { libc::_exit(code) }
}

fn write(file: &str, text: &str) -> nix::Result<()> {
    fs::write(file, text).map_err(|error| error.raw_os_error().map_or(nix::Error::EIO, nix::Error::from_raw))
}

/// Build a file system of `view` and the child's parts of `folder`, of which `inputs` is read-only.
/// Then detach all others. From then on the parts lie below [`OWN`].
pub(super) fn make_root(view: &View, folder: &Path, inputs: &str, parts: &[&str]) -> io::Result<()> {
    let nothing = None::<&str>;
    let root = folder.join(ROOT_FOLDER);
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)?;
    mount(Some("tmpfs"), &root, Some("tmpfs"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, Some("size=1m,mode=755"))?;
    fs::create_dir(root.join("proc"))?;
    let processes = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    if mount(Some("proc"), &root.join("proc"), Some("proc"), processes, nothing).is_err() {
        // If parts of `/proc` are hidden from us, the kernel allows no new mount of it. Landlock
        // restricts this one.
        mount(Some("/proc"), &root.join("proc"), nothing, MsFlags::MS_BIND | MsFlags::MS_REC, nothing)?;
    }
    let all = view.read.iter().chain(&view.execute).chain(&view.nodes);
    bring(&root, all.filter(|path| !path.starts_with("/proc")))?;
    let own = root.join(OWN.trim_start_matches('/'));
    for part in parts.iter().chain([&inputs]) {
        let target = own.join(part);
        fs::create_dir_all(&target)?;
        mount(Some(&folder.join(part)), &target, nothing, MsFlags::MS_BIND, nothing)?;
        set_attributes(&target, libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV, false)?;
    }
    set_attributes(&own.join(inputs), libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOEXEC, false)?;
    chdir(&root)?;
    // The old root now lies on top of the new one, and is detached.
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    chdir("/")?;
    set_attributes(Path::new("/"), libc::MOUNT_ATTR_RDONLY, false)?;
    Ok(())
}

/// Bind-mount `paths` read-only below `root`, at their real paths. A path that is a link on the
/// host becomes a link there too.
fn bring<'a>(root: &Path, paths: impl Iterator<Item = &'a PathBuf>) -> io::Result<()> {
    let within = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
    let mut found: Vec<(PathBuf, &Path)> =
        paths.filter_map(|path| Some((path.canonicalize().ok()?, path.as_path()))).collect();
    // A folder comes before its contents, which are then present already.
    found.sort();
    for (real, _) in &found {
        let target = within(real);
        if target.exists() {
            continue;
        }
        fs::create_dir_all(target.parent().unwrap_or(root))?;
        if real.is_dir() {
            fs::create_dir(&target)?;
        } else {
            fs::File::create(&target)?;
        }
        mount(Some(real), &target, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)?;
        set_attributes(&target, libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID, true)?;
    }
    found.sort_by_key(|(_, path)| *path);
    for (real, path) in &found {
        let link = within(path);
        if real != path && fs::symlink_metadata(&link).is_err() {
            fs::create_dir_all(link.parent().unwrap_or(root))?;
            std::os::unix::fs::symlink(real, &link)?;
        }
    }
    Ok(())
}

/// Set attributes of the mount at `path`. With `below`, also of the mounts below it.
fn set_attributes(path: &Path, attributes: u64, below: bool) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let set = libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the path and the structure are valid, and the size is the structure's.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            if below { libc::AT_RECURSIVE } else { 0 },
            &set,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Become the unprivileged `user`, and keep the groups of the device nodes.
pub(super) fn become_user(user: u32, nodes: &[PathBuf]) -> nix::Result<()> {
    let mut groups: Vec<u32> = nodes.iter().filter_map(|node| fs::metadata(node).ok()).map(|node| node.gid()).collect();
    groups.retain(|group| *group != 0);
    groups.sort_unstable();
    groups.dedup();
    setgroups(&groups.into_iter().map(Gid::from_raw).collect::<Vec<_>>())?;
    let (user, group) = (Uid::from_raw(user), Gid::from_raw(user));
    setresgid(group, group, group)?;
    setresuid(user, user, user)
}

/// Drop every capability for good.
pub(super) fn drop_capabilities() -> io::Result<()> {
    // The bounding set: capabilities in it could come back on exec.
    for capability in 0..=63 {
        // SAFETY: a plain system call; unknown numbers are refused.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    // `_LINUX_CAPABILITY_VERSION_3`, this process, and three empty sets in two halves each.
    let (header, none) = (Header { version: 0x2008_0522, pid: 0 }, [0u32; 6]);
    // SAFETY: both structures have the layout of this version.
    if unsafe { libc::syscall(libc::SYS_capset, &header, &none) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
