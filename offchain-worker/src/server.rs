//! HTTP on loopback: authentication, limits, and the mapping of paths to the engine.

use crate::{
    blobs::PutError,
    engine::{Engine, Refused},
    files::parse_hash,
    keys::KeyError,
    outputs::ReadError,
    transfer::{self, MAX_DISCARDED_BYTES},
};
use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, RawQuery, Request, State},
    http::{header, HeaderMap, HeaderName, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{AppendHeaders, IntoResponse, Response},
    routing::{get, post, put},
    Router,
};
use codec::{DecodeAll, Encode};
use dpin_listen::Limits;
use dpin_primitives::{
    blake2, blob_tree::MAX_BLOB_BYTES, confidential::MAX_RECIPIENT_CHARS, executor::MAX_CHUNK_BYTES, Hash, JobId,
    TaskId,
};
use std::{future::Future, io, sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::Instant};

/// Most bytes of a request body, except for blobs.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// Prefix of the paths of blobs.
const BLOB_PATH: &str = "/v1/blob/";
/// Longest time that `wanted` waits.
const MAX_WAIT: Duration = Duration::from_secs(30);

#[derive(Clone)]
struct App {
    engine: Arc<Engine>,
    token: Hash,
}

/// Serve `engine` on `listener` until `end` completes.
pub async fn serve(
    listener: TcpListener,
    engine: Arc<Engine>,
    token: &str,
    end: impl Future<Output = ()> + Send + 'static,
) {
    let app = App { engine, token: blake2(token.as_bytes()) };
    let router = Router::new()
        .route("/v1/status", get(status))
        .route("/v1/runs", post(post_run))
        .route("/v1/runs/{id}", get(run_status).delete(delete_run))
        .route("/v1/runs/{id}/opening", post(open_tiles))
        .route("/v1/runs/{id}/timings", get(timings))
        .route("/v1/runs/{id}/report", get(report))
        .route("/v1/reports/{job}/{index}", get(task_report))
        .route("/v1/outputs/{job}/{index}", get(output))
        .route("/v1/wanted", get(wanted))
        .route("/v1/wanted-keys", get(wanted_keys))
        .route("/v1/encryption-key", get(encryption_key))
        .route("/v1/keys/{job}", put(put_key))
        .route("/v1/keys/{job}/reseal", post(reseal))
        .route("/v1/log/{hash}", get(log))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .route("/v1/blob/{hash}", get(read_blob).put(put_blob))
        .fallback(|| async { Failure::new(StatusCode::NOT_FOUND, "there is nothing here") })
        .method_not_allowed_fallback(|| async { Failure::new(StatusCode::METHOD_NOT_ALLOWED, "not with this method") })
        .layer(middleware::from_fn(refuse_oversized))
        .layer(middleware::from_fn_with_state(app.clone(), authenticate))
        .with_state(app);
    dpin_listen::serve(listener, router, Limits::default(), end).await;
}

/// An error response: a status code and one line of text.
pub struct Failure {
    code: StatusCode,
    text: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    /// An error with a code and a text.
    pub fn new(code: StatusCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), headers: Vec::new() }
    }

    /// Add a header.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let line: String = self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        (self.code, AppendHeaders(self.headers), line + "\n").into_response()
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let code = match &refused {
            Refused::UnknownRun
            | Refused::UnknownOutput(_)
            | Refused::UnknownReport(_)
            | Refused::Key(KeyError::Unknown(_)) => StatusCode::NOT_FOUND,
            Refused::NotCommitted | Refused::NotComputed | Refused::NotFinished | Refused::Finished => {
                StatusCode::CONFLICT
            }
            Refused::InvalidTiles(_)
            | Refused::InvalidRequest(_)
            | Refused::Key(KeyError::Foreign | KeyError::NoKey | KeyError::Wrong(_) | KeyError::NoRecipient)
            | Refused::Blob(PutError::WrongHash(_) | PutError::WrongLength { .. }) => StatusCode::BAD_REQUEST,
            Refused::QueueFull(_) | Refused::Blob(PutError::Busy) => StatusCode::TOO_MANY_REQUESTS,
            Refused::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Refused::Blob(PutError::TooLong) => StatusCode::PAYLOAD_TOO_LARGE,
            Refused::Blob(PutError::Full | PutError::DiskFull { .. }) | Refused::Key(KeyError::Full) => {
                StatusCode::INSUFFICIENT_STORAGE
            }
            Refused::Read(ReadError::Range(_)) => StatusCode::RANGE_NOT_SATISFIABLE,
            Refused::Blob(PutError::Io(error))
            | Refused::Read(ReadError::Io(error))
            | Refused::Key(KeyError::Io(error))
            | Refused::Io(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StatusCode::INSUFFICIENT_STORAGE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        };
        Self::new(code, refused.to_string())
    }
}

