//! Hostile kernels, blobs, senders and machines, each against its own executor.
//!
//! On PoCL kernels are native code, so they can try system calls themselves. After each case three
//! things must hold: the executor runs, an honest job gets the right result, and a planted key is
//! neither changed nor read. The tests `sandbox` and `test_sandbox` use this table.

#![allow(dead_code)]

use super::common::{
    COUNT, ENDLESS, Executor, GENESIS, TOKEN, counted, decode, failure_in, is_alive, manifest, simple, task, wait,
};
use codec::Encode;
use dpin_primitives::{
    Hash, blake2,
    executor::{RunRequest, RunStatus, Work},
    kernel::{BuildOption, Param, Tiling},
    reason::ReasonCode,
    worker::DeviceClass,
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant, SystemTime},
};

/// Content of the planted key.
const SECRET: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/// One hostile case.
pub(crate) struct Case {
    /// Name of the attack.
    pub name: &'static str,
    /// Tries the attack against its own executor, and describes what happened. Panics if the attack
    /// succeeds.
    pub run: fn(&str) -> String,
}

macro_rules! cases {
    ($($name:ident)*) => {
        /// All cases.
        pub(crate) const CASES: &[Case] = &[$(Case { name: stringify!($name), run: $name }),*];

        /// One test for each case.
        #[cfg(test)]
        mod each {
            $(#[test] fn $name() { super::$name(super::super::common::PROGRAM); })*
        }
    };
}

cases! {
    endless_loop
    macro_bomb
    unrolling_bomb
    template_of_a_gigabyte
    write_far_out_of_bounds
    write_behind_the_output
    write_to_an_input
    read_far_out_of_bounds
    read_near_out_of_bounds
    stack_smash
    include_of_files
    options_and_names_that_escape
    printf_flood
    buffers_of_64_gigabytes
    memory_that_is_not_its_own
    fork_bomb_and_exec
    thread_bomb
    sockets
    files_of_others
    writing_and_changing_files
    other_processes
    the_kernels_dark_corners
    outliving_the_executor
    truncated_corrupted_and_overlong_blobs
    a_sender_that_is_slow
    a_full_disk
    a_device_that_disappears
    a_spoiled_program
    closing_the_pipe_to_the_parent
    garbage_in_the_pipe
    a_forged_fault_of_the_executor
    a_forged_end
    a_forged_phase
    a_forged_answer_to_another_order
    more_output_than_there_is
    an_end_that_looks_like_somebody_elses
}

/// The result where an attack is impossible: code on a GPU cannot make system calls of the host.
const NOT_OF_THE_HOST: &str = "kernels of this device are no code of the host";

/// An executor with a planted key next to its data.
struct Target {
    executor: Executor,
    planted: PathBuf,
    pid: u32,
}

impl Target {
    fn new(program: &str) -> Self {
        Self::with(program, &[], &[])
    }

    fn with(program: &str, options: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::within(program, tempfile::tempdir().unwrap(), options, environment)
    }

    fn within(program: &str, folder: tempfile::TempDir, options: &[&str], environment: &[(&str, &str)]) -> Self {
        let keystore = folder.path().join("keystore");
        fs::create_dir(&keystore).unwrap();
        let planted = keystore.join("64706e77");
        fs::write(&planted, SECRET).unwrap();
        make_old(&planted);
        let environment = [environment, &[("RUST_LOG", "warn")]].concat();
        let executor = Executor::start_in(program, folder, options, &environment);
        let pid = executor.pid();
        Self { executor, planted, pid }
    }

    fn is_cpu(&self) -> bool {
        self.executor.status().devices[0].class == DeviceClass::Cpu
    }

    /// The outcome of `source` as a task of 8 work-groups.
    fn outcome(&self, source: &str, limit_ms: u64) -> RunStatus {
        self.executor.put_blob(source.as_bytes());
        self.executor.run(&simple(source, task(1), 8, limit_ms))
    }

    fn failure(&self, source: &str, limit_ms: u64) -> ReasonCode {
        match self.outcome(source, limit_ms) {
            RunStatus::Failed(reason) => reason,
            other => panic!("it did not fail: {other:?}"),
        }
    }

    /// The whole report that a reason names.
    fn report(&self, reason: &ReasonCode) -> String {
        reason.log().map(|log| self.executor.log(&log)).unwrap_or_default()
    }

    /// The failure part of that report.
    fn log(&self, reason: &ReasonCode) -> String {
        let report = self.report(reason);
        if report.is_empty() { report } else { failure_in(&report).to_owned() }
    }

    /// Check that `source` fails with `KernelFault`; returns the log.
    fn kernel_fault(&self, source: &str) -> String {
        let reason = self.failure(source, 30_000);
        assert!(matches!(reason, ReasonCode::KernelFault { .. }), "{reason:?}: {}", self.log(&reason));
        self.log(&reason)
    }

    /// The values that a kernel of one work-item gets from the system calls `calls`. Each is an
    /// expression that uses `call`.
    fn returned(&self, calls: &[String]) -> Vec<i32> {
        let lines: Vec<String> =
            calls.iter().enumerate().map(|(place, call)| format!("    out[{place}] = (int)({call});\n")).collect();
        let source = format!(
            "{CALL}__kernel void f(__global int *out) {{\n    if (get_global_id(0) != 0) return;\n{}}}\n",
            lines.concat()
        );
        self.executor.put_blob(source.as_bytes());
        let mut request = simple(&source, task(1), 1, 30_000);
        let bytes = 4 * u32::try_from(calls.len()).unwrap();
        request.kernel = manifest(&source, &[Param::Output], [1, 1, 1], Tiling::PerGroup { bytes });
        let root = self.executor.commitment(&request).root;
        let output = self.executor.output(task(1), &root);
        output.chunks_exact(4).map(|bytes| i32::from_le_bytes(bytes.try_into().unwrap())).collect()
    }

    /// Check that none of these calls is permitted; returns how they were refused.
    fn refused(&self, calls: &[(&str, String)]) -> String {
        if !self.is_cpu() {
            return NOT_OF_THE_HOST.into();
        }
        let lines: Vec<String> = calls.iter().map(|(_, call)| call.clone()).collect();
        let returned = self.returned(&lines);
        let through: Vec<_> = calls.iter().zip(&returned).filter(|(_, code)| **code >= 0).collect();
        assert!(through.is_empty(), "let through: {through:?}");
        let mut errors: Vec<i32> = returned;
        errors.sort_unstable();
        errors.dedup();
        let names = errors.iter().map(|error| match -error {
            libc::EPERM => "EPERM".into(),
            libc::EACCES => "EACCES".into(),
            libc::ENOENT => "ENOENT".into(),
            libc::ENOSYS => "ENOSYS".into(),
            libc::EROFS => "EROFS".into(),
            libc::ESRCH => "ESRCH".into(),
            other => other.to_string(),
        });
        format!("{} calls refused ({})", calls.len(), names.collect::<Vec<String>>().join(", "))
    }

    /// Check that nothing was changed, and that an honest job runs.
    fn check(&self) {
        assert!(is_alive(self.pid), "the executor is gone");
        self.executor.put_blob(COUNT.as_bytes());
        let commitment = self.executor.commitment(&simple(COUNT, task(999), 10, 60_000));
        assert_eq!(self.executor.output(task(999), &commitment.root), counted(10), "an honest job went wrong");
        let found = fs::metadata(&self.planted).unwrap();
        assert!(found.atime() < found.mtime(), "the planted key was read");
        assert_eq!(fs::read_to_string(&self.planted).unwrap(), SECRET, "the planted key was changed");
        make_old(&self.planted);
    }
}

/// Make a file look as if it was last read a day ago and written an hour ago. Linux updates the
/// time of reading when it is read.
fn make_old(path: &Path) {
    let (hour, day) = (Duration::from_secs(3600), Duration::from_secs(86_400));
    let times = fs::FileTimes::new().set_accessed(SystemTime::now() - day).set_modified(SystemTime::now() - hour);
    fs::File::options().append(true).open(path).unwrap().set_times(times).unwrap();
}

/// Makes a system call from within a kernel.
const CALL: &str = r#"
long call(long number, long a, long b, long c, long d, long e, long f) {
    long returned;
    __asm__ volatile("mov %5, %%r10\n\tmov %6, %%r8\n\tmov %7, %%r9\n\tsyscall"
        : "=a"(returned) : "0"(number), "D"(a), "S"(b), "d"(c), "g"(d), "g"(e), "g"(f)
        : "rcx", "r8", "r9", "r10", "r11", "memory");
    return returned;
}
"#;

fn call(number: libc::c_long, arguments: &[i64]) -> String {
    let mut all = arguments.to_vec();
    all.resize(6, 0);
    format!("call({number}, {})", all.iter().map(|n| format!("{n}L")).collect::<Vec<_>>().join(", "))
}

/// A system call with a path as its argument number `place`.
fn call_of_path(number: libc::c_long, place: usize, path: &Path, arguments: &[i64]) -> String {
    let mut all: Vec<String> = arguments.iter().map(|n| format!("{n}L")).collect();
    all.insert(place, "(long)(size_t)path".into());
    all.resize(6, "0L".into());
    // A list of bytes, because a string would be a constant in other memory.
    let bytes: Vec<String> = path.as_os_str().as_encoded_bytes().iter().map(u8::to_string).collect();
    format!("({{ char path[] = {{ {}, 0 }}; call({number}, {}); }})", bytes.join(", "), all.join(", "))
}

fn open(path: &Path, flags: i32) -> String {
    call_of_path(libc::SYS_openat, 1, path, &[libc::AT_FDCWD.into(), flags.into(), 0o600])
}

fn endless_loop(program: &str) -> String {
    let target = Target::new(program);
    let begun = Instant::now();
    assert_eq!(target.failure(ENDLESS, 2_000), ReasonCode::Timeout);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(20), "it ran for {took:?}");
    target.check();
    format!("Timeout after {:.1} s of 2 allowed", took.as_secs_f32())
}

