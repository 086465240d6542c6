//! Keys for confidential inputs: the executor's own identity, and the keys of the jobs it works
//! for.
//!
//! The identity is created at the first start and never leaves its file. A job's key arrives sealed
//! to the identity, and is stored only in sealed form. The executor, and never a child, decrypts
//! the inputs into the folder of the run that needs them.

use super::{
    age::{Age, millis},
    envelope::{self, Kind, Quarantine, Stored, UNFINISHED, patiently},
    files::{free_bytes, private_dir, write_atomic},
};
use age::{
    DecryptError, Decryptor,
    secrecy::{ExposeSecret, SecretString},
    stream::StreamReader,
    x25519::{Identity, Recipient},
};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{
    JobId,
    confidential::{MAX_HEADER_BYTES, MAX_SEALED_BYTES},
};
use parking_lot::{Mutex, MutexGuard};
use std::{
    collections::{HashMap, HashSet},
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read, Seek, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Name of the file with the executor's identity.
pub(crate) const IDENTITY_FILE: &str = "encryption.key";
/// Most jobs whose keys are kept.
const MAX_KEYS: usize = 4096;
/// Start of the last line of an age file's header.
const HEADER_END: &[u8] = b"\n--- ";
/// Version of the files with jobs' keys.
const VERSION: u8 = 1;
/// Bytes decrypted at a time.
const PIECE_BYTES: usize = 1024 * 1024;

/// The executor's identity and the jobs' keys.
pub(crate) struct Keys {
    identity: Identity,
    folder: PathBuf,
    jobs: Mutex<HashMap<JobId, JobKey>>,
    age: Arc<Age>,
    /// Bytes of the disk that decrypted inputs leave free.
    reserve: u64,
}

/// The key of a job, and the executor's age when it came.
#[derive(Clone)]
struct JobKey {
    key: Identity,
    came: u64,
}

/// The content of the file with a job's key.
#[derive(Encode, Decode)]
struct Sealed {
    /// The executor's age when the key came.
    came: u64,
    sealed: Vec<u8>,
}

/// Why a key was refused or not returned.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key is not sealed to this executor.
    #[error("the sealed key does not open with this executor's encryption key")]
    Foreign,
    /// The sealed bytes are no key.
    #[error("the sealed bytes are not an age identity")]
    NoKey,
    /// The recipient to seal to cannot be parsed.
    #[error("the text is not an age recipient")]
    NoRecipient,
    /// The key does not open the job's waiting inputs.
    #[error("the key does not open the inputs of job {0}")]
    Wrong(JobId),
    /// The job has no key here.
    #[error("the key of job {0} is not stored")]
    Unknown(JobId),
    /// All stored keys belong to jobs with unfinished runs, and there is no room for another.
    #[error("the keys of {} jobs are needed already", MAX_KEYS)]
    Full,
    /// The disk failed.
    #[error("keys: {0}")]
    Io(#[from] io::Error),
}

/// Why an input was not decrypted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undecrypted {
    /// The job's key is missing.
    #[error("there is no key")]
    NoKey,
    /// The stored key does not open the input.
    #[error("the job's key does not open it")]
    WrongKey,
    /// The input is not a complete age file.
    #[error("the ciphertext is damaged: {0}")]
    Damaged(String),
    /// The run was stopped.
    #[error("it was stopped")]
    Stopped,
    /// The disk has no room for the plaintext.
    #[error("the disk has {0} bytes free, which is too little for the plaintext")]
    DiskFull(u64),
    /// The disk failed.
    #[error(transparent)]
    Io(io::Error),
}

