//! The capabilities of the runtime's off-chain worker outside the chain, with HTTP as this node
//! allows it.
//!
//! The SDK's own HTTP connects to any address that the runtime names. The runtime takes addresses
//! of workers from the chain, where strangers write them. So this module replaces the SDK's HTTP.
//! Requests go either to this node's own executor, or out through [`Outbound`], which checks every
//! address it connects to. Functions that the runtime does not use are not offered: it can neither
//! read nor change the state of the network.

use crate::{executor::ExecutorHandle, outbound::Outbound};
use futures::future::{Either, select};
use futures_timer::Delay;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, Uri,
    body::Bytes,
    header::{HeaderName, HeaderValue},
};
use polkadot_sdk::sp_core::{
    OpaquePeerId,
    offchain::{
        Capabilities, Externalities, HttpError, HttpRequestId, HttpRequestStatus, LimitedExternalities,
        OffchainWorkerExt, OpaqueNetworkState, Timestamp,
    },
};
use std::{
    collections::HashMap,
    future::Future,
    pin::pin,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

/// Most requests in one call of the off-chain worker.
const MAX_REQUESTS: usize = 256;
/// Most bytes of a request's body.
const MAX_BODY: usize = 1024 * 1024;
/// Pieces of an answer that wait to be read.
const PIECES: usize = 4;
/// Timeout of a request that sets no deadline.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes the extension that replaces the SDK's.
#[derive(Clone)]
pub(crate) struct Extensions {
    /// Sends requests to other machines.
    pub outbound: Outbound,
    /// Sends requests to this node's executor, at any address.
    pub local: Outbound,
    /// This node's executor.
    pub executor: ExecutorHandle,
    /// Whether this node is a validator.
    pub is_validator: bool,
    /// The runtime on which requests run.
    pub runtime: Handle,
}

impl Extensions {
    /// Makes the extension for one call of the off-chain worker.
    pub(crate) fn make(&self) -> OffchainWorkerExt {
        let api = Api { shared: self.clone(), next: 0, requests: HashMap::new() };
        OffchainWorkerExt::new(LimitedExternalities::new(Capabilities::all(), api))
    }

    /// Returns the client that a request to `uri` goes through.
    fn way(&self, uri: &Uri) -> Outbound {
        let executor = self.executor.url().and_then(|url| url.parse::<Uri>().ok());
        let own = executor.is_some_and(|own| own.scheme() == uri.scheme() && own.authority() == uri.authority());
        if own { self.local.clone() } else { self.outbound.clone() }
    }
}

/// The stage of a request.
enum Stage {
    /// The request is being put together.
    Written { method: Method, uri: Uri, headers: HeaderMap, body: Vec<u8> },
    /// The request is sent.
    Sent(oneshot::Receiver<Option<Answer>>),
    /// The head of the answer has arrived.
    Answered(Answer),
}

/// An answer. Its body is received as it is read.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: mpsc::Receiver<Option<Bytes>>,
    /// Bytes that were received and not read yet.
    rest: Bytes,
}

/// The off-chain worker's side of the extension.
///
/// It runs on a thread that may block. It is dropped with the call, which cancels every request
/// under way.
struct Api {
    shared: Extensions,
    next: u16,
    requests: HashMap<HttpRequestId, Stage>,
}

fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_millis(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

fn until(deadline: Timestamp) -> Duration {
    Duration::from_millis(deadline.diff(&now()).millis())
}

fn left(deadline: Option<Timestamp>) -> Duration {
    deadline.map_or(PATIENCE, until)
}

/// Sends a request, reports the head of its answer, and passes its body on.
async fn send(way: Outbound, request: Request<Full<Bytes>>, told: oneshot::Sender<Option<Answer>>) {
    let uri = request.uri().clone();
    let response = match way.send(request).await {
        Ok(response) => response,
        Err(error) => {
            log::debug!(target: "offchain-worker::http", "{uri}: {error}");
            let _ = told.send(None);
            return;
        }
    };
    let (head, mut body) = response.into_parts();
    let (pieces, receiver) = mpsc::channel(PIECES);
    let answer = Answer { status: head.status.as_u16(), headers: head.headers, body: receiver, rest: Bytes::new() };
    if told.send(Some(answer)).is_err() {
        return;
    }
    while let Some(frame) = body.frame().await {
        let piece = match frame {
            Ok(frame) => match frame.into_data() {
                Ok(bytes) => Some(bytes),
                Err(_) => continue,
            },
            // The reader sees an error instead of an end of the body.
            Err(_) => None,
        };
        let broken = piece.is_none();
        if pieces.send(piece).await.is_err() || broken {
            return;
        }
    }
}

impl Api {
    fn wait<T>(patience: Duration, future: impl Future<Output = T>) -> Option<T> {
        // Not on the tokio runtime, which may end before the off-chain worker does.
        let future = pin!(future);
        match futures::executor::block_on(select(future, Delay::new(patience))) {
            Either::Left((output, _)) => Some(output),
            Either::Right(_) => None,
        }
    }

    /// Starts to send a request that is put together.
    fn dispatch(&mut self, id: HttpRequestId) -> Result<(), HttpError> {
        let stage = self.requests.remove(&id).ok_or(HttpError::Invalid)?;
        let stage = match stage {
            Stage::Written { method, uri, headers, body } => {
                let way = self.shared.way(&uri);
                let mut request = Request::new(Full::from(body));
                (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
                let (told, answer) = oneshot::channel();
                self.shared.runtime.spawn(send(way, request, told));
                Stage::Sent(answer)
            }
            other => other,
        };
        self.requests.insert(id, stage);
        Ok(())
    }

    fn status(&mut self, id: HttpRequestId, deadline: Option<Timestamp>) -> HttpRequestStatus {
        if self.dispatch(id).is_err() {
            return HttpRequestStatus::Invalid;
        }
        let answered = match self.requests.remove(&id) {
            Some(Stage::Sent(mut coming)) => match Self::wait(left(deadline), &mut coming) {
                None => {
                    self.requests.insert(id, Stage::Sent(coming));
                    return HttpRequestStatus::DeadlineReached;
                }
                Some(Ok(Some(answer))) => answer,
                Some(Ok(None) | Err(_)) => return HttpRequestStatus::IoError,
            },
            Some(Stage::Answered(answer)) => answer,
            _ => return HttpRequestStatus::Invalid,
        };
        let status = answered.status;
        self.requests.insert(id, Stage::Answered(answered));
        HttpRequestStatus::Finished(status)
    }
}

impl Externalities for Api {
    fn is_validator(&self) -> bool {
        self.shared.is_validator
    }

    fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
        Err(())
    }

    fn timestamp(&mut self) -> Timestamp {
        now()
    }

    fn sleep_until(&mut self, deadline: Timestamp) {
        std::thread::sleep(until(deadline));
    }

    fn random_seed(&mut self) -> [u8; 32] {
        polkadot_sdk::sp_core::H256::random().0
    }

    fn http_request_start(&mut self, method: &str, uri: &str, _: &[u8]) -> Result<HttpRequestId, ()> {
        let method = Method::from_bytes(method.as_bytes()).map_err(drop)?;
        let uri: Uri = uri.parse().map_err(drop)?;
        if self.requests.len() >= MAX_REQUESTS {
            return Err(());
        }
        let id = HttpRequestId(self.next);
        self.next = self.next.checked_add(1).ok_or(())?;
        self.requests.insert(id, Stage::Written { method, uri, headers: HeaderMap::new(), body: Vec::new() });
        Ok(id)
    }

    fn http_request_add_header(&mut self, id: HttpRequestId, name: &str, value: &str) -> Result<(), ()> {
        let Some(Stage::Written { headers, .. }) = self.requests.get_mut(&id) else { return Err(()) };
        let name = HeaderName::try_from(name).map_err(drop)?;
        headers.append(name, HeaderValue::try_from(value).map_err(drop)?);
        Ok(())
    }

    fn http_request_write_body(
        &mut self,
        id: HttpRequestId,
        chunk: &[u8],
        _: Option<Timestamp>,
    ) -> Result<(), HttpError> {
        let Some(Stage::Written { body, .. }) = self.requests.get_mut(&id) else { return Err(HttpError::Invalid) };
        if chunk.is_empty() {
            return self.dispatch(id);
        }
        if body.len().saturating_add(chunk.len()) > MAX_BODY {
            self.requests.remove(&id);
            return Err(HttpError::IoError);
        }
        body.extend_from_slice(chunk);
        Ok(())
    }

    fn http_response_wait(&mut self, ids: &[HttpRequestId], deadline: Option<Timestamp>) -> Vec<HttpRequestStatus> {
        // Send all requests before waiting for the first.
        for id in ids {
            let _ = self.dispatch(*id);
        }
        ids.iter().map(|id| self.status(*id, deadline)).collect()
    }

    fn http_response_headers(&mut self, id: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
        let Some(Stage::Answered(answer)) = self.requests.get(&id) else { return Vec::new() };
        let pair = |(name, value): (&HeaderName, &HeaderValue)| (name.as_str().into(), value.as_bytes().to_vec());
        answer.headers.iter().map(pair).collect()
    }

    fn http_response_read_body(
        &mut self,
        id: HttpRequestId,
        buffer: &mut [u8],
        deadline: Option<Timestamp>,
    ) -> Result<usize, HttpError> {
        match self.status(id, deadline) {
            HttpRequestStatus::Finished(_) => {}
            HttpRequestStatus::DeadlineReached => return Err(HttpError::DeadlineReached),
            HttpRequestStatus::IoError => return Err(HttpError::IoError),
            HttpRequestStatus::Invalid => return Err(HttpError::Invalid),
        }
        let Some(Stage::Answered(mut answer)) = self.requests.remove(&id) else { return Err(HttpError::Invalid) };
        while answer.rest.is_empty() {
            match Self::wait(left(deadline), answer.body.recv()) {
                None => {
                    self.requests.insert(id, Stage::Answered(answer));
                    return Err(HttpError::DeadlineReached);
                }
                Some(Some(Some(bytes))) => answer.rest = bytes,
                Some(Some(None)) => return Err(HttpError::IoError),
                Some(None) => return Ok(0),
            }
        }
        let piece = answer.rest.split_to(buffer.len().min(answer.rest.len()));
        buffer[..piece.len()].copy_from_slice(&piece);
        self.requests.insert(id, Stage::Answered(answer));
        Ok(piece.len())
    }

    fn set_authorized_nodes(&mut self, _: Vec<OpaquePeerId>, _: bool) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{executor::fake, outbound::Reach};
    use dpin_primitives::executor::ExecutorConfig;
    use std::sync::{Arc, Mutex};

    fn api(executor: Option<ExecutorConfig>, reach: Reach) -> Api {
        let handle = ExecutorHandle::default();
        handle.set(executor);
        let shared = Extensions {
            outbound: Outbound::new(reach).unwrap(),
            local: Outbound::new(Reach::Anywhere).unwrap(),
            executor: handle,
            is_validator: false,
            runtime: Handle::current(),
        };
        Api { shared, next: 0, requests: HashMap::new() }
    }

    fn soon() -> Option<Timestamp> {
        Some(now().add(polkadot_sdk::sp_core::offchain::Duration::from_millis(10_000)))
    }

    fn ask(api: &mut Api, url: &str, body: &[u8]) -> (HttpRequestId, HttpRequestStatus) {
        let id = api.http_request_start("POST", url, &[]).unwrap();
        api.http_request_add_header(id, "x-test", "value").unwrap();
        if !body.is_empty() {
            api.http_request_write_body(id, body, soon()).unwrap();
        }
        api.http_request_write_body(id, &[], soon()).unwrap();
        (id, api.http_response_wait(&[id], soon())[0])
    }

    fn read(api: &mut Api, id: HttpRequestId) -> Vec<u8> {
        let (mut all, mut buffer) = (Vec::new(), [0; 7]);
        loop {
            match api.http_response_read_body(id, &mut buffer, soon()).unwrap() {
                0 => return all,
                count => all.extend_from_slice(&buffer[..count]),
            }
        }
    }

    /// Runs `work` on a thread that may block.
    async fn off(work: impl FnOnce() + Send + 'static) {
        tokio::task::spawn_blocking(work).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_request_is_sent_and_its_answer_read_piece_by_piece() {
        off(|| {
            let seen = Arc::new(Mutex::new(Vec::new()));
            let asked = seen.clone();
            let server = fake::serve_without_token(move |request, body| {
                asked.lock().unwrap().push((request.to_owned(), body.to_vec()));
                (207, b"an answer of some length".to_vec())
            });
            let mut api = api(None, Reach::Anywhere);
            let (id, status) = ask(&mut api, &format!("{}/path", server.url), b"question");
            assert_eq!(status, HttpRequestStatus::Finished(207));
            assert!(api.http_response_headers(id).iter().any(|(name, _)| name == b"content-length"));
            assert_eq!(read(&mut api, id), b"an answer of some length");
            assert_eq!(*seen.lock().unwrap(), [("POST /path HTTP/1.1".to_owned(), b"question".to_vec())]);
            // The request is finished and forgotten.
            assert_eq!(api.http_response_wait(&[id], soon()), [HttpRequestStatus::Invalid]);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn on_a_public_chain_the_runtime_reaches_the_own_executor_and_no_other_private_address() {
        off(|| {
            let own = fake::serve(|_, _| (200, b"own".to_vec()));
            let other = fake::serve_without_token(|_, _| (200, b"other".to_vec()));
            let mut api = api(Some(own.clone()), Reach::Public);
            let (_, refused) = ask(&mut api, &other.url, b"");
            assert_eq!(refused, HttpRequestStatus::IoError);
            // A URL that only looks like the executor's.
            let (_, refused) = ask(&mut api, &own.url.replace("http://", "http://user@"), b"");
            assert_eq!(refused, HttpRequestStatus::IoError);
            // The executor requires its token.
            let (_, status) = ask(&mut api, &format!("{}/v1/status", own.url), b"");
            assert_eq!(status, HttpRequestStatus::Finished(401));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_does_not_answer_is_waited_for_until_the_deadline() {
        off(|| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let mut api = api(None, Reach::Anywhere);
            let url = format!("http://{}", listener.local_addr().unwrap());
            let id = api.http_request_start("GET", &url, &[]).unwrap();
            let deadline = Some(now().add(polkadot_sdk::sp_core::offchain::Duration::from_millis(200)));
            assert_eq!(api.http_response_wait(&[id], deadline), [HttpRequestStatus::DeadlineReached]);
            let mut buffer = [0; 1];
            assert_eq!(api.http_response_read_body(id, &mut buffer, deadline), Err(HttpError::DeadlineReached));
        })
        .await;
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _guard = runtime.enter();
        let mut api = api(None, Reach::Anywhere);
        assert!(api.http_request_start("GET", "not a url", &[]).is_err());
        assert!(api.http_request_start("a b", "http://x", &[]).is_err());
        let unknown = HttpRequestId(9);
        assert!(api.http_request_add_header(unknown, "a", "b").is_err());
        assert_eq!(api.http_request_write_body(unknown, b"x", None), Err(HttpError::Invalid));
        assert_eq!(api.http_response_wait(&[unknown], None), [HttpRequestStatus::Invalid]);
        let id = api.http_request_start("GET", "http://x", &[]).unwrap();
        assert!(api.http_request_add_header(id, "a\n", "b").is_err());
        assert_eq!(api.http_request_write_body(id, &vec![0; MAX_BODY + 1], None), Err(HttpError::IoError));
        assert!((0..MAX_REQUESTS).all(|_| api.http_request_start("GET", "http://x", &[]).is_ok()));
        assert!(api.http_request_start("GET", "http://x", &[]).is_err());
    }
}
