//! Circuit breaker: while TickStockPL is unavailable, requests fail at once, and only the poller's
//! are sent, until one gets a response.

use super::UpstreamError;
use parking_lot::Mutex;
use std::sync::Arc;

/// Open while the last request got no response. Clones share the state.
#[derive(Clone, Debug, Default)]
pub(crate) struct CircuitBreaker {
    /// The error of the last attempt, while the breaker is open.
    open_reason: Arc<Mutex<Option<String>>>,
    bypassed: bool,
}

impl CircuitBreaker {
    /// A handle that lets every request through: the poller finds out when TickStockPL is back.
    #[must_use]
    pub(crate) fn bypassed(self) -> CircuitBreaker {
        CircuitBreaker {
            bypassed: true,
            ..self
        }
    }

    /// Returns whether a request may be sent.
    ///
    /// # Errors
    /// [`UpstreamError::CircuitOpen`]
    pub(crate) fn check(&self) -> Result<(), UpstreamError> {
        match &*self.open_reason.lock() {
            None => Ok(()),
            Some(_) if self.bypassed => Ok(()),
            Some(reason) => Err(UpstreamError::CircuitOpen {
                reason: reason.clone(),
            }),
        }
    }

    /// Records the result of a request; returns true when it opened the breaker.
    pub(crate) fn record<T>(&self, answer: &Result<T, UpstreamError>) -> bool {
        let mut open_reason = self.open_reason.lock();
        match answer {
            Err(error) if error.is_absence() => open_reason.replace(error.to_string()).is_none(),
            Err(UpstreamError::CircuitOpen { .. } | UpstreamError::Busy(_)) => false,
            _ => {
                *open_reason = None;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;

    fn absent() -> Result<(), UpstreamError> {
        Err(UpstreamError::Unreachable {
            address: "http://there".into(),
            reason: "refused".into(),
        })
    }

    #[test]
    fn opens_when_unreachable_and_closes_with_any_response() {
        let breaker = CircuitBreaker::default();
        assert!(breaker.check().is_ok());
        assert!(breaker.record(&absent()), "opens");
        assert!(!breaker.record(&absent()), "open already");
        assert!(breaker.clone().bypassed().check().is_ok());
        assert!(
            breaker
                .check()
                .is_err_and(|error| error.to_string().contains("refused"))
        );
        let refused: Result<(), _> = Err(UpstreamError::Refused {
            status: StatusCode::CONFLICT,
            refusal: Box::default(),
        });
        breaker.record(&refused);
        assert!(breaker.check().is_ok(), "a refusal is a response");
    }
}
