//! Limits per client address and account: concurrent requests, open streams, sign-in attempts.

use access::{RetryAfter, SignInThrottle};
use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

/// Maximum number of concurrent requests of one client.
const REQUESTS_PER_CLIENT: usize = 256;

/// Counts what each client has open; clones share the counts.
#[derive(Clone, Debug)]
pub struct ClientLimits {
    streams_per_client: usize,
    streams: usize,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    streams: usize,
    /// Only clients with a request or stream.
    clients: HashMap<IpAddr, Client>,
    sign_ins: SignInThrottle,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Client {
    requests: usize,
    streams: usize,
}

/// A limit that a client has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitExceeded {
    /// Too many concurrent requests of this client.
    #[error("Too many concurrent requests from this address. Wait until some are answered.")]
    Requests,
    /// Too many open streams of this client.
    #[error(
        "Too many streams: this address has {0} open streams, the maximum (CONSOLE_MAX_STREAMS_PER_CLIENT). Close some and try again."
    )]
    ClientStreams(usize),
    /// Too many open streams in all.
    #[error(
        "Too many streams: {0} streams are open, the maximum of this console (CONSOLE_MAX_STREAMS). Try again later."
    )]
    TotalStreams(usize),
}

/// One request or stream, which counts until this is dropped.
#[derive(Debug)]
pub struct Permit {
    limits: ClientLimits,
    client: IpAddr,
    is_stream: bool,
}

impl ClientLimits {
    /// Limits open streams per client and in all.
    pub fn new(streams_per_client: usize, streams: usize) -> ClientLimits {
        ClientLimits {
            streams_per_client,
            streams,
            open: Arc::default(),
        }
    }

    /// Counts a request of this client.
    ///
    /// # Errors
    /// [`LimitExceeded::Requests`]
    pub fn begin_request(&self, client: IpAddr) -> Result<Permit, LimitExceeded> {
        let client = client.to_canonical();
        let mut open = self.open();
        let counts = open.clients.entry(client).or_default();
        if counts.requests >= REQUESTS_PER_CLIENT {
            return Err(LimitExceeded::Requests);
        }
        counts.requests += 1;
        Ok(self.permit(client, false))
    }

    /// Counts a stream of this client.
    ///
    /// # Errors
    /// [`LimitExceeded::ClientStreams`], [`LimitExceeded::TotalStreams`]
    pub fn open_stream(&self, client: IpAddr) -> Result<Permit, LimitExceeded> {
        let client = client.to_canonical();
        let mut open = self.open();
        if open.streams >= self.streams {
            return Err(LimitExceeded::TotalStreams(self.streams));
        }
        let counts = open.clients.entry(client).or_default();
        if counts.streams >= self.streams_per_client {
            return Err(LimitExceeded::ClientStreams(self.streams_per_client));
        }
        counts.streams += 1;
        open.streams += 1;
        Ok(self.permit(client, true))
    }

    /// Counts an attempt to sign in to `account`, before its password is checked.
    ///
    /// # Errors
    /// The time to wait; then the attempt must not be made.
    pub fn begin_sign_in(&self, account: &str, client: IpAddr) -> Result<(), RetryAfter> {
        self.open()
            .sign_ins
            .begin_attempt(account, client, Instant::now())
    }

    /// Takes an attempt back that was not a wrong guess.
    pub fn forgive_sign_in(&self, account: &str, client: IpAddr) {
        self.open().sign_ins.forgive_attempt(account, client);
    }

    /// Number of open streams.
    pub fn open_streams(&self) -> usize {
        self.open().streams
    }

    fn permit(&self, client: IpAddr, is_stream: bool) -> Permit {
        Permit {
            limits: self.clone(),
            client,
            is_stream,
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.limits.open();
        if self.is_stream {
            open.streams -= 1;
        }
        let Some(counts) = open.clients.get_mut(&self.client) else {
            return;
        };
        match self.is_stream {
            true => counts.streams -= 1,
            false => counts.requests -= 1,
        }
        if *counts == Client::default() {
            open.clients.remove(&self.client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_limited_per_client() {
        let limits = ClientLimits::new(2, 3);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut permits: Vec<_> = (0..REQUESTS_PER_CLIENT)
            .map(|_| limits.begin_request(one).unwrap())
            .collect();
        assert_eq!(
            limits.begin_request(one).err(),
            Some(LimitExceeded::Requests)
        );
        assert!(limits.begin_request(other).is_ok());
        permits.pop();
        assert!(limits.begin_request(one).is_ok());
        drop(permits);
        assert!(limits.open().clients.is_empty());
    }

    #[test]
    fn streams_are_limited_per_client_and_in_all() {
        let limits = ClientLimits::new(2, 3);
        let mapped = "::ffff:192.0.2.1".parse().unwrap();
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = limits.open_stream(one).unwrap();
        let _second = limits.open_stream(mapped).unwrap();
        assert_eq!(
            limits.open_stream(one).err(),
            Some(LimitExceeded::ClientStreams(2))
        );
        let _third = limits.open_stream(other).unwrap();
        assert_eq!(
            limits.open_stream(other).err(),
            Some(LimitExceeded::TotalStreams(3))
        );
        drop(first);
        assert_eq!(limits.open_streams(), 2);
        assert!(limits.open_stream(mapped).is_ok());
    }
}
