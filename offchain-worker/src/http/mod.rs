//! HTTP on loopback: authentication, limits, and the mapping of paths to the engine.

mod transfer;

use crate::{
    engine::{Engine, Refused},
    store::{blobs::PutError, files::parse_hash, keys::KeyError, outputs::ReadError},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::Response,
    routing::{get, post, put},
};
use codec::{DecodeAll, Encode};
use dpin_listen::Limits;
use dpin_loopback::{Failure, HttpResult, Incoming, Query, Token};
use dpin_primitives::{
    Hash, JobId, TaskId, blob_tree::MAX_BLOB_BYTES, confidential::MAX_RECIPIENT_CHARS, executor::MAX_CHUNK_BYTES,
};
use std::{future::Future, io, sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::Instant};
use transfer::{MAX_DISCARDED_BYTES, MIN_RATE};

/// Most bytes of a request body, except for blobs.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// Prefix of the paths of blobs.
const BLOB_PATH: &str = "/v1/blob/";
/// Longest time that `wanted` waits.
const MAX_WAIT: Duration = Duration::from_secs(30);

#[derive(Clone)]
struct App {
    engine: Arc<Engine>,
    token: Token,
}

/// Serve `engine` on `listener` until `end` completes.
pub(crate) async fn serve(
    listener: TcpListener,
    engine: Arc<Engine>,
    token: &str,
    end: impl Future<Output = ()> + Send + 'static,
) {
    let app = App { engine, token: Token::new(token) };
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
        .fallback(dpin_loopback::not_found)
        .method_not_allowed_fallback(dpin_loopback::method_not_allowed)
        .layer(middleware::from_fn(refuse_oversized))
        .layer(middleware::from_fn_with_state(app.clone(), authenticate))
        .with_state(app);
    dpin_listen::serve(listener, router, Limits::default(), end).await;
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

/// Refuse requests without the token.
async fn authenticate(State(app): State<App>, request: Request, next: Next) -> HttpResult<Response> {
    app.token.check(request.headers())?;
    Ok(next.run(request).await)
}

/// Refuse a body whose declared length exceeds its limit; if it is far too long, without reading
/// it. A body of undeclared length is cut off at its limit.
async fn refuse_oversized(request: Request, next: Next) -> HttpResult<Response> {
    let length = dpin_loopback::content_length(request.headers());
    let most = if request.uri().path().starts_with(BLOB_PATH) { MAX_BLOB_BYTES } else { MAX_BODY_BYTES as u64 };
    if let Some(length) = length.filter(|length| *length > most) {
        if length <= MAX_DISCARDED_BYTES {
            Incoming::new(request.into_body(), MIN_RATE).discard(MAX_DISCARDED_BYTES).await;
        }
        return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than {most} bytes")));
    }
    Ok(next.run(request).await)
}

/// Run work of the engine on a thread that serves no connection.
async fn with_engine<T: Send + 'static>(app: App, work: impl FnOnce(&Engine) -> T + Send + 'static) -> HttpResult<T> {
    dpin_loopback::blocking("executor", move || work(&app.engine)).await
}

fn hash(text: &str) -> HttpResult<Hash> {
    parse_hash(text).ok_or_else(|| Failure::bad_request("an id or hash has 64 hex digits"))
}

fn task(job: &str, index: &str) -> HttpResult<TaskId> {
    match (job.parse(), index.parse()) {
        (Ok(job), Ok(index)) => Ok(TaskId { job, index }),
        _ => Err(Failure::bad_request("a task is two whole numbers")),
    }
}

fn scale<T: DecodeAll>(body: &Bytes) -> HttpResult<T> {
    T::decode_all(&mut body.as_ref())
        .map_err(|_| Failure::bad_request("the body is not the SCALE encoding of what this path takes"))
}

async fn status(State(app): State<App>) -> Vec<u8> {
    app.engine.status().encode()
}

async fn post_run(State(app): State<App>, query: Query, body: Bytes) -> HttpResult<Vec<u8>> {
    let (request, input_bytes) = (scale(&body)?, query.numbers("input_bytes")?);
    Ok(with_engine(app, |engine| engine.post(request, input_bytes)).await??.encode())
}

