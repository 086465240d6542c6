//! An HTTP server that no client can hold up.
//!
//! The node and the executor serve their routers with [`serve`]. A connection costs a descriptor
//! and some memory for as long as it is open. So their number is limited, and a connection ends
//! after a time limit if the head of a request does not arrive, if it is idle, or if the client
//! does not read its answer. The handler of a request limits the time for its body.

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    future::Future,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, Sleep, sleep},
};
use tower_service::Service;

/// The limits of a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Maximum number of connections at a time. Further clients wait until one ends.
    pub connections: usize,
    /// Maximum time until the head of a request has arrived, from the connection or the previous
    /// answer on.
    pub head: Duration,
    /// Maximum time in which a client reads no byte of an answer.
    pub write: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 512, head: Duration::from_secs(30), write: Duration::from_secs(60) }
    }
}

/// Pause after a connection could not be accepted for lack of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Serve `router` on `listener` until `end` is ready, and then finish the requests in progress.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, end: impl Future<Output = ()>) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    // Each connection has a receiver: when all are dropped, no request is in progress.
    let (ending, ended) = watch::channel(false);
    let mut end = pin!(end);
    loop {
        let next = async {
            // A client beyond the limit waits in the backlog of the operating system.
            let permit = permits.clone().acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            () = &mut end => break,
            next = next => next,
        };
        let Ok(permit) = permit else { break };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, router.clone(), limits, ended.clone(), permit));
            }
            // The client has left, which is no reason to pause.
            Err(error) if is_clients(&error) => {}
            Err(_) => sleep(PAUSE).await,
        }
    }
    drop((listener, ended));
    ending.send_replace(true);
    ending.closed().await;
}

fn is_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut ended: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut router = router.clone();
        async move {
            // A router is always ready.
            Ok::<_, Infallible>(match router.call(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never {},
            })
        }
    });
    let stream = TokioIo::new(Patient::new(stream, limits.write));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let mut serving = pin!(builder.serve_connection(stream, service));
    let ending = async {
        let _ = ended.wait_for(|ended| *ended).await;
    };
    tokio::select! {
        // An error of the client's side needs no report.
        _ = serving.as_mut() => return,
        () = ending => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}

/// A stream that fails when the other side takes no byte for too long.
struct Patient<S> {
    stream: S,
    patience: Duration,
    /// Runs while the other side takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, stalled: None }
    }

    /// Fail an attempt to write if the other side has taken nothing for too long.
    fn limit<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + patience)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.limit(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.limit(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.limit(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.limit(shut, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        time::timeout,
    };

    const SOON: Duration = Duration::from_secs(10);
    const LARGE: usize = 64 * 1024 * 1024;

    fn limits() -> Limits {
        Limits { connections: 2, head: Duration::from_millis(300), write: Duration::from_millis(300) }
    }

    /// A server, where it is, and what ends it.
    async fn server(limits: Limits) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let slow = || async {
            sleep(Duration::from_millis(600)).await;
            "done"
        };
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .route("/slow", get(slow))
            .route("/large", get(|| async { vec![0u8; LARGE] }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, router, limits, async {
            let _ = ended.await;
        }));
        (address, end, serving)
    }

    async fn ask(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(SOON, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
        answer
    }

    /// Wait until the server closes a connection.
    async fn closed(mut stream: TcpStream) {
        let mut rest = Vec::new();
        // Closed in whatever way.
        let _ = timeout(SOON, stream.read_to_end(&mut rest)).await.expect("the server closes the connection");
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_ends_its_connection() {
        let (address, _end, _) = server(limits()).await;
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
        let silent = TcpStream::connect(address).await.unwrap();
        closed(half).await;
        closed(silent).await;
    }

    #[tokio::test]
    async fn a_connection_that_is_kept_open_for_nothing_is_ended() {
        let (address, _end, _) = server(limits()).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        closed(idle).await;
    }

    #[tokio::test]
    async fn who_holds_all_connections_keeps_others_out_only_for_a_while() {
        let (address, _end, _) = server(limits()).await;
        let mut held = Vec::new();
        for _ in 0..6 {
            held.push(TcpStream::connect(address).await.unwrap());
        }
        assert!(ask(address, "/").await.ends_with("here"));
    }

    #[tokio::test]
    async fn who_does_not_read_its_answer_is_dropped() {
        let (address, _end, _) = server(Limits { connections: 1, ..limits() }).await;
        let mut greedy = TcpStream::connect(address).await.unwrap();
        greedy.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert!(ask(address, "/").await.ends_with("here"));
        drop(greedy);
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_a_head() {
        let (address, _end, _) = server(limits()).await;
        assert!(ask(address, "/slow").await.ends_with("done"));
    }

    #[tokio::test]
    async fn what_is_under_way_at_the_end_is_finished() {
        let (address, end, serving) = server(limits()).await;
        let asking = tokio::spawn(async move { ask(address, "/slow").await });
        sleep(Duration::from_millis(200)).await;
        end.send(()).unwrap();
        timeout(SOON, serving).await.expect("the server ends").unwrap();
        assert!(asking.await.unwrap().ends_with("done"));
    }
}
