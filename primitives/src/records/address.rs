//! The address of a worker's node: one parser for the chain, the nodes that connect to it, and the
//! clients.
//!
//! Strangers choose these addresses, and other people's nodes send requests to them. An address is
//! therefore only a host and a port. A path or a user name would let it aim requests at services
//! that are not nodes.
//!
//! An address can also name a host in a private network. Whether a host is public ([`is_public`])
//! depends on the resolver of the caller and the moment, so the caller checks it when it connects.

use alloc::{format, string::String};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Maximum length of a DNS name in characters.
const MAX_NAME: usize = 253;
/// Maximum number of characters between two dots of a DNS name.
const MAX_LABEL: usize = 63;

/// The host in an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Host<'a> {
    /// A DNS name.
    Name(&'a str),
    /// An IP address.
    Ip(IpAddr),
}

/// The address of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NodeAddress<'a> {
    /// Whether the connection is encrypted: `wss` or `https`.
    pub secure: bool,
    /// The host.
    pub host: Host<'a>,
    /// The port. If it is `None`, the port is 443; only encrypted addresses may leave it out.
    pub port: Option<u16>,
}

/// The reason why a text is not the address of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressError {
    /// The text does not begin with a scheme that nodes support.
    Scheme,
    /// The text has a user name or a password.
    User,
    /// The text has a path, a query or a fragment.
    Path,
    /// The host is neither a DNS name nor an IP address.
    Host,
    /// The host is an IP address that no other machine can reach: unspecified, link-local,
    /// broadcast or multicast.
    Unreachable,
    /// The port is missing, or is not a number from 1 to 65535.
    Port,
}

impl core::fmt::Display for AddressError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Scheme => "it must begin with wss://, ws://, https:// or http://",
            Self::User => "it must not have a user name or a password",
            Self::Path => "nothing may follow the port: no path, no query, no fragment",
            Self::Host => "its host must be a DNS name or an IP address (IPv6 in brackets)",
            Self::Unreachable => "no other machine can reach its IP address",
            Self::Port => "its port must be a number from 1 to 65535; only wss and https may leave it out (443)",
        })
    }
}

impl core::error::Error for AddressError {}

impl<'a> NodeAddress<'a> {
    /// Parse an address as stored on the chain.
    ///
    /// # Errors
    ///
    /// [`AddressError`] if the bytes are not such an address.
    pub fn parse(address: &'a [u8]) -> Result<Self, AddressError> {
        let address = core::str::from_utf8(address).map_err(|_| AddressError::Host)?;
        let (scheme, rest) = address.split_once("://").ok_or(AddressError::Scheme)?;
        let secure = match scheme {
            "wss" | "https" => true,
            "ws" | "http" => false,
            _ => return Err(AddressError::Scheme),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(AddressError::Path);
        }
        if authority.contains('@') {
            return Err(AddressError::User);
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(AddressError::Host)?;
                let host = host.parse::<Ipv6Addr>().map_err(|_| AddressError::Host)?;
                (Host::Ip(host.into()), Some(port).filter(|port| !port.is_empty()))
            }
            None => {
                let host = authority.split(':').next().unwrap_or_default();
                (read_host(host)?, authority.strip_prefix(host).filter(|port| !port.is_empty()))
            }
        };
        let port = port.map(read_port).transpose()?;
        if port.is_none() && !secure {
            return Err(AddressError::Port);
        }
        if let Host::Ip(ip) = host
            && !can_be_reached(ip)
        {
            return Err(AddressError::Unreachable);
        }
        Ok(Self { secure, host, port })
    }

    /// Return the URL for JSON-RPC over HTTP.
    pub fn http_url(&self) -> String {
        self.url(if self.secure { "https" } else { "http" })
    }

    /// Return the URL for JSON-RPC over WebSocket.
    pub fn ws_url(&self) -> String {
        self.url(if self.secure { "wss" } else { "ws" })
    }

    fn url(&self, scheme: &str) -> String {
        let host = match self.host {
            Host::Name(name) => String::from(name),
            Host::Ip(IpAddr::V4(ip)) => format!("{ip}"),
            Host::Ip(IpAddr::V6(ip)) => format!("[{ip}]"),
        };
        match self.port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }
}

fn read_port(text: &str) -> Result<u16, AddressError> {
    let digits = text.strip_prefix(':').ok_or(AddressError::Host)?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port > 0).ok_or(AddressError::Port)
}

fn read_host(text: &str) -> Result<Host<'_>, AddressError> {
    if let Ok(ip) = text.parse::<Ipv4Addr>() {
        return Ok(Host::Ip(ip.into()));
    }
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        (1..=MAX_LABEL).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // Resolvers read `2130706433`, `127.1` and `0x7f.1` as IPv4 addresses.
    let last = text.rsplit('.').next().unwrap_or_default();
    let numeric = last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = text.len() <= MAX_NAME && text.split('.').all(is_label) && !numeric;
    is_name.then_some(Host::Name(text)).ok_or(AddressError::Host)
}

/// Whether another machine can reach a node at this address at all, if only from the same network.
fn can_be_reached(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.segments()[0] & 0xffc0 == 0xfe80,
    };
    !ip.is_unspecified() && !ip.is_multicast() && !link_local
}