/// Check that a source that overwhelms the compiler ends with a reason that says so.
fn overwhelmed(target: &Target, source: &str) -> String {
    let begun = Instant::now();
    let reason = target.failure(source, 4_000);
    let expected = matches!(reason, ReasonCode::Timeout | ReasonCode::OutOfMemory | ReasonCode::BuildFailed { .. });
    let took = begun.elapsed();
    let report = target.executor.report(&RunRequest::id(&GENESIS, task(1), 0, &Work::Task));
    let told = if reason == ReasonCode::Timeout { "" } else { failure_in(&report) };
    assert!(expected, "{reason:?}: {told}");
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    assert!(reason == ReasonCode::Timeout || !told.is_empty(), "nobody is told why");
    target.check();
    format!("{} after {:.1} s of 4 allowed {}", name_of(&reason), took.as_secs_f32(), first_line(told))
}

fn name_of(reason: &ReasonCode) -> String {
    let text = format!("{reason:?}");
    text.split([' ', '{']).next().unwrap_or_default().into()
}

fn macro_bomb(program: &str) -> String {
    let levels: String = (1..12).map(|n| format!("#define L{n} {}\n", format!("L{} ", n - 1).repeat(10))).collect();
    let source =
        format!("#define L0 x += 1;\n{levels}__kernel void f(__global uint *out) {{ uint x = 0; L11 out[0] = x; }}");
    overwhelmed(&Target::with(program, &["--memory-limit-mb", "64"], &[]), &source)
}

