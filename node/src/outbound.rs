//! Requests to addresses that strangers have chosen.
//!
//! Workers put the addresses of their nodes on the chain. Jurors, auditors and the runtime's
//! off-chain worker send requests there. A name may resolve to the machine itself, to its local
//! network, or to a cloud's metadata service that hands out the machine's secrets. It may also
//! resolve to a different address each time. So every address is checked when the connection is
//! made, after its name is resolved. Addresses that are not public are refused, unless the chain is
//! a development chain or the operator allows them. Redirects are not followed.

use dpin_primitives::address::is_public;
use futures::{FutureExt, future::BoxFuture};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, Uri,
    body::{Bytes, Incoming},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{
            HttpConnector,
            dns::{GaiResolver, Name},
        },
    },
    rt::TokioExecutor,
};
use polkadot_sdk::sc_service::ChainType;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    task::{Context, Poll},
    time::Duration,
};
use tower_service::Service;

/// Timeout of a connection attempt.
const CONNECT: Duration = Duration::from_secs(5);
/// Idle connections kept per host for the next request.
const IDLE: usize = 1;

/// The set of addresses that requests may go to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// Addresses of the public internet.
    Public,
    /// Also loopback, private and other special addresses.
    Anywhere,
}

impl Reach {
    /// Returns the default for a chain type.
    ///
    /// On development and local chains everything runs on one machine or in one network, so every
    /// address is allowed.
    pub(crate) fn of(chain: &ChainType, allow_private: bool) -> Self {
        match chain {
            ChainType::Development | ChainType::Local => Self::Anywhere,
            ChainType::Live | ChainType::Custom(_) if allow_private => Self::Anywhere,
            ChainType::Live | ChainType::Custom(_) => Self::Public,
        }
    }

    fn allows(self, ip: IpAddr) -> bool {
        self == Self::Anywhere || is_public(ip)
    }
}

/// The reason why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundError {
    /// The address is not public.
    #[error("{0} is no public address: without --allow-private-addresses this node sends no requests to it")]
    NotPublic(IpAddr),
    /// The URL has no host.
    #[error("the URL has no host")]
    NoHost,
    /// The connection fails.
    #[error("{0}")]
    Connection(String),
    /// The answer takes too long.
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// The answer is too long.
    #[error("the answer has more than {0} bytes")]
    TooLong(usize),
}

/// Resolves names, and drops the addresses that may not be reached.
#[derive(Clone)]
struct Resolver {
    reach: Reach,
    inner: GaiResolver,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (reach, resolving) = (self.reach, self.inner.call(name));
        async move { allowed(reach, resolving.await?) }.boxed()
    }
}

/// Returns the allowed addresses, or an error if every address found is refused.
fn allowed(reach: Reach, found: impl Iterator<Item = SocketAddr>) -> io::Result<std::vec::IntoIter<SocketAddr>> {
    let (allowed, refused): (Vec<SocketAddr>, Vec<SocketAddr>) = found.partition(|found| reach.allows(found.ip()));
    match refused.first() {
        Some(refused) if allowed.is_empty() => {
            let error = OutboundError::NotPublic(refused.ip());
            Err(io::Error::new(io::ErrorKind::PermissionDenied, error))
        }
        _ => Ok(allowed.into_iter()),
    }
}

type HttpClient = Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// An HTTP client for addresses that strangers have chosen: see the [module](self).
#[derive(Clone)]
pub(crate) struct Outbound {
    reach: Reach,
    client: HttpClient,
}

impl Outbound {
    /// Creates a client that reaches the addresses in `reach`.
    ///
    /// # Errors
    ///
    /// When the machine has no root certificates.
    pub(crate) fn new(reach: Reach) -> io::Result<Self> {
        let mut http = HttpConnector::new_with_resolver(Resolver { reach, inner: GaiResolver::new() });
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        let https = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(IDLE).build(https);
        Ok(Self { reach, client })
    }

