//! Blobs for users: streaming HTTP on loopback.
//!
//! | request | answer |
//! |---|---|
//! | `PUT /blob/<id>` | uploads a blob; needs the bearer token and a `Content-Length` |
//! | `GET /blob/<id>` | the bytes of a blob, or a `Range` of them |
//! | `GET /blob/<id>?wait=<seconds>` | the same, fetched from other nodes first if it is not here |
//! | `GET /output/<job>/<index>` | an output of this node's executor, or a `Range` of its bytes |
//!
//! `HEAD` is as `GET` without the bytes. Every user of the machine may read. Without the token,
//! only blobs that the chain knows are fetched, so that nobody can fill the disk with arbitrary
//! bytes. An error is a status code and one line of text.

use super::{
    bucket::Pace,
    depot::{DepotError, Upload},
    fetch::FetchError,
    find::{BlobBytes, LocalBlobs},
    lock,
};
use crate::executor::ExecutorHandle;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use dpin_listen::Limits;
use dpin_loopback::{
    Failure, HttpResult, Incoming, Interrupted, MinRate, Part, Query, Token,
    body::{pieces, read_range},
    content_length,
};
use dpin_primitives::{
    BlobHash, TaskId,
    blob_tree::MAX_BLOB_BYTES,
    executor::{MAX_CHUNK_BYTES, OutputChunk},
};
use dpin_rpc::Executor;
use futures::StreamExt;
use std::{
    collections::HashSet,
    fs::File,
    io,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, mpsc},
};

/// Bytes read from the disk at a time.
const PIECE: u64 = 1024 * 1024;
/// Bytes of an upload that are hashed and written at a time.
const UPLOAD_PIECE: usize = 4 * 1024 * 1024;
/// Most uploads at a time.
const MAX_UPLOADS: usize = 4;
/// Most downloads at a time, each with a piece in memory.
const MAX_DOWNLOADS: usize = 256;
/// The rate that an upload must keep: at least some byte each minute.
const UPLOAD_RATE: MinRate = MinRate { bytes: 1, time: Duration::from_secs(60) };
/// Most bytes of a refused upload that are read from a client without the token.
const MAX_DISCARDED: u64 = 4 * 1024 * 1024;
/// Longest wait for a fetch, in seconds.
const MAX_WAIT: u64 = 3_600;

/// The parts of the node that the answers need.
pub(super) struct App {
    /// The blobs of this node, and those that it can fetch.
    pub blobs: Arc<LocalBlobs>,
    /// The executor, which keeps the outputs.
    pub executor: ExecutorHandle,
    /// The token of those who may upload and fetch.
    pub token: Token,
    /// Rate limit of all downloads together.
    pub pace: Arc<Pace>,
    /// Called with the id of each uploaded blob.
    pub uploaded: Box<dyn Fn(BlobHash) + Send + Sync>,
}

struct Shared {
    app: App,
    uploads: Semaphore,
    downloads: Arc<Semaphore>,
    /// The blobs that are being uploaded.
    uploading: Mutex<HashSet<BlobHash>>,
}

/// Serves for ever.
pub(super) async fn serve(listener: TcpListener, app: App) {
    let uploads = Semaphore::new(MAX_UPLOADS);
    let downloads = Arc::new(Semaphore::new(MAX_DOWNLOADS));
    let shared = Arc::new(Shared { app, uploads, downloads, uploading: Mutex::default() });
    let router = Router::new()
        .route("/blob/{id}", get(get_blob).put(put_blob))
        .route("/output/{job}/{index}", get(get_output))
        .fallback(dpin_loopback::not_found)
        .method_not_allowed_fallback(dpin_loopback::method_not_allowed)
        .with_state(shared);
    // Downloads, uploads, and clients that wait for a fetch.
    let limits = Limits { connections: 2 * MAX_DOWNLOADS, ..Limits::default() };
    dpin_listen::serve(listener, router, limits, std::future::pending()).await;
}