fn unrolling_bomb(program: &str) -> String {
    let source = "__kernel void f(volatile __global float *out) {
    __attribute__((opencl_unroll_hint(100000))) for (int i = 0; i < 100000; i++)
        __attribute__((opencl_unroll_hint(1000))) for (int j = 0; j < 1000; j++)
            out[(i * j) & 15] = sin(out[i & 15]) * (float)j;
}";
    overwhelmed(&Target::with(program, &["--memory-limit-mb", "64"], &[]), source)
}

fn template_of_a_gigabyte(program: &str) -> String {
    let source = "__constant uint big[1u << 28] = {1, 2, 3};
__kernel void f(__global uint *out) { out[dpin_tile() * 16] = big[(out[0] + get_global_id(0)) & 0xfffffff]; }";
    overwhelmed(&Target::with(program, &["--memory-limit-mb", "16"], &[]), source)
}

fn first_line(log: &str) -> &str {
    log.lines().next().unwrap_or_default()
}

fn write_far_out_of_bounds(program: &str) -> String {
    let target = Target::new(program);
    let log = target.kernel_fault("__kernel void f(volatile __global uint *out) { out[(size_t)1 << 40] = 1; }");
    target.check();
    format!("KernelFault: {}", first_line(&log))
}

fn write_behind_the_output(program: &str) -> String {
    let target = Target::new(program);
    let log = target.kernel_fault("__kernel void f(__global uint *out) { out[16 * 8] = 0; }");
    assert_eq!(log, "the kernel wrote behind its output");
    target.check();
    format!("KernelFault: {log}")
}

