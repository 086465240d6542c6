//! Encrypted inputs: with the key, the result is that of the plaintext; without it, the run fails
//! with a reason. No secret is left on the disk.

mod common;

use age::{
    secrecy::ExposeSecret,
    x25519::{Identity, Recipient},
};
use codec::Encode;
use common::*;
use dpin_primitives::{
    Hash, JobId, blake2,
    confidential::{MAGIC, WantedKey},
    executor::{RunRequest, RunStatus, Work},
    kernel::{Param, Tiling},
    reason::ReasonCode,
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

/// Every work-item takes a word from another place of the input.
const SCATTERED: &str = "__kernel void f(__global uint *out, __global const uint *in) {
    out[dpin_tile() * 16 + get_local_id(0)] = in[get_global_id(0) * 290];
}
";
/// The plaintext repeats this text.
const MARK: &[u8] = b"this is what nobody else may read. ";

fn plaintext() -> Vec<u8> {
    MARK.iter().copied().cycle().take(1_200_000).collect()
}

fn request(job: u64, input: Hash) -> RunRequest {
    let mut request = simple(SCATTERED, task(job), 64, 60_000);
    request.kernel = manifest(SCATTERED, &[Param::Output, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    request.inputs = vec![input];
    request
}

fn encrypted(key: &Identity) -> Vec<u8> {
    age::encrypt(&key.to_public(), &plaintext()).unwrap()
}

fn recipient(executor: &Executor) -> Recipient {
    let (status, text) = executor.get("/v1/encryption-key");
    assert_eq!(status, 200);
    String::from_utf8(text).unwrap().parse().unwrap()
}

fn bring(executor: &Executor, job: JobId, key: &Identity) {
    let sealed = age::encrypt(&recipient(executor), key.to_string().expose_secret().as_bytes()).unwrap();
    assert_eq!(executor.put(&format!("/v1/keys/{job}"), &sealed), (200, vec![]));
}

fn wanted_keys(executor: &Executor) -> Vec<WantedKey> {
    decode(executor.get("/v1/wanted-keys"))
}

fn contains(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|window| window == sought)
}

/// All files below `folder`, with their bytes.
fn files_below(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    // Folders come and go during the walk.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files_below(&entry.path())),
            Ok(kind) if kind.is_file() => found.extend(fs::read(entry.path()).ok().map(|bytes| (entry.path(), bytes))),
            _ => (),
        }
    }
    found
}

