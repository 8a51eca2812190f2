//! Compares everything that the consoles say with the simulator's truth. Each difference is a
//! sentence: who said what, and what is so.

mod streams;

use crate::stage::{Console, Stage};
use crate::truth::{EndedRun, Figures, Truth};
use model::State;
use serde_json::Value;
use streams::{Witness, compare_clients};

/// Of how many runs the newest snapshot must hold the outcome.
const REMEMBERED: usize = 20;
/// Rows of the history that are asked for.
const ROWS: usize = 50;
/// Run pages that are read beside the current run's.
const PAGES: usize = 2;
/// What a console may say of a run that only a stray message named.
const UNCONFIRMED: [&str; 3] = ["lost", "superseded", "outcome_unknown"];
/// The beginning of the ids in such messages.
pub(crate) const STRAY: &str = "stray-";

/// Which views the judge looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Views {
    /// Those that a console answers from what it knows. They come first, since the others teach it.
    Passive,
    /// Also the reads for which a console asks TickStockPL: the status and the history over REST.
    All,
}

/// What the judge found at one look.
pub(crate) enum Verdict {
    Agrees(Truth),
    Differs(Truth, Vec<String>),
    /// The truth changed meanwhile, or could not be had.
    Unsettled(String),
}

pub(crate) struct Judge {
    /// The last run before the soak began: consoles need not know it, or those before it.
    before: Option<String>,
    looks: usize,
}

impl Judge {
    pub(crate) fn new(first: &Truth) -> Judge {
        Judge {
            before: first.last().map(|run| run.run_id.clone()),
            looks: 0,
        }
    }

    /// Looks once at these views of every console.
    pub(crate) async fn look(&mut self, stage: &Stage, views: Views) -> Verdict {
        self.looks += 1;
        let truth = match stage.truth().await {
            Ok(truth) => truth,
            Err(why) => return Verdict::Unsettled(format!("the simulator: {why}")),
        };
        let [one, two] = &stage.consoles;
        let (one, two) = tokio::join!(
            self.views(stage, one, views, &truth),
            self.views(stage, two, views, &truth)
        );
        match stage.truth().await {
            Ok(after) if after == truth => {}
            Ok(_) => {
                return Verdict::Unsettled(
                    "the truth changed while the consoles were asked".to_owned(),
                );
            }
            Err(why) => return Verdict::Unsettled(format!("the simulator: {why}")),
        }
        let mut differences = Vec::new();
        for (console, (found, witness)) in stage.consoles.iter().zip([one, two]) {
            differences.extend(
                found
                    .into_iter()
                    .map(|difference| format!("{}, {difference}", console.name)),
            );
            if let Some(witness) = witness {
                differences.extend(compare_clients(console, witness).await);
            }
        }
        if differences.is_empty() {
            Verdict::Agrees(truth)
        } else {
            Verdict::Differs(truth, differences)
        }
    }

    /// The differences of one console's views; and its stream, from the snapshot on.
    async fn views(
        &self,
        stage: &Stage,
        console: &Console,
        views: Views,
        truth: &Truth,
    ) -> (Vec<String>, Option<Witness>) {
        let json = async |path: &str| {
            let text = stage.get(&format!("{}{path}", console.url)).await?;
            serde_json::from_str::<Value>(&text).map_err(|error| format!("{error} in {text}"))
        };
        let (badge, pages, witness) = tokio::join!(
            json("/embed/v1/badge.json"),
            self.pages(stage, console, truth),
            Witness::open(stage, console),
        );
        let mut found = pages;
        let mut judged = |view: &str, differences: Result<Vec<String>, String>| {
            let differences = differences.unwrap_or_else(|why| vec![format!("no answer ({why})")]);
            found.extend(
                differences
                    .into_iter()
                    .map(|difference| format!("{view}: {difference}")),
            );
        };
        if views == Views::All {
            let history = format!("/api/processing/daily/history?days=7&limit={ROWS}");
            let (status, history) =
                tokio::join!(json("/api/processing/daily/status"), json(&history));
            judged(
                "daily/status",
                status.map(|status| self.status(&status["status"], truth)),
            );
            judged(
                "history",
                history.map(|history| self.history(&history["history"], truth)),
            );
        }
        judged("badge", badge.map(|badge| self.badge(&badge, truth)));
        let witness = match witness {
            Ok(witness) => {
                judged(
                    "snapshot",
                    Ok(self.snapshot(&witness.followed.state, truth)),
                );
                Some(witness)
            }
            Err(why) => {
                judged("snapshot", Err(why));
                None
            }
        };
        (found, witness)
    }