fn write_to_an_input(program: &str) -> String {
    let target = Target::new(program);
    let source = "__kernel void f(__global uint *out, __global uint *in) { in[0] = 5; out[0] = in[0]; }";
    target.executor.put_blob(source.as_bytes());
    let mut request = simple(source, task(1), 8, 20_000);
    request.kernel = manifest(source, &[Param::Output, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    let input = target.executor.put_blob(&[1; 64]);
    request.inputs = vec![input];
    let reason = target.executor.failure(&request);
    assert!(matches!(reason, ReasonCode::KernelFault { .. }), "{reason:?}");
    assert_eq!(target.executor.get(&format!("/v1/blob/{}", hex::encode(input))), (200, vec![1; 64]));
    target.check();
    format!("KernelFault: {}; the blob is as it was", first_line(&target.log(&reason)))
}

fn read_far_out_of_bounds(program: &str) -> String {
    let target = Target::new(program);
    let log = target.kernel_fault(
        "__kernel void f(volatile __global uint *out) { out[0] = out[((size_t)1 << 40) + get_global_id(0)]; }",
    );
    target.check();
    format!("KernelFault: {}", first_line(&log))
}

fn read_near_out_of_bounds(program: &str) -> String {
    /// A text of another run, which is part of its source, input and output.
    const OTHERS: &str = "the tide kept its own ledger";
    let target = Target::new(program);
    let source = format!(
        "/* {OTHERS} */ __kernel void f(__global uchar *out, __global const uchar *in) {{
    out[dpin_tile() * 64 + get_local_id(0)] = in[get_local_id(0)];
}}"
    );
    target.executor.put_blob(source.as_bytes());
    let mut other = simple(&source, task(2), 8, 30_000);
    other.kernel = manifest(&source, &[Param::Output, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    other.inputs = vec![target.executor.put_blob(OTHERS.as_bytes())];
    target.executor.commitment(&other);

    // The process searches all its own memory within 64 MiB of its output and its stack. The
    // searched texts do not occur there in plain form. For pages that cannot be read, a system call
    // returns an error, if the kernel is code of the host.
    let sought = [SECRET, OTHERS].map(|text| {
        let bytes: Vec<String> = text.bytes().take(12).map(|byte| (byte ^ 0x55).to_string()).collect();
        format!("{{ {} }}", bytes.join(", "))
    });
    let (pages, readable, look) = if target.is_cpu() {
        let access = format!("call({}, (long)page, 0, 0, 0, 0, 0) != -{}", libc::SYS_access, libc::EFAULT);
        (1 << 14, access, "look((size_t)out, mask, found); int here; look((size_t)&here, mask, found);")
    } else {
        (0, "1".into(), "look((size_t)out, mask, found);")
    };
    let source = format!(
        "{}__constant uchar sought[2][12] = {{ {} }};
void look(size_t middle, uchar mask, uint *found) {{
    size_t first = middle / 4096 - {pages};
    for (size_t number = 0; number <= 2 * {pages}; number++) {{
        volatile __global const uchar *page = (volatile __global const uchar *)((first + number) * 4096);
        if (!({readable})) continue;
        found[1]++;
        for (int i = 0; i <= 4096 - 12; i++)
            for (int text = 0; text < 2; text++) {{
                int same = 0;
                while (same < 12 && (page[i + same] ^ mask) == sought[text][same]) same++;
                found[0] += same == 12;
            }}
    }}
}}
__kernel void f(volatile __global uint *out) {{
    if (get_global_id(0) != 0) return;
    uchar mask = 0x55 + out[0];
    uint found[2] = {{ 0, 0 }};
    {look}
    out[0] = found[0];
    out[1] = found[1];
}}",
        if target.is_cpu() { CALL } else { "" },
        sought.join(", ")
    );
    target.executor.put_blob(source.as_bytes());
    let commitment = target.executor.commitment(&simple(&source, task(1), 1, 60_000));
    let output = target.executor.output(task(1), &commitment.root);
    let number = |place: usize| u32::from_le_bytes(output[4 * place..4 * place + 4].try_into().unwrap());
    let (found, pages) = (number(0), number(1));
    assert!(pages > 0, "it could read nothing, not even what is its own");
    assert_eq!(found, 0, "it found what it must not");
    target.check();
    format!("it read {pages} pages of its own process: nothing of the key or of another run is there")
}

fn stack_smash(program: &str) -> String {
    let target = Target::new(program);
    let log = target.kernel_fault(
        "__kernel void f(volatile __global uint *out) {
    volatile __private uint small[4];
    volatile __private uint *p = small;
    for (uint i = 0; i < (1u << 26); i++) p[i] = 0x41414141u + i;
    out[0] = small[out[1] & 3];
}",
    );
    target.check();
    format!("KernelFault: {}", first_line(&log))
}

fn include_of_files(program: &str) -> String {
    let target = Target::new(program);
    let token = target.executor.folder.path().join("token");
    let mut tried = 0;
    for path in
        [Path::new("/etc/passwd"), Path::new("/etc/shadow"), &token, &target.planted, Path::new("/proc/self/environ")]
    {
        for source in [
            format!("#include \"{}\"\n{COUNT}", path.display()),
            format!("#include <{}>\n{COUNT}", path.display()),
            format!("__constant char file[] = {{\n#embed \"{}\"\n}};\n{COUNT}", path.display()),
        ] {
            let mut request = simple(&source, task(1), 8, 30_000);
            request.id = blake2(source.as_bytes());
            target.executor.put_blob(source.as_bytes());
            let reason = match target.executor.run(&request) {
                RunStatus::Failed(reason @ ReasonCode::BuildFailed { .. }) => reason,
                other => panic!("{}: {other:?}", path.display()),
            };
            let log = target.report(&reason);
            let told = ["root:", "nobody:", TOKEN, SECRET, "PATH="].iter().find(|text| log.contains(**text));
            assert_eq!(told, None, "the log tells what is in {}: {log}", path.display());
            tried += 1;
        }
    }
    target.check();
    format!("BuildFailed {tried} times, and no log tells what is in the file")
}

fn options_and_names_that_escape(program: &str) -> String {
    let target = Target::new(program);
    let mut refused = 0;
    for name in ["f -I/etc", "f;", "f\"", "", "../f", "f\n", "-x", "f\u{e9}"] {
        let mut request = simple(COUNT, task(1), 8, 30_000);
        request.kernel.entry = name.as_bytes().to_vec().try_into().unwrap();
        assert_eq!(target.executor.post("/v1/runs", &request.encode()).0, 400, "{name:?}");
        refused += 1;
    }
    // Options are numbers of a list. There is no room for text, and other numbers are not options.
    let encoded = |option| {
        let mut request = simple(COUNT, task(1), 8, 30_000);
        request.kernel.options = vec![option].try_into().unwrap();
        request.encode()
    };
    let (one, other) = (encoded(BuildOption::OptDisable), encoded(BuildOption::SinglePrecisionConstant));
    let place = one.iter().zip(&other).position(|(a, b)| a != b).unwrap();
    for number in 2..=255u8 {
        let mut bytes = one.clone();
        bytes[place] = number;
        assert_eq!(target.executor.post("/v1/runs", &bytes).0, 400, "option {number}");
        refused += 1;
    }
    assert_eq!(target.executor.status().queued, 0);
    target.check();
    format!("{refused} requests refused (400)")
}

fn resident_bytes(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn printf_flood(program: &str) -> String {
    let target = Target::new(program);
    let before = resident_bytes(target.pid);
    let source = "__kernel void f(volatile __global uint *out) {
    while (out[0] != 0xffffffffu) printf(\"%s %d\\n\", \"flood flood flood flood flood flood flood flood\", (int)out[0]);
}";
    let reason = target.failure(source, 3_000);
    assert_eq!(reason, ReasonCode::Timeout);
    let grown = resident_bytes(target.pid).saturating_sub(before);
    assert!(grown < 64 << 20, "the executor has grown by {grown} bytes");
    target.check();
    format!("Timeout; the executor has grown by {} MiB", grown >> 20)
}

fn buffers_of_64_gigabytes(program: &str) -> String {
    let target = Target::new(program);
    // As an output.
    let mut request = simple(COUNT, task(1), 8, 30_000);
    request.kernel.tiling = Tiling::PerGroup { bytes: 65_536 };
    request.groups = [1 << 20, 1, 1];
    request.group_count = 1 << 20;
    assert_eq!(target.executor.post("/v1/runs", &request.encode()).0, 400);
    // As a blob.
    let answer = begin_upload(&target.executor, &Hash::zero(), 64 << 30, b"");
    assert_eq!(answer, 413);
    // In the kernel.
    let refusal = if target.is_cpu() {
        let map = call(libc::SYS_mmap, &[0, 64 << 30, 3, i64::from(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS), -1, 0]);
        let returned = target.returned(&[map])[0];
        assert_eq!(returned, -libc::ENOMEM);
        "ENOMEM for the kernel"
    } else {
        "the kernel has no way to ask"
    };
    target.check();
    format!("400 as an output, 413 as a blob, {refusal}")
}

fn memory_that_is_not_its_own(program: &str) -> String {
    let target = Target::with(program, &["--memory-limit-mb", "64"], &[]);
    if !target.is_cpu() {
        return NOT_OF_THE_HOST.into();
    }
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    let source = format!(
        "{CALL}__kernel void f(volatile __global uint *out) {{
    long memory = {};
    for (size_t i = 0; i < ((size_t)4 << 30); i += 4096) ((volatile __global char *)memory)[i] = 1;
    out[0] = 1;
}}",
        call(libc::SYS_mmap, &[0, 4 << 30, 3, flags.into(), -1, 0])
    );
    assert_eq!(target.failure(&source, 60_000), ReasonCode::OutOfMemory);
    target.check();
    "OutOfMemory: shared memory counts".into()
}

