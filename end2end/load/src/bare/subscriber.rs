//! The baseline's subscription to Redis, in the same epoll.

use crate::error::{During, Error};
use crate::mark;
use crate::resp::{self, Reply};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

/// The channels that the benches publish on.
const CHANNELS: [&str; 2] = [mark::CHANNEL, "tickstock:indicators:calculated"];

/// A subscribed connection.
#[derive(Debug)]
pub(crate) struct Subscriber {
    socket: TcpStream,
    unread: Vec<u8>,
}

impl Subscriber {
    /// Connects, and asks for the channels.
    ///
    /// # Errors
    /// When Redis is not there.
    pub(crate) fn connect(
        redis: SocketAddr,
        registry: &Registry,
        token: Token,
    ) -> Result<Subscriber, Error> {
        let doing = || format!("connecting to Redis at {redis}");
        let mut socket = std::net::TcpStream::connect(redis).during(doing())?;
        let mut words = vec![b"SUBSCRIBE".as_slice()];
        words.extend(CHANNELS.map(str::as_bytes));
        let mut command = Vec::new();
        resp::command(&mut command, &words);
        socket.write_all(&command).during(doing())?;
        socket.set_nonblocking(true).during(doing())?;
        let mut socket = TcpStream::from_std(socket);
        registry
            .register(&mut socket, token, Interest::READABLE)
            .during(doing())?;
        Ok(Subscriber {
            socket,
            unread: Vec::new(),
        })
    }

    /// What came: channels and messages.
    ///
    /// # Errors
    /// When Redis went.
    pub(crate) fn read(&mut self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut chunk = [0; 64 << 10];
        loop {
            match self.socket.read(&mut chunk) {
                Ok(0) => return Err(Error::Redis("with the end of the connection".to_owned())),
                Ok(n) => self.unread.extend_from_slice(&chunk[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).during("reading from Redis"),
            }
        }
        let (mut messages, mut read) = (Vec::new(), 0);
        while let Some((reply, length)) = resp::parse(&self.unread[read..])? {
            read += length;
            if let Reply::Array(items) = reply
                && let [
                    Reply::Bulk(Some(kind)),
                    Reply::Bulk(Some(channel)),
                    Reply::Bulk(Some(message)),
                ] = &items[..]
                && kind == b"message"
            {
                messages.push((
                    String::from_utf8_lossy(channel).into_owned(),
                    message.clone(),
                ));
            }
        }
        self.unread.drain(..read);
        Ok(messages)
    }
}