impl From<&DepotError> for Failure {
    fn from(error: &DepotError) -> Self {
        let code = match error {
            DepotError::Full(_) | DepotError::DiskFull | DepotError::Reserve => StatusCode::INSUFFICIENT_STORAGE,
            DepotError::Length => StatusCode::PAYLOAD_TOO_LARGE,
            DepotError::WrongBytes => StatusCode::BAD_REQUEST,
            DepotError::Disk(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(code, error.to_string())
    }
}

impl From<DepotError> for Failure {
    fn from(error: DepotError) -> Self {
        (&error).into()
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        match &error {
            FetchError::Depot(depot) => Self::from(&**depot),
            FetchError::NoSource { .. } => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            FetchError::OtherSize { .. } => Self::new(StatusCode::CONFLICT, error.to_string()),
            FetchError::Busy | FetchError::Abandoned | FetchError::Ended => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
        }
    }
}

fn parse_id(hex: &str) -> HttpResult<BlobHash> {
    let mut id = [0; 32];
    hex::decode_to_slice(hex.strip_prefix("0x").unwrap_or(hex), &mut id)
        .map_err(|_| Failure::bad_request("the id of a blob has 64 hex digits"))?;
    Ok(id.into())
}

/// Runs work that reads or writes files on a thread that serves no connection.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> HttpResult<T> {
    dpin_loopback::blocking("node", work).await
}

async fn get_blob(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    query: Query,
    headers: HeaderMap,
) -> HttpResult<Response> {
    let (id, wait) = (parse_id(&id)?, wait_of(&query)?);
    if let Some(download) = open(&shared, id).await? {
        return download.answer(&shared, &headers);
    }
    fetch(&shared.app, id, wait, &headers).await?;
    match open(&shared, id).await? {
        Some(download) => download.answer(&shared, &headers),
        None => Err(Failure::new(StatusCode::NOT_FOUND, "the blob was fetched and has made room for others")),
    }
}

/// Fetches a blob from other nodes, if the client may ask for it and waits for it.
async fn fetch(app: &App, id: BlobHash, wait: Option<Duration>, headers: &HeaderMap) -> HttpResult<()> {
    let ledger = app.blobs.ledger.clone();
    let known = blocking(move || ledger.info(id)).await?;
    let wait =
        wait.ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "the blob is not here; ?wait=<seconds> fetches it"))?;
    if known.is_none() && !app.token.is_in(headers) {
        let text = "the chain does not know the blob; only who has the token may have it fetched all the same";
        return Err(Failure::new(StatusCode::FORBIDDEN, text));
    }
    let fetch = app.blobs.fetcher.fetch(id, known.map(|known| known.size));
    tokio::time::timeout(wait, fetch).await.map_err(|_| {
        let there = app.blobs.depot.status(&id).map_or(0, |status| status.present);
        Failure::new(
            StatusCode::GATEWAY_TIMEOUT,
            format!("{there} bytes of it are here; it is fetched on for a while: ask again"),
        )
    })??;
    Ok(())
}

/// Parses the `wait=<seconds>` of a query.
fn wait_of(query: &Query) -> HttpResult<Option<Duration>> {
    let seconds = query.value("wait").map(str::parse::<u64>).transpose();
    let seconds = seconds.map_err(|_| Failure::bad_request("wait is not a whole number of seconds"))?;
    Ok(seconds.map(|seconds| Duration::from_secs(seconds.min(MAX_WAIT))))
}

/// The bytes that a client downloads.
enum Download {
    File(Arc<File>, u64),
    Memory(Bytes),
    Output(ExecutorHandle, TaskId, u64),
}