fn fork_bomb_and_exec(program: &str) -> String {
    let target = Target::new(program);
    let shell = Path::new("/bin/sh");
    let linker = Path::new("/usr/bin/ld");
    let bomb = format!(
        "({{ int held = 1; for (int i = 0; i < 1000; i++) held &= call({}, 17, 0, 0, 0, 0, 0) < 0; held ? -1 : 0; }})",
        libc::SYS_clone
    );
    let held = target.refused(&[
        ("fork", call(libc::SYS_fork, &[])),
        ("vfork", call(libc::SYS_vfork, &[])),
        ("clone3", call(libc::SYS_clone3, &[])),
        ("a bomb of 1000 clones", bomb),
        ("exec of a shell", call_of_path(libc::SYS_execve, 0, shell, &[0, 0])),
        ("exec of the linker", call_of_path(libc::SYS_execve, 0, linker, &[0, 0])),
        ("execveat", call_of_path(libc::SYS_execveat, 1, shell, &[libc::AT_FDCWD.into(), 0, 0, 0])),
    ]);
    target.check();
    held
}

fn thread_bomb(program: &str) -> String {
    let target = Target::new(program);
    if !target.is_cpu() {
        return NOT_OF_THE_HOST.into();
    }
    let flags = libc::CLONE_VM | libc::CLONE_FS | libc::CLONE_FILES | libc::CLONE_SIGHAND | libc::CLONE_THREAD;
    // A new thread waits forever, and needs no stack for that.
    let source = format!(
        "long thread() {{
    long returned;
    __asm__ volatile(\"syscall\\n\\ttest %%rax, %%rax\\n\\tjnz 2f\\n1:\\tmov ${}, %%eax\\n\\tsyscall\\n\\tjmp 1b\\n2:\"
        : \"=a\"(returned) : \"0\"({}L), \"D\"({flags}L), \"S\"(0L), \"d\"(0L) : \"rcx\", \"r11\", \"memory\");
    return returned;
}}
__kernel void f(volatile __global int *out) {{
    if (get_global_id(0) != 0) return;
    int threads = 0;
    while (threads < 100000 && thread() > 0) threads++;
    // How many there were stands in the code by which the process ends: for each 64 begun, one.
    int code = (threads + 63) / 64;
    {CALL_EXIT}
    out[0] = threads;
}}",
        libc::SYS_pause,
        libc::SYS_clone,
        CALL_EXIT = call(libc::SYS_exit_group, &[]).replacen(", 0L", ", code < 255 ? code : 255", 1) + ";",
    );
    let source = format!("{CALL}{source}");
    let held = match target.outcome(&source, 30_000) {
        RunStatus::Failed(reason @ ReasonCode::KernelFault { .. }) => {
            let log = target.log(&reason);
            let code = log.split_once("ended with exit status: ").and_then(|(_, rest)| rest.split_whitespace().next());
            let threads = 64 * code.and_then(|code| code.parse::<u32>().ok()).unwrap_or_else(|| panic!("{log}"));
            assert!((1..10_000).contains(&threads), "{threads} threads");
            format!("no more than {threads} threads")
        }
        RunStatus::Failed(ReasonCode::OutOfMemory) => {
            let report = target.executor.report(&RunRequest::id(&GENESIS, task(1), 0, &Work::Task));
            first_line(failure_in(&report)).to_owned()
        }
        other => panic!("{other:?}"),
    };
    target.check();
    held
}

fn sockets(program: &str) -> String {
    let target = Target::new(program);
    let socket = |family: i32, kind: i32| call(libc::SYS_socket, &[family.into(), kind.into(), 0]);
    let held = target.refused(&[
        ("TCP", socket(libc::AF_INET, libc::SOCK_STREAM)),
        ("TCP over IPv6", socket(libc::AF_INET6, libc::SOCK_STREAM)),
        ("UDP", socket(libc::AF_INET, libc::SOCK_DGRAM)),
        ("raw", socket(libc::AF_INET, libc::SOCK_RAW)),
        ("local", socket(libc::AF_UNIX, libc::SOCK_STREAM)),
        ("netlink", socket(libc::AF_NETLINK, libc::SOCK_RAW)),
        ("vsock", socket(libc::AF_VSOCK, libc::SOCK_STREAM)),
        ("pair", call(libc::SYS_socketpair, &[libc::AF_UNIX.into(), libc::SOCK_STREAM.into(), 0, 0])),
        ("io_uring", call(libc::SYS_io_uring_setup, &[8, 0])),
    ]);
    target.check();
    held
}

fn files_of_others(program: &str) -> String {
    let target = Target::new(program);
    target.executor.put_blob(COUNT.as_bytes());
    let honest = simple(COUNT, task(7), 8, 60_000);
    target.executor.commitment(&honest);
    let data = target.executor.data();
    let other = data.join("runs").join(hex::encode(honest.id)).join("output");
    assert!(other.is_file());
    let token = target.executor.folder.path().join("token");
    let memory = PathBuf::from(format!("/proc/{}/mem", target.pid));
    let environment = PathBuf::from(format!("/proc/{}/environ", target.pid));
    let command = PathBuf::from(format!("/proc/{}/cmdline", target.pid));
    let paths: Vec<&Path> = vec![
        &target.planted,
        &token,
        &data,
        &other,
        &memory,
        &environment,
        &command,
        Path::new("/etc/passwd"),
        Path::new("/etc/shadow"),
        Path::new("/root"),
        Path::new("/home"),
        Path::new("/dev/mem"),
        Path::new("/dev/kmsg"),
        Path::new("/proc/1/root/etc/shadow"),
        Path::new("/proc/self/root/etc/shadow"),
        Path::new("/proc/kcore"),
    ];
    let mut calls: Vec<(&str, String)> = Vec::new();
    for path in &paths {
        calls.push((path.to_str().unwrap(), open(path, libc::O_RDONLY)));
    }
    let held = target.refused(&calls);
    target.check();
    held
}

