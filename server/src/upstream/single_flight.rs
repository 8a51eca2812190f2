//! Single flight: concurrent identical queries share one request and its response.

use super::UpstreamError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;

/// A request in flight; it completes even when no caller waits for it any longer.
pub(crate) type Flight<T> = Shared<BoxFuture<'static, Result<T, UpstreamError>>>;

type WeakFlight<T> = WeakShared<BoxFuture<'static, Result<T, UpstreamError>>>;

/// Requests in flight, by key.
#[derive(Debug)]
pub(crate) struct SingleFlight<K, T>(Mutex<HashMap<K, WeakFlight<T>>>);

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        SingleFlight(Mutex::default())
    }
}

impl<K: Eq + Hash, T: Clone + Send + Sync + 'static> SingleFlight<K, T> {
    /// Joins the request in flight for `key`, or starts one with `request`.
    pub(crate) fn join(
        &self,
        key: K,
        request: impl FnOnce() -> BoxFuture<'static, Result<T, UpstreamError>>,
    ) -> Flight<T> {
        let mut flights = self.0.lock();
        if let Some(flight) = flights
            .get(&key)
            .and_then(WeakShared::upgrade)
            .filter(|flight| flight.peek().is_none())
        {
            return flight;
        }
        flights.retain(|_, flight| flight.upgrade().is_some());
        let flight = request().shared();
        if let Some(weak) = flight.downgrade() {
            flights.insert(key, weak);
        }
        tokio::spawn(flight.clone().map(drop));
        flight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn concurrent_callers_share_a_request_and_later_ones_do_not() {
        let (flights, asked) = (
            SingleFlight::<u32, u32>::default(),
            Arc::new(AtomicU32::new(0)),
        );
        let ask = || {
            let asked = asked.clone();
            let answer = async move {
                tokio::task::yield_now().await;
                Ok(asked.fetch_add(1, Ordering::SeqCst) + 1)
            };
            answer.boxed()
        };
        let (one, two) = (flights.join(7, ask), flights.join(7, ask));
        assert!(matches!((one.await, two.await), (Ok(1), Ok(1))));
        assert!(matches!(flights.join(7, ask).await, Ok(2)));
        assert!(matches!(flights.join(8, ask).await, Ok(3)));
    }
}
