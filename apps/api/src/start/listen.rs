//! Taking an address before anything else is started, so that a taken one costs nothing.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use thiserror::Error;

/// An address that cannot be had.
#[derive(Debug, Error)]
pub(crate) enum ListenError {
    /// Another program listens there.
    #[error("{addr} is taken by another program; stop it, or set {key} to another address")]
    Taken {
        /// The address that was asked for.
        addr: SocketAddr,
        /// The setting that names it.
        key: &'static str,
    },
    /// The operating system refuses to bind it.
    #[error("cannot listen on {addr}; {key} names it")]
    Refused {
        /// The address that was asked for.
        addr: SocketAddr,
        /// The setting that names it.
        key: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// A bound address.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) listener: TcpListener,
    /// As bound: a port is never 0 here.
    pub(crate) addr: SocketAddr,
}

/// Binds `addr`, which `key` names.
pub(crate) fn bind(addr: SocketAddr, key: &'static str) -> Result<Bound, ListenError> {
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::Taken { addr, key },
        _ => ListenError::Refused { addr, key, source },
    };
    let listener = TcpListener::bind(addr).map_err(refused)?;
    let addr = listener.local_addr().map_err(refused)?;
    Ok(Bound { listener, addr })
}

/// Where programs of this machine reach a bound address: every interface is also the loopback.
pub(crate) const fn local(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_address_is_named_with_its_setting() {
        let first = bind(SocketAddr::from(([127, 0, 0, 1], 0)), "BK_HTTP_ADDR").unwrap();
        let refusal = bind(first.addr, "BK_HTTP_ADDR").unwrap_err().to_string();
        assert!(refusal.contains("is taken") && refusal.contains("BK_HTTP_ADDR"), "{refusal}");
    }
}
