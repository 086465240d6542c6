//! A connection to a node that is opened again when it breaks.

use crate::text::output::Output;
use std::{
    fmt,
    time::{Duration, Instant},
};
use subxt::rpcs::{
    Error, RpcClient,
    client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClientT},
};
use tokio::sync::Mutex;

/// Time limit for a node to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Time limit for an answer.
const ANSWER: Duration = Duration::from_secs(30);
/// Time after which the user sees a note about a slow node.
const SLOW: Duration = Duration::from_secs(5);
/// Time for which a lost node is dialled again: a node that is restarted answers within minutes.
pub(crate) const RECONNECT: Duration = Duration::from_secs(300);
/// The pause before the first attempt to connect again. It doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The time limits of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Patience {
    /// Limit for a connection to be accepted.
    pub connect: Duration,
    /// Limit for an answer.
    pub answer: Duration,
    /// Limit for a lost node to come back. With zero, a broken connection is an error at once.
    pub reconnect: Duration,
    /// Pause before the first attempt to connect again.
    pub pause: Duration,
}

impl Patience {
    /// Limits for the node that the command line names.
    pub(crate) const OWN: Self = Self { connect: CONNECT, answer: ANSWER, reconnect: RECONNECT, pause: PAUSE };
    /// Limits for other nodes. Their callers retry by themselves.
    pub(crate) const OTHERS: Self = Self { reconnect: Duration::ZERO, ..Self::OWN };
}

/// Opens connections: the real transport, or that of a test.
pub(crate) trait Dial: Send + Sync + 'static {
    /// Connect to the node at `address`.
    fn dial<'a>(&'a self, address: &'a str) -> RawRpcFuture<'a, RpcClient>;
}

/// The WebSocket transport.
#[derive(Debug)]
pub(crate) struct WebSocket;

impl Dial for WebSocket {
    fn dial<'a>(&'a self, address: &'a str) -> RawRpcFuture<'a, RpcClient> {
        Box::pin(RpcClient::from_insecure_url(address))
    }
}

/// The error of an operation that took too long.
#[derive(Debug)]
struct Late(String);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Late {}

/// The node at the address now belongs to another chain.
#[derive(Debug)]
pub(crate) struct AnotherChain;

impl fmt::Display for AnotherChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the node now serves another chain")
    }
}

impl std::error::Error for AnotherChain {}

/// Whether a request failed because of the connection, so that another connection may help.
fn is_broken(error: &Error) -> bool {
    match error {
        Error::Client(error) => !error.is::<AnotherChain>(),
        Error::DisconnectedWillReconnect(_) => true,
        _ => false,
    }
}

fn is_late(error: &Error) -> bool {
    matches!(error, Error::Client(error) if error.is::<Late>())
}

/// Whether a method submits a transaction. Such a request is not repeated here: the first attempt
/// may have reached the node.
fn submits(method: &str) -> bool {
    method.starts_with("author_submit")
}

/// The connection in use, and the number of connections before it.
struct Current {
    number: u64,
    client: Option<RpcClient>,
}

/// A connection to one node. Requests wait while it is opened again.
pub(crate) struct Link<D = WebSocket> {
    dial: D,
    address: String,
    url: String,
    patience: Patience,
    output: Output,
    /// Locked while a lost node is dialled, so that only one request dials it.
    current: Mutex<Current>,
    genesis: Mutex<Option<Box<RawValue>>>,
}

impl<D: Dial> Link<D> {
    /// Connect to the node at `address`, which the user knows as `url`.
    ///
    /// # Errors
    ///
    /// When the node does not accept the connection.
    pub(crate) async fn open(
        dial: D,
        address: String,
        url: &str,
        patience: Patience,
        output: Output,
    ) -> Result<Self, Error> {
        let link = Self {
            dial,
            address,
            url: url.to_string(),
            patience,
            output,
            current: Mutex::new(Current { number: 0, client: None }),
            genesis: Mutex::new(None),
        };
        let client = link.connect().await?;
        link.current.lock().await.client = Some(client);
        Ok(link)
    }

