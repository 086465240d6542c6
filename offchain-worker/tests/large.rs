//! Large inputs and outputs pass through the executor without being held in memory, and those that
//! do not fit are refused.

mod common;

use common::*;
use dpin_primitives::{
    Hash, blake2, blob_tree,
    executor::{RunRequest, RunStatus},
    kernel::{Param, Tiling},
    reason::ReasonCode,
    tile_tree,
};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

const MIB: u64 = 1 << 20;

/// An answer with its headers, in lower case.
struct Reply {
    status: u16,
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).trim().to_owned()
    }
}

/// Start a request with `headers`, one per line.
fn begin(executor: &Executor, request: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(executor.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(stream, "{request} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n{headers}\r\n").unwrap();
    stream
}

fn reply(stream: TcpStream, with_body: bool) -> Reply {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split_whitespace().nth(1).unwrap_or_else(|| panic!("no status: {line:?}")).parse().unwrap();
    let mut reply = Reply { status, headers: Vec::new(), body: Vec::new() };
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        reply.headers.push(line.trim().to_ascii_lowercase());
    }
    if with_body {
        let length = reply.header("content-length").unwrap().parse().unwrap();
        reply.body = vec![0; length];
        reader.read_exact(&mut reply.body).unwrap();
    }
    reply
}

fn blob_path(hash: &Hash) -> String {
    format!("/v1/blob/{}", hex::encode(hash))
}

/// Bytes that differ from place to place, and are made piece by piece.
struct Pattern {
    len: u64,
}

impl Pattern {
    fn byte(at: u64) -> u8 {
        (at % 251) as u8 ^ (at >> 20) as u8
    }

    fn pieces(&self) -> impl Iterator<Item = Vec<u8>> {
        let len = self.len;
        (0..len).step_by(MIB as usize).map(move |from| (from..len.min(from + MIB)).map(Self::byte).collect())
    }

    /// Its id as a chunked blob.
    fn id(&self) -> Hash {
        let mut hasher = blob_tree::Hasher::new();
        self.pieces().for_each(|piece| hasher.update(&piece));
        hasher.finish()
    }
}

fn upload(executor: &Executor, hash: &Hash, pattern: &Pattern) -> Reply {
    let put = format!("PUT {}", blob_path(hash));
    let mut stream = begin(executor, &put, &format!("content-length: {}\r\n", pattern.len));
    for piece in pattern.pieces() {
        stream.write_all(&piece).unwrap();
    }
    reply(stream, true)
}

fn cached(executor: &Executor) -> usize {
    fs::read_dir(executor.data().join("blobs")).unwrap().count()
}

fn nothing_is_left(executor: &Executor) {
    wait("what came to be removed", Duration::from_secs(10), || (cached(executor) == 0).then_some(()));
}

/// A line of `/proc/<pid>/status`, in bytes.
fn memory(pid: u32, line: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kib: u64 = text.lines().find_map(|l| l.strip_prefix(line))?.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// Peak memory of a process, in bytes.
fn peak(pid: u32) -> Option<u64> {
    memory(pid, "VmHWM")
}

/// All processes whose parent is `pid`.
fn all_children_of(pid: u32) -> Vec<u32> {
    fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))
        .into_iter()
        .chain(
            fs::read_dir(format!("/proc/{pid}/task"))
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|task| fs::read_to_string(task.path().join("children")).ok()),
        )
        .flat_map(|text| text.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>())
        .collect()
}

/// Every work-item reads one byte of its 4096 bytes of input.
const PICK: &str = "__kernel void f(__global uchar *out, __global const uchar *in) {
    out[dpin_tile() * 64 + get_local_id(0)] = in[get_global_id(0) * 4096 + get_global_id(0) % 4096];
}
";

fn picked(pattern: &Pattern, id: u64) -> (RunRequest, Vec<u8>) {
    let items = pattern.len / 4096;
    let mut request = simple(PICK, task(id), u32::try_from(items / 64).unwrap(), 120_000);
    request.kernel = manifest(PICK, &[Param::Output, Param::Input], [64, 1, 1], Tiling::PerGroup { bytes: 64 });
    let expected = (0..items / 64 * 64).map(|item| Pattern::byte(item * 4096 + item % 4096)).collect();
    (request, expected)
}

