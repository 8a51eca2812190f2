//! Queries that are shared: who asks for what is already being asked gets the same answer.

use super::UpstreamError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;

/// An answer that is under way; it goes on when nobody waits for it any more.
pub(crate) type Flight<T> = Shared<BoxFuture<'static, Result<T, UpstreamError>>>;

/// The same without keeping it under way.
type WeakFlight<T> = WeakShared<BoxFuture<'static, Result<T, UpstreamError>>>;

/// Queries of one kind that are under way, by what they ask for.
#[derive(Debug)]
pub(crate) struct SingleFlight<K, T>(Mutex<HashMap<K, WeakFlight<T>>>);

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        SingleFlight(Mutex::default())
    }
}

impl<K: Eq + Hash, T: Clone + Send + Sync + 'static> SingleFlight<K, T> {
    /// The answer that is under way, or the one that `ask` gets.
    pub(crate) fn join(
        &self,
        key: K,
        ask: impl FnOnce() -> BoxFuture<'static, Result<T, UpstreamError>>,
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
        let flight = ask().shared();
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
    async fn those_who_ask_at_once_share_an_answer_and_those_who_ask_later_get_a_new_one() {
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
