//! Checks the addresses this node listens at, before anything is started.
//!
//! If the requested JSON-RPC port is taken, the SDK moves to a random port; if the metrics port is
//! taken, it goes on without metrics. Clients and operators then talk to another program, or to
//! nobody. Here a taken address is an error that names the option.

use polkadot_sdk::{
    sc_network::{Multiaddr, multiaddr::Protocol},
    sc_service::{Configuration, config::RpcBatchRequestConfig},
};
use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
};

/// Default limit of calls in one batch, without `--rpc-max-batch-request-len`.
const MAX_BATCH: u32 = 1_024;

/// An address to listen at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The command-line option that sets the address.
    pub option: &'static str,
    /// The socket address.
    pub address: SocketAddr,
    /// When a failure to listen here is ignored.
    pub leave: Leave,
}

/// The failures to listen that are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    /// No failure is ignored.
    Never,
    /// Ignored if this machine lacks such an address: some machines have no IPv6.
    IfThereIsNone,
    /// Ignored if another program has taken the address.
    IfTaken,
}

/// The reason why the node does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortError {
    /// Two options name the same address.
    #[error("{0} and {1} both want {2}: give one of them another port")]
    Same(&'static str, &'static str, SocketAddr),
    /// Another program has taken the address.
    #[error("{option} {address} is taken by another program: end that, or give another port with {option}")]
    Taken {
        /// The option that sets the address.
        option: &'static str,
        /// The address.
        address: SocketAddr,
    },
    /// Listening at the address fails.
    #[error("{option} {address}: {error}")]
    Refused {
        /// The option that sets the address.
        option: &'static str,
        /// The address.
        address: SocketAddr,
        /// The error of the system.
        error: io::Error,
    },
}

/// Returns every address that the configuration listens at.
pub(crate) fn of(config: &Configuration) -> Vec<Wanted> {
    let rpc = config.rpc.addr.iter().flatten().map(|endpoint| Wanted {
        option: "--rpc-port",
        address: endpoint.listen_addr,
        leave: if endpoint.is_optional { Leave::IfThereIsNone } else { Leave::Never },
    });
    let metrics = config.prometheus_config.iter().map(|metrics| Wanted {
        option: "--prometheus-port",
        address: metrics.port,
        leave: Leave::Never,
    });
    let network = config.network.listen_addresses.iter().filter_map(tcp_of).map(|address| Wanted {
        option: "--port",
        address,
        leave: Leave::IfThereIsNone,
    });
    rpc.chain(metrics).chain(network).collect()
}

/// Extracts the TCP address from a multiaddress of the peer-to-peer network.
fn tcp_of(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let ip: IpAddr = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) => Some((ip, port).into()),
        _ => None,
    }
}

/// Fixes the JSON-RPC port, and limits the size of batches.
///
/// JSON-RPC listens at the requested port or not at all. If the port is 0, this chooses a free one
/// here, because other parts of the node must know it. Batches without a limit get the default
/// limit.
///
/// # Errors
///
/// When no port is free.
pub(crate) fn fix_rpc(config: &mut Configuration) -> io::Result<()> {
    let Some(endpoints) = &mut config.rpc.addr else { return Ok(()) };
    let any = endpoints.iter().all(|endpoint| endpoint.listen_addr.port() == 0);
    let port = if any { Some(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port()) } else { None };
    for endpoint in endpoints {
        endpoint.retry_random_port = false;
        if matches!(endpoint.batch_config, RpcBatchRequestConfig::Unlimited) {
            endpoint.batch_config = RpcBatchRequestConfig::Limit(MAX_BATCH);
        }
        if let Some(port) = port {
            endpoint.listen_addr.set_port(port);
        }
    }
    Ok(())
}

/// Returns whether a listener at one address prevents a listener at the other.
fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    let any = |address: SocketAddr| address.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (one.ip() == other.ip() || any(one) || any(other))
}

