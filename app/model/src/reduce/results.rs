//! Results per symbol: counted for the run, and the latest of them as rows of live lists.

use super::events::RunReference;
use crate::{Changes, State, limits};
use contract::{
    Body, Detection, Event, IndicatorResult, Phase, ResultBatch, Results, SymbolImported, Timestamp,
};
use std::collections::BTreeMap;
use std::slice::from_ref;

/// Results of one kind that came together, in one message or in a batch of them.
struct ResultSlice<'a, T> {
    reference: RunReference<'a>,
    streaming: bool,
    messages: u64,
    latest: &'a [T],
}

impl<'a, T> From<&'a Results<T>> for ResultSlice<'a, T> {
    fn from(results: &'a Results<T>) -> Self {
        let Results {
            run_id,
            streaming,
            messages,
            latest,
            ..
        } = results;
        ResultSlice {
            reference: run_id
                .as_ref()
                .map_or(RunReference::Missing, RunReference::Run),
            streaming: *streaming,
            messages: *messages,
            latest,
        }
    }
}

impl State {
    pub(crate) fn results(&mut self, at: Timestamp, batch: &ResultBatch) -> Changes {
        match batch {
            ResultBatch::Indicators(results) => {
                self.indicators(at, results.into(), counts(results))
            }
            ResultBatch::Detections(results) => {
                self.detections(at, results.into(), counts(results))
            }
            ResultBatch::Imports(results) => self.imports(at, results.into()),
        }
    }

    /// A message about single results, as if it were a batch of one; `None` for any other message.
    pub(crate) fn single_result(&mut self, at: Timestamp, event: &Event) -> Option<Changes> {
        let reference = RunReference::from(event);
        Some(match &event.body {
            Body::IndicatorCalculated(result) => {
                let latest = from_ref(result);
                let results = ResultSlice {
                    reference,
                    streaming: result.streaming,
                    messages: 1,
                    latest,
                };
                self.indicators(
                    at,
                    results,
                    latest.iter().map(|result| (result.indicator.as_str(), 1)),
                )
            }
            Body::PatternsDetected(detections) => {
                let results = ResultSlice {
                    reference,
                    streaming: detections.streaming,
                    messages: 1,
                    latest: &detections.items,
                };
                self.detections(
                    at,
                    results,
                    detections
                        .items
                        .iter()
                        .map(|item| (item.pattern.as_str(), 1)),
                )
            }
            Body::SymbolImported(import) => {
                let latest = from_ref(import);
                self.imports(
                    at,
                    ResultSlice {
                        reference,
                        streaming: false,
                        messages: 1,
                        latest,
                    },
                )
            }
            _ => return None,
        })
    }

    fn indicators<'a>(
        &mut self,
        at: Timestamp,
        results: ResultSlice<'_, IndicatorResult>,
        counts: impl Iterator<Item = (&'a str, u64)> + Clone,
    ) -> Changes {
        let all = counts.clone().map(|(_, n)| n).sum();
        self.count_messages(at, results.messages);
        let mut changes = self.feeds.calculated(at, all, results.latest);
        if let Some(run) = self
            .active_run(at, results.reference)
            .filter(|_| !results.streaming)
            && !run.phase(Phase::Indicators).is_over()
        {
            run.indicators += all;
            count(&mut run.by_indicator, counts);
            changes |= Changes::RUN;
        }
        changes
    }

    fn detections<'a>(
        &mut self,
        at: Timestamp,
        results: ResultSlice<'_, Detection>,
        counts: impl Iterator<Item = (&'a str, u64)> + Clone,
    ) -> Changes {
        let all = counts.clone().map(|(_, n)| n).sum();
        self.count_messages(at, results.messages);
        let mut changes = self
            .feeds
            .detected(at, all, results.streaming, results.latest);
        if let Some(run) = self
            .active_run(at, results.reference)
            .filter(|_| !results.streaming)
            && !run.phase(Phase::Patterns).is_over()
        {
            count(&mut run.by_pattern, counts);
            run.patterns = run.patterns.max(run.by_pattern.values().sum());
            changes |= Changes::RUN;
        }
        changes
    }

    fn imports(&mut self, at: Timestamp, results: ResultSlice<'_, SymbolImported>) -> Changes {
        self.count_messages(at, results.messages);
        let Some(run) = self.active_run(at, results.reference) else {
            return Changes::NONE;
        };
        let mut changes = Changes::NONE;
        for import in results.latest.iter().filter(|import| import.failed) {
            if let Some(symbol) = &import.symbol
                && run.add_failed_symbol(symbol, Some(Phase::Import), import.message.as_deref())
            {
                changes = Changes::RUN;
            }
        }
        changes
    }
}

fn counts<T>(results: &Results<T>) -> impl Iterator<Item = (&str, u64)> + Clone {
    results.counts.iter().map(|(kind, n)| (kind.as_str(), *n))
}

fn count<'a>(kinds: &mut BTreeMap<String, u64>, counts: impl Iterator<Item = (&'a str, u64)>) {
    for (kind, n) in counts {
        let kind = contract::truncate_text(kind, limits::KIND_BYTES);
        if let Some(known) = kinds.get_mut(kind) {
            *known += n;
        } else {
            // RunReference that come after the table is full are counted together.
            let name = if kinds.len() < limits::KINDS {
                kind
            } else {
                "other"
            };
            *kinds.entry(name.to_owned()).or_default() += n;
        }
    }
}
