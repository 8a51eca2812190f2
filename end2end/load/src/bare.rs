//! The baseline: an epoll loop that writes the same prepared bytes to the same sockets, and does
//! nothing else.
//!
//! Each message becomes, once, the very bytes that the relay would send: decoded by the contract,
//! framed as an event, framed as an HTTP chunk. Then they are written to every socket. It knows no
//! state, no resuming, no limits: what it costs, a relay cannot do without.

mod client;
mod subscriber;

use crate::error::{During, Error};
use crate::stop;
use client::BareClient;
use contract::frame::{Frame, Input};
use contract::{Channel, Timestamp};
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use subscriber::Subscriber;

const LISTENER: Token = Token(usize::MAX);
const REDIS: Token = Token(usize::MAX - 1);
/// How long a signal to stop may stay unseen.
const LOOK_UP: Duration = Duration::from_millis(200);

/// The loop and what it holds.
#[derive(Debug)]
pub struct BareServer {
    poll: Poll,
    listener: TcpListener,
    subscriber: Subscriber,
    clients: Vec<Option<BareClient>>,
    free: Vec<usize>,
    seq: u64,
}

impl BareServer {
    /// Listens on `listen`, and subscribes to the channels of `redis` that the benches publish on.
    ///
    /// # Errors
    /// When either cannot be had.
    pub fn bind(redis: SocketAddr, listen: SocketAddr) -> Result<BareServer, Error> {
        let poll = Poll::new().during("making an epoll")?;
        let mut listener = TcpListener::bind(listen).during(format!("listening on {listen}"))?;
        poll.registry()
            .register(&mut listener, LISTENER, Interest::READABLE)
            .during("registering the listener")?;
        let subscriber = Subscriber::connect(redis, poll.registry(), REDIS)?;
        Ok(BareServer {
            poll,
            listener,
            subscriber,
            clients: Vec::new(),
            free: Vec::new(),
            seq: 0,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        self.listener
            .local_addr()
            .during("asking for the own address")
    }

    /// Serves until a signal comes or Redis goes.
    ///
    /// # Errors
    /// When Redis goes.
    pub fn serve(mut self) -> Result<(), Error> {
        let mut events = Events::with_capacity(1024);
        while !stop::asked() {
            match self.poll.poll(&mut events, Some(LOOK_UP)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    return Err(error).during("waiting for events");
                }
                _ => {}
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    REDIS => {
                        for (channel, payload) in self.subscriber.read()? {
                            self.publish(&channel, &payload);
                        }
                    }
                    Token(at) => self.turn(at),
                }
            }
        }
        Ok(())
    }

    fn accept(&mut self) -> Result<(), Error> {
        loop {
            match self.listener.accept() {
                Ok((socket, _)) => {
                    let at = self.free.pop().unwrap_or_else(|| {
                        self.clients.push(None);
                        self.clients.len() - 1
                    });
                    // One that broke already is gone.
                    match BareClient::new(socket, self.poll.registry(), Token(at)) {
                        Ok(client) => self.clients[at] = Some(client),
                        Err(_) => self.free.push(at),
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).during("accepting a connection"),
            }
        }
    }

    /// A client asked, can take more, or is gone.
    fn turn(&mut self, at: usize) {
        let seq = self.seq;
        let Some(Some(client)) = self.clients.get_mut(at) else {
            return;
        };
        if client.turn(self.poll.registry(), || head(seq)).is_err() {
            self.clients[at] = None;
            self.free.push(at);
        }
    }

    fn publish(&mut self, channel: &str, payload: &[u8]) {
        let Some(input) = Channel::from_wire_name(channel)
            .and_then(|channel| contract::decode(channel, payload).ok())
        else {
            return;
        };
        self.seq += 1;
        let frame = Frame {
            seq: self.seq,
            at: now(),
            inputs: vec![Input::Event(input)],
        };
        let bytes: Arc<[u8]> = chunk(
            "frame",
            self.seq,
            &serde_json::to_string(&frame).unwrap_or_default(),
        )
        .into();
        for at in 0..self.clients.len() {
            if let Some(client) = &mut self.clients[at]
                && client.write(self.poll.registry(), &bytes).is_err()
            {
                self.clients[at] = None;
                self.free.push(at);
            }
        }
    }
}

/// What a client gets first.
fn head(seq: u64) -> Vec<u8> {
    let mut head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache, no-transform\r\n\
                     transfer-encoding: chunked\r\n\r\n"
        .to_vec();
    head.extend_from_slice(&chunk("snapshot", seq, "{}"));
    head
}

/// An event in a chunk of its own.
fn chunk(event: &str, seq: u64, data: &str) -> Vec<u8> {
    let event = format!("id: 1-{seq}\nevent: {event}\ndata: {data}\n\n");
    format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