#[test]
fn a_large_input_comes_in_is_used_and_goes_out_with_bounded_memory() {
    let executor = Executor::start();
    executor.put_blob(PICK.as_bytes());
    let pattern = Pattern { len: 384 * MIB + 12_345 };
    let id = pattern.id();
    let before = memory(executor.pid(), "VmRSS").unwrap();
    assert_eq!(upload(&executor, &id, &pattern).status, 200);
    // A second upload is read, but not stored twice.
    assert_eq!(upload(&executor, &id, &pattern).status, 200);
    assert_eq!(cached(&executor), 2);

    let (mut request, expected) = picked(&pattern, 1);
    request.inputs = vec![id];
    executor.post_run(&request);
    let mut most = 0;
    let root = wait("the run to end", Duration::from_secs(120), || {
        for child in all_children_of(executor.pid()) {
            most = peak(child).unwrap_or_default().max(most);
        }
        match executor.run_status(&request.id) {
            RunStatus::Queued | RunStatus::Running => None,
            RunStatus::Committed(commitment) => Some(commitment.root),
            other => panic!("{other:?}"),
        }
    });
    assert!(executor.output(task(1), &root) == expected);
    // The buffer is device memory, which on a CPU belongs to the child. The compiler needs memory
    // too.
    assert!(most < pattern.len + 256 * MIB, "the child held {most} bytes");

    // Read it as a whole and in parts.
    let get = format!("GET {}", blob_path(&id));
    let mut whole = begin(&executor, &get, "connection: close\r\n");
    let mut bytes = 0u64;
    let mut buffer = vec![0; 1 << 20];
    while let Ok(read @ 1..) = whole.read(&mut buffer) {
        bytes += read as u64;
    }
    assert!((pattern.len..pattern.len + 1024).contains(&bytes), "{bytes}");
    let held = peak(executor.pid()).unwrap();
    assert!(held < before + 96 * MIB, "the executor held {held} bytes, {before} at rest");

    let part = |range: &str| reply(begin(&executor, &get, &format!("range: bytes={range}\r\n")), true);
    let middle = part("300000000-300000999");
    assert_eq!(middle.status, 206);
    assert_eq!(middle.body, (300_000_000..300_001_000).map(Pattern::byte).collect::<Vec<_>>());
    let range = format!("bytes 300000000-300000999/{}", pattern.len);
    assert_eq!(middle.header("content-range"), Some(range.as_str()));
    let last = part("-7");
    assert_eq!(last.body, (pattern.len - 7..pattern.len).map(Pattern::byte).collect::<Vec<_>>());
    let rest = part(&format!("{}-", pattern.len - 3));
    assert_eq!(rest.body, last.body[4..]);
    let beyond = part(&format!("{}-", pattern.len));
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (416, Some(format!("bytes */{}", pattern.len).as_str()))
    );
    let head = reply(begin(&executor, &format!("HEAD {}", blob_path(&id)), ""), false);
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-length"), Some(pattern.len.to_string().as_str()));
    assert_eq!(head.header("accept-ranges"), Some("bytes"));

    // It is present after a restart, and is hashed before its first use. If it was damaged in
    // between, it is removed.
    let executor = executor.kill_and_restart();
    assert_eq!(reply(begin(&executor, &format!("HEAD {}", blob_path(&id)), ""), false).status, 200);
    let file = executor.data().join("blobs").join(hex::encode(id));
    let folder = fs::metadata(&file).unwrap();
    let executor = {
        let mut permissions = folder.permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
        fs::set_permissions(&file, permissions).unwrap();
        let damaged = File::options().write(true).open(&file).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&damaged, b"damage", 200_000_000).unwrap();
        damaged.set_modified(folder.modified().unwrap()).unwrap();
        executor.kill_and_restart()
    };
    assert_eq!(executor.get(&blob_path(&id)).0, 404);
    assert_eq!(cached(&executor), 1);
}

