//! Streams of a part: which inputs of a step concern a reader that follows some topics, or one run.

use contract::frame::{Frame, Input};
use contract::{ResultBatch, RunId};
use model::{Changes, Snapshot};

/// What decides which run is shown, and whether it is silent.
const WHICH_RUN: Changes = Changes::CLAIMS.with(Changes::CLOCK);

/// What a reader may follow, by the names of `?topics=`.
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
pub struct Fact {
    /// The parts of the state that it changed.
    pub changes: Changes,
    /// The run that it names, else the one that was active.
    pub run: Option<RunId>,
    /// The run that was shown before it, where another one is shown after it.
    pub parted_from: Option<RunId>,
}

/// A part of the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Topics {
    topics: Option<Changes>,
    run: Option<RunId>,
}

impl Topics {
    /// Queries `?topics=` (names, with commas between) and `?run_id=`; `None` where the whole stream
    /// is wanted.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(topics: Option<&str>, run_id: Option<&str>) -> Result<Option<Topics>, String> {
        let mut wanted = None;
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
                    "topics names {name:?}; there are {}",
                    known.join(", ")
                ));
            };
            wanted = Some(wanted.unwrap_or(Changes::NONE) | *changes);
        }
        let run = run_id.and_then(RunId::new);
        Ok((wanted.is_some() || run.is_some()).then_some(Topics {
            topics: wanted,
            run,
        }))
    }

    /// The part of a step; `None` where it holds nothing for the reader.
    pub(super) fn frame(&self, frame: &Frame, facts: &[Fact]) -> Option<Frame> {
        let inputs: Vec<Input> = frame
            .inputs
            .iter()
            .zip(facts)
            .filter_map(|(input, fact)| self.input(input, fact))
            .collect();
        (!inputs.is_empty()).then_some(Frame {
            seq: frame.seq,
            at: frame.at,
            inputs,
        })
    }

    /// Whether the run that is followed stops being the one that is shown.
    pub(super) fn parts_at(&self, facts: &[Fact]) -> bool {
        self.run.as_ref().is_some_and(|run| {
            facts
                .iter()
                .any(|fact| fact.parted_from.as_ref() == Some(run))
        })
    }

    /// The part of the state.
    pub fn snapshot(&self, snapshot: &Snapshot) -> Snapshot {
        let mut part = match self.topics {
            Some(topics) => Snapshot {
                state: snapshot.state.only(topics),
                ..*snapshot
            },
            None => snapshot.clone(),
        };
        if let Some(run) = &self.run {
            part.state = part.state.of_run(run);
        }
        part
    }

    fn input(&self, input: &Input, fact: &Fact) -> Option<Input> {
        let topics = self.topics.unwrap_or(Changes::ALL);
        if !fact.changes.any(topics) {
            return None;
        }
        // What is about no run at all (links, schedule) concerns everybody.
        let of_runs = Changes::RUN_AND_PHASES
            | Changes::HISTORY
            | Changes::ERRORS
            | Changes::LOG
            | Changes::FEEDS;
        if self.run.is_some() && fact.changes.any(of_runs) && fact.run != self.run {
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
                event.run_id.clone_from(&fact.run);
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
