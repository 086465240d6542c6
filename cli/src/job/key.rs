//! The key of the encrypted inputs of a job: encrypt inputs to it, and store it in a file.

use crate::{
    blob::file::BlobFile,
    blocking::run_blocking,
    error::{Error, Result},
    text::output::{Output, bytes},
};
use age::{
    Encryptor,
    secrecy::{ExposeSecret, SecretString},
    x25519::{Identity, Recipient},
};
use clap::Args;
use codec::Encode;
use dpin_primitives::{Hash, blake2, blob_tree::MAX_BLOB_BYTES, job::JobSpec};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use tempfile::TempPath;

/// Most bytes that encryption adds: 16 for each 64 KiB, and a header.
const fn overhead(length: u64) -> u64 {
    (length / (64 * 1024) + 1) * 16 + 1024
}

/// The key that opens the inputs of one job.
#[derive(Clone)]
pub(crate) struct JobKey(Identity);

impl std::fmt::Debug for JobKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JobKey")
    }
}

impl JobKey {
    /// Generate a new key.
    pub(crate) fn generate() -> Self {
        Self(Identity::generate())
    }

    /// Encrypt an input to this key, into a temporary file that only its owner can read.
    ///
    /// # Errors
    ///
    /// When the input cannot be read, is empty, or is larger than a blob may be once encrypted.
    /// When the disk has no room.
    pub(crate) async fn encrypt(&self, path: &Path, output: Output) -> Result<TempPath> {
        let name = path.file_name().unwrap_or_default();
        let shown = path.display().to_string();
        let unwritten = move |error: io::Error| {
            Error::failed(format!("{shown} cannot be encrypted: {error}")).hint(format!(
                "encryption needs as much free space as the file has, in {}; TMPDIR names another directory",
                std::env::temp_dir().display()
            ))
        };
        // The file has mode 600. This future holds its path, so dropping the future removes the
        // file.
        let made = tempfile::Builder::new().prefix(name).suffix(".age").tempfile().map_err(&unwritten)?;
        let (into, made) = made.into_parts();
        let (path, recipient) = (path.to_path_buf(), self.0.to_public());
        run_blocking(move || {
            let unreadable = |error: io::Error| Error::usage(format!("{} cannot be read: {error}", path.display()));
            let file = File::open(&path).map_err(unreadable)?;
            let length = file.metadata().map_err(unreadable)?.len();
            if length == 0 {
                return Err(Error::usage(format!("{} is empty", path.display())));
            }
            if length.saturating_add(overhead(length)) > MAX_BLOB_BYTES {
                return Err(Error::usage(format!(
                    "{} has {}; encrypted, it is larger than 4 GiB, the limit of a blob",
                    path.display(),
                    bytes(length)
                ))
                .hint("split it over several inputs of the kernel"));
            }
            let bar = output.bar(length, true);
            bar.set_message("encrypting");
            let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
                .map_err(|error| Error::failed(format!("an input cannot be encrypted: {error}")))?;
            let written = encryptor.wrap_output(into).and_then(|mut into| {
                io::copy(&mut bar.wrap_read(file), &mut into)?;
                into.finish()
            });
            bar.finish_and_clear();
            written.map(drop).map_err(unwritten)
        })
        .await?;
        Ok(made)
    }

    /// Encrypt an input to this key, as a blob.
    ///
    /// # Errors
    ///
    /// As [`Self::encrypt`].
    pub(crate) async fn encrypt_blob(&self, path: &Path, output: Output) -> Result<BlobFile> {
        BlobFile::read_temporary(self.encrypt(path, output).await?, output).await
    }

    /// Seal the key to a recipient.
    ///
    /// # Errors
    ///
    /// When the recipient is invalid.
    pub(crate) fn seal(&self, recipient: &Recipient) -> Result<Vec<u8>> {
        age::encrypt(recipient, self.0.to_string().expose_secret().as_bytes())
            .map_err(|error| Error::failed(format!("the key cannot be sealed: {error}")))
    }
}

/// Options for the place where job keys are kept.
#[derive(Args, Clone, Debug)]
pub(crate) struct KeyArgs {
    /// Directory for the keys of encrypted inputs [default: dpin/job-keys in XDG_DATA_HOME or
    /// ~/.local/share]
    #[arg(long, value_name = "DIR", env = "DPIN_JOB_KEYS")]
    pub job_keys: Option<PathBuf>,
}

