//! The check that a worker's node may be connected to.
//!
//! Workers choose the addresses that they put on chain. On a public chain, an address must not lead
//! this program to services of this machine or its network. A worker that registers such an address
//! is unreachable: other nodes send no requests there. So an address that is not public, or a name
//! that resolves to one, is refused, as nodes do. Chains for development are exempt, and the user
//! can allow such addresses.

use crate::{
    blocking::run_blocking,
    chain::{Chain, errors::is_unknown_method},
    error::{Error, Result},
};
use dpin_primitives::address::{Host, NodeAddress, is_public};
use std::net::{IpAddr, ToSocketAddrs};
use subxt::rpcs::rpc_params;

/// Name of the error for an address that is not public.
pub(crate) const NOT_PUBLIC: &str = "notPublic";

/// Resolves a name and a port to addresses.
type Resolve = fn(&str, u16) -> Vec<IpAddr>;

/// Refuse the address of a worker's node if it is not public.
///
/// # Errors
///
/// When the address is not public, and neither the chain nor the user allows it.
pub(crate) async fn check(chain: &Chain, address: &NodeAddress<'_>) -> Result<()> {
    if chain.allows_private() || is_for_development(chain).await? {
        return Ok(());
    }
    let (host, port) = match address.host {
        Host::Name(name) => (Ok(name.to_string()), address.port.unwrap_or(443)),
        Host::Ip(ip) => (Err(ip), 0),
    };
    let private = match host {
        Ok(name) => run_blocking(move || Ok(private_among(&name, port, resolve))).await?,
        Err(ip) => Some(ip).filter(|ip| !is_public(*ip)),
    };
    private.map_or(Ok(()), |ip| {
        Err(Error::failed(format!("{} leads to {ip}, which is not a public address", address.ws_url()))
            .named(NOT_PUBLIC)
            .hint(
                "nodes of public chains do not connect there either; in a private network, use --allow-private-addresses",
            ))
    })
}

/// Whether the chain is for development, where all nodes are on one machine or in one network.
async fn is_for_development(chain: &Chain) -> Result<bool> {
    match chain.request::<serde_json::Value>("system_chainType", rpc_params![]).await {
        Ok(kind) => Ok(matches!(kind.as_str(), Some("Development" | "Local"))),
        // A node without the method belongs to a public chain. A broken connection proves nothing.
        Err(error) if is_unknown_method(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// An address of a name that is not public, if there is one. A name that does not resolve has none:
/// no connection is opened.
fn private_among(name: &str, port: u16, resolve: Resolve) -> Option<IpAddr> {
    resolve(name, port).into_iter().find(|ip| !is_public(*ip))
}

fn resolve(name: &str, port: u16) -> Vec<IpAddr> {
    (name, port).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::mock::{Mock, refusal};
    use dpin_primitives::Hash;
    use serde_json::json;
    use subxt::rpcs::RpcClient;

    /// A chain whose node reports this type; with `None` it lacks the method.
    async fn chain(kind: Option<serde_json::Value>) -> Chain {
        let answer = move |method: &str, _: &serde_json::Value| match (method, kind.clone()) {
            ("chain_getBlockHash", _) => Ok(json!(Hash::zero())),
            ("system_chainType", Some(kind)) => Ok(kind),
            _ => Err(refusal(-32_601, "unknown", None)),
        };
        Chain::over(RpcClient::new(Mock::new(answer)), "ws://own").await.unwrap()
    }

    async fn checked(chain: &Chain, address: &str) -> Result<()> {
        check(chain, &NodeAddress::parse(address.as_bytes()).unwrap()).await
    }

    #[tokio::test]
    async fn on_a_public_chain_no_private_address_is_connected_to() {
        for kind in [Some(json!("Live")), Some(json!({ "Custom": "Development" })), None] {
            let chain = chain(kind).await;
            for bad in
                ["ws://127.0.0.1:9944", "ws://[::1]:1", "wss://10.1.2.3", "https://192.168.1.1", "ws://localhost:22"]
            {
                let error = checked(&chain, bad).await.unwrap_err();
                assert_eq!(error.name.as_deref(), Some(NOT_PUBLIC), "{bad}: {error}");
            }
            assert_eq!(checked(&chain, "wss://8.8.8.8").await, Ok(()));
            let allowed = chain.allowing_private(true);
            assert_eq!(checked(&allowed, "ws://127.0.0.1:9944").await, Ok(()));
        }
    }

    #[tokio::test]
    async fn chains_for_development_are_on_one_machine() {
        for kind in ["Development", "Local"] {
            assert_eq!(checked(&chain(Some(json!(kind))).await, "ws://127.0.0.1:9944").await, Ok(()));
        }
    }

    #[tokio::test]
    async fn an_error_of_the_node_is_not_taken_for_a_public_chain() {
        let answer = |method: &str, _: &serde_json::Value| match method {
            "chain_getBlockHash" => Ok(json!(Hash::zero())),
            _ => Err(refusal(-32_603, "busy", None)),
        };
        let chain = Chain::over(RpcClient::new(Mock::new(answer)), "ws://own").await.unwrap();
        let error = checked(&chain, "ws://127.0.0.1:9944").await.unwrap_err();
        assert_ne!(error.name.as_deref(), Some(NOT_PUBLIC), "{error}");
    }

    #[test]
    fn a_name_that_leads_anywhere_private_is_none_to_connect_to() {
        let of = |ips: Resolve| private_among("worker.example", 443, ips);
        assert_eq!(of(|_, _| Vec::new()), None);
        assert_eq!(of(|_, _| vec![[8, 8, 8, 8].into()]), None);
        assert_eq!(
            of(|_, _| vec![[8, 8, 8, 8].into(), [169, 254, 169, 254].into()]),
            Some([169, 254, 169, 254].into())
        );
    }
}