impl Keys {
    /// Open the keys in `data_dir`. Creates the identity if there is none. Sealed keys that it does
    /// not open go into the quarantine.
    ///
    /// # Errors
    ///
    /// If the identity or an existing key cannot be read.
    pub(crate) fn open(data_dir: &Path, age: Arc<Age>, reserve: u64, quarantine: &Quarantine) -> io::Result<Self> {
        let file = data_dir.join(IDENTITY_FILE);
        let identity = patiently(&file, || identity(&file))?;
        let folder = data_dir.join("keys");
        private_dir(&folder)?;
        let mut jobs = HashMap::new();
        for entry in patiently(&folder, || fs::read_dir(&folder))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(UNFINISHED) {
                envelope::remove_any(&path)?;
                continue;
            }
            match read(&identity, name, &path)? {
                Ok((job, key)) => {
                    age.has_been(key.came);
                    jobs.insert(job, key);
                }
                Err(why) => quarantine.take(&path, &why),
            }
        }
        Ok(Self { identity, folder, jobs: Mutex::new(jobs), age, reserve })
    }

    /// The public key to which job keys for this executor are sealed.
    pub(crate) fn recipient(&self) -> String {
        self.identity.to_public().to_string()
    }

    /// Whether the key of `job` is stored.
    pub(crate) fn contains(&self, job: JobId) -> bool {
        self.lock().contains_key(&job)
    }

    /// Store the key of `job`, in place of an earlier one. It must open all of `inputs` that are
    /// undamaged. If there are too many keys, the oldest is removed whose job is not in `needed`.
    pub(crate) fn put(
        &self,
        job: JobId,
        sealed: &[u8],
        inputs: impl Iterator<Item = File>,
        needed: &HashSet<JobId>,
    ) -> Result<(), KeyError> {
        let key = unseal(&self.identity, sealed)?;
        for input in inputs {
            if matches!(opened(&key, input), Err(Undecrypted::WrongKey)) {
                return Err(KeyError::Wrong(job));
            }
        }
        let mut jobs = self.lock();
        if jobs.len() >= MAX_KEYS && !jobs.contains_key(&job) {
            let removable = jobs.keys().copied().filter(|other| !needed.contains(other));
            let came = |other: &JobId| jobs.get(other).map(|key| key.came);
            let oldest = removable.min_by_key(came).ok_or(KeyError::Full)?;
            jobs.remove(&oldest);
            envelope::remove_any(&self.path(oldest))?;
        }
        let came = self.age.now();
        envelope::write(&self.path(job), Kind::Key, VERSION, &Sealed { came, sealed: sealed.to_vec() })?;
        jobs.insert(job, JobKey { key, came });
        Ok(())
    }

    /// The key of `job`, sealed to `recipient`.
    pub(crate) fn reseal(&self, job: JobId, recipient: &str) -> Result<Vec<u8>, KeyError> {
        let recipient: Recipient = recipient.parse().map_err(|_| KeyError::NoRecipient)?;
        let JobKey { key, .. } = self.lock().get(&job).cloned().ok_or(KeyError::Unknown(job))?;
        age::encrypt(&recipient, key.to_string().expose_secret().as_bytes())
            .map_err(|error| KeyError::Io(io::Error::other(error.to_string())))
    }

    /// Decrypt the input `from` of `job` into a new private file at `to`.
    pub(crate) fn decrypt(&self, job: JobId, from: File, to: &Path, stop: &AtomicBool) -> Result<(), Undecrypted> {
        let JobKey { key, .. } = self.lock().get(&job).cloned().ok_or(Undecrypted::NoKey)?;
        let len = from.metadata().map_err(Undecrypted::Io)?.len();
        let free = free_bytes(to.parent().unwrap_or(to)).map_err(Undecrypted::Io)?;
        if free < len.saturating_add(self.reserve) {
            return Err(Undecrypted::DiskFull(free));
        }
        let mut plain = opened(&key, from).inspect_err(|error| {
            if matches!(error, Undecrypted::WrongKey) {
                // So that the right key is requested.
                self.forget(job);
            }
        })?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(Undecrypted::Io)?;
        let (mut piece, mut written) = (vec![0; PIECE_BYTES], false);
        while !stop.load(Ordering::Relaxed) {
            let read = plain.read(&mut piece).map_err(|error| Undecrypted::Damaged(error.to_string()))?;
            let bytes = piece.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                return if written { Ok(()) } else { Err(Undecrypted::Damaged("it holds nothing".into())) };
            }
            file.write_all(bytes).map_err(Undecrypted::Io)?;
            written = true;
        }
        Err(Undecrypted::Stopped)
    }

    /// Remove keys that came more than `age` ago, except those of the jobs in `needed`.
    pub(crate) fn sweep(&self, age: Duration, needed: &HashSet<JobId>) {
        let is_old = |key: &JobKey| self.age.since(key.came) > millis(age);
        let old: Vec<JobId> = {
            let jobs = self.lock();
            let old = jobs.iter().filter(|(job, key)| !needed.contains(job) && is_old(key));
            old.map(|(job, _)| *job).collect()
        };
        old.into_iter().for_each(|job| self.forget(job));
    }

    fn forget(&self, job: JobId) {
        self.lock().remove(&job);
        let _ = fs::remove_file(self.path(job));
    }

    fn path(&self, job: JobId) -> PathBuf {
        self.folder.join(job.to_string())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, JobKey>> {
        self.jobs.lock()
    }
}

