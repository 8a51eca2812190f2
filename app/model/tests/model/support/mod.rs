//! A console's state, fed with messages as TickStockPL publishes them.

pub(crate) mod full;
use contract::frame::{Frame, Input, LinkChange, Neighbour};
use contract::http::{ReportedRun, StatusAnswer};
use contract::{Channel, Phase, RunId, Timestamp};
use model::{Changes, Run, RunStatus, State};
use serde_json::{Value, json};

/// When the tests' clock begins: 2025-01-27T21:10:00Z, a Monday, 16:10 in New York.
pub(crate) const BEGIN: Timestamp = Timestamp(1_738_012_200_000);

/// A state with a clock that the test moves.
#[derive(Default)]
pub(crate) struct Console {
    pub state: State,
    pub seq: u64,
    pub elapsed_ms: i64,
}

impl Console {
    pub(crate) fn now(&self) -> Timestamp {
        BEGIN.plus_ms(self.elapsed_ms)
    }

    /// Moves the clock on.
    pub(crate) fn wait(&mut self, seconds: i64) -> &mut Self {
        self.elapsed_ms += seconds * 1000;
        self
    }

    pub(crate) fn input(&mut self, input: Input) -> Changes {
        self.seq += 1;
        let frame = Frame {
            seq: self.seq,
            at: self.now(),
            inputs: vec![input],
        };
        self.state.apply(&frame)
    }

    /// A message with a payload, on `tickstock:<channel>`.
    pub(crate) fn message(&mut self, channel: &str, event: &str, payload: Value) -> Changes {
        self.delayed(channel, event, self.now(), payload)
    }

    /// A message that was published at `published`, and comes now.
    pub(crate) fn delayed(
        &mut self,
        channel: &str,
        event: &str,
        published: Timestamp,
        payload: Value,
    ) -> Changes {
        let channel = Channel::from_wire_name(&format!("tickstock:{channel}"))
            .expect("a channel of the contract");
        let text =
            json!({ "event": event, "timestamp": published.to_string(), "payload": payload })
                .to_string();
        self.input(Input::Event(
            contract::decode(channel, text.as_bytes()).expect("a readable message"),
        ))
    }

    pub(crate) fn started(&mut self, run: &str) -> Changes {
        let phases = ["import", "cache_sync", "indicators", "patterns"];
        let payload = json!({ "run_id": run, "phases": phases, "universe": "sp500", "trigger_type": "manual" });
        self.message("processing:status", "processing_started", payload)
    }

    pub(crate) fn completed(&mut self, run: &str, status: &str) -> Changes {
        self.message(
            "processing:status",
            "processing_completed",
            json!({ "run_id": run, "status": status }),
        )
    }

    pub(crate) fn progress(&mut self, channel: &str, run: &str, done: u64) -> Changes {
        let event = format!("{}_progress", channel.trim_end_matches('s'));
        let payload = json!({ "run_id": run, "completed_symbols": done, "total_symbols": 500, "current_symbol": format!("S{done}") });
        self.message(&format!("{channel}:progress"), &event, payload)
    }

    pub(crate) fn idle_answer(&mut self) -> Changes {
        let asked_at = self.now();
        self.input(Input::Status {
            asked_at,
            answer: StatusAnswer::default(),
        })
    }

    pub(crate) fn apply_active_status(&mut self, run: &str, phase: Phase, done: u64) -> Changes {
        let asked_at = self.now();
        let answer = StatusAnswer {
            is_running: true,
            run_id: RunId::new(run),
            phase: Some(phase),
            done: Some(done),
            total: Some(500),
            ..Default::default()
        };
        self.input(Input::Status { asked_at, answer })
    }

    pub(crate) fn history(&mut self, rows: &[(&str, &str)]) -> Changes {
        let row = |(id, status): &(&str, &str)| ReportedRun {
            run_id: RunId::new(id),
            outcome: contract::Outcome::parse(status),
            started_at: Some(BEGIN),
            ended_at: Some(BEGIN.plus_ms(60_000)),
            ..Default::default()
        };
        let asked_at = self.now();
        self.input(Input::History {
            asked_at,
            runs: rows.iter().map(row).collect(),
        })
    }

    pub(crate) fn link(&mut self, neighbour: Neighbour, up: bool) -> Changes {
        let detail = (!up).then(|| "refused".to_owned());
        self.input(Input::Link(LinkChange {
            neighbour,
            up,
            detail,
        }))
    }

    pub(crate) fn run(&self) -> &Run {
        self.state.run.as_ref().expect("a run is shown")
    }

    pub(crate) fn status(&self) -> RunStatus {
        self.run().status
    }
}