impl KeyArgs {
    /// The directory. It is created if missing, and only its owner can enter it.
    fn folder(&self) -> Result<PathBuf> {
        let data = || {
            let named = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
            named("XDG_DATA_HOME").or_else(|| Some(named("HOME")?.join(".local/share")))
        };
        let folder = match &self.job_keys {
            Some(folder) => folder.clone(),
            None => data().map(|data| data.join("dpin/job-keys")).ok_or_else(|| {
                Error::usage("HOME is not set, so there is no directory for keys")
                    .hint("choose a directory with --job-keys")
            })?,
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|error| file_error(&folder, error))?;
        Ok(folder)
    }

    /// The file of a key is named after the job's specification, not its number. The number is
    /// unknown before the job is posted, and changes if the block in which it is posted is
    /// replaced.
    fn path(&self, genesis: &Hash, spec: &JobSpec) -> Result<PathBuf> {
        let spec = blake2(&spec.encode());
        Ok(self.folder()?.join(format!("{}-{}.key", hex::encode(&genesis[..8]), hex::encode(&spec[..16]))))
    }

    /// Load the key of a job that was posted from this machine.
    ///
    /// # Errors
    ///
    /// When there is no key, or it cannot be read.
    pub(crate) fn load(&self, genesis: &Hash, spec: &JobSpec) -> Result<JobKey> {
        let path = self.path(genesis, spec)?;
        let text = fs::read_to_string(&path).map(SecretString::from).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::usage(format!("there is no key of this job at {}", path.display())).hint(
                "the key is on the machine that posted the job with --encrypt; choose its directory with --job-keys",
            ),
            _ => file_error(&path, error),
        })?;
        let key = text.expose_secret().trim().parse();
        key.map(JobKey).map_err(|_| Error::usage(format!("{} does not contain a key", path.display())))
    }

    /// Store the `key` of a job. This comes before the job is posted: without its key the job would
    /// waste the money.
    ///
    /// # Errors
    ///
    /// When the key cannot be written.
    pub(crate) fn store(&self, genesis: &Hash, spec: &JobSpec, key: &JobKey) -> Result<()> {
        let path = self.path(genesis, spec)?;
        let mut open = OpenOptions::new();
        let file = open.write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| {
            file.write_all(key.0.to_string().expose_secret().as_bytes())?;
            file.sync_all()
        })
        .map_err(|error| file_error(&path, error))
    }
}

fn file_error(path: &Path, error: io::Error) -> Error {
    Error::failed(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Exit, job::sample};
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_key_is_private_and_found_by_its_job() {
        let folder = tempfile::tempdir().unwrap();
        let args = KeyArgs { job_keys: Some(folder.path().join("keys")) };
        let (genesis, key, spec) = (Hash::repeat_byte(7), JobKey::generate(), sample::spec());
        assert!(args.load(&genesis, &spec).unwrap_err().message.contains("no key of this job"));
        args.store(&genesis, &spec, &key).unwrap();
        // The name does not depend on the job's number, which changes if a block is replaced.
        let found = args.load(&genesis, &spec).unwrap();
        assert_eq!(found.0.to_public().to_string(), key.0.to_public().to_string());
        assert!(args.load(&Hash::zero(), &spec).is_err());
        let other = JobSpec { inputs: vec![Hash::repeat_byte(1)].try_into().unwrap(), ..spec };
        assert!(args.load(&genesis, &other).is_err());
        assert_eq!(fs::metadata(folder.path().join("keys")).unwrap().mode() & 0o777, 0o700);
        for file in fs::read_dir(folder.path().join("keys")).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().mode() & 0o777, 0o600);
        }
        assert_eq!(format!("{key:?}"), "JobKey");
    }

    #[tokio::test]
    async fn an_input_is_encrypted_into_a_private_file() {
        let (folder, key) = (tempfile::tempdir().unwrap(), JobKey::generate());
        let (path, output) = (folder.path().join("input"), Output { json: true, quiet: true });
        let plain: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
        fs::write(&path, &plain).unwrap();
        let made = key.encrypt(&path, output).await.unwrap();
        assert_eq!(fs::metadata(&made).unwrap().mode() & 0o777, 0o600);
        let cipher = fs::read(&made).unwrap();
        assert!(dpin_primitives::confidential::is_encrypted(&cipher));
        assert!(cipher.len() as u64 <= plain.len() as u64 + overhead(plain.len() as u64));
        assert_eq!(age::decrypt(&key.0, &cipher).unwrap(), plain);
        let place = made.to_path_buf();
        drop(made);
        assert!(!place.exists());

        // Nothing is written for a file that is too large.
        File::create(&path).unwrap().set_len(MAX_BLOB_BYTES).unwrap();
        let error = key.encrypt(&path, output).await.unwrap_err();
        assert!(error.exit == Exit::Usage && error.message.contains("4 GiB"), "{error}");
        assert_eq!(key.encrypt(&folder.path().join("none"), output).await.unwrap_err().exit, Exit::Usage);
    }
}
