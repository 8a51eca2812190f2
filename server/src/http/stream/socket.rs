//! A stream on a socket of its own: HTTP/1.1 chunks of shared events, with a deadline for clients
//! that do not read.

use super::StreamClient;
use axum::body::Bytes;
use std::io::{self, ErrorKind, IoSlice};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A client that reads nothing for this long is disconnected.
const STALLED: Duration = Duration::from_secs(30);
/// Size of the kernel's send buffer, which bounds the memory that a stalled client takes.
const SEND_BUFFER: usize = 256 << 10;

/// Writes the stream until it ends, or the client disconnects or stalls.
pub(crate) async fn write(mut socket: TcpStream, mut client: StreamClient) {
    // Without the limit the socket still works, with a larger buffer.
    let _ = socket2::SockRef::from(&socket).set_send_buffer_size(SEND_BUFFER);
    let mut events = Vec::new();
    loop {
        let more = tokio::select! {
            more = client.next(&mut events) => more,
            () = disconnected(&socket) => return,
        };
        if !more {
            break;
        }
        if !matches!(
            timeout(STALLED, write_chunk(&mut socket, &events)).await,
            Ok(Ok(()))
        ) {
            return;
        }
        events.clear();
    }
    // The last chunk, then the connection is closed.
    let end = async {
        socket.write_all(b"0\r\n\r\n").await?;
        socket.shutdown().await
    };
    let _ = timeout(Duration::from_secs(1), end).await;
}

/// Writes the events as one HTTP chunk, without copying them together.
async fn write_chunk(socket: &mut TcpStream, events: &[Bytes]) -> io::Result<()> {
    let length: usize = events.iter().map(Bytes::len).sum();
    let head = format!("{length:x}\r\n");
    let mut slices: Vec<IoSlice<'_>> = Vec::with_capacity(events.len() + 2);
    slices.push(IoSlice::new(head.as_bytes()));
    slices.extend(events.iter().map(|event| IoSlice::new(event)));
    slices.push(IoSlice::new(b"\r\n"));
    let mut rest = &mut slices[..];
    while !rest.is_empty() {
        let written = socket.write_vectored(rest).await?;
        if written == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(&mut rest, written);
    }
    Ok(())
}

/// Waits until the client closes its side; what it sends is ignored.
async fn disconnected(socket: &TcpStream) {
    let mut unread = [0; 64];
    loop {
        if socket.readable().await.is_err() {
            return;
        }
        match socket.try_read(&mut unread) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn future_size<A, B, F: Future>(_: impl FnOnce(A, B) -> F) -> usize {
        size_of::<F>()
    }

    /// There is one such future for each open stream, and it is most of what a stream costs.
    #[test]
    fn stream_task_stays_small() {
        let bytes = future_size(write);
        assert!(bytes <= 2048, "{bytes} bytes");
    }
}