/// The identity in the file at `path`; if the file does not exist, a new one that is written there.
fn identity(path: &Path) -> io::Result<Identity> {
    let wrong = |text: &str| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {text}", path.display()));
    match File::open(path) {
        Ok(mut file) => {
            if file.metadata()?.mode() & 0o077 != 0 {
                return Err(wrong("can be read by others: chmod 600"));
            }
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            SecretString::from(text).expose_secret().trim().parse().map_err(wrong)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let identity = Identity::generate();
            // Private from the start, because `tempfile` creates files of mode 0600.
            write_atomic(path, identity.to_string().expose_secret().as_bytes())?;
            Ok(identity)
        }
        Err(error) => Err(error),
    }
}

/// The job and the key in the file `name` at `path`. The inner error says why the file holds none.
fn read(identity: &Identity, name: &str, path: &Path) -> io::Result<Result<(JobId, JobKey), String>> {
    let body = match envelope::read(path, Kind::Key, VERSION)? {
        Stored::Body(body) => body,
        Stored::Missing => return Ok(Err("it is gone".into())),
        Stored::Unknown(why) => return Ok(Err(why)),
    };
    let read = || {
        let job = name.parse::<JobId>().map_err(|_| "its name is not a job number")?;
        let Sealed { came, sealed } = Sealed::decode_all(&mut body.as_slice()).map_err(|_| "it does not decode")?;
        let key = unseal(identity, &sealed).map_err(|error| error.to_string())?;
        Ok((job, JobKey { key, came }))
    };
    Ok(read())
}

/// The key in `sealed`, opened with `identity`.
fn unseal(identity: &Identity, sealed: &[u8]) -> Result<Identity, KeyError> {
    if sealed.len() > MAX_SEALED_BYTES {
        return Err(KeyError::Foreign);
    }
    let plain = age::decrypt(identity, sealed).map_err(|_| KeyError::Foreign)?;
    let text = SecretString::from(String::from_utf8(plain).map_err(|_| KeyError::NoKey)?);
    text.expose_secret().parse().map_err(|_| KeyError::NoKey)
}

/// A reader of the plaintext of the age file `from`, opened with `key`.
fn opened(key: &Identity, mut from: File) -> Result<StreamReader<BufReader<File>>, Undecrypted> {
    check_header(&mut from)?;
    let decryptor = Decryptor::new_buffered(BufReader::with_capacity(PIECE_BYTES, from));
    let plain = decryptor.and_then(|file| file.decrypt(std::iter::once(key as &dyn age::Identity)));
    plain.map_err(|error| match error {
        DecryptError::NoMatchingKeys => Undecrypted::WrongKey,
        error => Undecrypted::Damaged(error.to_string()),
    })
}