    async fn connect(&self) -> Result<RpcClient, Error> {
        let client = self.within(self.patience.connect, "accept a connection", self.dial.dial(&self.address)).await?;
        if self.patience.reconnect.is_zero() {
            return Ok(client);
        }
        // A restarted development network has other jobs under the same numbers.
        let params = RawValue::from_string("[0]".into()).map_err(Error::Serialization)?;
        let request = client.request_raw("chain_getBlockHash", Some(params));
        let genesis = self.within(self.patience.answer, "answer", request).await?;
        let mut known = self.genesis.lock().await;
        match known.as_ref() {
            Some(known) if known.get() != genesis.get() => return Err(Error::Client(Box::new(AnotherChain))),
            Some(_) => (),
            None => *known = Some(genesis),
        }
        Ok(client)
    }

    /// Wait for an answer until the limit.
    async fn within<T>(&self, limit: Duration, what: &str, answer: RawRpcFuture<'_, T>) -> Result<T, Error> {
        let mut answer = answer;
        if let Ok(answer) = tokio::time::timeout(SLOW.min(limit), &mut answer).await {
            return answer;
        }
        if limit > SLOW {
            self.output.note(format!("the node at {} is slow to {what}", self.url));
            if let Ok(answer) = tokio::time::timeout(limit.saturating_sub(SLOW), answer).await {
                return answer;
            }
        }
        let text = format!("the node at {} did not {what} within {} s", self.url, limit.as_secs());
        Err(Error::Client(Box::new(Late(text))))
    }