fn writing_and_changing_files(program: &str) -> String {
    let target = Target::new(program);
    if !target.is_cpu() {
        return NOT_OF_THE_HOST.into();
    }
    let create = libc::O_WRONLY | libc::O_CREAT;
    let (source, stray) = (Path::new("source"), Path::new("stray"));
    let out = Path::new("../out/stray");
    let held = target.refused(&[
        ("a new file beside the inputs", open(stray, create)),
        ("a new file beside the output", open(out, create)),
        ("a new file in /tmp", open(Path::new("/tmp/dpin-stray"), create)),
        ("the key", open(&target.planted, libc::O_WRONLY)),
        ("writing to the source", open(source, libc::O_RDWR)),
        ("emptying the source", open(source, libc::O_RDONLY | libc::O_TRUNC)),
        ("truncating the source", call_of_path(libc::SYS_truncate, 0, source, &[0])),
        ("changing its mode", call_of_path(libc::SYS_chmod, 0, source, &[0])),
        ("removing it", call_of_path(libc::SYS_unlink, 0, source, &[])),
        ("a folder", call_of_path(libc::SYS_mkdir, 0, stray, &[0o700])),
        ("a device", call_of_path(libc::SYS_mknod, 0, stray, &[0o020_600, 0x0101])),
        ("a file without a name", open(Path::new("../tmp"), libc::O_TMPFILE | libc::O_RDWR)),
        ("memory as a file", call_of_path(libc::SYS_memfd_create, 0, stray, &[0])),
    ]);
    assert!(!Path::new("/tmp/dpin-stray").exists());
    target.check();
    held
}

fn other_processes(program: &str) -> String {
    let target = Target::new(program);
    let pid = i64::from(target.pid);
    let attach = i64::from(libc::PTRACE_ATTACH);
    let held = target.refused(&[
        ("ptrace of the executor", call(libc::SYS_ptrace, &[attach, pid, 0, 0])),
        ("being traced", call(libc::SYS_ptrace, &[0, 0, 0, 0])),
        ("reading the executor's memory", call(libc::SYS_process_vm_readv, &[pid, 0, 0, 0, 0, 0])),
        ("writing the executor's memory", call(libc::SYS_process_vm_writev, &[pid, 0, 0, 0, 0, 0])),
        ("killing the executor", call(libc::SYS_kill, &[pid, 9])),
        ("killing everything", call(libc::SYS_kill, &[-1, 9])),
        ("killing its group", call(libc::SYS_kill, &[0, 15])),
        ("killing the first process", call(libc::SYS_tgkill, &[1 << 22, 1 << 22, 9])),
        ("a file of the executor", call(libc::SYS_pidfd_open, &[pid, 0])),
        ("the executor's limits", call(libc::SYS_prlimit64, &[pid, 7, 0, 0])),
        ("the executor's priority", call(libc::SYS_setpriority, &[0, pid, 19])),
        ("the executor's cores", call(libc::SYS_sched_setaffinity, &[pid, 8, 0])),
        ("a group of its own", call(libc::SYS_setpgid, &[0, 0])),
        ("a session of its own", call(libc::SYS_setsid, &[])),
    ]);
    target.check();
    held
}

fn the_kernels_dark_corners(program: &str) -> String {
    let target = Target::new(program);
    let user = i64::from(libc::CLONE_NEWUSER);
    let held = target.refused(&[
        ("mount", call(libc::SYS_mount, &[])),
        ("pivot_root", call(libc::SYS_pivot_root, &[])),
        ("unshare", call(libc::SYS_unshare, &[user])),
        ("setns", call(libc::SYS_setns, &[0, 0])),
        ("bpf", call(libc::SYS_bpf, &[])),
        ("perf", call(libc::SYS_perf_event_open, &[])),
        ("userfaultfd", call(libc::SYS_userfaultfd, &[])),
        ("keyctl", call(libc::SYS_keyctl, &[])),
        ("add_key", call(libc::SYS_add_key, &[])),
        ("io_uring", call(libc::SYS_io_uring_setup, &[1, 0])),
        ("modules", call(libc::SYS_finit_module, &[])),
        ("kexec", call(libc::SYS_kexec_load, &[])),
        ("shared memory", call(libc::SYS_shmget, &[0, 4096, 0o1600])),
        ("root", call(libc::SYS_setuid, &[0])),
        ("capabilities", call(libc::SYS_capset, &[])),
        ("another filter", call(libc::SYS_seccomp, &[1, 0, 0])),
        ("a file by its handle", call(libc::SYS_open_by_handle_at, &[])),
        ("the x32 ABI", call(0x4000_0000 | libc::SYS_getpid, &[])),
        ("a call nobody knows", call(5_000, &[])),
    ]);
    target.check();
    held
}

/// The file descriptor on which a child reports to its parent.
const REPORTS: i64 = 3;

/// A statement that writes `bytes` to the parent.
fn told(bytes: &[u8]) -> String {
    let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let (number, length) = (libc::SYS_write, bytes.len());
    format!("{{ char said[] = {{ {} }}; call({number}, {REPORTS}, (long)said, {length}, 0, 0, 0); }}", list.join(", "))
}

/// A message in the form that children send.
fn message(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_le_bytes(), body].concat()
}

/// A kernel that runs the statement once. If it is `endless`, it then never ends.
fn once(statement: &str, endless: bool) -> String {
    let rest = if endless { "while (out[1] != 0xffffffffu) out[0] = 1;" } else { "out[0] = 1;" };
    format!(
        "{CALL}__kernel void f(volatile __global uint *out) {{
    if (get_global_id(0) == 0) {{ {statement} }}
    {rest}
}}"
    )
}

/// Check that a kernel is blamed for a message that it sends in its process's name.
fn to_blame(program: &str, statement: &str, endless: bool) -> String {
    let target = Target::new(program);
    if !target.is_cpu() {
        return NOT_OF_THE_HOST.into();
    }
    let begun = Instant::now();
    let log = target.kernel_fault(&once(statement, endless));
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(20), "it took {took:?}");
    target.check();
    format!("KernelFault: {}", first_line(&log))
}

fn closing_the_pipe_to_the_parent(program: &str) -> String {
    to_blame(program, &format!("{};", call(libc::SYS_close, &[REPORTS])), true)
}