async fn open(shared: &Shared, id: BlobHash) -> HttpResult<Option<Download>> {
    let blobs = shared.app.blobs.clone();
    let found = blocking(move || blobs.find(id)).await?.map_err(DepotError::from)?;
    Ok(found.map(|bytes| match bytes {
        BlobBytes::Memory(bytes) => Download::Memory(bytes.into()),
        BlobBytes::File(file, len) => Download::File(Arc::new(file), len),
    }))
}

impl Download {
    fn len(&self) -> u64 {
        match self {
            Self::File(_, len) | Self::Output(_, _, len) => *len,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    fn answer(self, shared: &Shared, headers: &HeaderMap) -> HttpResult<Response> {
        let len = self.len();
        let part = Part::requested(headers, len).map_err(|beyond| beyond.failure(format!("there are {len} bytes")))?;
        let slot = shared.downloads.clone().try_acquire_owned();
        let busy = |_| Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many downloads at a time: try again later");
        let flow = Flow { pace: shared.app.pace.clone(), _slot: slot.map_err(busy)? };
        let bytes = self.body(part.range(), flow);
        Ok(part.response(bytes))
    }

    fn body(self, range: Range<u64>, flow: Flow) -> Body {
        match self {
            Self::Memory(bytes) => Body::from(bytes.slice(range.start as usize..range.end as usize)),
            Self::File(file, _) => flow.body(range, move |piece| read_range(&file, piece)),
            Self::Output(executor, task, total) => flow.body(range, move |piece| {
                let length = (piece.end - piece.start) as u32;
                let chunk = executor.output(task, piece.start, length).map_err(io::Error::other)?;
                let chunk = chunk.filter(|chunk| chunk.total == total).ok_or(io::ErrorKind::NotFound)?;
                cut(chunk, &piece).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }),
        }
    }
}

/// Limits of a download: the shared rate, and a slot that it holds until it ends.
struct Flow {
    pace: Arc<Pace>,
    _slot: OwnedSemaphorePermit,
}

impl Flow {
    /// A body that is read only as fast as the client receives it and the rate limit allows.
    fn body(
        self,
        range: Range<u64>,
        read: impl Fn(Range<u64>) -> io::Result<Vec<u8>> + Clone + Send + 'static,
    ) -> Body {
        let flow = Arc::new(self);
        Body::from_stream(pieces(range, PIECE, read).then(move |piece| {
            let flow = flow.clone();
            async move {
                flow.pace.take(piece.as_ref().map_or(0, |bytes| bytes.len() as u64)).await;
                piece
            }
        }))
    }
}

/// Cuts the bytes of `piece` out of a chunk that was widened to whole tiles.
fn cut(mut chunk: OutputChunk, piece: &Range<u64>) -> Option<Vec<u8>> {
    let start = usize::try_from(piece.start.checked_sub(chunk.offset)?).ok()?;
    let end = usize::try_from(piece.end.checked_sub(chunk.offset)?).ok()?;
    chunk.data.get(start..end)?;
    chunk.data.truncate(end);
    chunk.data.drain(..start);
    Some(chunk.data)
}

async fn get_output(
    State(shared): State<Arc<Shared>>,
    Path((job, index)): Path<(String, String)>,
    headers: HeaderMap,
) -> HttpResult<Response> {
    let (Ok(job), Ok(index)) = (job.parse(), index.parse()) else {
        return Err(Failure::bad_request("a task is two whole numbers"));
    };
    let (task, executor) = (TaskId { job, index }, shared.app.executor.clone());
    const { assert!(PIECE <= MAX_CHUNK_BYTES as u64) };
    let first = {
        let executor = executor.clone();
        blocking(move || executor.output(task, 0, 1)).await?
    };
    let first = first.map_err(|error| Failure::new(StatusCode::BAD_GATEWAY, error.to_string()))?;
    let text = "this node's executor does not keep the output of that task";
    let total = first.ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, text))?.total;
    Download::Output(executor, task, total).answer(&shared, &headers)
}

/// Prevents other uploads of the same blob while it exists.
struct UploadLock<'a>(&'a Shared, BlobHash);