    /// Return the connection and its number. Opens another one if the current one is `broken` or
    /// missing.
    async fn client(&self, broken: Option<u64>) -> Result<(u64, RpcClient), Error> {
        let mut current = self.current.lock().await;
        if broken == Some(current.number) {
            current.client = None;
        }
        if let Some(client) = &current.client {
            return Ok((current.number, client.clone()));
        }
        let began = Instant::now();
        let (mut pause, mut told) = (self.patience.pause, false);
        loop {
            let error = match self.connect().await {
                Ok(client) => {
                    current.number = current.number.saturating_add(1);
                    current.client = Some(client.clone());
                    if told {
                        self.output.note(format!("reconnected to {}", self.url));
                    }
                    return Ok((current.number, client));
                }
                Err(error) => error,
            };
            let left = self.patience.reconnect.saturating_sub(began.elapsed());
            if left.is_zero() || !is_broken(&error) {
                return Err(error);
            }
            if !told {
                told = true;
                let limit = self.patience.reconnect.as_secs().div_ceil(60);
                self.output.note(format!("the connection to {} is lost; reconnecting for up to {limit} min", self.url));
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    /// Send a request. Repeats it over another connection if the one in use breaks.
    async fn ask<T>(&self, method: &str, ask: impl Fn(&RpcClient) -> RawRpcFuture<'static, T>) -> Result<T, Error> {
        let (mut number, mut client) = self.client(None).await?;
        let (began, mut late) = (Instant::now(), false);
        loop {
            let error = match self.within(self.patience.answer, &format!("answer {method}"), ask(&client)).await {
                Err(error) if is_broken(&error) => error,
                other => return other,
            };
            // A node that accepts connections but does not answer gets one other connection: the
            // first one may be dead.
            let gives_up = began.elapsed() >= self.patience.reconnect || (is_late(&error) && late) || submits(method);
            late |= is_late(&error);
            if gives_up {
                let mut current = self.current.lock().await;
                if current.number == number {
                    current.client = None;
                }
                return Err(error);
            }
            (number, client) = self.client(Some(number)).await?;
        }
    }
}

impl<D: Dial> RpcClientT for Link<D> {
    fn request_raw<'a>(&'a self, method: &'a str, params: Option<Box<RawValue>>) -> RawRpcFuture<'a, Box<RawValue>> {
        Box::pin(async move {
            let ask = move |client: &RpcClient| -> RawRpcFuture<'static, Box<RawValue>> {
                let (client, params, method) = (client.clone(), params.clone(), method.to_string());
                Box::pin(async move { client.request_raw(&method, params).await })
            };
            self.ask(method, ask).await
        })
    }

    fn subscribe_raw<'a>(
        &'a self,
        sub: &'a str,
        params: Option<Box<RawValue>>,
        unsub: &'a str,
    ) -> RawRpcFuture<'a, RawRpcSubscription> {
        Box::pin(async move {
            let ask = move |client: &RpcClient| -> RawRpcFuture<'static, RawRpcSubscription> {
                let (client, params) = (client.clone(), params.clone());
                let (sub, unsub) = (sub.to_string(), unsub.to_string());
                Box::pin(async move { client.subscribe_raw(&sub, params, &unsub).await })
            };
            self.ask(sub, ask).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::mock::{Mock, broken};
    use serde_json::{Value, json};
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };
    use subxt::rpcs::rpc_params;

    const QUIET: Output = Output { json: true, quiet: true };

    /// A mock node. It refuses some attempts to connect, and each connection breaks after some
    /// answers.
    #[derive(Default)]
    struct Node {
        dialled: AtomicU32,
        away: u32,
        answers: u32,
        changes_chain: bool,
        hangs: bool,
    }

    impl Dial for Arc<Node> {
        fn dial<'a>(&'a self, _: &'a str) -> RawRpcFuture<'a, RpcClient> {
            let dialled = self.dialled.fetch_add(1, Ordering::SeqCst);
            let (node, served) = (self.clone(), AtomicU32::new(0));
            Box::pin(async move {
                if (1..=node.away).contains(&dialled) {
                    return Err(broken());
                }
                let hangs = node.hangs;
                let mock = Mock::new(move |method, _| match method {
                    "chain_getBlockHash" => Ok(json!(node.changes_chain && dialled > 0)),
                    _ if served.fetch_add(1, Ordering::SeqCst) < node.answers => Ok(json!(dialled)),
                    _ => Err(broken()),
                });
                Ok(RpcClient::new(if hangs { mock.hanging("chain_getHeader") } else { mock }))
            })
        }
    }

    const SHORT: Patience = Patience {
        connect: Duration::from_millis(200),
        answer: Duration::from_millis(50),
        reconnect: Duration::from_secs(5),
        pause: Duration::from_millis(1),
    };

    async fn link(node: Node, patience: Patience) -> (Arc<Node>, RpcClient) {
        let node = Arc::new(node);
        let link = Link::open(node.clone(), "ws://node".into(), "ws://node", patience, QUIET).await.unwrap();
        (node, RpcClient::new(link))
    }

    async fn ask(client: &RpcClient, method: &str) -> Result<Value, Error> {
        client.request(method, rpc_params![]).await
    }

    #[tokio::test]
    async fn a_broken_connection_is_made_anew_and_the_question_asked_again() {
        let (node, client) = link(Node { away: 3, answers: 2, ..Node::default() }, SHORT).await;
        for expected in [0, 0, 4, 4, 5] {
            assert_eq!(ask(&client, "chain_getHeader").await.unwrap(), json!(expected));
        }
        assert_eq!(node.dialled.load(Ordering::SeqCst), 6);
    }

    #[tokio::test]
    async fn a_node_that_stays_away_is_given_up_and_may_come_back_later() {
        let patience = Patience { reconnect: Duration::from_millis(20), ..SHORT };
        let (_, client) = link(Node { away: u32::MAX, answers: 1, ..Node::default() }, patience).await;
        assert!(ask(&client, "chain_getHeader").await.is_ok());
        assert!(matches!(ask(&client, "chain_getHeader").await, Err(Error::Client(_))));
    }

    #[tokio::test]
    async fn a_transaction_is_not_submitted_twice() {
        let (node, client) = link(Node { answers: 0, ..Node::default() }, SHORT).await;
        assert!(ask(&client, "author_submitExtrinsic").await.is_err());
        assert_eq!(node.dialled.load(Ordering::SeqCst), 1);
        // The next request uses another connection.
        assert!(ask(&client, "author_submitExtrinsic").await.is_err());
        assert_eq!(node.dialled.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_node_of_another_chain_is_refused() {
        let (_, client) = link(Node { answers: 1, changes_chain: true, ..Node::default() }, SHORT).await;
        assert!(ask(&client, "chain_getHeader").await.is_ok());
        let error = ask(&client, "chain_getHeader").await.unwrap_err();
        assert!(error.to_string().contains("another chain"), "{error}");
    }

    #[tokio::test]
    async fn a_node_that_never_answers_is_an_error_after_two_connections() {
        let (node, client) = link(Node { hangs: true, ..Node::default() }, SHORT).await;
        let error = ask(&client, "chain_getHeader").await.unwrap_err();
        assert!(error.to_string().contains("did not answer chain_getHeader"), "{error}");
        assert_eq!(node.dialled.load(Ordering::SeqCst), 2);
        // Other nodes are asked once: the caller tries other sources.
        let patience = Patience { reconnect: Duration::ZERO, ..SHORT };
        let (node, client) = link(Node { hangs: true, ..Node::default() }, patience).await;
        assert!(ask(&client, "chain_getHeader").await.is_err());
        assert_eq!(node.dialled.load(Ordering::SeqCst), 1);
    }
}