type Answer<T> = Result<T, Failure>;

fn bad(text: &str) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, text)
}

/// Refuse requests without the token.
async fn authenticate(State(app): State<App>, request: Request, next: Next) -> Response {
    let given =
        request.headers().get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if given.is_some_and(|given| same(&blake2(given), &app.token)) {
        next.run(request).await
    } else {
        Failure::new(StatusCode::UNAUTHORIZED, "the bearer token is missing or wrong").into_response()
    }
}

/// Refuse a body whose declared length exceeds its limit; if it is far too long, without reading
/// it. A body of undeclared length is cut off at its limit.
async fn refuse_oversized(request: Request, next: Next) -> Response {
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let most = if request.uri().path().starts_with(BLOB_PATH) { MAX_BLOB_BYTES } else { MAX_BODY_BYTES as u64 };
    if let Some(length) = length.filter(|length| *length > most) {
        if length <= MAX_DISCARDED_BYTES {
            // The answer is the same, whether or not the body arrived.
            let _ = axum::body::to_bytes(request.into_body(), MAX_DISCARDED_BYTES as usize).await;
        }
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than {most} bytes")).into_response()
    } else {
        next.run(request).await
    }
}

/// Compare two hashes in constant time.
fn same(a: &Hash, b: &Hash) -> bool {
    std::hint::black_box(a.as_bytes().iter().zip(b.as_bytes()).fold(0, |all, (a, b)| all | (a ^ b))) == 0
}

/// Run blocking file access on threads that do not serve connections.
async fn off<T: Send + 'static>(app: App, work: impl FnOnce(&Engine) -> T + Send + 'static) -> Answer<T> {
    tokio::task::spawn_blocking(move || work(&app.engine))
        .await
        .map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the executor panicked"))
}

fn hash(text: &str) -> Answer<Hash> {
    parse_hash(text).ok_or_else(|| bad("an id or hash has 64 hex digits"))
}

fn task(job: &str, index: &str) -> Answer<TaskId> {
    match (job.parse(), index.parse()) {
        (Ok(job), Ok(index)) => Ok(TaskId { job, index }),
        _ => Err(bad("a task is two whole numbers")),
    }
}

fn scale<T: DecodeAll>(body: &Bytes) -> Answer<T> {
    T::decode_all(&mut body.as_ref()).map_err(|_| bad("the body is not the SCALE encoding of what this path takes"))
}

