//! How many streams there may be: of one client's address, and in all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The open streams.
pub struct StreamLimits {
    per_client: usize,
    all: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamLimitError {
    /// The client's address has as many streams as one may have.
    #[error(
        "this address has {0} open streams, as many as one address may have (CONSOLE_MAX_STREAMS_PER_CLIENT); close some, or wait"
    )]
    Client(usize),
    /// There are as many streams as there may be.
    #[error(
        "{0} streams are open, as many as this console serves (CONSOLE_MAX_STREAMS); try again later"
    )]
    All(usize),
}

/// A stream's place; free again when it is dropped.
pub struct StreamPermit {
    streams: Arc<StreamLimits>,
    client: IpAddr,
}

impl StreamLimits {
    /// None is open; at most so many may be.
    pub fn new(per_client: usize, all: usize) -> Arc<StreamLimits> {
        Arc::new(StreamLimits {
            per_client,
            all,
            open: Mutex::default(),
        })
    }

    /// Takes a place.
    ///
    /// # Errors
    /// When there is none.
    pub fn take(self: &Arc<Self>, client: IpAddr) -> Result<StreamPermit, StreamLimitError> {
        // `::ffff:192.0.2.1` is the client that `192.0.2.1` is.
        let client = client.to_canonical();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all >= self.all {
            return Err(StreamLimitError::All(self.all));
        }
        let own = open.by_client.entry(client).or_default();
        if *own >= self.per_client {
            return Err(StreamLimitError::Client(self.per_client));
        }
        *own += 1;
        open.all += 1;
        Ok(StreamPermit {
            streams: self.clone(),
            client,
        })
    }

    /// How many streams are open.
    pub fn count(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        let mut open = self
            .streams
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(own) = open.by_client.get_mut(&self.client) {
            *own -= 1;
            if *own == 0 {
                open.by_client.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_for_each_and_for_all_and_come_back() {
        let streams = StreamLimits::new(2, 3);
        let (a, b): (IpAddr, IpAddr) = (
            "192.0.2.1".parse().unwrap(),
            "::ffff:192.0.2.1".parse().unwrap(),
        );
        let c = "192.0.2.2".parse().unwrap();
        let first = streams.take(a).unwrap_or_else(|_| panic!("a place"));
        let _second = streams.take(b).unwrap_or_else(|_| panic!("a place"));
        assert_eq!(streams.take(a).err(), Some(StreamLimitError::Client(2)));
        let _third = streams.take(c).unwrap_or_else(|_| panic!("a place"));
        assert_eq!(streams.take(c).err(), Some(StreamLimitError::All(3)));
        drop(first);
        assert_eq!(streams.count(), 2);
        assert!(streams.take(b).is_ok());
    }
}
