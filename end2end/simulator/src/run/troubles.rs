//! What goes wrong in a run, by the scenario.

use super::{Runner, Stop};
use crate::dialect::{Step, Trouble};
use crate::options::Scenario;
use crate::plan::Failure;
use contract::Phase;
use std::time::Duration;
use tokio::time::Instant;

/// The id of the scenario's alert.
const ALERT: &str = "alert-rate-limit";

/// What a trouble says beside where it happened.
struct Words<'a> {
    severity: &'a str,
    component: &'a str,
    code: &'a str,
    category: &'a str,
    message: &'a str,
}

const RATE_LIMIT: Words<'static> = Words {
    severity: "warning",
    component: "massive_fetcher",
    code: "RATE_LIMIT_EXCEEDED",
    category: "network",
    message: "Rate limit reached; waiting 60 s before the next request",
};
const LIMIT_LIFTED: Words<'static> = Words {
    severity: "info",
    component: "massive_fetcher",
    code: "RATE_LIMIT_LIFTED",
    category: "network",
    message: "The rate limit is lifted; going on at full speed",
};
const FEW_BARS: Words<'static> = Words {
    severity: "warning",
    component: "indicator_calculation_engine",
    code: "INSUFFICIENT_DATA",
    category: "indicator",
    message: "Fewer than 200 daily bars",
};
const STORED_LATE: Words<'static> = Words {
    severity: "critical",
    component: "database",
    code: "STORAGE_FAILED",
    category: "database",
    message: "The detections of one batch were stored at the second try",
};
const CRASH: Words<'static> = Words {
    severity: "critical",
    component: "daily_indicator_job",
    code: "DATABASE_LOST",
    category: "database",
    message: "indicator calculation failed: database connection lost",
};

impl Runner {
    /// What goes wrong at the `report`th of `reports` progress events; gives how long nothing went
    /// on.
    pub(super) async fn trouble(
        &mut self,
        phase: Phase,
        report: usize,
        reports: usize,
        symbol: &str,
    ) -> Result<Duration, Stop> {
        let scenario = self.plan().scenario;
        let at = |part: f64| report == ((reports as f64 * part) as usize).max(1);
        match (phase, scenario) {
            (Phase::Import, Scenario::Failures) if at(0.6) => {
                self.error(phase, &LIMIT_LIFTED, None, false).await;
                self.tell(Step::Alert {
                    id: ALERT,
                    message: None,
                })
                .await;
            }
            (Phase::Import, _) if at(0.3) => {
                self.error(phase, &RATE_LIMIT, Some(symbol), false).await;
                if scenario == Scenario::Failures {
                    self.tell(Step::Alert {
                        id: ALERT,
                        message: Some(RATE_LIMIT.message),
                    })
                    .await;
                }
            }
            (Phase::Patterns, Scenario::Failures) if at(0.5) => {
                self.error(phase, &STORED_LATE, None, false).await
            }
            (Phase::Indicators, Scenario::Stall) if at(0.3) => return self.stall().await,
            (Phase::Indicators, Scenario::Crash) if at(0.4) => {
                self.error(phase, &CRASH, None, true).await;
                return Err(Stop::Failed(phase, CRASH.message.to_owned()));
            }
            _ => {}
        }
        Ok(Duration::ZERO)
    }

    /// Says and does nothing for a while.
    async fn stall(&self) -> Result<Duration, Stop> {
        let time = Duration::from_secs(self.world.options().stall_seconds);
        tracing::info!(stall.seconds = time.as_secs(), "stalling");
        self.world.publisher().be_silent(true);
        let waited = self.until(Instant::now() + time).await;
        self.world.publisher().be_silent(false);
        waited.map(|()| time)
    }

    pub(super) async fn failed_import(&mut self, symbol: &str, failure: Failure) {
        let words = Words {
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

    async fn error(&mut self, phase: Phase, words: &Words<'_>, symbol: Option<&str>, fatal: bool) {
        let id = self.ids.uuid();
        let Words {
            severity,
            component,
            code,
            category,
            message,
        } = *words;
        let plan = self.plan();
        let trouble = Trouble {
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
        self.tell(Step::Error(trouble)).await;
    }
}
