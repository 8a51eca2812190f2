//! What goes wrong in a run, by the scenario.

use super::{EarlyEnd, Runner};
use crate::dialect::{ErrorReport, Event};
use crate::options::Scenario;
use crate::plan::Failure;
use contract::Phase;
use std::time::Duration;
use tokio::time::Instant;

/// The id of the scenario's alert.
const ALERT: &str = "alert-rate-limit";

/// What a report_error says beside where it happened.
struct Fault<'a> {
    severity: &'a str,
    component: &'a str,
    code: &'a str,
    category: &'a str,
    message: &'a str,
}

const RATE_LIMIT: Fault<'static> = Fault {
    severity: "warning",
    component: "massive_fetcher",
    code: "RATE_LIMIT_EXCEEDED",
    category: "network",
    message: "Rate limit reached; waiting 60 s before the next request",
};
const LIMIT_LIFTED: Fault<'static> = Fault {
    severity: "info",
    component: "massive_fetcher",
    code: "RATE_LIMIT_LIFTED",
    category: "network",
    message: "The rate limit is lifted; going on at full speed",
};
const FEW_BARS: Fault<'static> = Fault {
    severity: "warning",
    component: "indicator_calculation_engine",
    code: "INSUFFICIENT_DATA",
    category: "indicator",
    message: "Fewer than 200 daily bars",
};
const STORED_LATE: Fault<'static> = Fault {
    severity: "critical",
    component: "database",
    code: "STORAGE_FAILED",
    category: "database",
    message: "The detections of one batch were stored at the second try",
};
const CRASH: Fault<'static> = Fault {
    severity: "critical",
    component: "daily_indicator_job",
    code: "DATABASE_LOST",
    category: "database",
    message: "indicator calculation failed: database connection lost",
};

impl Runner {
    /// What goes wrong at the `report`th of `reports` progress events; gives how long nothing went
    /// on.
    pub(super) async fn report_error(
        &mut self,
        phase: Phase,
        report: usize,
        reports: usize,
        symbol: &str,
    ) -> Result<Duration, EarlyEnd> {
        let scenario = self.plan().scenario;
        let at = |part: f64| report == ((reports as f64 * part) as usize).max(1);
        match (phase, scenario) {
            (Phase::Import, Scenario::Failures) if at(0.6) => {
                self.error(phase, &LIMIT_LIFTED, None, false).await;
                self.tell(Event::Alert {
                    id: ALERT,
                    message: None,
                })
                .await;
            }
            (Phase::Import, _) if at(0.3) => {
                self.error(phase, &RATE_LIMIT, Some(symbol), false).await;
                if scenario == Scenario::Failures {
                    self.tell(Event::Alert {
                        id: ALERT,
                        message: Some(RATE_LIMIT.message),
                    })
                    .await;
                }
            }
            (Phase::Patterns, Scenario::Failures) if at(0.5) => {
                self.error(phase, &STORED_LATE, None, false).await;
            }
            (Phase::Indicators, Scenario::Stall) if at(0.3) => return self.stall().await,
            (Phase::Indicators, Scenario::Crash) if at(0.4) => {
                self.error(phase, &CRASH, None, true).await;
                return Err(EarlyEnd::Failed(phase, CRASH.message.to_owned()));
            }
            _ => {}
        }
        Ok(Duration::ZERO)
    }

    /// Says and does nothing for a while.
    async fn stall(&self) -> Result<Duration, EarlyEnd> {
        let time = Duration::from_secs(self.simulator.options().stall_seconds);
        tracing::info!(stall.seconds = time.as_secs(), "stall started");
        self.simulator.publisher().set_muted(true);
        let waited = self.until(Instant::now() + time).await;
        self.simulator.publisher().set_muted(false);
        waited.map(|()| time)
    }

    pub(super) async fn failed_import(&mut self, symbol: &str, failure: Failure) {
        let words = Fault {
            severity: "error",
            component: "massive_fetcher",
            code: failure.code,
            category: if failure.code == "STORAGE_FAILED" {
                "database"
            } else {
                "network"
            },
            message: failure.message,
        };
        self.error(Phase::Import, &words, Some(symbol), false).await;
    }

    pub(super) async fn failed_indicators(&mut self, symbol: &str) {
        self.error(Phase::Indicators, &FEW_BARS, Some(symbol), false)
            .await;
    }

    async fn error(&mut self, phase: Phase, words: &Fault<'_>, symbol: Option<&str>, fatal: bool) {
        let id = self.ids.uuid();
        let Fault {
            severity,
            component,
            code,
            category,
            message,
        } = *words;
        let plan = self.plan();
        let report_error = ErrorReport {
            plan,
            phase,
            id: &id,
            severity,
            component,
            code,
            category,
            message,
            symbol,
            fatal,
        };
        self.tell(Event::Error(report_error)).await;
    }
}
