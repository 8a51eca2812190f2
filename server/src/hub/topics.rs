//! Topics: which inputs of a step concern a client that follows a part of the stream, or one run.

use contract::frame::{Frame, Input};
use contract::{ResultBatch, RunId};
use model::{Changes, Snapshot, State};
use std::sync::Arc;

/// What decides which run is shown, and whether it is silent.
const WHICH_RUN: Changes = Changes::CLAIMS.with(Changes::CLOCK);

/// The topics by their names in `?topics=`.
const TOPICS: [(&str, Changes); 9] = [
    // Baselines weigh the phases.
    (
        "run",
        Changes::RUN_AND_PHASES
            .with(Changes::HISTORY)
            .with(Changes::BASELINES)
            .with(WHICH_RUN),
    ),
    (
        "phases",
        Changes::PHASES.with(Changes::BASELINES).with(WHICH_RUN),
    ),
    ("errors", Changes::ERRORS.with(Changes::REJECTED)),
    ("detections", Changes::DETECTIONS),
    ("indicators", Changes::INDICATORS),
    ("schedule", Changes::SCHEDULE),
    ("links", Changes::LINKS),
    ("monitoring", Changes::MONITORING),
    ("log", Changes::LOG),
];

/// What an input is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct InputScope {
    /// The parts of the state that it changed.
    pub(super) changes: Changes,
    /// The run that it names, else the one that was shown.
    pub(super) run: Option<RunId>,
    /// The run that was shown before it, where another one is shown after it.
    pub(super) replaced_run: Option<RunId>,
}

/// A filter of the stream: some topics, one run, or some topics of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Topics {
    topics: Option<Changes>,
    run: Option<RunId>,
}

impl Topics {
    /// Parses `?topics=` (comma-separated names) and `?run_id=`; `None` is the whole stream.
    ///
    /// # Errors
    /// A message that names the unknown topic and lists the known ones.
    pub fn parse(topics: Option<&str>, run_id: Option<&str>) -> Result<Option<Topics>, String> {
        let mut selected = None;
        for name in topics
            .into_iter()
            .flat_map(|names| names.split(','))
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let Some((_, changes)) = TOPICS.iter().find(|(known, _)| *known == name) else {
                let known: Vec<_> = TOPICS.iter().map(|(name, _)| *name).collect();
                let name: String = name.chars().take(40).collect();
                return Err(format!(
                    "unknown topic {name:?}; available: {}",
                    known.join(", ")
                ));
            };
            selected = Some(selected.unwrap_or(Changes::NONE) | *changes);
        }
        let run = run_id.and_then(RunId::new);
        Ok((selected.is_some() || run.is_some()).then_some(Topics {
            topics: selected,
            run,
        }))
    }

    /// The part of a step; `None` where it holds nothing for the client.
    pub(super) fn frame(&self, frame: &Frame, scopes: &[InputScope]) -> Option<Frame> {
        let inputs: Vec<Input> = frame
            .inputs
            .iter()
            .zip(scopes)
            .filter_map(|(input, scope)| self.input(input, scope))
            .collect();
        (!inputs.is_empty()).then_some(Frame {
            seq: frame.seq,
            at: frame.at,
            inputs,
        })
    }

    /// Whether the run that is followed stops being the one that is shown.
    pub(super) fn run_is_replaced(&self, scopes: &[InputScope]) -> bool {
        self.run.as_ref().is_some_and(|run| {
            scopes
                .iter()
                .any(|scope| scope.replaced_run.as_ref() == Some(run))
        })
    }

    /// The part of the state that the client follows.
    pub fn snapshot(&self, snapshot: &Snapshot) -> Snapshot {
        let mut state = match self.topics {
            Some(topics) => snapshot.state.only(topics),
            None => State::clone(&snapshot.state),
        };
        if let Some(run) = &self.run {
            state = state.of_run(run);
        }
        Snapshot {
            state: Arc::new(state),
            ..*snapshot
        }
    }

    fn input(&self, input: &Input, scope: &InputScope) -> Option<Input> {
        let topics = self.topics.unwrap_or(Changes::ALL);
        if !scope.changes.any(topics) {
            return None;
        }
        // What is about no run at all (links, schedule) concerns every client.
        let of_runs = Changes::RUN_AND_PHASES
            | Changes::HISTORY
            | Changes::ERRORS
            | Changes::LOG
            | Changes::FEEDS;
        if self.run.is_some() && scope.changes.any(of_runs) && scope.run != self.run {
            return None;
        }
        Some(match input {
            Input::Results(batch) if !topics.any(feed_of(batch)) => {
                Input::Results(batch.counts_only())
            }
            // Who does not follow runs cannot know which one an error without a run belongs to.
            Input::Event(event)
                if event.run_id.is_none() && matches!(event.body, contract::Body::Error(_)) =>
            {
                let mut event = event.clone();
                event.run_id.clone_from(&scope.run);
                Input::Event(event)
            }
            other => other.clone(),
        })
    }
}

fn feed_of(batch: &ResultBatch) -> Changes {
    match batch {
        ResultBatch::Indicators(_) => Changes::INDICATORS,
        ResultBatch::Detections(_) => Changes::DETECTIONS,
        ResultBatch::Imports(_) => Changes::RUN,
    }
}