impl<'a> UploadLock<'a> {
    fn take(shared: &'a Shared, id: BlobHash) -> Option<Self> {
        let mut uploading = lock(&shared.uploading);
        // Created only if nobody holds it: dropping it releases the blob.
        uploading.insert(id).then(|| Self(shared, id))
    }
}

impl Drop for UploadLock<'_> {
    fn drop(&mut self) {
        lock(&self.0.uploading).remove(&self.1);
    }
}

async fn put_blob(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    request: Request,
) -> HttpResult<(StatusCode, String)> {
    let (parts, body) = request.into_parts();
    let body = Incoming::new(body, UPLOAD_RATE);
    if let Err(failure) = shared.app.token.check(&parts.headers) {
        body.discard(MAX_DISCARDED).await;
        return Err(failure);
    }
    match take_in(&shared, &id, &parts.headers).await {
        // A client with the token may be trusted to end its upload.
        Err(failure) => {
            body.discard(u64::MAX).await;
            Err(failure)
        }
        Ok(TakenIn::Here) => {
            body.discard(u64::MAX).await;
            Ok((StatusCode::OK, "it is here already\n".into()))
        }
        Ok(TakenIn::Room { id, upload, .. }) => {
            let upload = receive(upload, body).await?;
            blocking(move || upload.finish(id)).await??;
            (shared.app.uploaded)(id);
            Ok((StatusCode::CREATED, format!("0x{}\n", hex::encode(id))))
        }
    }
}

/// The decision about an upload.
enum TakenIn<'a> {
    /// The blob is here already.
    Here,
    /// There is room, and this client may upload the blob while this value exists.
    Room { id: BlobHash, upload: Upload, _lock: UploadLock<'a>, _slot: SemaphorePermit<'a> },
}

async fn take_in<'a>(shared: &'a Shared, id: &str, headers: &HeaderMap) -> HttpResult<TakenIn<'a>> {
    let id = parse_id(id)?;
    let length = content_length(headers)
        .ok_or_else(|| Failure::new(StatusCode::LENGTH_REQUIRED, "say how long it is: Content-Length"))?;
    if length > MAX_BLOB_BYTES {
        return Err(DepotError::Length.into());
    }
    let depot = shared.app.blobs.depot.clone();
    if depot.status(&id).is_some_and(|status| status.is_whole()) {
        return Ok(TakenIn::Here);
    }
    let lock = UploadLock::take(shared, id)
        .ok_or_else(|| Failure::new(StatusCode::CONFLICT, "somebody else is uploading this blob"))?;
    let slot = shared
        .uploads
        .try_acquire()
        .map_err(|_| Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many uploads at a time: try again later"))?;
    let upload = blocking(move || depot.upload(length)).await??;
    Ok(TakenIn::Room { id, upload, _lock: lock, _slot: slot })
}

/// Receives the body. Hashes and writes one piece while the next one arrives.
async fn receive(mut upload: Upload, body: Incoming) -> HttpResult<Upload> {
    let (pieces, mut arrived) = mpsc::channel::<Vec<u8>>(1);
    let writing = tokio::task::spawn_blocking(move || {
        while let Some(piece) = arrived.blocking_recv() {
            upload.write(&piece)?;
        }
        Ok::<_, DepotError>(upload)
    });
    let end = pass_on(body, pieces).await;
    let upload = writing.await.map_err(|_| Failure::panicked("node"))??;
    end.map(|()| upload)
}

/// Passes a body on to its writer in pieces. All of it is received, even if the writer has failed.
async fn pass_on(mut body: Incoming, writer: mpsc::Sender<Vec<u8>>) -> HttpResult<()> {
    let mut piece = Vec::with_capacity(UPLOAD_PIECE);
    while let Some(bytes) = body.next().await.map_err(broken_off)? {
        piece.extend_from_slice(&bytes);
        if piece.len() >= UPLOAD_PIECE {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(UPLOAD_PIECE));
            // The writer returns its own error.
            let _ = writer.send(full).await;
        }
    }
    let _ = writer.send(piece).await;
    Ok(())
}

