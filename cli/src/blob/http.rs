//! Large blobs: upload their bytes to a node and download them over its blob HTTP.
//!
//! The chain stores only the id, against which every byte is checked, so the node need not be
//! trusted. At most one piece is in memory at a time. An interrupted download leaves `FILE.part`,
//! from which the next one resumes. The file itself appears when it is complete and matches the id.

use crate::{
    blocking::run_blocking,
    error::{Error, Exit, Result},
    text::{
        escape::inline,
        output::{Output, bytes},
    },
};
use clap::Args;
use dpin_primitives::{
    BlobHash,
    blob_tree::{Hasher, MAX_BLOB_BYTES},
};
use indicatif::ProgressBar;
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};
use ureq::{
    Agent, Body, SendBody,
    http::{Response, StatusCode, header},
};

/// Bytes hashed, sent or written at a time. Large pieces are hashed faster than small ones.
const PIECE: usize = 4 * 1024 * 1024;
/// Time limit for a node to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Time limit for silence of both sides.
const SILENCE: Duration = Duration::from_secs(60);
/// Seconds for which a node is asked to fetch a blob from others before it reports its progress.
const WAIT: u64 = 20;
/// Most consecutive attempts without progress.
const ATTEMPTS: u32 = 5;
/// Pause before a node is asked again after a connection broke.
const PAUSE: Duration = Duration::from_secs(2);
/// Most bytes of an error text.
const MAX_TEXT: u64 = 4096;

const HEADING: &str = "Files above 1 MiB";

/// Options for the node that stores and serves large blobs.
#[derive(Args, Clone, Debug)]
pub(crate) struct BlobHttpArgs {
    /// URL of your node's blob HTTP, which stores files above 1 MiB and serves them to others
    #[arg(long, value_name = "URL", env = "DPIN_BLOB_URL", default_value = "http://127.0.0.1:9955", help_heading = HEADING)]
    pub blob_url: String,
    /// File with the token for uploads: `chains/CHAIN/blobs/token` of the node's data, where CHAIN
    /// is dpin_dev for `make dev`
    #[arg(long, value_name = "FILE", env = "DPIN_BLOB_TOKEN_FILE", help_heading = HEADING)]
    pub blob_token_file: Option<PathBuf>,
}

/// A node's blob HTTP.
#[derive(Clone)]
pub(crate) struct BlobHttp {
    agent: Agent,
    url: String,
    token: Option<String>,
    output: Output,
}

impl BlobHttp {
    /// The blob HTTP at the address that the options name. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When the address is invalid, or the token cannot be read.
    pub(crate) fn new(args: &BlobHttpArgs, output: Output) -> Result<Self> {
        let url = args.blob_url.trim_end_matches('/').to_string();
        if !url.starts_with("http://") {
            return Err(Error::usage(format!("--blob-url: `{url}` is not the URL of a node's blob HTTP"))
                .hint("use a URL such as http://127.0.0.1:9955; reach a node on another machine with `ssh -L`"));
        }
        let token = args.blob_token_file.as_ref().map(|path| {
            std::fs::read_to_string(path)
                .map(|token| token.trim().to_string())
                .map_err(|error| Error::usage(format!("--blob-token-file: {} cannot be read: {error}", path.display())))
        });
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .build();
        Ok(Self { agent: config.into(), url, token: token.transpose()?, output })
    }

    fn blob(&self, id: BlobHash) -> String {
        format!("{}/blob/{}", self.url, hex::encode(id))
    }

    /// Upload the file's bytes to the node, unless it has them.
    ///
    /// # Errors
    ///
    /// When the node does not accept them.
    pub(crate) async fn upload(&self, id: BlobHash, path: &Path) -> Result<()> {
        let (http, path) = (self.clone(), path.to_path_buf());
        run_blocking(move || http.upload_now(id, &path)).await
    }

    /// Whether the node has the bytes already.
    fn has(&self, id: BlobHash) -> Result<bool> {
        let there = self.agent.head(self.blob(id)).call().map_err(|error| self.unreachable(&error))?;
        Ok(there.status() == StatusCode::OK)
    }

    fn token(&self, path: &Path) -> Result<&str> {
        self.token.as_deref().ok_or_else(|| {
            Error::usage(format!("{} is larger than 1 MiB: its upload needs the node's token", path.display()))
                .hint("name the file `blobs/token` of the node's data with --blob-token-file or DPIN_BLOB_TOKEN_FILE")
        })
    }

