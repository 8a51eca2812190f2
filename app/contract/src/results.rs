//! Results per symbol, many in one: what the relay makes of thousands of messages a second.

use crate::wire::{Json, Read, field};
use crate::{Body, Detection, Event, IndicatorResult, RejectionReason, RunId, SymbolImported};
use serde::Serialize;

/// Results of one kind that came within a moment: counted exactly, and the latest of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Results<T> {
    /// The run that the messages name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// From the intraday stream, not from a daily run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub streaming: bool,
    /// How many messages it was.
    pub messages: u64,
    /// How many results, by kind: the indicator, the pattern; for imports `imported` and `failed`.
    pub counts: Vec<(String, u64)>,
    /// The latest of them, latest last; of imports those that failed.
    pub latest: Vec<T>,
}

/// Results of any kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultBatch {
    /// Indicators of symbols, counted by indicator.
    Indicators(Results<IndicatorResult>),
    /// Detected patterns, counted by pattern.
    Detections(Results<Detection>),
    /// Imports of symbols.
    Imports(Results<SymbolImported>),
}

/// Refused messages of which nothing is kept but their number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RejectedMore {
    /// How many, by reason.
    pub counts: Vec<(RejectionReason, u64)>,
}

impl<T: Read> Read for Results<T> {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        Some(Results {
            run_id: field(json, "run_id")?,
            streaming: field(json, "streaming")?,
            messages: field(json, "messages")?,
            counts: field(json, "counts")?,
            latest: field(json, "latest")?,
        })
    }
}

crate::read_fields!(RejectedMore { counts });
crate::read_variants!(ResultBatch { "indicators" => Indicators, "detections" => Detections, "imports" => Imports });

impl<T> Results<T> {
    /// One message's results.
    pub fn single_message(
        run_id: Option<RunId>,
        streaming: bool,
        counts: Vec<(String, u64)>,
        latest: Vec<T>,
    ) -> Results<T> {
        Results {
            run_id,
            streaming,
            messages: 1,
            counts,
            latest,
        }
    }

    /// How many results.
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|(_, n)| n).sum()
    }

    /// Adds what came later, if it is of the same run; of the results themselves the last `keep`
    /// stay.
    fn add(&mut self, later: Results<T>, keep: usize) -> Result<(), Results<T>> {
        if self.run_id != later.run_id || self.streaming != later.streaming {
            return Err(later);
        }
        self.messages += later.messages;
        for (kind, n) in later.counts {
            match self.counts.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += n,
                None => self.counts.push((kind, n)),
            }
        }
        self.latest.extend(later.latest);
        self.latest.drain(..self.latest.len().saturating_sub(keep));
        Ok(())
    }
}

impl ResultBatch {
    /// What the event holds, if it is about results per symbol; otherwise the event.
    ///
    /// # Errors
    /// The event, which is about something else.
    pub fn from_event(event: Event) -> Result<ResultBatch, Box<Event>> {
        let run_id = event.run_id;
        Ok(match event.body {
            Body::IndicatorCalculated(result) => {
                let counts = vec![(result.indicator.clone(), 1)];
                ResultBatch::Indicators(Results::single_message(
                    run_id,
                    result.streaming,
                    counts,
                    vec![result],
                ))
            }
            Body::PatternsDetected(detections) => {
                let mut results =
                    Results::single_message(run_id, detections.streaming, Vec::new(), Vec::new());
                for detection in detections.items {
                    let counts = vec![(detection.pattern.clone(), 1)];
                    let more = Results {
                        messages: 0,
                        counts,
                        latest: vec![detection],
                        ..results.shell()
                    };
                    let added = results.add(more, usize::MAX);
                    debug_assert!(added.is_ok(), "of the same run");
                }
                ResultBatch::Detections(results)
            }
            Body::SymbolImported(import) => {
                let (kind, latest) = if import.failed {
                    ("failed", vec![import])
                } else {
                    ("imported", Vec::new())
                };
                ResultBatch::Imports(Results::single_message(
                    run_id,
                    false,
                    vec![(kind.to_owned(), 1)],
                    latest,
                ))
            }
            body => {
                return Err(Box::new(Event {
                    run_id,
                    body,
                    ..event
                }));
            }
        })
    }

    /// Adds what came later, if it is of the same kind and run; of the results themselves the last
    /// `keep` stay, of failed imports all: each is a symbol that somebody will ask for.
    ///
    /// # Errors
    /// What came later, if it is about something else.
    pub fn add(&mut self, later: ResultBatch, keep: usize) -> Result<(), ResultBatch> {
        match (self, later) {
            (ResultBatch::Indicators(results), ResultBatch::Indicators(later)) => {
                results.add(later, keep).map_err(ResultBatch::Indicators)
            }
            (ResultBatch::Detections(results), ResultBatch::Detections(later)) => {
                results.add(later, keep).map_err(ResultBatch::Detections)
            }
            (ResultBatch::Imports(results), ResultBatch::Imports(later)) => {
                results.add(later, usize::MAX).map_err(ResultBatch::Imports)
            }
            (_, later) => Err(later),
        }
    }

    /// The run that the messages name.
    pub fn run_id(&self) -> Option<&RunId> {
        match self {
            ResultBatch::Indicators(results) => results.run_id.as_ref(),
            ResultBatch::Detections(results) => results.run_id.as_ref(),
            ResultBatch::Imports(results) => results.run_id.as_ref(),
        }
    }

    /// The same counts without the results themselves.
    #[must_use]
    pub fn counts_only(&self) -> ResultBatch {
        match self {
            ResultBatch::Indicators(results) => ResultBatch::Indicators(results.counts_only()),
            ResultBatch::Detections(results) => ResultBatch::Detections(results.counts_only()),
            ResultBatch::Imports(_) => self.clone(),
        }
    }
}

impl<T> Results<T> {
    fn shell(&self) -> Results<T> {
        Results::single_message(self.run_id.clone(), self.streaming, Vec::new(), Vec::new())
    }

    fn counts_only(&self) -> Results<T> {
        Results {
            messages: self.messages,
            counts: self.counts.clone(),
            ..self.shell()
        }
    }
}