    /// Sends a request, and returns once the head of the answer has arrived.
    ///
    /// # Errors
    ///
    /// When the address may not be reached, or nobody answers there.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, OutboundError> {
        // The connector does not resolve an IP address, so it is checked here.
        if let Some(ip) = ip_of(request.uri())?
            && !self.reach.allows(ip)
        {
            return Err(OutboundError::NotPublic(ip));
        }
        self.client.request(request).await.map_err(|error| OutboundError::Connection(innermost(&error)))
    }

    /// Posts JSON and returns the body of the answer, whatever its status.
    ///
    /// # Errors
    ///
    /// As [`Self::send`], and when the answer is not complete within `time` or is longer than
    /// `most` bytes.
    pub(crate) async fn post_json(
        &self,
        url: &str,
        json: String,
        time: Duration,
        most: usize,
    ) -> Result<Vec<u8>, OutboundError> {
        let request = Request::post(url)
            .header("content-type", "application/json")
            .body(Full::from(json))
            .map_err(|error| OutboundError::Connection(error.to_string()))?;
        let asking = async {
            let body = http_body_util::Limited::new(self.send(request).await?.into_body(), most);
            let read = body.collect().await.map_err(|error| match error.downcast::<hyper::Error>() {
                Ok(error) => OutboundError::Connection(innermost(&*error)),
                Err(_) => OutboundError::TooLong(most),
            });
            Ok(read?.to_bytes().to_vec())
        };
        tokio::time::timeout(time, asking).await.unwrap_or(Err(OutboundError::Timeout(time)))
    }
}

/// Returns the IP address of a URL whose host is one, `None` if the host is a name.
fn ip_of(uri: &Uri) -> Result<Option<IpAddr>, OutboundError> {
    let host = uri.host().ok_or(OutboundError::NoHost)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    Ok(bare.parse().ok())
}

/// Returns the innermost error, which says the most.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::fake;

    const TIME: Duration = Duration::from_secs(10);

    async fn post(reach: Reach, url: &str) -> Result<Vec<u8>, OutboundError> {
        Outbound::new(reach).unwrap().post_json(url, "{}".into(), TIME, 100).await
    }

    #[tokio::test]
    async fn a_node_of_a_public_chain_sends_no_request_to_its_own_machine_or_network() {
        let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = asked.clone();
        let server = fake::serve_without_token(move |_, _| {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            (200, b"here".to_vec())
        });
        let by_name = server.url.replace("127.0.0.1", "localhost");
        assert_ne!(by_name, server.url);
        for url in [&server.url, &by_name] {
            let error = post(Reach::Public, url).await.unwrap_err().to_string();
            assert!(error.contains("no public address"), "{url}: {error}");
        }
        assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 0);
        for url in [&server.url, &by_name] {
            assert_eq!(post(Reach::Anywhere, url).await.unwrap(), b"here");
        }
        for url in ["http://192.168.1.1:80", "http://[::1]:80", "http://169.254.169.254:80"] {
            assert!(matches!(post(Reach::Public, url).await, Err(OutboundError::NotPublic(_))), "{url}");
        }
    }

    #[test]
    fn a_name_that_resolves_to_both_is_asked_at_its_public_addresses() {
        let addresses = ["10.0.0.1:1", "1.1.1.1:1"].map(|text| text.parse().unwrap());
        let of = |reach| allowed(reach, addresses.into_iter()).unwrap().collect::<Vec<_>>();
        assert_eq!(of(Reach::Public), addresses[1..]);
        assert_eq!(of(Reach::Anywhere), addresses);
        assert!(allowed(Reach::Public, addresses[..1].iter().copied()).is_err());
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_given_up() {
        let server = fake::serve_without_token(|_, _| (200, vec![b'x'; 101]));
        assert!(matches!(post(Reach::Anywhere, &server.url).await, Err(OutboundError::TooLong(100))));
    }

    #[test]
    fn only_chains_for_trying_out_reach_everywhere_unless_the_operator_says_so() {
        assert_eq!(Reach::of(&ChainType::Development, false), Reach::Anywhere);
        assert_eq!(Reach::of(&ChainType::Local, false), Reach::Anywhere);
        assert_eq!(Reach::of(&ChainType::Live, false), Reach::Public);
        assert_eq!(Reach::of(&ChainType::Custom("test".into()), false), Reach::Public);
        assert_eq!(Reach::of(&ChainType::Live, true), Reach::Anywhere);
    }
}