#[test]
fn a_large_output_is_hashed_and_opened_with_bounded_memory() {
    let executor = Executor::start();
    executor.put_blob(COUNT.as_bytes());
    let before = memory(executor.pid(), "VmRSS").unwrap();
    // 2^21 tiles: the whole tree would take 128 MiB.
    let tiles = 1u32 << 21;
    let request = simple(COUNT, task(1), tiles, 120_000);
    let commitment = executor.commitment(&request);
    assert_eq!(commitment.output_len, u64::from(tiles) * 64);
    let picks = [0, 255, 256, 1_000_000, tiles - 1];
    let check = |executor: &Executor| {
        let opening = executor.opening(&request.id, &picks);
        let leaves = |tile: &u32| {
            let bytes: Vec<u8> = (tile * 16..tile * 16 + 16).flat_map(u32::to_le_bytes).collect();
            tile_tree::leaf(&GENESIS, task(1), *tile, &bytes)
        };
        assert_eq!(opening.leaves, picks.iter().map(leaves).collect::<Vec<_>>());
        assert_eq!(tile_tree::verify(&commitment.root, tiles, &picks, &opening.leaves, &opening.proof), Ok(()));
        let chunk = executor.chunk(task(1), 100_000_000, 1 << 20);
        assert_eq!(chunk.verify(&GENESIS, task(1), &commitment.root), Ok(()));
    };
    check(&executor);
    let held = peak(executor.pid()).unwrap();
    assert!(held < before + 96 * MIB, "the executor held {held} bytes, {before} at rest");
    let executor = executor.kill_and_restart();
    check(&executor);
    let held = peak(executor.pid()).unwrap();
    assert!(held < before + 96 * MIB, "the executor held {held} bytes, {before} at rest");
}

#[test]
fn a_slow_sender_is_cut_off() {
    let executor = Executor::start();
    let begun = Instant::now();
    let put = format!("PUT {}", blob_path(&Hash::repeat_byte(1)));
    let mut stream = begin(&executor, &put, "content-length: 10000000\r\n");
    let mut answers = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let mut answer = [0; 12];
    answers.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!(begun.elapsed() >= Duration::from_secs(9), "{:?}", begun.elapsed());
    nothing_is_left(&executor);
    // A silent sender does not keep others out.
    executor.put_blob(b"others");
}

#[test]
fn what_is_corrupted_truncated_or_of_unknown_length_leaves_nothing() {
    let executor = Executor::start();
    let pattern = Pattern { len: 3 * MIB };
    let id = pattern.id();
    let corrupted = upload(&executor, &Hash::repeat_byte(2), &pattern);
    assert_eq!(corrupted.status, 400);
    assert!(corrupted.text().contains("do not hash"), "{}", corrupted.text());
    // With one more byte it is another blob.
    assert_eq!(upload(&executor, &id, &Pattern { len: pattern.len + 1 }).status, 400);
    nothing_is_left(&executor);

    let put = format!("PUT {}", blob_path(&id));
    let mut truncated = begin(&executor, &put, &format!("content-length: {}\r\n", pattern.len));
    truncated.write_all(&pattern.pieces().next().unwrap()).unwrap();
    wait("the blob to begin", Duration::from_secs(10), || (cached(&executor) == 1).then_some(()));
    drop(truncated);
    nothing_is_left(&executor);

    let unknown = reply(begin(&executor, &put, "transfer-encoding: chunked\r\n"), true);
    assert_eq!((unknown.status, unknown.text().as_str()), (411, "a blob comes with its Content-Length"));
    assert_eq!(upload(&executor, &id, &pattern).status, 200);
    assert_eq!(executor.get(&blob_path(&id)), (200, pattern.pieces().flatten().collect()));
}

