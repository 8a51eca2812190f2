//! One client of the baseline: its socket, and what it has not taken yet.

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Result, Write};
use std::sync::Arc;

/// Messages that a reader may be behind.
const BEHIND: usize = 4096;

/// A connection.
#[derive(Debug)]
pub(crate) struct BareClient {
    socket: TcpStream,
    token: Token,
    /// Whether it has asked: only then it is sent anything.
    asked: bool,
    /// What it has not taken, and how much of the first of it it has.
    behind: VecDeque<Arc<[u8]>>,
    taken: usize,
}

impl BareClient {
    /// A connection that has just been accepted.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn new(
        mut socket: TcpStream,
        registry: &Registry,
        token: Token,
    ) -> Result<BareClient> {
        socket.set_nodelay(true)?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        Ok(BareClient {
            socket,
            token,
            asked: false,
            behind: VecDeque::new(),
            taken: 0,
        })
    }

    /// Reads its request, which `head` answers, and writes what it can take now.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn turn(
        &mut self,
        registry: &Registry,
        head: impl FnOnce() -> Vec<u8>,
    ) -> Result<()> {
        let mut request = [0; 2048];
        let mut asks = false;
        loop {
            match self.socket.read(&mut request) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                // The generator sends nothing but one request, in one piece.
                Ok(_) => asks = true,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if asks && !self.asked {
            self.asked = true;
            return self.write(registry, &head().into());
        }
        if self.behind.is_empty() {
            Ok(())
        } else {
            self.catch_up(registry)
        }
    }

    /// Writes a message, or as much of it as goes.
    ///
    /// # Errors
    /// When it is gone, or too far behind.
    pub(crate) fn write(&mut self, registry: &Registry, bytes: &Arc<[u8]>) -> Result<()> {
        if !self.asked {
            return Ok(());
        }
        if self.behind.is_empty() {
            match self.socket.write(bytes) {
                Ok(n) if n == bytes.len() => return Ok(()),
                Ok(n) => self.taken = n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.taken = 0,
                Err(error) => return Err(error),
            }
            registry.reregister(
                &mut self.socket,
                self.token,
                Interest::READABLE | Interest::WRITABLE,
            )?;
        } else if self.behind.len() == BEHIND {
            return Err(ErrorKind::TimedOut.into());
        }
        self.behind.push_back(bytes.clone());
        Ok(())
    }

    fn catch_up(&mut self, registry: &Registry) -> Result<()> {
        while let Some(first) = self.behind.front() {
            match self.socket.write(&first[self.taken..]) {
                Ok(n) if self.taken + n == first.len() => {
                    self.behind.pop_front();
                    self.taken = 0;
                }
                Ok(n) => self.taken += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        registry.reregister(&mut self.socket, self.token, Interest::READABLE)
    }
}
