//! What keeps a dead TickStockPL from costing anybody time: once it was not there, nobody but the
//! watcher asks until it answers.

use super::UpstreamError;
use parking_lot::Mutex;
use std::sync::Arc;

/// Whether TickStockPL answered the last time that it was asked; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct CircuitBreaker {
    /// What the last attempt said, while TickStockPL is away.
    away: Arc<Mutex<Option<String>>>,
    always_passes: bool,
}

impl CircuitBreaker {
    /// The same for one who finds out whether TickStockPL is back.
    #[must_use]
    pub(crate) fn always_passing(self) -> CircuitBreaker {
        CircuitBreaker {
            always_passes: true,
            ..self
        }
    }

    /// Lets a request through.
    ///
    /// # Errors
    /// [`UpstreamError::Away`] while TickStockPL is known not to be there.
    pub(crate) fn pass(&self) -> Result<(), UpstreamError> {
        match &*self.away.lock() {
            None => Ok(()),
            Some(_) if self.always_passes => Ok(()),
            Some(why) => Err(UpstreamError::Away { why: why.clone() }),
        }
    }

    /// Learns from an answer, or from its absence; true when TickStockPL has just gone away.
    pub(crate) fn learn<T>(&self, answer: &Result<T, UpstreamError>) -> bool {
        let mut away = self.away.lock();
        match answer {
            Err(error) if error.is_absence() => away.replace(error.to_string()).is_none(),
            Err(UpstreamError::Away { .. } | UpstreamError::Busy(_)) => false,
            _ => {
                *away = None;
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
            at: "http://there".into(),
            why: "refused".into(),
        })
    }

    #[test]
    fn it_opens_when_nobody_is_there_and_closes_with_any_answer() {
        let breaker = CircuitBreaker::default();
        assert!(breaker.pass().is_ok());
        assert!(breaker.learn(&absent()), "that is news");
        assert!(!breaker.learn(&absent()), "that is not");
        assert!(breaker.clone().always_passing().pass().is_ok());
        assert!(
            breaker
                .pass()
                .is_err_and(|error| error.to_string().contains("refused"))
        );
        let refused: Result<(), _> = Err(UpstreamError::Refused {
            status: StatusCode::CONFLICT,
            refusal: Box::default(),
        });
        breaker.learn(&refused);
        assert!(breaker.pass().is_ok(), "who refuses is there");
    }
}