fn garbage_in_the_pipe(program: &str) -> String {
    to_blame(program, &told(&[0xff; 64]), true)
}

fn a_forged_fault_of_the_executor(program: &str) -> String {
    to_blame(program, &told(&message(&[8, 4, 4, b'x'])), true)
}

fn a_forged_end(program: &str) -> String {
    to_blame(program, &told(&message(&[&[7][..], &[0; 25]].concat())), true)
}

fn a_forged_phase(program: &str) -> String {
    let target = Target::new(program);
    if !target.is_cpu() {
        return NOT_OF_THE_HOST.into();
    }
    assert_eq!(target.failure(&once(&told(&message(&[3, 0])), true), 3_000), ReasonCode::Timeout);
    target.check();
    "Timeout: phases do not go back".into()
}

fn a_forged_answer_to_another_order(program: &str) -> String {
    to_blame(program, &told(&message(&[2, 0])), true)
}

fn more_output_than_there_is(program: &str) -> String {
    // Announces this many bytes of output, for a task of 512.
    to_blame(program, &told(&[&message(&[&[6][..], &4096u32.to_le_bytes()].concat())[..], &[0; 4096]].concat()), true)
}

fn an_end_that_looks_like_somebody_elses(program: &str) -> String {
    let target = Target::new(program);
    let (own, thread) = (call(libc::SYS_getpid, &[]), call(libc::SYS_gettid, &[]));
    let kill = |signal: i32| format!("call({}, {own}, {signal}, 0, 0, 0, 0)", libc::SYS_kill);
    let tgkill = |signal: i32| format!("call({}, {own}, {thread}, {signal}, 0, 0, 0)", libc::SYS_tgkill);
    let limit = |number: libc::c_long, place: &str| {
        format!("({{ long limit[2] = {{ 0, 0 }}; call({number}, 0, {place}, 0, 0, 0); }})")
    };
    let held = target.refused(&[
        ("SIGKILL", kill(libc::SIGKILL)),
        ("SIGTERM", kill(libc::SIGTERM)),
        ("SIGKILL to the thread", tgkill(libc::SIGKILL)),
        ("SIGQUIT to the thread", tgkill(libc::SIGQUIT)),
        ("no more processor time", limit(libc::SYS_setrlimit, "(long)limit, 0")),
        ("the same, by the newer call", limit(libc::SYS_prlimit64, "0, (long)limit")),
        ("a timer with a signal", call(libc::SYS_timer_create, &[0, 0, 0])),
        ("another signal for a file", call(libc::SYS_fcntl, &[REPORTS, 10, 9])),
    ]);
    target.check();
    held
}

fn outliving_the_executor(program: &str) -> String {
    let target = Target::new(program);
    if !target.is_cpu() {
        return NOT_OF_THE_HOST.into();
    }
    let never = call(libc::SYS_prctl, &[i64::from(libc::PR_SET_PDEATHSIG), 0]);
    let source = format!(
        "{CALL}__kernel void f(volatile __global int *out) {{
    int refused = {never} < 0;
    while (refused >= 0) out[0] = refused;
}}"
    );
    target.executor.put_blob(source.as_bytes());
    let request = simple(&source, task(1), 1, 120_000);
    target.executor.post_run(&request);
    target.executor.wait_until_running(&request.id);
    std::thread::sleep(Duration::from_secs(2));
    let children = descendants(target.pid);
    assert!(!children.is_empty());
    let executor = target.executor.kill_and_restart_as(program);
    wait("the children's end", Duration::from_secs(10), || {
        children.iter().all(|child| !is_alive(*child)).then_some(())
    });
    let told = format!("{} processes ended with their executor", children.len());
    assert_eq!(executor.delete(&format!("/v1/runs/{}", hex::encode(request.id))).0, 200);
    let pid = executor.pid();
    Target { executor, planted: target.planted, pid }.check();
    told
}

/// The descendants of the process `pid`, including itself.
fn descendants(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok());
        parents.extend(id.zip(parent));
    }
    let mut place = 0;
    while let Some(parent) = found.get(place).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        place += 1;
    }
    found.split_off(1)
}

/// Start to upload a blob; returns the status code of the answer.
fn begin_upload(executor: &Executor, hash: &Hash, length: u64, bytes: &[u8]) -> u16 {
    let mut stream = upload(executor, hash, length);
    stream.write_all(bytes).unwrap();
    answer(&mut stream, Duration::from_secs(30))
}

fn upload(executor: &Executor, hash: &Hash, length: u64) -> TcpStream {
    let mut stream = TcpStream::connect(executor.address()).unwrap();
    write!(
        stream,
        "PUT /v1/blob/{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: {length}\r\n\r\n",
        hex::encode(hash)
    )
    .unwrap();
    stream
}

fn answer(stream: &mut TcpStream, patience: Duration) -> u16 {
    stream.set_read_timeout(Some(patience)).unwrap();
    let mut line = [0; 12];
    stream.read_exact(&mut line).unwrap();
    std::str::from_utf8(&line[9..]).unwrap().parse().unwrap()
}

fn truncated_corrupted_and_overlong_blobs(program: &str) -> String {
    let target = Target::new(program);
    let blob: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let hash = blake2(&blob);
    let path = format!("/v1/blob/{}", hex::encode(hash));
    let mut tried = 0;
    for wrong in [&blob[..blob.len() - 1], &blob[1..], &[blob.as_slice(), &[0]].concat(), &[], &blob[..1]] {
        assert_eq!(target.executor.put(&path, wrong).0, 400);
        tried += 1;
    }
    for place in [0, 1, 255, 65_536, blob.len() - 1] {
        let mut wrong = blob.clone();
        wrong[place] ^= 1;
        assert_eq!(target.executor.put(&path, &wrong).0, 400);
        tried += 1;
    }
    // An upload that breaks off.
    drop(upload(&target.executor, &hash, 1000));
    assert_eq!(target.executor.get(&path).0, 404);
    let kept = || fs::read_dir(target.executor.data().join("blobs")).unwrap().count();
    wait("what came to be gone", Duration::from_secs(20), || (kept() == 0).then_some(()));
    target.check();
    format!("{tried} refused (400), nothing kept")
}

