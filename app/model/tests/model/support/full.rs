//! A state at all of its bounds.

use contract::frame::{
    Baseline, Baselines, ComparableKey, Frame, Gap, Input, LinkChange, Neighbour,
};
use contract::http::ReportedRun;
use contract::{Channel, Phase, RunId, Timestamp, decode};
use model::{State, limits};
use serde_json::{Value, json};

/// The latest time that is one.
pub(crate) const AT: Timestamp = Timestamp(253_402_300_000_000);
/// More than any list keeps.
const MANY: usize = 610;
/// More than the event list keeps.
const SOME: usize = 210;
/// More than any other list keeps.
const FEW: usize = 60;

/// A text that is longer than anything that is kept, which begins with `n`.
fn long(n: usize, filling: &str) -> String {
    format!("{n:06}{}", filling.repeat(600))
}

/// A state that is being filled with texts of one kind.
pub(crate) struct Filling<'a>(State, &'a str);

/// A state in which every list is as long as it may be, and every text as long as there is room
/// for.
pub(crate) fn full(filling: &str) -> State {
    let mut full = Filling(State::default(), filling);
    full.start();
    full.lists();
    let mut state = full.0.restored(AT);
    // Runs that are followed beside the one that is shown, each as full as that.
    state.others = vec![state.run.clone().expect("a run"); limits::OTHER_RUNS];
    state
}