    /// What is wrong about the run that a view shows as the current one.
    fn current(
        &self,
        is_running: Option<bool>,
        id: Option<&str>,
        state: Option<&str>,
        truth: &Truth,
    ) -> Vec<String> {
        let fits = match (&truth.active, truth.last()) {
            (Some(active), _) => {
                is_running == Some(true)
                    && id == Some(active)
                    && state.is_some_and(|state| ["running", "cancelling"].contains(&state))
            }
            (None, Some(last)) => {
                let is_last =
                    id == Some(&last.run_id) && state.is_some_and(|state| last.fits(state));
                let nothing_ran = id.is_none() && self.before.as_ref() == Some(&last.run_id);
                is_running == Some(false) && (is_last || nothing_ran)
            }
            (None, None) => is_running == Some(false) && id.is_none(),
        };
        if fits {
            return Vec::new();
        }
        let running = is_running.map_or("unknown".to_owned(), |running| running.to_string());
        let said = format!(
            "is_running {running}, run {} {}",
            id.unwrap_or("none"),
            state.unwrap_or("without a state")
        );
        vec![format!("{said}; truth: {}", describe(truth))]
    }

    fn status(&self, status: &Value, truth: &Truth) -> Vec<String> {
        let mut found = self.current(
            status["is_running"].as_bool(),
            status["run_id"].as_str(),
            status["state"].as_str(),
            truth,
        );
        if let (None, Some(last)) = (&truth.active, truth.last())
            && status["run_id"] == last.run_id.as_str()
        {
            let failed = status["symbols_failed"].as_u64();
            let figures = Figures {
                failed,
                ..Figures::of(last)
            };
            found.extend(
                last.misfit(&figures)
                    .map(|misfit| format!("run {}: {misfit}", last.run_id)),
            );
        }
        found
    }

    fn snapshot(&self, state: &State, truth: &Truth) -> Vec<String> {
        let Ok(state) = serde_json::to_value(state) else {
            return vec!["it cannot be written".to_owned()];
        };
        let (run, earlier) = (&state["run"], rows(&state["earlier"]));
        let mut found = Vec::new();
        let status = run["status"].as_str();
        // Without a run of its own a console shows the latest of the earlier ones.
        let shown = if run.is_null() {
            earlier.first().copied().unwrap_or(&Value::Null)
        } else {
            run
        };
        let is_running = status.map_or(Some(false), |status| {
            Some(["running", "cancelling"].contains(&status))
        });
        found.extend(self.current(
            is_running,
            shown["id"].as_str(),
            shown["status"].as_str(),
            truth,
        ));
        for name in ["redis", "api"] {
            let link = &state["links"][name];
            if link["up"] != true {
                found.push(format!(
                    "{name} is not connected: {}; truth: it is there",
                    link["detail"]
                ));
            }
        }
        for row in &earlier {
            found.extend(outcome(row, &row["status"], truth));
            if let Some(run) = row["id"].as_str().and_then(|id| truth.ended(id)) {
                let figures = Figures {
                    processed: row["processed"].as_u64(),
                    failed: row["failed"].as_u64(),
                    indicators: row["indicators"].as_u64(),
                    patterns: row["patterns"].as_u64(),
                };
                found.extend(
                    run.misfit(&figures)
                        .map(|misfit| format!("run {}: {misfit}", run.run_id)),
                );
            }
        }
        for run in self.since_start(truth).take(REMEMBERED) {
            let is_there = |row: &Value| row["id"] == run.run_id.as_str();
            if !is_there(run_or_null(run, &state)) && !earlier.iter().any(|row| is_there(row)) {
                found.push(format!(
                    "run {} is not among the earlier ones; truth: it {}",
                    run.run_id,
                    run.words()
                ));
            }
        }
        found
    }

    fn history(&self, history: &Value, truth: &Truth) -> Vec<String> {
        let rows = rows(history);
        let mut found = Vec::new();
        for row in &rows {
            let row = RowOfHistory(row);
            found.extend(outcome_of(row.id(), row.state(), truth));
            if let Some(run) = truth.ended(row.id()) {
                found.extend(
                    run.misfit(&row.figures())
                        .map(|misfit| format!("run {}: {misfit}", run.run_id)),
                );
            }
        }
        let oldest = rows
            .last()
            .filter(|_| rows.len() >= ROWS)
            .and_then(|row| row["start_time"].as_str());
        for run in self.since_start(truth) {
            // By the second: a page that is full ends somewhere.
            let seconds = |time: &str| time.get(..19).map(str::to_owned);
            let has_room = oldest.is_none_or(|oldest| seconds(&run.start_time) > seconds(oldest));
            if has_room && !rows.iter().any(|row| row["run_id"] == run.run_id.as_str()) {
                found.push(format!(
                    "run {} is missing; truth: it {}",
                    run.run_id,
                    run.words()
                ));
            }
        }
        found
    }