#[test]
fn a_blob_beyond_the_quota_is_refused_before_it_comes() {
    let executor = Executor::start_with(&["--max-blobs-mb", "2"]);
    let put = format!("PUT {}", blob_path(&Hash::repeat_byte(1)));
    let refused = reply(begin(&executor, &put, &format!("content-length: {}\r\n", 3 * MIB)), true);
    assert_eq!((refused.status, refused.text().as_str()), (507, "the blob cache is full"));
    // A blob that a run waits for is not evicted, even if that makes room for another one.
    let source = format!("{COUNT}//{}", " ".repeat(60_000));
    executor.put_blob(source.as_bytes());
    let pinned = vec![1; MIB as usize];
    let mut request = simple(&source, task(1), 8, 60_000);
    request.kernel =
        manifest(&source, &[Param::Output, Param::Input, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    request.inputs = vec![executor.put_blob(&pinned), Hash::repeat_byte(9)];
    executor.post_run(&request);
    let refused = reply(begin(&executor, &put, &format!("content-length: {}\r\n", MIB)), true);
    assert_eq!(refused.status, 507);
    executor.put_blob(&[2; 1000]);
    assert_eq!(executor.get(&blob_path(&blake2(&pinned))).0, 200);
}

#[test]
fn outputs_are_kept_as_long_as_they_may_be_asked_for_and_new_runs_refused() {
    let executor = Executor::start_with(&["--max-stored-mb", "1"]);
    executor.put_blob(COUNT.as_bytes());
    // 96 bytes per tile, with its leaf.
    let requests = [1, 2].map(|job| simple(COUNT, task(job), 8_000, 60_000));
    let commitment = executor.commitment(&requests[0]);
    let ReasonCode::ExecutorFault { log } = executor.failure(&requests[1]) else { panic!("not ExecutorFault") };
    let log = executor.log(&log);
    assert!(log.contains("must still be kept") && log.contains("1048576"), "{log}");
    assert_eq!(executor.output(task(1), &commitment.root).len(), 8_000 * 64);
    // A small output still fits.
    executor.commitment(&simple(COUNT, task(3), 8, 60_000));

    let executor = Executor::start_with(&["--max-stored-mb", "1", "--min-retention-hours", "0"]);
    executor.put_blob(COUNT.as_bytes());
    executor.commitment(&requests[0]);
    let commitment = executor.commitment(&requests[1]);
    assert_eq!(executor.get("/v1/outputs/1/0").0, 404);
    assert_eq!(executor.output(task(2), &commitment.root).len(), 8_000 * 64);
}

/// A small file system for an executor's data, which is unmounted on drop.
struct Mount(PathBuf);

impl Mount {
    /// `None` if this user may not mount.
    fn new(at: &Path, mib: u32) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={mib}m,mode=700");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output().ok()?;
        mount.status.success().then(|| Self(at.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

#[test]
fn a_full_disk_is_told_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mount) = Mount::new(&folder.path().join("data"), 96) else {
        eprintln!("not tested: this user may not mount a file system to fill");
        return;
    };
    let executor = Executor::start_in(env!("CARGO_BIN_EXE_dpin-executor"), folder, &[], &[]);
    executor.put_blob(COUNT.as_bytes());
    executor.put_blob(SLOW.as_bytes());
    executor.commitment(&simple(COUNT, task(1), 8, 60_000));

    // A blob and an output that cannot fit are refused in advance.
    let put = format!("PUT {}", blob_path(&Hash::repeat_byte(1)));
    let refused = reply(begin(&executor, &put, &format!("content-length: {}\r\n", 96 * MIB)), true);
    assert_eq!(refused.status, 507);
    assert!(refused.text().contains("bytes free"), "{}", refused.text());
    let ReasonCode::ExecutorFault { log } = executor.failure(&simple(COUNT, task(2), 1_000_000, 60_000)) else {
        panic!("not ExecutorFault")
    };
    assert!(executor.log(&log).contains("the disk has"), "{}", executor.log(&log));

    // The disk fills up while a run computes and while a blob arrives.
    let filler = mount.0.join("filler");
    let fill = |file: &mut File| while file.write_all(&[1; 4096]).is_ok() {};
    let coming = Pattern { len: 8 * MIB };
    let hash = coming.id();
    let mut stream =
        begin(&executor, &format!("PUT {}", blob_path(&hash)), &format!("content-length: {}\r\n", 8 * MIB));
    let slow = simple(SLOW, task(3), 8, 120_000);
    executor.post_run(&slow);
    executor.wait_until_running(&slow.id);
    let mut file = File::create(&filler).unwrap();
    fill(&mut file);
    for piece in coming.pieces() {
        if stream.write_all(&piece).is_err() {
            break;
        }
    }
    let mut answer = [0; 12];
    // The connection may be lost before the answer is read.
    if stream.read_exact(&mut answer).is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 507");
    }
    let failed = wait("the run to end", Duration::from_secs(120), || {
        fill(&mut file);
        match executor.run_status(&slow.id) {
            RunStatus::Queued | RunStatus::Running => None,
            ended => Some(ended),
        }
    });
    assert!(matches!(failed, RunStatus::Failed(ReasonCode::ExecutorFault { .. })), "{failed:?}");

    drop(file);
    fs::remove_file(&filler).unwrap();
    wait("the work folder to be empty", Duration::from_secs(10), || {
        (fs::read_dir(mount.0.join("work")).unwrap().count() == 0).then_some(())
    });
    assert_eq!(cached(&executor), 2);
    assert_eq!(executor.get(&blob_path(&hash)).0, 404);
    assert_eq!(upload(&executor, &hash, &coming).status, 200);
    let commitment = executor.commitment(&simple(COUNT, task(4), 1_000, 60_000));
    assert_eq!(executor.output(task(4), &commitment.root), counted(1_000));
    drop(executor);
    drop(mount);
}
