//! A client for a node's large blobs, on the same machine.

use crate::network::Node;
use anyhow::{Result, bail, ensure};
use dpin_primitives::{BlobHash, blob_tree::Hasher};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    time::Duration,
};

/// Time limit of a request.
const LIMIT: Duration = Duration::from_secs(600);

/// A client of one node's blob HTTP.
#[derive(Clone)]
pub struct BlobClient {
    agent: ureq::Agent,
    url: String,
    authorization: String,
}

impl BlobClient {
    /// Connect to a node that was started with `--blob-listen`. The node's data contains its
    /// address and its token.
    ///
    /// # Errors
    ///
    /// When the node does not listen.
    pub fn new(node: &Node) -> Result<Self> {
        let dir = node.blob_dir()?;
        let url = format!("http://{}", fs::read_to_string(dir.join("address"))?);
        let authorization = format!("Bearer {}", fs::read_to_string(dir.join("token"))?);
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(LIMIT))
            .proxy(None)
            .http_status_as_error(false)
            .build()
            .into();
        Ok(Self { agent, url, authorization })
    }

    fn path(&self, id: BlobHash, query: &str) -> String {
        format!("{}/blob/{id:?}{query}", self.url)
    }

    /// Upload a file.
    ///
    /// # Errors
    ///
    /// When the node does not accept the file; with the reason that it gives.
    pub fn put(&self, id: BlobHash, file: &Path) -> Result<()> {
        let file = File::open(file)?;
        let length = file.metadata()?.len();
        let mut answer = self
            .agent
            .put(self.path(id, ""))
            .header("Authorization", &self.authorization)
            .header("Content-Length", length)
            .send(ureq::SendBody::from_owned_reader(file))?;
        let text = answer.body_mut().read_to_string()?;
        ensure!(answer.status().is_success(), "{}: {text}", answer.status());
        Ok(())
    }

    /// Let the node fetch a blob from other nodes, with the token. Returns when the node has all of
    /// it.
    ///
    /// # Errors
    ///
    /// When it fails; with the reason that the node gives.
    pub fn fetch(&self, id: BlobHash) -> Result<()> {
        let path = self.path(id, &format!("?wait={}", LIMIT.as_secs()));
        let range = self.agent.get(path).header("Authorization", &self.authorization).header("Range", "bytes=0-0");
        let mut answer = range.call()?;
        let text = answer.body_mut().read_to_vec()?;
        match answer.status().as_u16() {
            206 => Ok(()),
            status => bail!("{status}: {}", String::from_utf8_lossy(&text)),
        }
    }

    /// The status of a request without the token that asks the node to fetch a missing blob.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub fn status_for_strangers(&self, id: BlobHash) -> Result<u16> {
        Ok(self.agent.get(self.path(id, "?wait=60")).call()?.status().as_u16())
    }

    /// Read a blob that the node has, and compute its id and its length.
    ///
    /// # Errors
    ///
    /// When the node does not serve it.
    pub fn read(&self, id: BlobHash) -> Result<(BlobHash, u64)> {
        let answer = self.agent.get(self.path(id, "")).call()?;
        ensure!(answer.status().is_success(), "{}", answer.status());
        hash(answer.into_body().into_reader())
    }
}

/// Compute the id and the length of a stream.
///
/// # Errors
///
/// The errors of the reader.
pub fn hash(mut bytes: impl Read) -> Result<(BlobHash, u64)> {
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 4 * 1024 * 1024];
    loop {
        let mut filled = 0;
        // Large pieces are hashed faster.
        while filled < buffer.len() {
            match bytes.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        hasher.update(&buffer[..filled]);
        if filled < buffer.len() {
            let length = hasher.len();
            return Ok((hasher.finish(), length));
        }
    }
}

/// Write a file of `len` bytes that look random, and return its id.
///
/// # Errors
///
/// The errors of the disk.
pub fn random_file(path: &Path, len: u64) -> Result<BlobHash> {
    let mut file = io::BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ len;
    for _ in 0..len / 8 {
        // xorshift64: no compression or deduplication finds anything in it.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&state.to_le_bytes())?;
    }
    file.write_all(&state.to_le_bytes()[..(len % 8) as usize])?;
    file.flush()?;
    Ok(hash(File::open(path)?)?.0)
}