    fn badge(&self, badge: &Value, truth: &Truth) -> Vec<String> {
        let message = badge["message"].as_str().unwrap_or_default();
        let fits = match (&truth.active, truth.last()) {
            (Some(_), _) => message.starts_with("running") || message.starts_with("cancelling"),
            (None, Some(last)) => {
                let word = message.split(' ').next().unwrap_or_default();
                last.fits(if word == "warnings" {
                    "succeeded_with_warnings"
                } else {
                    word
                })
            }
            (None, None) => message.starts_with("unknown"),
        };
        if fits {
            Vec::new()
        } else {
            vec![format!("{message:?}; truth: {}", describe(truth))]
        }
    }

    /// The pages of the current run and of some others, in turn.
    async fn pages(&self, stage: &Stage, console: &Console, truth: &Truth) -> Vec<String> {
        let ended: Vec<&EndedRun> = self.since_start(truth).collect();
        let others = (0..PAGES.min(ended.len().saturating_sub(1))).filter_map(|n| {
            ended
                .get(1 + (self.looks * PAGES + n) % (ended.len() - 1))
                .copied()
        });
        let ids = truth.active.iter().map(String::as_str);
        let ids = ids.chain(
            ended
                .first()
                .copied()
                .into_iter()
                .chain(others)
                .map(|run| run.run_id.as_str()),
        );
        let mut found = Vec::new();
        for id in ids {
            let page = stage
                .get(&format!("{}/admin/daily-processing/runs/{id}", console.url))
                .await;
            let status = page.map(|html| status_of_page(&html));
            let fits = match &status {
                Err(_) | Ok(None) => false,
                Ok(Some(status)) => match truth.ended(id) {
                    Some(run) => run.fits(status),
                    None => ["running", "cancelling"].contains(&status.as_str()),
                },
            };
            if !fits {
                let truth = truth.ended(id).map_or("it is active".to_owned(), |run| {
                    format!("it {}", run.words())
                });
                found.push(format!("page of run {id}: {status:?}; truth: {truth}"));
            }
        }
        found
    }

    /// The runs that began since the soak did, newest first.
    fn since_start<'a>(&self, truth: &'a Truth) -> impl Iterator<Item = &'a EndedRun> {
        truth
            .runs
            .iter()
            .take_while(|run| self.before.as_ref() != Some(&run.run_id))
    }
}

impl Figures {
    fn of(run: &EndedRun) -> Figures {
        Figures {
            processed: Some(run.symbols_processed),
            failed: Some(run.symbols_failed),
            indicators: Some(run.indicators_calculated),
            patterns: Some(run.patterns_detected),
        }
    }
}

/// A row of `GET /api/processing/daily/history`.
struct RowOfHistory<'a>(&'a Value);

impl RowOfHistory<'_> {
    fn id(&self) -> &str {
        self.0["run_id"].as_str().unwrap_or_default()
    }

    fn state(&self) -> &str {
        self.0["state"].as_str().unwrap_or_default()
    }

    fn figures(&self) -> Figures {
        Figures {
            processed: self.0["symbols_processed"].as_u64(),
            failed: self.0["symbols_failed"].as_u64(),
            indicators: self.0["indicators_calculated"].as_u64(),
            patterns: self.0["patterns_detected"].as_u64(),
        }
    }
}

fn rows(list: &Value) -> Vec<&Value> {
    list.as_array().into_iter().flatten().collect()
}

/// The run that the state shows, where it is this one.
fn run_or_null<'a>(run: &EndedRun, state: &'a Value) -> &'a Value {
    if state["run"]["id"] == run.run_id.as_str() {
        &state["run"]
    } else {
        &Value::Null
    }
}

fn outcome(row: &Value, status: &Value, truth: &Truth) -> Option<String> {
    outcome_of(
        row["id"].as_str().unwrap_or_default(),
        status.as_str().unwrap_or_default(),
        truth,
    )
}

/// What is wrong about a run's state.
fn outcome_of(id: &str, state: &str, truth: &Truth) -> Option<String> {
    if truth.active.as_deref() == Some(id) {
        let is_active = ["running", "cancelling"].contains(&state);
        return (!is_active).then(|| format!("run {id} is {state}; truth: it is active"));
    }
    match truth.ended(id) {
        Some(run) if run.fits(state) => None,
        Some(run) => Some(format!("run {id} is {state}; truth: it {}", run.words())),
        None if id.starts_with(STRAY) && UNCONFIRMED.contains(&state) => None,
        None => Some(format!("run {id} is {state}; truth: there is no such run")),
    }
}

/// The truth in a few words.
pub(crate) fn describe(truth: &Truth) -> String {
    match (&truth.active, truth.last()) {
        (Some(active), _) => format!("run {active} is active"),
        (None, Some(last)) => format!("idle, the last run {} {}", last.run_id, last.words()),
        (None, None) => "idle, there was no run".to_owned(),
    }
}

/// The status of a run's page: of its head, which is rendered by the server.
fn status_of_page(html: &str) -> Option<String> {
    let tag = html
        .split('<')
        .find(|tag| tag.contains(r#"data-testid="run-head""#))?;
    let (_, value) = tag.split_once(r#"data-status=""#)?;
    value.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests;
