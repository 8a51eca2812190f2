//! Opening one stream: a socket with a source address of its own kind, and the request on it.

use mio::net::TcpStream;
use socket2::{Domain, Socket, Type};
use std::io::{Result, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Streams from one source address: fewer than the relay allows one client.
const PER_ADDRESS: usize = 150;
/// On the loopback a connection is there at once, or never.
const PATIENCE: Duration = Duration::from_secs(1);

/// Connects to `server` as client `at`, and asks for the stream, after `last_id` if there is one.
///
/// # Errors
/// When nobody listens there.
pub(crate) fn connect(server: SocketAddr, at: usize, last_id: &[u8]) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_tcp_nodelay(true)?;
    if server.ip().is_loopback() {
        socket.bind(&SocketAddr::from((source(at), 0)).into())?;
    }
    socket.connect_timeout(&server.into(), PATIENCE)?;
    let mut request = format!(
        "GET /api/events HTTP/1.1\r\nHost: {server}\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n"
    )
    .into_bytes();
    if !last_id.is_empty() {
        request.extend_from_slice(b"Last-Event-ID: ");
        request.extend_from_slice(last_id);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let mut socket: std::net::TcpStream = socket.into();
    socket.write_all(&request)?;
    socket.set_nonblocking(true)?;
    Ok(TcpStream::from_std(socket))
}

/// 127.0.0.2 and on. Not the server's own address: from that one, a connection to a port that
/// nobody listens on can meet itself.
fn source(at: usize) -> Ipv4Addr {
    let client = u32::try_from(at / PER_ADDRESS).unwrap_or(0);
    Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 0, 0, 2)) + client % 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_streams_come_from_sixty_seven_addresses() {
        assert_eq!(source(0), Ipv4Addr::new(127, 0, 0, 2));
        assert_eq!(source(9_999), Ipv4Addr::new(127, 0, 0, 68));
        assert_eq!(source(300 * PER_ADDRESS), Ipv4Addr::new(127, 0, 1, 46));
    }
}