    /// Find out whether the node would accept the file's bytes, before the blob is announced on the
    /// chain.
    ///
    /// # Errors
    ///
    /// When the node cannot be reached, or rejects the token.
    pub(crate) async fn try_out(&self, id: BlobHash, path: &Path) -> Result<()> {
        let (http, path) = (self.clone(), path.to_path_buf());
        run_blocking(move || http.try_now(id, &path)).await
    }

    fn try_now(&self, id: BlobHash, path: &Path) -> Result<()> {
        if self.has(id)? {
            return Ok(());
        }
        // Send no bytes: the node checks the token first, and refuses the rest.
        let token = self.token(path)?;
        let request = self.agent.put(self.blob(id)).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = request.send_empty().map_err(|error| self.unreachable(&error))?;
        match answer.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(unexpected("the node accepts no uploads", answer)),
            _ => Ok(()),
        }
    }

    fn upload_now(&self, id: BlobHash, path: &Path) -> Result<()> {
        if self.has(id)? {
            self.output.note("the node already has the bytes");
            return Ok(());
        }
        let token = self.token(path)?;
        let (file, length) = open(path)?;
        let bar = self.output.bar(length, true);
        bar.set_message("upload");
        let mut body = bar.wrap_read(file);
        let answer = self
            .agent
            .put(self.blob(id))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_LENGTH, length)
            // With this header a node that refuses says so before everything is sent.
            .header(header::EXPECT, "100-continue")
            .send(SendBody::from_reader(&mut body));
        bar.finish_and_clear();
        let answer = answer.map_err(|error| {
            self.unreachable(&error).hint("run the command again: the announcement stays on the chain")
        })?;
        match answer.status() {
            StatusCode::OK | StatusCode::CREATED => Ok(()),
            _ => Err(unexpected("the node does not accept the blob", answer)),
        }
    }

    /// Write a blob to `path`. The bytes come from the node or, through it, from others that have
    /// them. `size` is the blob's length in bytes, if known.
    ///
    /// # Errors
    ///
    /// When no node has the bytes, they do not match the id, or they cannot be written.
    pub(crate) async fn download(&self, id: BlobHash, size: Option<u64>, path: &Path) -> Result<u64> {
        let (http, path) = (self.clone(), path.to_path_buf());
        run_blocking(move || http.download_now(id, size, &path)).await
    }

    fn download_now(&self, id: BlobHash, size: Option<u64>, path: &Path) -> Result<u64> {
        let part = PartialFile::open(path)?;
        let bar = self.output.bar(size.unwrap_or_default(), true);
        let result = self.fetch_into(part, id, size, &bar);
        bar.finish_and_clear();
        let part = result?;
        let length = part.hasher.len();
        part.finish(id, path)?;
        Ok(length)
    }

    fn fetch_into(
        &self,
        mut part: PartialFile,
        id: BlobHash,
        mut size: Option<u64>,
        bar: &ProgressBar,
    ) -> Result<PartialFile> {
        if !part.hasher.is_empty() {
            self.output.note(format!("resuming after {}", bytes(part.hasher.len())));
        }
        let (mut fruitless, mut said) = (0, String::new());
        loop {
            let begun = part.hasher.len();
            bar.set_position(begun);
            if size == Some(begun) {
                return Ok(part);
            }
            let outcome = self.request(id, begun).and_then(|answer| self.accept(answer, &mut part, &mut size, bar));
            let error = match outcome {
                Ok(()) => continue,
                Err(error) => error,
            };
            // Bytes have come, or the node reports other progress than the last time.
            let progress = part.hasher.len() > begun || error.message != said;
            fruitless = if progress { 1 } else { fruitless + 1 };
            if !error.again || fruitless >= ATTEMPTS {
                return Err(error.error());
            }
            bar.set_message(inline(&error.message));
            said = error.message;
            if error.pause {
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Request the bytes from `begun` on.
    fn request(&self, id: BlobHash, begun: u64) -> std::result::Result<Response<Body>, Interruption> {
        let mut request = self.agent.get(format!("{}?wait={WAIT}", self.blob(id)));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if begun > 0 {
            request = request.header(header::RANGE, format!("bytes={begun}-"));
        }
        request.call().map_err(|error| Interruption { pause: true, ..Interruption::again(self.unreachable(&error)) })
    }

    /// Process the answer of a node.
    fn accept(
        &self,
        answer: Response<Body>,
        part: &mut PartialFile,
        size: &mut Option<u64>,
        bar: &ProgressBar,
    ) -> std::result::Result<(), Interruption> {
        let number = |name: header::HeaderName, part: fn(&str) -> &str| {
            answer.headers().get(name).and_then(|value| part(value.to_str().ok()?).parse::<u64>().ok())
        };
        let total = match answer.status() {
            // The node sends everything, although a range was requested.
            StatusCode::OK => {
                part.restart()?;
                number(header::CONTENT_LENGTH, |text| text)
            }
            StatusCode::PARTIAL_CONTENT => number(header::CONTENT_RANGE, |text| text.rsplit('/').next().unwrap_or("")),
            StatusCode::GATEWAY_TIMEOUT => {
                return Err(Interruption::again(unexpected("the node does not have all bytes yet", answer)));
            }
            StatusCode::RANGE_NOT_SATISFIABLE if size.is_none() => {
                // The file holds the whole blob, or something else: the id decides.
                *size = Some(part.hasher.len());
                return Ok(());
            }
            _ => return Err(unexpected("the node does not serve the blob", answer).into()),
        };
        let total = total.ok_or_else(|| Error::failed("the node's answer lacks the length of the blob"))?;
        if total > MAX_BLOB_BYTES || size.is_some_and(|size| size != total) {
            return Err(unfit(format!("the node serves {total} bytes, which is not the length of the blob")).into());
        }
        *size = Some(total);
        bar.set_length(total);
        bar.set_message("download");
        receive(&mut answer.into_body().into_reader(), part, total, bar)
    }

    fn unreachable(&self, error: &ureq::Error) -> Error {
        Error::connection(format!("the node's blob HTTP at {} cannot be reached: {error}", self.url))
            .hint("check that the node runs with --blob-listen and that --blob-url (or DPIN_BLOB_URL) is right")
    }
}

/// The reason why a download stops, and whether to try again.
struct Interruption {
    error: Box<Error>,
    message: String,
    again: bool,
    pause: bool,
}

impl Interruption {
    fn again(error: Error) -> Self {
        Self { again: true, ..error.into() }
    }

    fn error(self) -> Error {
        if self.again { self.error.hint("run the command again: it resumes the download") } else { *self.error }
    }
}

impl From<Error> for Interruption {
    fn from(error: Error) -> Self {
        Self { message: error.message.clone(), error: Box::new(error), again: false, pause: false }
    }
}

/// Add bytes to `part` until it has `total`.
fn receive(
    body: &mut impl Read,
    part: &mut PartialFile,
    total: u64,
    bar: &ProgressBar,
) -> std::result::Result<(), Interruption> {
    let broken = |error: io::Error| Interruption {
        pause: true,
        ..Interruption::again(Error::connection(format!("the connection broke: {error}")))
    };
    let mut piece = vec![0; PIECE];
    while part.hasher.len() < total {
        let room = usize::try_from(total - part.hasher.len()).unwrap_or(PIECE).min(PIECE);
        let (count, end) = read_full(body, &mut piece[..room]);
        part.append(&piece[..count])?;
        bar.inc(count as u64);
        end.map_err(broken)?;
        if count < room {
            return Err(broken(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok(())
}

/// Read until the buffer is full or the source ends. Returns the bytes read, also those before an
/// error.
fn read_full(from: &mut impl Read, buffer: &mut [u8]) -> (usize, io::Result<()>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return (filled, Err(error)),
        }
    }
    (filled, Ok(()))
}

/// The error for another answer than the one expected.
fn unexpected(what: &str, mut answer: Response<Body>) -> Error {
    let status = answer.status();
    let text = answer.body_mut().with_config().limit(MAX_TEXT).read_to_string().unwrap_or_default();
    let text: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let error = Error::failed(format!("{what}: {}", inline(&text))).named(status.as_u16().to_string());
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Error { exit: Exit::Usage, ..error }.hint("name the token file of this node with --blob-token-file")
        }
        StatusCode::NOT_FOUND => {
            error.hint("check with `dpin blob status` that the chain knows the blob, and that a node which has it runs")
        }
        StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE => error.hint("try again later"),
        StatusCode::INSUFFICIENT_STORAGE => {
            error.hint("give the node more disk space for blobs, or wait until others expire")
        }
        StatusCode::BAD_REQUEST => error.hint("check that the file has not changed, and try again"),
        _ => error,
    }
}

fn unfit(message: impl Into<String>) -> Error {
    Error::unverified(message).hint("use another node: --blob-url")
}

/// A download in progress, in a file of its own beside the target.
struct PartialFile {
    file: File,
    path: PathBuf,
    /// The hasher of the bytes in the file.
    hasher: Hasher,
}

impl PartialFile {
    /// Open the rest of an earlier download, or start with an empty file.
    fn open(target: &Path) -> Result<Self> {
        let mut name = target.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let broken = |error: io::Error| Error::failed(format!("{} cannot be written: {error}", path.display()));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(broken)?;
        let hasher = hash(&mut file, &ProgressBar::hidden()).map_err(broken)?;
        Ok(Self { file, path, hasher })
    }

    fn broken(&self, error: io::Error) -> Error {
        Error::failed(format!("{} cannot be written: {error}", self.path.display()))
            .hint("check the free disk space; the next download resumes with the bytes that are there")
    }

    fn append(&mut self, piece: &[u8]) -> Result<()> {
        self.file.write_all(piece).map_err(|error| self.broken(error))?;
        self.hasher.update(piece);
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        if !self.hasher.is_empty() {
            self.file.set_len(0).and_then(|()| io::Seek::rewind(&mut self.file)).map_err(|error| self.broken(error))?;
            self.hasher = Hasher::new();
        }
        Ok(())
    }

    /// Move the file to its target, if its bytes match the id.
    fn finish(self, id: BlobHash, target: &Path) -> Result<()> {
        if self.hasher.clone().finish() != id {
            // None of it can be used.
            let _ = std::fs::remove_file(&self.path);
            return Err(unfit("the received bytes do not match the id of the blob"));
        }
        let written = self.file.sync_all().and_then(|()| std::fs::rename(&self.path, target));
        written.map_err(|error| self.broken(error))
    }
}

/// Compute the id and the length of a large file.
///
/// # Errors
///
/// When the file cannot be read, is empty, or is larger than a blob may be.
pub(crate) async fn identify(path: &Path, output: Output) -> Result<(BlobHash, u64)> {
    let path = path.to_path_buf();
    run_blocking(move || {
        let (mut file, length) = open(&path)?;
        let bar = output.bar(length, true);
        bar.set_message("hashing");
        let hasher = hash(&mut file, &bar)
            .map_err(|error| Error::usage(format!("{} cannot be read: {error}", path.display())))?;
        bar.finish_and_clear();
        match hasher.len() {
            0 => Err(Error::usage(format!("{} is empty", path.display()))),
            length => Ok((hasher.finish(), length)),
        }
    })
    .await
}

fn open(path: &Path) -> Result<(File, u64)> {
    let unreadable = |error: io::Error| Error::usage(format!("{} cannot be read: {error}", path.display()));
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    if length > MAX_BLOB_BYTES {
        return Err(Error::usage(format!("{} has {}; a blob has at most 4 GiB", path.display(), bytes(length)))
            .hint("split it over several inputs of the kernel"));
    }
    Ok((file, length))
}

fn hash(file: &mut impl Read, bar: &ProgressBar) -> io::Result<Hasher> {
    let (mut hasher, mut piece) = (Hasher::new(), vec![0; PIECE]);
    loop {
        let (count, end) = read_full(file, &mut piece);
        end?;
        hasher.update(&piece[..count]);
        bar.inc(count as u64);
        if count < PIECE {
            return Ok(hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::blob_tree::CHUNK_BYTES;
    use std::{io::BufRead, net::TcpListener, thread::JoinHandle};

    /// A request that the mock node has received: its first line, the headers that matter, and the
    /// length of its body.
    #[derive(Debug, PartialEq, Eq)]
    struct Asked {
        line: String,
        range: Option<String>,
        token: Option<String>,
        body: usize,
    }

    /// A mock node that gives these answers one after the other, and then stops.
    fn node(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<Asked>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serve = move || {
            let mut asked = Vec::new();
            for answer in answers {
                let (stream, _) = listener.accept().unwrap();
                let mut reader = io::BufReader::new(stream.try_clone().unwrap());
                let mut lines = Vec::new();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    match line.trim_end() {
                        "" => break,
                        line => lines.push(line.to_string()),
                    }
                }
                let header = |name: &str| {
                    let of = |line: &String| line.to_ascii_lowercase().starts_with(&format!("{name}:"));
                    lines.iter().find(|line| of(line)).map(|line| line[name.len() + 1..].trim().to_string())
                };
                let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
                if answer.starts_with(b"HTTP/1.1 2") && !body.is_empty() {
                    (&stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
                    reader.read_exact(&mut body).unwrap();
                } else {
                    body.clear();
                }
                (&stream).write_all(&answer).unwrap();
                asked.push(Asked {
                    line: lines[0].clone(),
                    range: header("range"),
                    token: header("authorization"),
                    body: body.len(),
                });
            }
            asked
        };
        (url, std::thread::spawn(serve))
    }

    fn answer(status: &str, headers: &[String], body: &[u8]) -> Vec<u8> {
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        [format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n").as_bytes(), body].concat()
    }

    /// An answer with these bytes, of which only the first `sent` are sent.
    fn whole(body: &[u8], sent: usize) -> Vec<u8> {
        answer("200 OK", &[format!("content-length: {}", body.len())], &body[..sent])
    }

    fn rest(body: &[u8], from: usize) -> Vec<u8> {
        let range = format!("content-range: bytes {from}-{}/{}", body.len() - 1, body.len());
        answer("206 Partial Content", &[format!("content-length: {}", body.len() - from), range], &body[from..])
    }

    fn words(status: &str, text: &str) -> Vec<u8> {
        answer(status, &[format!("content-length: {}", text.len())], text.as_bytes())
    }

    fn blob_http(url: &str, token: Option<&Path>) -> BlobHttp {
        let args = BlobHttpArgs { blob_url: url.into(), blob_token_file: token.map(Path::to_path_buf) };
        BlobHttp::new(&args, Output { json: true, quiet: true }).unwrap()
    }

    fn blob() -> (Vec<u8>, BlobHash) {
        let bytes: Vec<u8> =
            (0..2 * CHUNK_BYTES as u32 + 7).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut hasher = Hasher::new();
        hasher.update(&bytes);
        (bytes, hasher.finish())
    }

    #[tokio::test]
    async fn a_file_is_uploaded_once_and_with_the_token() {
        let ((bytes, id), folder) = (blob(), tempfile::tempdir().unwrap());
        let (file, token) = (folder.path().join("a.bin"), folder.path().join("token"));
        std::fs::write(&file, &bytes).unwrap();
        std::fs::write(&token, "secret\n").unwrap();
        let output = Output { json: true, quiet: true };
        assert_eq!(identify(&file, output).await, Ok((id, bytes.len() as u64)));
        std::fs::write(folder.path().join("empty"), b"").unwrap();
        for unfit in ["empty", "."] {
            assert_eq!(identify(&folder.path().join(unfit), output).await.unwrap_err().exit, Exit::Usage);
        }

        let (url, node) = node(vec![
            words("404 Not Found", ""),
            words("201 Created", "there"),
            words("200 OK", ""),
            words("404 Not Found", ""),
            words("401 Unauthorized", "the bearer token is wrong"),
        ]);
        let with_token = blob_http(&url, Some(&token));
        with_token.upload(id, &file).await.unwrap();
        with_token.upload(id, &file).await.unwrap();
        let error = with_token.upload(id, &file).await.unwrap_err();
        assert!(error.exit == Exit::Usage && error.message.ends_with("token is wrong"), "{error}");
        let asked = node.join().unwrap();
        let put = format!("PUT /blob/{} HTTP/1.1", hex::encode(id));
        let uploads: Vec<&Asked> = asked.iter().filter(|asked| asked.line == put).collect();
        assert_eq!(uploads.iter().map(|asked| asked.body).collect::<Vec<_>>(), [bytes.len(), 0]);
        assert!(uploads.iter().all(|asked| asked.token.as_deref() == Some("Bearer secret")));
    }

    #[tokio::test]
    async fn without_a_token_or_a_node_it_is_said_what_to_do() {
        let ((bytes, id), folder) = (blob(), tempfile::tempdir().unwrap());
        let file = folder.path().join("a.bin");
        std::fs::write(&file, &bytes).unwrap();
        let (url, node) = node(vec![words("404 Not Found", "")]);
        let error = blob_http(&url, None).upload(id, &file).await.unwrap_err();
        assert!(error.exit == Exit::Usage && error.hint.unwrap().contains("--blob-token-file"));
        node.join().unwrap();
        let error = blob_http(&url, None).upload(id, &file).await.unwrap_err();
        assert!(error.exit == Exit::Connection && error.hint.unwrap().contains("--blob-url"));
        let args = BlobHttpArgs { blob_url: "127.0.0.1:1".into(), blob_token_file: None };
        assert_eq!(BlobHttp::new(&args, Output { json: true, quiet: true }).err().unwrap().exit, Exit::Usage);
    }

    #[tokio::test]
    async fn a_node_is_tried_before_the_chain_is_told_of_a_blob() {
        let ((_, id), folder) = (blob(), tempfile::tempdir().unwrap());
        let (file, token) = (folder.path().join("a.bin"), folder.path().join("token"));
        std::fs::write(&token, "secret\n").unwrap();
        let (url, node) = node(vec![
            words("200 OK", ""),
            words("404 Not Found", ""),
            words("404 Not Found", ""),
            words("401 Unauthorized", "the bearer token is wrong"),
            words("404 Not Found", ""),
            words("400 Bad Request", "the bytes are others"),
        ]);
        // Bytes that the node has need no token.
        blob_http(&url, None).try_out(id, &file).await.unwrap();
        assert_eq!(blob_http(&url, None).try_out(id, &file).await.unwrap_err().exit, Exit::Usage);
        let with_token = blob_http(&url, Some(&token));
        assert_eq!(with_token.try_out(id, &file).await.unwrap_err().exit, Exit::Usage);
        with_token.try_out(id, &file).await.unwrap();
        assert!(node.join().unwrap().iter().all(|asked| asked.body == 0));
        assert_eq!(with_token.try_out(id, &file).await.unwrap_err().exit, Exit::Connection);
    }

    #[tokio::test]
    async fn a_download_goes_on_where_it_broke_off() {
        let ((bytes, id), folder) = (blob(), tempfile::tempdir().unwrap());
        let out = folder.path().join("b.bin");
        let size = Some(bytes.len() as u64);
        // The node first fetches it from others, then the connection breaks.
        let (url, node) = node(vec![
            words("504 Gateway Timeout", "7 bytes of it are here"),
            whole(&bytes, 300_000),
            rest(&bytes, 300_000),
        ]);
        assert_eq!(blob_http(&url, None).download(id, size, &out).await, Ok(bytes.len() as u64));
        assert_eq!(std::fs::read(&out).unwrap(), bytes);
        assert!(!folder.path().join("b.bin.part").exists());
        let ranges: Vec<Option<String>> = node.join().unwrap().into_iter().map(|asked| asked.range).collect();
        assert_eq!(ranges, [None, None, Some("bytes=300000-".into())]);

        // A download also resumes one that an earlier command has begun.
        std::fs::write(folder.path().join("b.bin.part"), &bytes[..100_000]).unwrap();
        std::fs::remove_file(&out).unwrap();
        let (url, node) = self::node(vec![rest(&bytes, 100_000)]);
        assert_eq!(blob_http(&url, None).download(id, size, &out).await, Ok(bytes.len() as u64));
        assert_eq!(std::fs::read(&out).unwrap(), bytes);
        assert_eq!(node.join().unwrap()[0].range.as_deref(), Some("bytes=100000-"));
    }

    #[tokio::test]
    async fn other_bytes_than_the_id_names_are_not_kept() {
        let ((mut bytes, id), folder) = (blob(), tempfile::tempdir().unwrap());
        let out = folder.path().join("b.bin");
        let size = Some(bytes.len() as u64);
        bytes[5] ^= 1;
        let (url, node) = node(vec![whole(&bytes, bytes.len()), whole(&bytes[1..], 0)]);
        let blob_http = blob_http(&url, None);
        assert_eq!(blob_http.download(id, size, &out).await.unwrap_err().exit, Exit::Unverified);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let error = blob_http.download(id, size, &out).await.unwrap_err();
        assert!(error.exit == Exit::Unverified && !out.exists(), "{error}");
        node.join().unwrap();
    }

    #[tokio::test]
    async fn what_a_node_refuses_is_told() {
        let ((_, id), folder) = (blob(), tempfile::tempdir().unwrap());
        let out = folder.path().join("b.bin");
        let (url, node) = node(vec![words("404 Not Found", "no node\x1b has it")]);
        let error = blob_http(&url, None).download(id, None, &out).await.unwrap_err();
        assert_eq!((error.exit, error.name.as_deref()), (Exit::Failed, Some("404")));
        assert!(error.message.ends_with("no node  has it") && error.hint.is_some(), "{error}");
        node.join().unwrap();
    }
}