/// Tries to listen at every address.
///
/// # Errors
///
/// The first address at which listening fails.
pub(crate) fn check(wanted: &[Wanted]) -> Result<(), PortError> {
    for (i, one) in wanted.iter().enumerate() {
        let same = wanted.iter().skip(i + 1).find(|other| {
            // One option may listen on both IPv4 and IPv6.
            other.option != one.option && clash(one.address, other.address)
        });
        if let Some(other) = same {
            return Err(PortError::Same(one.option, other.option, one.address));
        }
    }
    for Wanted { option, address, leave } in wanted.iter().filter(|wanted| wanted.address.port() != 0) {
        use io::ErrorKind::{AddrInUse, AddrNotAvailable, Unsupported};
        // The listener is dropped at once: the next address may be the same port of the other IP
        // version.
        let Err(error) = TcpListener::bind(address) else { continue };
        let (option, address) = (*option, *address);
        match (error.kind(), leave) {
            (AddrInUse, Leave::IfTaken) => {}
            (AddrInUse, _) => return Err(PortError::Taken { option, address }),
            (AddrNotAvailable | Unsupported, Leave::IfThereIsNone) => {}
            // The error of a machine without IPv6.
            (_, Leave::IfThereIsNone) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => {}
            _ => return Err(PortError::Refused { option, address, error }),
        }
    }
    Ok(())
}

/// Returns the URL at which programs on this machine reach the node's JSON-RPC.
pub(crate) fn local_url(config: &Configuration) -> Option<String> {
    let endpoints = config.rpc.addr.as_ref()?;
    let address = endpoints.iter().map(|endpoint| endpoint.listen_addr).find(SocketAddr::is_ipv4)?;
    let ip: &dyn fmt::Display = if address.ip().is_unspecified() { &Ipv4Addr::LOCALHOST } else { &address.ip() };
    Some(format!("ws://{ip}:{}", address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(option: &'static str, address: &str) -> Wanted {
        Wanted { option, address: address.parse().unwrap(), leave: Leave::Never }
    }

    #[test]
    fn a_port_that_another_program_has_is_an_error_that_names_the_option() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap().to_string();
        let error = check(&[wanted("--rpc-port", &address)]).unwrap_err();
        assert!(matches!(error, PortError::Taken { option: "--rpc-port", .. }));
        let text = error.to_string();
        assert!(text.contains("--rpc-port") && text.contains(&address), "{text}");
        let leave = |leave| check(&[Wanted { leave, ..wanted("--blob-listen", &address) }]);
        assert!(leave(Leave::IfTaken).is_ok());
        assert!(leave(Leave::IfThereIsNone).is_err());
        drop(other);
        check(&[wanted("--rpc-port", &address)]).unwrap();
    }

    #[test]
    fn one_port_for_two_options_is_an_error_that_names_both() {
        let error = |one, other| check(&[wanted("--rpc-port", one), wanted("--blob-listen", other)]).unwrap_err();
        let cases =
            [("127.0.0.1:9955", "127.0.0.1:9955"), ("0.0.0.0:9955", "127.0.0.1:9955"), ("127.0.0.1:9955", "[::]:9955")];
        for (one, other) in cases {
            let error = error(one, other).to_string();
            assert!(
                error.contains("--rpc-port") && error.contains("--blob-listen") && error.contains("9955"),
                "{error}"
            );
        }
    }

    #[test]
    fn both_kinds_of_addresses_of_one_option_and_ports_yet_to_be_chosen_are_no_clash() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut both = vec![wanted("--port", &format!("0.0.0.0:{port}")), wanted("--port", &format!("[::]:{port}"))];
        both.iter_mut().for_each(|wanted| wanted.leave = Leave::IfThereIsNone);
        check(&both).unwrap();
        check(&[wanted("--rpc-port", "127.0.0.1:0"), wanted("--blob-listen", "127.0.0.1:0")]).unwrap();
    }

    #[test]
    fn an_address_that_this_machine_lacks_is_left_out_where_it_may_be() {
        // An address reserved for documentation.
        let mut none = wanted("--port", "[2001:db8::1]:9");
        assert!(matches!(check(std::slice::from_ref(&none)), Err(PortError::Refused { .. })));
        none.leave = Leave::IfThereIsNone;
        check(&[none]).unwrap();
    }

    #[test]
    fn the_networks_addresses_are_read() {
        let of = |text: &str| tcp_of(&text.parse().unwrap()).map(|address| address.to_string());
        assert_eq!(of("/ip4/0.0.0.0/tcp/30333").as_deref(), Some("0.0.0.0:30333"));
        assert_eq!(of("/ip6/::/tcp/30333/ws").as_deref(), Some("[::]:30333"));
        assert_eq!(of("/ip4/0.0.0.0/udp/30333/webrtc-direct"), None);
        assert_eq!(of("/dns/node.example/tcp/1"), None);
    }
}