async fn run_status(State(app): State<App>, Path(id): Path<String>) -> HttpResult<Vec<u8>> {
    Ok(app.engine.run_status(&hash(&id)?)?.encode())
}

async fn timings(State(app): State<App>, Path(id): Path<String>) -> HttpResult<Vec<u8>> {
    Ok(app.engine.timings(&hash(&id)?)?.encode())
}

async fn report(State(app): State<App>, Path(id): Path<String>) -> HttpResult<Vec<u8>> {
    let id = hash(&id)?;
    Ok(with_engine(app, move |engine| engine.report(&id)).await??)
}

async fn task_report(State(app): State<App>, Path((job, index)): Path<(String, String)>) -> HttpResult<Vec<u8>> {
    let task = task(&job, &index)?;
    Ok(with_engine(app, move |engine| engine.task_report(task)).await??)
}

async fn delete_run(State(app): State<App>, Path(id): Path<String>, query: Query) -> HttpResult<()> {
    let (id, unfinished) = (hash(&id)?, query.value("unfinished") == Some("true"));
    Ok(with_engine(app, move |engine| engine.remove(&id, unfinished)).await??)
}

async fn open_tiles(State(app): State<App>, Path(id): Path<String>, body: Bytes) -> HttpResult<Vec<u8>> {
    let (id, tiles) = (hash(&id)?, scale::<Vec<u32>>(&body)?);
    Ok(with_engine(app, move |engine| engine.open_tiles(&id, &tiles)).await??.encode())
}

async fn output(
    State(app): State<App>,
    Path((job, index)): Path<(String, String)>,
    query: Query,
) -> HttpResult<Vec<u8>> {
    let task = task(&job, &index)?;
    let (offset, length) = (query.number("offset")?.unwrap_or(0), query.number("length")?);
    let length = length.unwrap_or(MAX_CHUNK_BYTES.into());
    Ok(with_engine(app, move |engine| engine.chunk(task, offset, length)).await??.encode())
}

async fn wanted(State(app): State<App>, query: Query) -> HttpResult<Vec<u8>> {
    once_wanted(&app, &query, Engine::wanted).await
}

async fn wanted_keys(State(app): State<App>, query: Query) -> HttpResult<Vec<u8>> {
    once_wanted(&app, &query, Engine::wanted_keys).await
}

/// The entries of `list`, encoded. Waits until it has any, at most for the time in the query.
async fn once_wanted<T: Encode>(app: &App, query: &Query, list: impl Fn(&Engine) -> Vec<T>) -> HttpResult<Vec<u8>> {
    let wait = Duration::from_millis(query.number("wait_ms")?.unwrap_or(0)).min(MAX_WAIT);
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

fn job(text: &str) -> HttpResult<JobId> {
    text.parse().map_err(|_| Failure::bad_request("a job is a whole number"))
}

async fn put_key(State(app): State<App>, Path(id): Path<String>, sealed: Bytes) -> HttpResult<()> {
    let id = job(&id)?;
    Ok(with_engine(app, move |engine| engine.put_key(id, &sealed)).await??)
}

async fn reseal(State(app): State<App>, Path(id): Path<String>, recipient: String) -> HttpResult<Vec<u8>> {
    let id = job(&id)?;
    if recipient.len() > MAX_RECIPIENT_CHARS {
        let text = format!("the recipient has {} characters; it has at most {MAX_RECIPIENT_CHARS}", recipient.len());
        return Err(Failure::bad_request(text));
    }
    Ok(with_engine(app, move |engine| engine.reseal(id, &recipient)).await??)
}

async fn put_blob(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap, body: Body) -> HttpResult<()> {
    transfer::put(app.engine, hash(&name)?, &headers, body).await
}

async fn read_blob(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap) -> HttpResult<Response> {
    let hash = hash(&name)?;
    let (file, len) = with_engine(app, move |engine| engine.blob(&hash))
        .await??
        .ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "no blob has this hash"))?;
    transfer::get(file, len, &headers)
}

async fn log(State(app): State<App>, Path(name): Path<String>) -> HttpResult<Vec<u8>> {
    let hash = hash(&name)?;
    with_engine(app, move |engine| engine.log(&hash))
        .await?
        .ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "no log has this hash"))
}