/// Whether an IP address belongs to the public internet.
///
/// Loopback, private, shared, link-local, reserved and multicast addresses do not. IPv6 addresses
/// that stand for such an IPv4 address do not either.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(ip) = ip.to_ipv4_mapped() {
        return is_public_v4(ip);
    }
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match ip.segments() {
        // NAT64.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        // Protocol assignments (Teredo among them) and examples.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Result<NodeAddress<'_>, AddressError> {
        NodeAddress::parse(address.as_bytes())
    }

    #[test]
    fn an_address_names_a_scheme_a_host_and_a_port() {
        let name = NodeAddress { secure: true, host: Host::Name("worker.example"), port: Some(443) };
        assert_eq!(read("wss://worker.example:443"), Ok(name));
        assert_eq!(read("https://worker.example:443/"), Ok(name));
        assert_eq!(read("wss://worker.example"), Ok(NodeAddress { port: None, ..name }));
        let ip = NodeAddress { secure: false, host: Host::Ip(Ipv4Addr::LOCALHOST.into()), port: Some(9944) };
        assert_eq!(read("ws://127.0.0.1:9944"), Ok(ip));
        let v6 = NodeAddress { host: Host::Ip(Ipv6Addr::LOCALHOST.into()), ..ip };
        assert_eq!(read("http://[::1]:9944"), Ok(v6));
        assert!(read("wss://a-b.c1.xn--p1ai:1").is_ok() && read("ws://localhost:65535").is_ok());
    }

    #[test]
    fn what_is_no_address_of_a_node_is_refused_with_the_reason() {
        let long = format!("wss://{}", "x".repeat(MAX_LABEL + 1));
        let cases = [
            ("", AddressError::Scheme),
            ("worker.example:443", AddressError::Scheme),
            ("file:///etc/passwd", AddressError::Scheme),
            ("WSS://worker.example", AddressError::Scheme),
            ("ws://127.0.0.1:", AddressError::Port),
            ("wss://worker.example:", AddressError::Port),
            ("ws://127.0.0.1", AddressError::Port),
            ("ws://127.0.0.1:0", AddressError::Port),
            ("ws://127.0.0.1:65536", AddressError::Port),
            ("ws://127.0.0.1:+1", AddressError::Port),
            ("ws://127.0.0.1:1:2", AddressError::Port),
            ("wss://worker.example/rpc", AddressError::Path),
            ("wss://worker.example//", AddressError::Path),
            ("wss://worker.example:1?x", AddressError::Path),
            ("wss://worker.example:1#x", AddressError::Path),
            ("wss://worker.example\\@x", AddressError::Path),
            ("wss://user@worker.example", AddressError::User),
            ("wss://user:secret@worker.example", AddressError::User),
            ("wss://", AddressError::Host),
            ("wss://:443", AddressError::Host),
            ("wss://a b", AddressError::Host),
            ("wss://a\n", AddressError::Host),
            ("wss://\u{e9}", AddressError::Host),
            ("wss://a..b", AddressError::Host),
            ("wss://-a", AddressError::Host),
            ("wss://a_b", AddressError::Host),
            ("wss://2130706433", AddressError::Host),
            ("wss://127.1", AddressError::Host),
            ("wss://0x7f000001", AddressError::Host),
            ("wss://a.0x7f", AddressError::Host),
            ("wss://::1", AddressError::Host),
            ("wss://[::1", AddressError::Host),
            ("wss://[127.0.0.1]:1", AddressError::Host),
            ("wss://[::1]x", AddressError::Host),
            ("ws://0.0.0.0:1", AddressError::Unreachable),
            ("ws://[::]:1", AddressError::Unreachable),
            ("ws://169.254.169.254:80", AddressError::Unreachable),
            ("ws://[::ffff:169.254.169.254]:80", AddressError::Unreachable),
            ("ws://[fe80::1]:1", AddressError::Unreachable),
            ("ws://224.0.0.1:1", AddressError::Unreachable),
            ("ws://255.255.255.255:1", AddressError::Unreachable),
            (long.as_str(), AddressError::Host),
        ];
        for (address, reason) in cases {
            assert_eq!(read(address), Err(reason), "{address}");
        }
        assert_eq!(NodeAddress::parse(&[0xff, 0xfe]), Err(AddressError::Host));
    }

    #[test]
    fn an_address_gives_urls_for_both_transports() {
        let urls = |address: &str| {
            let address = read(address).unwrap();
            (address.http_url(), address.ws_url())
        };
        let both = |http: &str, ws: &str| (String::from(http), String::from(ws));
        assert_eq!(urls("ws://127.0.0.1:9944/"), both("http://127.0.0.1:9944", "ws://127.0.0.1:9944"));
        assert_eq!(urls("https://node.example"), both("https://node.example", "wss://node.example"));
        assert_eq!(urls("wss://[2A00::1]:1"), both("https://[2a00::1]:1", "wss://[2a00::1]:1"));
    }

    #[test]
    fn public_addresses_are_told_from_all_others() {
        let of = |text: &str| is_public(text.parse().unwrap());
        for public in ["1.1.1.1", "100.63.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1", "::ffff:1.1.1.1"] {
            assert!(of(public), "{public}");
        }
        assert!(of("64:ff9b::101:101") && of("2002:101:101::1"));
        let others = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "3fff::1",
        ];
        for other in others {
            assert!(!of(other), "{other}");
        }
    }
}