/// Write a script that starts the executor, with all its logs in a file.
fn logged(folder: &Path) -> String {
    let script = folder.join("executor.sh");
    let (program, log) = (env!("CARGO_BIN_EXE_dpin-executor"), folder.join("log"));
    fs::write(&script, format!("#!/bin/sh\nexec {program} \"$@\" 2>>{}\n", log.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    script.display().to_string()
}

#[test]
fn what_is_decrypted_has_no_name_while_it_is_computed_with() {
    let endless = "__kernel void f(volatile __global uint *out, __global const uint *in) {
    while (out[dpin_tile() * 16] != 0xffffffffu) out[dpin_tile() * 16] = in[0] & 1;
}
";
    let executor = Executor::start();
    let key = Identity::generate();
    executor.put_blob(endless.as_bytes());
    let input = executor.put_blob(&encrypted(&key));
    let mut asked = request(1, input);
    asked.kernel = manifest(endless, &[Param::Output, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    executor.post_run(&asked);
    bring(&executor, 1, &key);
    executor.wait_until_running(&asked.id);
    // The run is marked before its input is decrypted. Its child has a folder before it has the
    // device.
    let of_a_child = || {
        let children = fs::read_dir(executor.data().join("driver")).unwrap().flatten().map(|entry| entry.path());
        children.filter(|path| path.join("in/source").exists()).any(|path| path.join("cache").exists())
    };
    wait("the kernel to run", Duration::from_secs(60), || {
        let built = files_below(&executor.data().join("driver")).iter().any(|(path, _)| {
            path.components().any(|part| part.as_os_str() == "cache") && path.extension().is_some_and(|end| end == "so")
        });
        (of_a_child() && built).then_some(())
    });
    // However the run ends, no plaintext is left.
    let left = files_below(&executor.data());
    assert!(
        !left.iter().any(|(_, bytes)| contains(bytes, MARK)),
        "{:?}",
        left.iter().map(|(p, _)| p).collect::<Vec<_>>()
    );
    assert_eq!(executor.run_status(&asked.id), RunStatus::Running);
}

#[test]
fn an_encrypted_input_gives_what_its_plaintext_gives_and_leaves_nothing_behind() {
    let plain = Executor::start();
    plain.put_blob(SCATTERED.as_bytes());
    let expected = plain.commitment(&request(1, plain.put_blob(&plaintext())));

    let (folder, scripts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = logged(scripts.path());
    let executor = Executor::start_in(&program, folder, &[], &[("RUST_LOG", "trace")]);
    let key = Identity::generate();
    executor.put_blob(SCATTERED.as_bytes());
    let input = executor.put_blob(&encrypted(&key));
    let asked = request(1, input);
    assert_eq!(executor.post_run(&asked), RunStatus::Queued);
    wait("the key to be wanted", Duration::from_secs(10), || {
        (wanted_keys(&executor) == [WantedKey { task: task(1), checks: false }]).then_some(())
    });
    let wrong =
        age::encrypt(&recipient(&executor), Identity::generate().to_string().expose_secret().as_bytes()).unwrap();
    assert_eq!(executor.put("/v1/keys/1", &wrong).0, 400, "it does not open what waits for it");
    bring(&executor, 1, &key);
    let RunStatus::Committed(commitment) = executor.outcome(&asked.id) else {
        panic!("{:?}", executor.run_status(&asked.id))
    };
    assert_eq!((commitment.root, commitment.output_len), (expected.root, expected.output_len));
    assert_eq!(wanted_keys(&executor), []);

    // A failed run leaves no more than a successful one.
    let broken = "__kernel void f(__global uint *out, __global uint *in) { in[0] = 5; out[0] = in[1]; }";
    executor.put_blob(broken.as_bytes());
    bring(&executor, 2, &key);
    let mut failing = request(2, input);
    failing.kernel = manifest(broken, &[Param::Output, Param::Input], [16, 1, 1], Tiling::PerGroup { bytes: 64 });
    assert!(matches!(executor.failure(&failing), ReasonCode::KernelFault { .. }));

    wait("the work folder to be empty", Duration::from_secs(10), || {
        (fs::read_dir(executor.data().join("work")).unwrap().count() == 0).then_some(())
    });
    let secret = key.to_string();
    let mut files = files_below(executor.folder.path());
    files.extend(files_below(scripts.path()));
    assert!(files.iter().any(|(path, bytes)| path.ends_with("log") && !bytes.is_empty()));
    assert!(files.iter().any(|(path, _)| path.ends_with("keys/1")));
    for (path, bytes) in files {
        assert!(!contains(&bytes, MARK), "{path:?} holds plaintext");
        assert!(!contains(&bytes, secret.expose_secret().as_bytes()), "{path:?} holds the job's key");
        assert!(!contains(&bytes, b"AGE-SECRET-KEY-") || path.ends_with("encryption.key"), "{path:?} holds a key");
    }
}

#[test]
fn the_key_outlives_a_restart_and_what_was_decrypted_does_not() {
    let mut executor = Executor::start();
    let key = Identity::generate();
    executor.put_blob(SCATTERED.as_bytes());
    // Long enough that its decryption can be interrupted.
    let long: Vec<u8> = MARK.iter().copied().cycle().take(64_000_000).collect();
    let input = executor.put_blob(&age::encrypt(&key.to_public(), &long).unwrap());
    bring(&executor, 1, &key);
    let before = recipient(&executor).to_string();
    let holds_plaintext = |data: &Path| files_below(data).iter().any(|(_, bytes)| contains(bytes, MARK));

    // Repeat until the executor is killed in the middle of it.
    let mut asked = request(1, input);
    let mut kills = 0;
    loop {
        kills += 1;
        asked.id = Hash::repeat_byte(kills);
        executor.post_run(&asked);
        wait("the decryption to begin", Duration::from_secs(60), || {
            let works = fs::read_dir(executor.data().join("work")).unwrap().flatten();
            let mut inputs =
                works.flat_map(|work| fs::read_dir(work.path().join("in")).into_iter().flatten().flatten());
            let begun = inputs.any(|input| input.file_name() != "source");
            (begun || !matches!(executor.run_status(&asked.id), RunStatus::Queued | RunStatus::Running)).then_some(())
        });
        let folder = executor.kill();
        let left = holds_plaintext(folder.path());
        executor = Executor::start_in(PROGRAM, folder, &[], &[]);
        executor.delete(&format!("/v1/runs/{}", hex::encode(asked.id)));
        if left {
            break;
        }
        assert!(kills < 20, "none of {kills} kills left plaintext");
    }
    wait("what was decrypted to be removed", Duration::from_secs(20), || {
        (!holds_plaintext(&executor.data())).then_some(())
    });
    assert_eq!(recipient(&executor).to_string(), before);
    let mut again = request(1, input);
    again.id = Hash::repeat_byte(99);
    executor.commitment(&again);
}

#[test]
fn without_the_key_the_input_is_unavailable() {
    let executor = Executor::start();
    executor.put_blob(SCATTERED.as_bytes());
    let input = executor.put_blob(&encrypted(&Identity::generate()));
    let mut asked = request(1, input);
    asked.limit_ms = 1_000;
    assert_eq!(executor.failure(&asked), ReasonCode::InputUnavailable { blob: input });
    assert_eq!(wanted_keys(&executor), []);
}

#[test]
fn a_wrong_key_and_tampered_ciphertexts_have_a_log() {
    let executor = Executor::start();
    executor.put_blob(SCATTERED.as_bytes());
    let key = Identity::generate();
    let whole = encrypted(&key);
    let fault = |job: JobId, ciphertext: &[u8], key: &Identity| {
        bring(&executor, job, key);
        let reason = executor.failure(&request(job, executor.put_blob(ciphertext)));
        let ReasonCode::ExecutorFault { log } = reason else { panic!("{reason:?}") };
        executor.log(&log)
    };
    let wrong = fault(1, &whole, &Identity::generate());
    assert!(wrong.contains("input 0 is encrypted, and the job's key does not open it"), "{wrong}");
    let mut tampered = whole.clone();
    tampered[700_000] ^= 1;
    let tampered = fault(2, &tampered, &key);
    assert!(tampered.contains("input 0 is encrypted, and the ciphertext is damaged"), "{tampered}");
    assert!(fault(3, &whole[..900_000], &key).contains("damaged"));
    assert!(fault(4, &[MAGIC, &b"-> X25519 a\nb\n".repeat(2_000)].concat(), &key).contains("header"));

    // The right key may come after the wrong one.
    bring(&executor, 1, &key);
    let mut again = request(1, blake2(&whole));
    again.id = Hash::repeat_byte(9);
    executor.commitment(&again);
}

#[test]
fn an_auditor_gets_the_key_from_the_worker() {
    let (worker, auditor) = (Executor::start(), Executor::start());
    let key = Identity::generate();
    let ciphertext = encrypted(&key);
    for executor in [&worker, &auditor] {
        executor.put_blob(SCATTERED.as_bytes());
        executor.put_blob(&ciphertext);
    }
    bring(&worker, 1, &key);
    let asked = request(1, blake2(&ciphertext));
    worker.commitment(&asked);

    let mut sample = asked.clone();
    sample.work = Work::Sample(vec![3, 40]);
    sample.id = RunRequest::id(&GENESIS, task(1), 0, &sample.work);
    auditor.post_run(&sample);
    assert_eq!(wanted_keys(&auditor), [WantedKey { task: task(1), checks: true }]);
    let to = recipient(&auditor).to_string();
    let (status, sealed) = worker.post("/v1/keys/1/reseal", to.as_bytes());
    assert_eq!(status, 200);
    assert_eq!(auditor.put("/v1/keys/1", &sealed).0, 200);
    let RunStatus::Sampled(leaves) = auditor.outcome(&sample.id) else { panic!("not sampled") };
    assert_eq!(leaves, worker.opening(&asked.id, &[3, 40]).leaves);

    // Only the auditor can use a key that is sealed to it, and bytes that are no key are refused.
    assert_eq!(worker.put("/v1/keys/5", &sealed).0, 400);
    assert_eq!(worker.put("/v1/keys/5", b"garbage").0, 400);
    assert_eq!(worker.put("/v1/keys/x", &sealed).0, 400);
    assert_eq!(worker.post("/v1/keys/5/reseal", to.as_bytes()).0, 404);
    assert_eq!(worker.post("/v1/keys/1/reseal", b"age1nobody").0, 400);
    assert_eq!(worker.post("/v1/runs", &WantedKey { task: task(1), checks: true }.encode()).0, 400);
}