/// Check that the header is not too long, because the parser reads until it finds the end. Rewinds
/// the file.
fn check_header(from: &mut File) -> Result<(), Undecrypted> {
    let mut start = Vec::new();
    Read::take(&mut *from, MAX_HEADER_BYTES as u64).read_to_end(&mut start).map_err(Undecrypted::Io)?;
    from.rewind().map_err(Undecrypted::Io)?;
    if start.windows(HEADER_END.len()).any(|bytes| bytes == HEADER_END) {
        Ok(())
    } else {
        Err(Undecrypted::Damaged(format!("its header does not end within {MAX_HEADER_BYTES} bytes")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, Keys) {
        let folder = tempfile::tempdir().unwrap();
        let keys = opened(&folder).unwrap();
        (folder, keys)
    }

    fn opened(folder: &tempfile::TempDir) -> io::Result<Keys> {
        let age = Arc::new(Age::open(folder.path())?);
        Keys::open(folder.path(), age, super::super::files::SPARE_DISK_BYTES, &Quarantine::new(folder.path()))
    }

    fn sealed_to(keys: &Keys, key: &Identity) -> Vec<u8> {
        let recipient: Recipient = keys.recipient().parse().unwrap();
        age::encrypt(&recipient, key.to_string().expose_secret().as_bytes()).unwrap()
    }

    fn put(keys: &Keys, job: JobId, sealed: &[u8]) -> Result<(), KeyError> {
        keys.put(job, sealed, std::iter::empty(), &HashSet::new())
    }

    /// Decrypt `ciphertext` as an input of job 1.
    fn decrypted(folder: &tempfile::TempDir, keys: &Keys, ciphertext: &[u8]) -> Result<Vec<u8>, Undecrypted> {
        let (from, to) = (folder.path().join("cipher"), folder.path().join("plain"));
        let _ = fs::remove_file(&to);
        fs::write(&from, ciphertext).unwrap();
        keys.decrypt(1, File::open(&from).unwrap(), &to, &AtomicBool::new(false))?;
        assert_eq!(fs::metadata(&to).unwrap().mode() & 0o777, 0o600);
        Ok(fs::read(&to).unwrap())
    }

    #[test]
    fn the_identity_is_made_once_and_is_private() {
        let (folder, keys) = keys();
        assert!(keys.recipient().starts_with("age1"));
        assert_eq!(opened(&folder).unwrap().recipient(), keys.recipient());
        let path = folder.path().join(IDENTITY_FILE);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        assert!(opened(&folder).is_err());
    }

    #[test]
    fn a_key_opens_what_was_encrypted_to_it_and_outlives_a_restart() {
        let (folder, keys) = keys();
        let job = Identity::generate();
        let plain: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
        let cipher = age::encrypt(&job.to_public(), &plain).unwrap();
        assert!(matches!(decrypted(&folder, &keys, &cipher), Err(Undecrypted::NoKey)));
        put(&keys, 1, &sealed_to(&keys, &job)).unwrap();
        assert_eq!(decrypted(&folder, &keys, &cipher).unwrap(), plain);
        let again = opened(&folder).unwrap();
        assert_eq!(decrypted(&folder, &again, &cipher).unwrap(), plain);
        again.age.pass(Duration::from_millis(5));
        again.sweep(Duration::ZERO, &HashSet::from([1]));
        assert!(again.contains(1));
        again.sweep(Duration::ZERO, &HashSet::new());
        assert!(!again.contains(1) && !folder.path().join("keys/1").exists());
    }

    #[test]
    fn a_clock_that_jumps_removes_no_key() {
        const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
        let (folder, keys) = keys();
        put(&keys, 1, &sealed_to(&keys, &Identity::generate())).unwrap();
        // For a clock that is a month ahead, the file is a month old.
        let file = File::open(folder.path().join("keys/1")).unwrap();
        file.set_modified(std::time::SystemTime::now() - MONTH).unwrap();
        let again = opened(&folder).unwrap();
        again.sweep(MONTH / 2, &HashSet::new());
        assert!(again.contains(1));
        again.age.pass(MONTH);
        again.sweep(MONTH / 2, &HashSet::new());
        assert!(!again.contains(1));
    }

    #[test]
    fn what_is_no_key_of_this_executor_stops_no_start_and_is_not_deleted() {
        let (folder, keys) = keys();
        put(&keys, 1, &sealed_to(&keys, &Identity::generate())).unwrap();
        let place = folder.path().join("keys");
        fs::write(place.join("2"), b"of another version").unwrap();
        fs::copy(place.join("1"), place.join("a name")).unwrap();
        fs::create_dir(place.join("3")).unwrap();
        let again = opened(&folder).unwrap();
        assert!(again.contains(1) && !again.contains(2));
        assert_eq!(fs::read_dir(place).unwrap().count(), 1);
        assert_eq!(fs::read_dir(folder.path().join("quarantine")).unwrap().count(), 3);
    }

    #[test]
    fn a_wrong_key_and_damaged_ciphertexts_are_told_apart() {
        let (folder, keys) = keys();
        let job = Identity::generate();
        let cipher = age::encrypt(&job.to_public(), &[7; 200_000]).unwrap();
        put(&keys, 1, &sealed_to(&keys, &Identity::generate())).unwrap();
        assert!(matches!(decrypted(&folder, &keys, &cipher), Err(Undecrypted::WrongKey)));
        assert!(!keys.contains(1), "a wrong key makes room for the right one");
        put(&keys, 1, &sealed_to(&keys, &job)).unwrap();
        for at in [cipher.len() - 1, cipher.len() / 2, 40] {
            let mut tampered = cipher.clone();
            tampered[at] ^= 1;
            assert!(decrypted(&folder, &keys, &tampered).is_err(), "byte {at}");
            put(&keys, 1, &sealed_to(&keys, &job)).unwrap();
        }
        let cut = decrypted(&folder, &keys, &cipher[..cipher.len() - 70_000]);
        assert!(matches!(cut, Err(Undecrypted::Damaged(_))), "{cut:?}");
        let endless = [dpin_primitives::confidential::MAGIC, &b"-> X25519 a\nb\n".repeat(10_000)].concat();
        let endless = decrypted(&folder, &keys, &endless);
        assert!(matches!(&endless, Err(Undecrypted::Damaged(text)) if text.contains("header")), "{endless:?}");
    }

    #[test]
    fn a_key_that_does_not_open_what_waits_for_it_is_refused() {
        let (folder, keys) = keys();
        let (job, other) = (Identity::generate(), Identity::generate());
        let path = folder.path().join("cipher");
        fs::write(&path, age::encrypt(&job.to_public(), b"secret").unwrap()).unwrap();
        let brought = |key: &Identity| {
            let inputs = std::iter::once(File::open(&path).unwrap());
            keys.put(1, &sealed_to(&keys, key), inputs, &HashSet::new())
        };
        brought(&job).unwrap();
        assert!(matches!(brought(&other), Err(KeyError::Wrong(1))));
        let cipher = fs::read(&path).unwrap();
        assert_eq!(decrypted(&folder, &keys, &cipher).unwrap(), b"secret");
        // No key opens a damaged input, so its failure says nothing about the key.
        fs::write(&path, &cipher[..30]).unwrap();
        brought(&other).unwrap();
    }

    #[test]
    fn who_is_stopped_decrypts_nothing_and_an_input_holds_something() {
        let (folder, keys) = keys();
        let job = Identity::generate();
        put(&keys, 1, &sealed_to(&keys, &job)).unwrap();
        let (from, to) = (folder.path().join("cipher"), folder.path().join("plain"));
        fs::write(&from, age::encrypt(&job.to_public(), b"secret").unwrap()).unwrap();
        let stopped = keys.decrypt(1, File::open(&from).unwrap(), &to, &AtomicBool::new(true));
        assert!(matches!(stopped, Err(Undecrypted::Stopped)));
        assert_eq!(fs::read(&to).unwrap(), b"");
        let nothing = decrypted(&folder, &keys, &age::encrypt(&job.to_public(), b"").unwrap());
        assert!(matches!(nothing, Err(Undecrypted::Damaged(_))), "{nothing:?}");
    }

    #[test]
    fn what_is_not_sealed_to_it_or_no_key_is_refused() {
        let (_folder, keys) = keys();
        let other = Identity::generate();
        let foreign = age::encrypt(&other.to_public(), other.to_string().expose_secret().as_bytes()).unwrap();
        assert!(matches!(put(&keys, 1, &foreign), Err(KeyError::Foreign)));
        let recipient: Recipient = keys.recipient().parse().unwrap();
        assert!(matches!(put(&keys, 1, &age::encrypt(&recipient, b"no key").unwrap()), Err(KeyError::NoKey)));
        assert!(matches!(put(&keys, 1, &[0; MAX_SEALED_BYTES + 1]), Err(KeyError::Foreign)));
        assert!(!keys.contains(1));
    }

    #[test]
    fn a_key_is_handed_on_sealed() {
        let (_a, worker) = keys();
        let (folder, auditor) = keys();
        let job = Identity::generate();
        assert!(matches!(worker.reseal(1, &auditor.recipient()), Err(KeyError::Unknown(1))));
        put(&worker, 1, &sealed_to(&worker, &job)).unwrap();
        assert!(matches!(worker.reseal(1, "age1nonsense"), Err(KeyError::NoRecipient)));
        put(&auditor, 1, &worker.reseal(1, &auditor.recipient()).unwrap()).unwrap();
        let cipher = age::encrypt(&job.to_public(), b"secret").unwrap();
        assert_eq!(decrypted(&folder, &auditor, &cipher).unwrap(), b"secret");
    }
}