impl Filling<'_> {
    fn input(&mut self, input: Input) {
        self.0.apply(&Frame {
            seq: u64::MAX,
            at: AT,
            inputs: vec![input],
        });
    }

    fn message(&mut self, channel: Channel, message: &Value) {
        let input = match decode(channel, message.to_string().as_bytes()) {
            Ok(event) => Input::Event(event),
            Err(rejection) => Input::Rejected { channel, rejection },
        };
        self.input(input);
    }

    fn long(&self, n: usize) -> String {
        long(n, self.1)
    }

    /// A short one, so that many fill what room there is to the last.
    fn short(&self, n: usize) -> String {
        format!("{n}{}", self.1)
    }

    /// An object with more entries than anybody keeps.
    fn object(&self) -> Value {
        (0..26)
            .map(|n| (self.short(n), json!(self.short(n))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    fn list(&self) -> Value {
        (0..400).map(|n| self.short(n)).collect::<Vec<_>>().into()
    }

    fn start(&mut self) {
        let run = self.long(0);
        let (list, object, text) = (self.list(), self.object(), self.long(1));
        let params = json!({ "run_id": run, "universes": list, "phases": ["import", "cache_sync", "indicators", "patterns", text],
            "timeframes": list, "symbols": list, "lookback_days": { "daily": 1, "weekly": 2 }, "trigger_type": text, "run_date": text });
        self.message(
            Channel::ProcessingStatus,
            &json!({ "event": "processing_started", "payload": params }),
        );
        for (channel, event) in [
            (Channel::ImportStarted, "import_started"),
            (Channel::CacheStarted, "cache_sync_started"),
            (Channel::IndicatorsStarted, "indicator_processing_started"),
            (Channel::PatternsStarted, "pattern_processing_started"),
        ] {
            let payload = json!({ "run_id": run, "universes": list, "timeframes": list, "mode": text, "triggered_by": text, "job_id": text,
                "total_symbols": 1_000_000, "lookback_days": { text.clone(): 5 } });
            self.message(channel, &json!({ "event": event, "payload": payload }));
            let payload =
                json!({ "run_id": run, "completed": 1, "current_symbol": text, "eta_seconds": 4 });
            self.message(channel, &json!({ "event": event.replace("started", "progress").replace("_processing", ""), "payload": payload }));
            self.results();
            if channel == Channel::ImportStarted {
                self.failures();
            }
            let ended = json!({ "run_id": run, "universes_updated": list, "task_results": object, "status": "failed", "error": text,
                "mode": text, "job_id": text, "timeframes": list, "failed_symbols": list, "duration_seconds": 1.234_567_890_123 });
            self.message(
                channel,
                &json!({ "event": event.replace("started", "completed"), "payload": ended }),
            );
        }
    }

    fn failures(&mut self) {
        for n in 0..MANY {
            let (symbol, text) = (self.long(n), self.long(n));
            let payload = json!({ "symbol": symbol, "success": false, "error_message": text });
            self.message(
                Channel::DataImportStatus,
                &json!({ "event": "symbol_processing_complete", "payload": payload }),
            );
        }
    }

    fn results(&mut self) {
        let object = self.object();
        for n in 0..limits::KINDS + 2 {
            let text = self.long(n);
            let levels: Vec<_> = (0..20)
                .map(|n| json!({ "type": self.short(n), "value": 1.234_567_890_123_4e-100 }))
                .collect();
            let detected = json!({ "symbol": text, "pattern": text, "timeframe": text, "confidence": 0.123_456_789_012_345_6,
                "levels": levels, "pattern_data": object, "metadata": object });
            self.message(
                Channel::PatternsDetected,
                &json!({ "event": "pattern_detected", "payload": detected }),
            );
            let calculated = json!({ "symbol": text, "indicator": text, "timeframe": text, "values": object, "metadata": object });
            self.message(
                Channel::IndicatorsCalculated,
                &json!({ "event": "indicator_calculated", "payload": calculated }),
            );
        }
    }

    fn lists(&mut self) {
        let object = self.object();
        for n in 0..FEW {
            let text = self.long(n);
            let error = json!({ "severity": "critical", "component": text, "error_code": text, "message": text, "category": text,
                "recovery_action": text, "error_id": text, "context": object, "phase": "indicators" });
            for symbol in 0..12 {
                let mut error = error.clone();
                error["symbol"] = self.long(symbol).into();
                error["error_id"] = self.long(symbol).into();
                self.message(
                    Channel::Errors,
                    &json!({ "event": "error", "run_id": self.long(0), "payload": error }),
                );
            }
            let id = self
                .0
                .errors
                .last()
                .and_then(|group| group.id.clone())
                .expect("a group");
            self.input(Input::Acknowledge {
                group: id,
                who: text.clone(),
                seen: None,
            });
            let alert = json!({ "id": text, "level": "critical", "component": text, "message": text, "details": object, "suggested_actions": self.list() });
            self.message(
                Channel::Monitoring,
                &json!({ "event_type": "ALERT_TRIGGERED", "alert": alert }),
            );
            let metrics = json!({ "event_type": "METRIC_UPDATE", "source": text, "metrics": { text.clone(): text }, "message": text, "trends": object,
                "recommendations": self.list(), "details": object, "components": { text.clone(): text }, "status": text });
            self.message(Channel::Monitoring, &metrics);
            self.message(Channel::Errors, &json!([text]));
            let run = ReportedRun {
                run_id: RunId::new(&text),
                outcome: contract::Outcome::parse("failed"),
                outcome_word: None,
                trigger: Some(text.clone()),
                message: Some(text.clone()),
                run_date: Some(text.clone()),
                started_at: Some(AT),
                ended_at: Some(AT),
                duration_seconds: Some(1.234_567_890_123),
                total: Some(9_999_999),
                processed: Some(9_999_999),
                failed: Some(9_999_999),
                indicators_calculated: Some(9_999_999),
                patterns_detected: Some(9_999_999),
            };
            self.input(Input::History {
                asked_at: Timestamp(0),
                runs: vec![run],
            });
            let baseline = Baseline {
                sample_size: 99_999,
                p10_seconds: 1_234.567_890_123,
                p50_seconds: 1_234.567_890_123,
                p90_seconds: 1_234.567_890_123,
            };
            self.input(Input::Baselines(Baselines {
                key: ComparableKey {
                    universes: text.clone(),
                    phases: Phase::ALL.into(),
                },
                symbols: Some(9_999_999),
                run: Some(baseline),
                phases: Phase::ALL.map(|phase| (phase, baseline)).into(),
            }));
            self.input(Input::Gap(Gap {
                from: AT.plus_ms(n as i64),
                to: AT,
                status: false,
                history: false,
            }));
        }
        for n in 0..SOME {
            let text = self.long(n);
            let line = json!({ "event": text, "run_id": text, "payload": { text.clone(): text } });
            self.message(Channel::CacheDelistingCleanup, &line);
        }
        let text = self.long(0);
        let schedule = json!({ "enabled": false, "trigger_time": text, "timezone": text, "market_check": false, "next_run": "9999-01-01", "universes": self.list() });
        self.message(
            Channel::ProcessingSchedule,
            &json!({ "event": "schedule_updated", "payload": schedule }),
        );
        for neighbour in [Neighbour::Redis, Neighbour::Api, Neighbour::Database] {
            self.input(Input::Link(LinkChange {
                neighbour,
                up: false,
                detail: Some(text.clone()),
            }));
        }
        let progress = json!({ "event": "daily_processing_progress", "payload": { "run_id": text, "phase": text, "percent_complete": 99 } });
        self.message(Channel::ProcessingStatus, &progress);
    }
}
