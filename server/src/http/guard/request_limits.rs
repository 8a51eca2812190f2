//! How much one client may ask for at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Requests of one address that are answered at once.
const PER_CLIENT: usize = 256;

/// The requests that are being answered.
#[derive(Clone, Default)]
pub struct RequestLimits(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One request's place; free again when it is dropped.
pub struct RequestPermit {
    request_limits: RequestLimits,
    client: IpAddr,
}

impl RequestLimits {
    /// A place for a request of that client, where it has one left.
    pub fn enter(&self, client: IpAddr) -> Option<RequestPermit> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.entry(client).or_default();
        if *own >= PER_CLIENT {
            return None;
        }
        *own += 1;
        Some(RequestPermit {
            request_limits: self.clone(),
            client,
        })
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        let mut open = self
            .request_limits
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = open.get_mut(&self.client) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_has_so_many_places_and_gets_them_back_and_takes_none_of_another() {
        let (request_limits, one, other) = (
            RequestLimits::default(),
            "192.0.2.1".parse().unwrap(),
            "192.0.2.2".parse().unwrap(),
        );
        let mut places: Vec<_> = (0..PER_CLIENT)
            .map(|_| request_limits.enter(one).unwrap())
            .collect();
        assert!(request_limits.enter(one).is_none());
        assert!(request_limits.enter(other).is_some());
        places.pop();
        assert!(request_limits.enter(one).is_some());
        drop(places);
        assert!(request_limits.0.lock().unwrap().is_empty());
    }
}