fn a_sender_that_is_slow(program: &str) -> String {
    let target = Target::new(program);
    let begun = Instant::now();
    let mut streams: Vec<TcpStream> = (0..8).map(|n| upload(&target.executor, &blake2(&[n]), 1 << 20)).collect();
    // A byte at a time, as long as the executor accepts it.
    let mut open = streams.len();
    let mut buffer = [0; 64];
    while open > 0 {
        assert!(begun.elapsed() < Duration::from_secs(45), "{open} slow senders are still served");
        std::thread::sleep(Duration::from_millis(200));
        open = 0;
        for stream in &mut streams {
            stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
            let over = stream.write_all(&[1]).is_err() || stream.read(&mut buffer).is_ok();
            open += usize::from(!over);
        }
    }
    let took = begun.elapsed();
    target.check();
    format!("8 senders sent away after {:.0} s", took.as_secs_f32())
}

/// A small file system, which is unmounted on drop.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` if this user may not mount.
    fn new(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "dpin-test"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn a_full_disk(program: &str) -> String {
    let big = |executor: &Executor, task_number| {
        executor.put_blob(COUNT.as_bytes());
        executor.failure(&simple(COUNT, task(task_number), 1_000_000, 60_000))
    };
    let Some(disk) = SmallDisk::new(48) else {
        let target = Target::with(program, &["--max-output-bytes", "1000000"], &[]);
        assert_eq!(big(&target.executor, 1), ReasonCode::OutOfMemory);
        target.check();
        return "OutOfMemory beyond the operator's quota (no file system could be mounted)".into();
    };
    let target = Target::within(program, tempfile::tempdir_in(disk.0.path()).unwrap(), &[], &[]);
    let reason = big(&target.executor, 1);
    assert!(matches!(reason, ReasonCode::ExecutorFault { .. } | ReasonCode::OutOfMemory), "{reason:?}");
    let log = target.log(&reason);
    let blob = vec![7; 60 << 20];
    let status = begin_upload(&target.executor, &blake2(&blob), blob.len() as u64, b"");
    assert!((400..=599).contains(&status), "{status}");
    target.check();
    drop(target);
    format!("{}: {}; a blob too large for it: {status}", name_of(&reason), first_line(&log))
}

fn a_device_that_disappears(program: &str) -> String {
    let vendors = tempfile::tempdir().unwrap();
    // Drivers lie where all users can read.
    fs::set_permissions(vendors.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut files: Vec<PathBuf> =
        fs::read_dir("/etc/OpenCL/vendors").unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let restore = || {
        for file in &files {
            fs::copy(file, vendors.path().join(file.file_name().unwrap())).unwrap();
        }
    };
    restore();
    // Some loaders append the name of a file directly.
    let place = format!("{}/", vendors.path().display());
    let target = Target::with(program, &[], &[("OCL_ICD_VENDORS", &place)]);
    target.check();
    for file in &files {
        fs::remove_file(vendors.path().join(file.file_name().unwrap())).unwrap();
    }
    target.executor.put_blob(COUNT.as_bytes());
    // A child may still have the device open.
    let outcome = (1..4)
        .map(|number| target.executor.run(&simple(COUNT, task(number), 8, 30_000)))
        .find(|outcome| !matches!(outcome, RunStatus::Committed(_)));
    let lost = matches!(outcome, Some(RunStatus::Failed(ReasonCode::DeviceLost)));
    assert!(lost, "{outcome:?}");
    restore();
    // It may take another look before the executor accepts that.
    let back = wait("the device to come back", Duration::from_secs(180), || {
        let number =
            100 + u64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()).unwrap();
        matches!(target.executor.run(&simple(COUNT, task(number), 8, 30_000)), RunStatus::Committed(_))
            .then_some(Instant::now())
    });
    let _ = back;
    target.check();
    "DeviceLost while it was away, and work again when it was back".into()
}

fn a_spoiled_program(program: &str) -> String {
    let target = Target::new(program);
    target.check();
    // As if a kernel had taken over its driver during compilation.
    let programs = target.executor.data().join("driver/programs");
    let mut spoiled = 0;
    let mut open = vec![programs];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.metadata().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                let length = entry.metadata().unwrap().len() as usize;
                fs::write(entry.path(), vec![0x5a; length]).unwrap();
                spoiled += 1;
            }
        }
    }
    assert!(spoiled > 0, "no program was kept");
    let mut request = simple(COUNT, task(1), 10, 30_000);
    request.id = RunRequest::id(&GENESIS, task(1), 1, &Work::Task);
    let own = target.executor.run(&request);
    // Other programs are not affected.
    let other = "__kernel void f(__global uint *out) { out[dpin_tile() * 16 + get_local_id(0)] = 7; }";
    target.executor.put_blob(other.as_bytes());
    let root = target.executor.commitment(&simple(other, task(2), 8, 30_000)).root;
    assert_eq!(target.executor.output(task(2), &root), 7u32.to_le_bytes().repeat(128));
    let again = match own {
        RunStatus::Committed(_) => "the driver built it anew",
        RunStatus::Failed(_) => "its run failed, and the next was built anew",
        other => panic!("{other:?}"),
    };
    let mut request = simple(COUNT, task(3), 10, 30_000);
    request.id = blake2(b"again");
    let root = target.executor.commitment(&request).root;
    assert_eq!(target.executor.output(task(3), &root), counted(10));
    let status: Vec<Hash> = decode(target.executor.get("/v1/wanted"));
    assert!(status.is_empty());
    format!("{spoiled} files spoiled: {again}; other programs were not touched")
}
