//! What the relay's own stream carries: inputs of the model, in numbered frames.

use crate::event::{Event, ScheduleChange};
use crate::http::{ReportedRun, StatusAnswer};
use crate::wire::{Json, Read, field};
use crate::{Channel, ErrorGroupId, Phase, RejectedMore, Rejection, ResultBatch, RunId, Timestamp};
use serde::Serialize;

/// The version of the stream's protocol; it changes when an older page could no longer follow.
pub const PROTOCOL: u32 = 2;

/// One step of the state: what `event: frame` carries. Its SSE id is `<epoch>-<seq>`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Frame {
    /// The number of this step; the state after it has the same.
    pub seq: u64,
    /// When the relay received what it carries.
    pub at: Timestamp,
    /// What is applied, in this order.
    pub inputs: Vec<Input>,
}

/// Everything that changes the state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all inputs are events: a box would cost each of them an allocation; clippy sees it on 64 bits only"
)]
pub enum Input {
    /// TickStockPL published something.
    Event(Event),
    /// TickStockPL published something that nobody can read.
    Rejected {
        /// Where.
        channel: Channel,
        /// What and why.
        rejection: Rejection,
    },
    /// TickStockPL published results per symbol.
    Results(ResultBatch),
    /// TickStockPL published progress that was overtaken within a moment: only its number is
    /// carried.
    Overtaken {
        /// How many messages.
        messages: u64,
    },
    /// TickStockPL published more that nobody can read than is worth carrying.
    RejectedMore(RejectedMore),
    /// A connection of the relay's came up or went away.
    Link(LinkChange),
    /// Redis was away, and what was missed has been asked for.
    Gap(Gap),
    /// TickStockPL's HTTP API said what runs.
    Status {
        /// When it was asked: what happened since is not in the answer.
        asked_at: Timestamp,
        /// What it said.
        answer: StatusAnswer,
    },
    /// TickStockPL's HTTP API listed its runs.
    History {
        /// When it was asked: what happened since is not in the answer.
        asked_at: Timestamp,
        /// The runs, newest first.
        runs: Vec<ReportedRun>,
    },
    /// TickStockPL's HTTP API gave its schedule.
    Schedule(ScheduleChange),
    /// TickStockPL accepted to cancel a run.
    CancelAccepted {
        /// The run, where the answer names it.
        run_id: Option<RunId>,
    },
    /// Somebody has seen a group of errors, and takes care of it.
    Acknowledge {
        /// Which group.
        group: ErrorGroupId,
        /// Who, as they are called.
        who: String,
        /// How many errors the group had when they saw it; all that it has now where absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        seen: Option<u64>,
    },
    /// The relay's clock moved on; the time is the frame's. Rules about what did not happen are
    /// evaluated on it, so that relay and browsers agree.
    Tick {},
    /// The baselines of a group of comparable runs were computed again; they replace those of the
    /// same key. Without any baseline, the group is too small for one.
    Baselines(Baselines),
}

/// Usual durations of comparable runs and of their phases.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Baselines {
    /// The runs that they are about.
    pub key: ComparableKey,
    /// Median number of symbols of these runs, where it is known. Runs of less than half or more
    /// than twice as many are not comparable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbols: Option<u64>,
    /// The whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Baseline>,
    /// The phases that have a baseline.
    pub phases: Vec<(Phase, Baseline)>,
}

impl Baselines {
    /// The baseline of a phase.
    pub fn phase(&self, phase: Phase) -> Option<&Baseline> {
        self.phases
            .iter()
            .find(|(known, _)| *known == phase)
            .map(|(_, baseline)| baseline)
    }
}

/// What runs have in common whose durations are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ComparableKey {
    /// Their universes, sorted and comma-separated; empty where none were named.
    pub universes: String,
    /// Their phases, in order.
    pub phases: Vec<Phase>,
}

/// Percentiles of durations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Baseline {
    /// Number of runs that they are computed from.
    pub sample_size: u64,
    /// One in ten took less.
    pub p10_seconds: f64,
    /// Half of them took less.
    pub p50_seconds: f64,
    /// One in ten took more.
    pub p90_seconds: f64,
}

crate::words! {
    /// A system that the relay depends on.
    Neighbour {
        /// The Redis server that carries TickStockPL's events.
        Redis = "redis",
        /// TickStockPL's HTTP API.
        Api = "api",
        /// The console's own database.
        Database = "database",
    }
}

/// A connection came up or went away.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkChange {
    /// Which one.
    pub neighbour: Neighbour,
    /// Whether it is there now.
    pub up: bool,
    /// Why it is unavailable, in words, without secrets.
    pub detail: Option<String>,
}

/// A time in which events were lost, and what mended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// When Redis was last known to be there.
    pub from: Timestamp,
    /// When it was there again.
    pub to: Timestamp,
    /// Whether TickStockPL's status answered: what runs is known again.
    pub status: bool,
    /// Whether its history answered: how runs ended meanwhile is known.
    pub history: bool,
}

/// What `event: heartbeat` carries; it has no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Heartbeat {
    /// The relay's clock.
    pub at: Timestamp,
}

crate::read_fields!(Frame { seq, at, inputs });
crate::read_fields!(Baselines {
    key,
    symbols,
    run,
    phases
});
crate::read_fields!(ComparableKey { universes, phases });
crate::read_fields!(Baseline {
    sample_size,
    p10_seconds,
    p50_seconds,
    p90_seconds
});
crate::read_fields!(LinkChange {
    neighbour,
    up,
    detail
});
crate::read_fields!(Gap {
    from,
    to,
    status,
    history
});
crate::read_fields!(Heartbeat { at });
crate::deserialize_by_read!(Input);

impl Read for Input {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        let (kind, value) = json.entries().next()?;
        Some(match kind {
            "event" => Input::Event(Read::read(value)?),
            "rejected" => Input::Rejected {
                channel: field(value, "channel")?,
                rejection: field(value, "rejection")?,
            },
            "results" => Input::Results(Read::read(value)?),
            "overtaken" => Input::Overtaken {
                messages: field(value, "messages")?,
            },
            "rejected_more" => Input::RejectedMore(Read::read(value)?),
            "link" => Input::Link(Read::read(value)?),
            "gap" => Input::Gap(Read::read(value)?),
            "status" => Input::Status {
                asked_at: field(value, "asked_at")?,
                answer: field(value, "answer")?,
            },
            "history" => Input::History {
                asked_at: field(value, "asked_at")?,
                runs: field(value, "runs")?,
            },
            "tick" => Input::Tick {},
            "schedule" => Input::Schedule(Read::read(value)?),
            "cancel_accepted" => Input::CancelAccepted {
                run_id: field(value, "run_id")?,
            },
            "acknowledge" => Input::Acknowledge {
                group: field(value, "group")?,
                who: field(value, "who")?,
                seen: field(value, "seen")?,
            },
            "baselines" => Input::Baselines(Read::read(value)?),
            _ => return None,
        })
    }
}
