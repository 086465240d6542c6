//! The priority of computing beside the node.

/// Nice value of children: the node on the same machine must not miss its blocks.
const NICE: libc::c_int = 10;

/// Lower the calling thread's priority to that of a child.
pub(crate) fn lower_thread_priority() {
    // SAFETY: a plain system call. On Linux it affects only the calling thread. If it fails, the
    // thread keeps its priority.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICE);
    }
}
