//! Files that become blobs: small ones are stored on chain, large ones announced and uploaded.

use crate::{
    blob::http::{self, BlobHttp, BlobHttpArgs},
    chain::{Chain, call::Call, signer::Signer, submit::Sent},
    context::Context,
    error::{Error, Result},
    text::output::{Output, short},
};
use dpin_primitives::{BlobHash, BlockNumber, api::BlobInfo, blake2, economy::DAY_BLOCKS};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempPath;

/// Default lifetime of stored blobs, in blocks: a day.
pub(crate) const LIFETIME: BlockNumber = DAY_BLOCKS;
/// Most bytes of a blob stored on chain: 1 MiB.
pub(crate) const MAX_ON_CHAIN: u64 = 1024 * 1024;

/// A file that becomes a blob.
#[derive(Clone, Debug)]
pub(crate) struct BlobFile {
    /// Id of the blob.
    pub id: BlobHash,
    /// Length in bytes.
    pub size: u64,
    content: Content,
    /// Removes the temporary file when dropped, if there is one.
    _made: Option<Arc<TempPath>>,
}

#[derive(Clone, Debug)]
enum Content {
    /// Stored on chain.
    Small(Vec<u8>),
    /// Announced on chain; a node stores the bytes.
    Large(PathBuf),
}

impl BlobFile {
    /// Read a file. Of one that is too large for the chain, only compute the id.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is empty, or is larger than a blob may be.
    pub(crate) async fn read(path: &Path, output: Output) -> Result<Self> {
        let unreadable = |error: std::io::Error| Error::usage(format!("{} cannot be read: {error}", path.display()));
        match std::fs::metadata(path).map_err(unreadable)?.len() {
            0 => Err(Error::usage(format!("{} is empty", path.display()))),
            1..=MAX_ON_CHAIN => {
                let bytes = std::fs::read(path).map_err(unreadable)?;
                Ok(Self::small(blake2(&bytes), bytes))
            }
            _ => {
                let (id, size) = http::identify(path, output).await?;
                Ok(Self { id, size, content: Content::Large(path.to_path_buf()), _made: None })
            }
        }
    }

    /// A blob of these bytes, which are small enough for the chain.
    pub(crate) fn small(id: BlobHash, bytes: Vec<u8>) -> Self {
        Self { id, size: bytes.len() as u64, content: Content::Small(bytes), _made: None }
    }

    /// Read a temporary file. It is removed at once if it is small, and otherwise when this value
    /// is dropped.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub(crate) async fn read_temporary(made: TempPath, output: Output) -> Result<Self> {
        let file = Self::read(&made, output).await?;
        Ok(Self { _made: file.is_large().then(|| Arc::new(made)), ..file })
    }

    /// The call that stores or announces it.
    pub(crate) fn call(&self, lifetime: BlockNumber) -> Call {
        match &self.content {
            Content::Small(bytes) => Call::store(lifetime, bytes),
            Content::Large(_) => Call::announce(self.id, self.size, lifetime),
        }
    }

    /// Whether it is announced, so that the chain has only its id.
    pub(crate) fn is_large(&self) -> bool {
        matches!(self.content, Content::Large(_))
    }

    /// Find out whether the node accepts a large file's bytes. The chain need not know the blob
    /// yet.
    ///
    /// # Errors
    ///
    /// When the node does not accept them.
    pub(crate) async fn try_out(&self, blob_http: &BlobHttpArgs, output: Output) -> Result<()> {
        match &self.content {
            Content::Small(_) => Ok(()),
            Content::Large(path) => BlobHttp::new(blob_http, output)?.try_out(self.id, path).await,
        }
    }

    /// Whether the blob must be stored or announced, given the chain's record of it. A small file
    /// whose id was only announced is stored all the same.
    pub(crate) fn is_new(&self, known: Option<&BlobInfo>) -> bool {
        known.is_none_or(|known| known.announced && !self.is_large())
    }

    /// Upload a large file's bytes to the node, unless it has them. The chain must know the blob by
    /// then: a node accepts no others.
    ///
    /// # Errors
    ///
    /// When the node does not accept them.
    pub(crate) async fn upload(&self, blob_http: &BlobHttpArgs, output: Output) -> Result<()> {
        match &self.content {
            Content::Small(_) => Ok(()),
            Content::Large(path) => BlobHttp::new(blob_http, output)?.upload(self.id, path).await,
        }
    }
}

/// The chain's record of a blob at the best block: whether it is stored, and when it expires.
///
/// # Errors
///
/// When the node does not answer.
pub(crate) async fn stored(chain: &Chain, hash: BlobHash) -> Result<Option<BlobInfo>> {
    chain.api("ComputeApi_blob", hash).await
}

/// Store a small blob or announce a large one, unless the chain knows it.
///
/// # Errors
///
/// When the transaction is refused or fails.
pub(crate) async fn store(
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    file: &BlobFile,
    lifetime: BlockNumber,
) -> Result<Option<Sent>> {
    let name = short(format!("{:?}", file.id));
    let already = format!("blob {name} is already on the chain");
    if !file.is_new(stored(chain, file.id).await?.as_ref()) {
        context.output.note(already);
        return Ok(None);
    }
    let sent = match context.send(chain, signer, &file.call(lifetime)).await {
        // Another command was faster.
        Err(error) if error.name.as_deref() == Some("Blobs.AlreadyStored") => {
            context.output.note(already);
            return Ok(None);
        }
        sent => sent?,
    };
    let done = if file.is_large() { "announced" } else { "stored" };
    context.output.note(format!("{done} blob {name} ({} bytes)", file.size));
    Ok(Some(sent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Exit, job::key::JobKey};

    #[tokio::test]
    async fn an_encrypted_file_is_a_blob_as_any_other_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, output, key) = (folder.path().join("input"), Output { json: true, quiet: true }, JobKey::generate());
        for (length, is_large) in [(100, false), (MAX_ON_CHAIN as usize, true), (3_000_000, true)] {
            std::fs::write(&path, vec![7; length]).unwrap();
            let file = key.encrypt_blob(&path, output).await.unwrap();
            assert_eq!(file.is_large(), is_large);
            assert!(file.size > length as u64 && file.size < length as u64 + 2_000, "{}", file.size);
            assert_ne!(file.id, BlobFile::read(&path, output).await.unwrap().id);
            let Content::Large(made) = &file.content else { continue };
            let (made, copy) = (made.clone(), file.clone());
            assert_eq!(BlobFile::read(&made, output).await.unwrap().id, file.id);
            drop(file);
            assert!(made.exists(), "a copy of the value needs it");
            drop(copy);
            assert!(!made.exists());
        }
        std::fs::write(&path, b"").unwrap();
        assert_eq!(key.encrypt_blob(&path, output).await.unwrap_err().exit, Exit::Usage);
    }
}