/// The value of `name` in a query such as `a=1&b=2`.
fn value<'a>(query: &'a Option<String>, name: &str) -> Option<&'a str> {
    let mut pairs = query.iter().flat_map(|query| query.split('&')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The number that `name` has in a query, or `default`.
fn number(query: &Option<String>, name: &str, default: u64) -> Answer<u64> {
    let number = value(query, name).map_or(Ok(default), str::parse);
    number.map_err(|_| bad(&format!("{name} is not a whole number")))
}

/// The comma-separated numbers that `name` has in a query; empty if absent.
fn numbers(query: &Option<String>, name: &str) -> Answer<Vec<u64>> {
    let numbers = value(query, name).into_iter().flat_map(|value| value.split(',')).map(str::parse);
    numbers.collect::<Result<_, _>>().map_err(|_| bad(&format!("{name} are not whole numbers")))
}

async fn status(State(app): State<App>) -> Vec<u8> {
    app.engine.status().encode()
}

async fn post_run(State(app): State<App>, RawQuery(query): RawQuery, body: Bytes) -> Answer<Vec<u8>> {
    let (request, input_bytes) = (scale(&body)?, numbers(&query, "input_bytes")?);
    Ok(off(app, |engine| engine.post(request, input_bytes)).await??.encode())
}

async fn run_status(State(app): State<App>, Path(id): Path<String>) -> Answer<Vec<u8>> {
    Ok(app.engine.run_status(&hash(&id)?)?.encode())
}

async fn timings(State(app): State<App>, Path(id): Path<String>) -> Answer<Vec<u8>> {
    Ok(app.engine.timings(&hash(&id)?)?.encode())
}

async fn report(State(app): State<App>, Path(id): Path<String>) -> Answer<Vec<u8>> {
    let id = hash(&id)?;
    Ok(off(app, move |engine| engine.report(&id)).await??)
}

async fn task_report(State(app): State<App>, Path((job, index)): Path<(String, String)>) -> Answer<Vec<u8>> {
    let task = task(&job, &index)?;
    Ok(off(app, move |engine| engine.task_report(task)).await??)
}

async fn delete_run(State(app): State<App>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Answer<()> {
    let (id, unfinished) = (hash(&id)?, value(&query, "unfinished") == Some("true"));
    Ok(off(app, move |engine| engine.remove(&id, unfinished)).await??)
}

async fn open_tiles(State(app): State<App>, Path(id): Path<String>, body: Bytes) -> Answer<Vec<u8>> {
    let (id, tiles) = (hash(&id)?, scale::<Vec<u32>>(&body)?);
    Ok(off(app, move |engine| engine.open_tiles(&id, &tiles)).await??.encode())
}

async fn output(
    State(app): State<App>,
    Path((job, index)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Answer<Vec<u8>> {
    let task = task(&job, &index)?;
    let (offset, length) = (number(&query, "offset", 0)?, number(&query, "length", MAX_CHUNK_BYTES.into())?);
    Ok(off(app, move |engine| engine.chunk(task, offset, length)).await??.encode())
}

async fn wanted(State(app): State<App>, RawQuery(query): RawQuery) -> Answer<Vec<u8>> {
    once_wanted(&app, &query, Engine::wanted).await
}

async fn wanted_keys(State(app): State<App>, RawQuery(query): RawQuery) -> Answer<Vec<u8>> {
    once_wanted(&app, &query, Engine::wanted_keys).await
}

/// The entries of `list`, encoded. Waits until it has any, at most for the time in the query.
async fn once_wanted<T: Encode>(
    app: &App,
    query: &Option<String>,
    list: impl Fn(&Engine) -> Vec<T>,
) -> Answer<Vec<u8>> {
    let wait = Duration::from_millis(number(query, "wait_ms", 0)?).min(MAX_WAIT);
    let deadline = Instant::now() + wait;
    let mut changes = app.engine.subscribe();
    loop {
        let wanted = list(&app.engine);
        if !wanted.is_empty() || app.engine.is_stopping() {
            return Ok(wanted.encode());
        }
        match tokio::time::timeout_at(deadline, changes.changed()).await {
            Ok(Ok(())) => (),
            _ => return Ok(list(&app.engine).encode()),
        }
    }
}

async fn encryption_key(State(app): State<App>) -> String {
    app.engine.recipient()
}

fn job(text: &str) -> Answer<JobId> {
    text.parse().map_err(|_| bad("a job is a whole number"))
}

async fn put_key(State(app): State<App>, Path(id): Path<String>, sealed: Bytes) -> Answer<()> {
    let id = job(&id)?;
    Ok(off(app, move |engine| engine.put_key(id, &sealed)).await??)
}

async fn reseal(State(app): State<App>, Path(id): Path<String>, recipient: String) -> Answer<Vec<u8>> {
    let id = job(&id)?;
    if recipient.len() > MAX_RECIPIENT_CHARS {
        return Err(bad("a recipient is not that long"));
    }
    Ok(off(app, move |engine| engine.reseal(id, &recipient)).await??)
}

async fn put_blob(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap, body: Body) -> Answer<()> {
    transfer::put(app.engine, hash(&name)?, &headers, body).await
}

async fn read_blob(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap) -> Answer<Response> {
    let hash = hash(&name)?;
    let (file, len) = off(app, move |engine| engine.blob(&hash))
        .await??
        .ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "no blob has this hash"))?;
    transfer::get(file, len, &headers)
}

async fn log(State(app): State<App>, Path(name): Path<String>) -> Answer<Vec<u8>> {
    let hash = hash(&name)?;
    off(app, move |engine| engine.log(&hash))
        .await?
        .ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "no log has this hash"))
}