fn broken_off(interrupted: Interrupted) -> Failure {
    match interrupted {
        Interrupted::Lost(error) => Failure::bad_request(format!("the upload broke off: {error}")),
        Interrupted::Slow => {
            let text = format!("no byte came for {} s", UPLOAD_RATE.time.as_secs());
            Failure::new(StatusCode::REQUEST_TIMEOUT, text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            depot::{
                Depot,
                tests::{blob, depot, upload},
            },
            fetch::{Fetcher, Network, RequestError},
            ledger::Ledger,
            small::SmallBlobs,
        },
        *,
    };
    use dpin_primitives::{AccountId, Hash, api::BlobInfo, blake2, blob_tree::CHUNK_BYTES};
    use futures::{FutureExt, future::BoxFuture};
    use polkadot_sdk::{
        sc_network::{PeerId, ReputationChange},
        sp_core::offchain::storage::InMemOffchainStorage,
    };

    /// A network without any other node.
    struct Nobody;

    impl Network for Nobody {
        fn peers(&self) -> BoxFuture<'_, Vec<PeerId>> {
            futures::future::ready(Vec::new()).boxed()
        }
        fn providers(&self, _: BlobHash) -> BoxFuture<'_, Vec<PeerId>> {
            futures::future::ready(Vec::new()).boxed()
        }
        fn request(&self, _: PeerId, _: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, RequestError>> {
            futures::future::ready(Err(RequestError::Lost)).boxed()
        }
        fn report(&self, _: PeerId, _: ReputationChange) {}
        fn provide(&self, _: BlobHash) {}
        fn withdraw(&self, _: BlobHash) {}
    }

    /// A chain that has stored a small blob, and knows one more.
    struct Chain(BlobHash);

    const SMALL: &[u8] = b"a small blob";

    impl Ledger for Chain {
        fn entry(&self, hash: BlobHash) -> Result<Option<BlobInfo>, String> {
            let owner = AccountId::from([0; 32]);
            Ok((hash == self.0).then_some(BlobInfo { hash, size: 5, announced: true, owner, expires: 9, pins: 0 }))
        }
        fn indexed(&self, id: BlobHash) -> Result<Option<Vec<u8>>, String> {
            Ok((id == blake2(SMALL)).then(|| SMALL.to_vec()))
        }
    }

    struct Server {
        _dir: tempfile::TempDir,
        depot: Arc<Depot>,
        url: String,
        uploaded: Arc<Mutex<Vec<BlobHash>>>,
    }

    const KNOWN: BlobHash = BlobHash::repeat_byte(5);

    async fn server(quota: u64) -> Server {
        let dir = tempfile::tempdir().unwrap();
        let depot = depot(dir.path(), quota);
        let uploaded = Arc::new(Mutex::new(Vec::new()));
        let told = uploaded.clone();
        let blobs = LocalBlobs {
            ledger: Arc::new(Chain(KNOWN)),
            small: SmallBlobs::new(InMemOffchainStorage::default()),
            depot: depot.clone(),
            fetcher: Fetcher::new(depot.clone(), Arc::new(Nobody), tokio::runtime::Handle::current()),
        };
        let app = App {
            blobs: Arc::new(blobs),
            executor: ExecutorHandle::default(),
            token: Token::new("secret"),
            pace: Arc::new(Pace::new(u64::MAX)),
            uploaded: Box::new(move |id| told.lock().unwrap().push(id)),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, app));
        Server { _dir: dir, depot, url, uploaded }
    }

    impl Server {
        /// Returns status, headers and body of an answer.
        async fn ask(&self, method: &str, path: String, headers: &[(&str, String)], body: Vec<u8>) -> Reply {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .proxy(None)
                .timeout_global(Some(Duration::from_secs(60)))
                .build()
                .into();
            let url = format!("{}{path}", self.url);
            let (method, headers) = (method.to_owned(), headers.iter().map(|(n, v)| (n.to_string(), v.clone())));
            let headers: Vec<(String, String)> = headers.collect();
            tokio::task::spawn_blocking(move || {
                let answer = if method == "PUT" {
                    headers.iter().fold(agent.put(url), |request, (n, v)| request.header(n, v)).send(&body[..])
                } else {
                    let request = match &*method {
                        "GET" => agent.get(url),
                        "HEAD" => agent.head(url),
                        "DELETE" => agent.delete(url),
                        other => panic!("{other}"),
                    };
                    headers.iter().fold(request, |request, (n, v)| request.header(n, v)).call()
                };
                let mut answer = answer.unwrap();
                let headers = answer.headers().clone();
                let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
                Reply { status: answer.status().as_u16(), headers, body }
            })
            .await
            .unwrap()
        }

        async fn get(&self, id: BlobHash, query: &str, headers: &[(&str, String)]) -> Reply {
            self.ask("GET", format!("/blob/{}{query}", hex::encode(id)), headers, Vec::new()).await
        }

        async fn put(&self, id: BlobHash, token: &str, bytes: Vec<u8>) -> Reply {
            let headers = [("Authorization", format!("Bearer {token}"))];
            self.ask("PUT", format!("/blob/{}", hex::encode(id)), &headers, bytes).await
        }
    }

    #[derive(Debug)]
    struct Reply {
        status: u16,
        headers: ureq::http::HeaderMap,
        body: Vec<u8>,
    }

    impl Reply {
        fn header(&self, name: &str) -> &str {
            self.headers.get(name).map_or("", |value| value.to_str().unwrap())
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_put_is_got_whole_in_ranges_and_as_a_head() {
        let server = server(1 << 30).await;
        let (id, _, bytes) = blob(20 * CHUNK_BYTES + 3, 1);
        let put = server.put(id, "secret", bytes.clone()).await;
        assert_eq!((put.status, put.body), (201, format!("0x{}\n", hex::encode(id)).into_bytes()));
        assert_eq!(*server.uploaded.lock().unwrap(), [id]);
        assert_eq!(server.put(id, "secret", bytes.clone()).await.status, 200);

        let whole = server.get(id, "", &[]).await;
        assert_eq!((whole.status, whole.header("accept-ranges")), (200, "bytes"));
        assert!(whole.body == bytes);
        let range = |range: &str| [("Range", range.to_owned())];
        let some = server.get(id, "", &range("bytes=1000000-3000000")).await;
        assert_eq!(some.status, 206);
        assert_eq!(some.header("content-range"), format!("bytes 1000000-3000000/{}", bytes.len()));
        assert!(some.body == bytes[1_000_000..=3_000_000]);
        assert!(server.get(id, "", &range("bytes=-9")).await.body == bytes[bytes.len() - 9..]);
        let beyond = server.get(id, "", &range(&format!("bytes={}-", bytes.len()))).await;
        assert_eq!((beyond.status, beyond.header("content-range")), (416, &*format!("bytes */{}", bytes.len())));
        let head = server.ask("HEAD", format!("/blob/0x{}", hex::encode(id)), &[], Vec::new()).await;
        assert_eq!((head.status, head.header("content-length")), (200, &*bytes.len().to_string()));
        assert!(head.body.is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_upload_needs_the_token_the_right_bytes_and_room() {
        let server = server(1 << 20).await;
        let (id, _, bytes) = blob(1_000, 1);
        assert_eq!(server.put(id, "wrong", bytes.clone()).await.status, 401);
        assert_eq!(server.put(KNOWN, "secret", bytes.clone()).await.status, 400);
        assert_eq!(server.put(id, "secret", Vec::new()).await.status, 413);
        let (large, _, many) = blob(1 << 20, 2);
        let full = server.put(large, "secret", many).await;
        assert_eq!(full.status, 507, "{}", String::from_utf8_lossy(&full.body));
        let headers = [("Authorization", "Bearer secret".to_owned())];
        assert_eq!(server.ask("PUT", "/blob/12".into(), &headers, vec![1]).await.status, 400);
        assert_eq!(server.depot.whole(), []);
        assert_eq!(server.put(id, "secret", bytes).await.status, 201);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_upload_that_breaks_off_leaves_nothing_and_may_be_repeated() {
        use tokio::io::AsyncWriteExt;
        let server = server(1 << 30).await;
        let (id, _, bytes) = blob(5_000_000, 1);
        let address = server.url.replace("http://", "");
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "PUT /blob/{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\nContent-Length: 5000000\r\n\r\n",
            hex::encode(id)
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&bytes[..4_900_000]).await.unwrap();
        // The other upload gets status 409 as long as the server has not noticed the broken one.
        drop(stream);
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        loop {
            match server.put(id, "secret", bytes.clone()).await.status {
                201 => break,
                409 => assert!(std::time::Instant::now() < deadline, "the broken upload is never given up"),
                other => panic!("{other}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        let uploads = || {
            let files = std::fs::read_dir(server._dir.path()).unwrap().map(|file| file.unwrap().path());
            files.filter(|path| path.extension().is_some_and(|extension| extension == "upload")).count()
        };
        while uploads() > 0 {
            assert!(std::time::Instant::now() < deadline, "an upload is left");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn stored_blobs_are_served_too_and_absent_ones_are_fetched_for_who_may() {
        let server = server(1 << 30).await;
        assert_eq!(server.get(blake2(SMALL), "", &[]).await.body, SMALL);
        let absent = BlobHash::repeat_byte(9);
        assert_eq!(server.get(absent, "", &[]).await.status, 404);
        assert_eq!(server.get(absent, "?wait=1", &[]).await.status, 403);
        assert_eq!(server.get(absent, "?wait=soon", &[]).await.status, 400);
        // To find out that nobody has it takes longer than a second.
        assert_eq!(server.get(KNOWN, "?wait=1", &[]).await.status, 504);
        let token = [("Authorization", "Bearer secret".to_owned())];
        let nobody = server.get(absent, "?wait=60", &token).await;
        assert_eq!(nobody.status, 404, "{}", String::from_utf8_lossy(&nobody.body));
        let (id, _, bytes) = blob(10, 1);
        upload(&server.depot, id, &bytes).unwrap();
        assert_eq!(server.get(id, "?wait=1", &[]).await.body, bytes);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_an_executor_there_are_no_outputs() {
        let server = server(1 << 20).await;
        assert_eq!(server.ask("GET", "/output/1/2".into(), &[], Vec::new()).await.status, 502);
        assert_eq!(server.ask("GET", "/output/1/x".into(), &[], Vec::new()).await.status, 400);
        assert_eq!(server.ask("GET", "/".into(), &[], Vec::new()).await.status, 404);
        let delete = server.ask("DELETE", format!("/blob/{}", hex::encode(KNOWN)), &[], Vec::new()).await;
        assert_eq!(delete.status, 405);
    }

    #[test]
    fn what_was_widened_to_tiles_is_cut_again() {
        let chunk = OutputChunk {
            total: 100,
            offset: 8,
            data: (8..24).collect(),
            tile_bytes: 8,
            root: Hash::zero(),
            proof: Vec::new(),
        };
        assert_eq!(cut(chunk.clone(), &(10..13)), Some(vec![10, 11, 12]));
        assert_eq!(cut(chunk.clone(), &(20..25)), None);
        assert_eq!(cut(chunk, &(7..9)), None);
    }
}
