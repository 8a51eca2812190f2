//! Commands over the consoles' REST API, and what is known of each Idempotency-Key.

use crate::plan::{Command, Request, Sender};
use crate::settings::DatabaseMode;
use crate::stage::{Stage, chain};
use crate::truth::Truth;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a console may take to answer: it waits 5 s for TickStockPL, and may be stopped for a
/// while.
const ANSWER: Duration = Duration::from_secs(20);
/// Of how many of the latest imports one is sent again.
const RECENT: usize = 3;

/// The commands of one part of a soak; those under way end with the value.
pub(crate) struct Commands {
    imports: Vec<Import>,
    /// The runs of each import.
    started: BTreeMap<u64, BTreeSet<String>>,
    answers: Arc<Mutex<BTreeMap<u64, Answers>>>,
    under_way: JoinSet<String>,
}

/// An import that was sent with a key. Its look-back days are its number.
#[derive(Clone)]
struct Import {
    number: u64,
    universe: &'static str,
    consoles: BTreeSet<usize>,
}

/// What was answered to one key.
#[derive(Default)]
struct Answers {
    /// The runs that successful answers named.
    runs: BTreeSet<String>,
    successes: usize,
    /// The active runs that refusals named.
    in_the_way: BTreeSet<String>,
}

impl Commands {
    pub(crate) fn new() -> Commands {
        Commands {
            imports: Vec::new(),
            started: BTreeMap::new(),
            answers: Arc::default(),
            under_way: JoinSet::new(),
        }
    }

    /// Sends a command and does not wait for its answer; says what was sent.
    pub(crate) fn send(&mut self, stage: &Stage, command: &Command) -> String {
        let (path, body, import) = match &command.what {
            Request::Trigger { universe, phases } => {
                let mut body = json!({ "skip_market_check": true, "universe": universe });
                if !phases.is_empty() {
                    body["phases"] = json!(phases);
                }
                ("daily/trigger", body, None)
            }
            Request::Import {
                universe,
                lookback_days,
            } => {
                let import = Import {
                    number: *lookback_days,
                    universe,
                    consoles: BTreeSet::new(),
                };
                self.imports.push(import.clone());
                ("import/trigger", import.body(), Some(import.number))
            }
            Request::Again(part) => {
                let Some(import) = self.earlier(stage.database, command.at, *part) else {
                    return "no import to send again".to_owned();
                };
                ("import/trigger", import.body(), Some(import.number))
            }
            Request::Retry => ("import/retry", json!({}), None),
            Request::Cancel => ("daily/cancel", json!({ "reason": "soak" }), None),
        };
        let consoles = match command.at {
            Sender::Console(index) => vec![index],
            Sender::Both => vec![0, 1],
        };
        if let Some(number) = import
            && let Some(import) = self
                .imports
                .iter_mut()
                .find(|import| import.number == number)
        {
            import.consoles.extend(&consoles);
        }
        let mut sent = Vec::new();
        for index in consoles {
            let console = &stage.consoles[index];
            let url = format!("{}/api/processing/{path}", console.url);
            let mut request = stage.http.post(url).timeout(ANSWER).json(&body);
            if let Some(number) = import {
                request = request.header("Idempotency-Key", format!("import-{number}"));
            }
            let (answers, label) = (
                self.answers.clone(),
                format!("{} answered {path} {body}", console.name),
            );
            self.under_way.spawn(async move {
                format!("{label}: {}", answer(request, import, &answers).await)
            });
            sent.push(console.name);
        }
        let key = import
            .map(|number| format!(" with key import-{number}"))
            .unwrap_or_default();
        format!("{}: {path} {body}{key}", sent.join(" and "))
    }

    /// An import whose key the console's database knows, and that was not refused.
    fn earlier(&self, database: DatabaseMode, at: Sender, part: f64) -> Option<&Import> {
        let answers = lock(&self.answers);
        let is_known = |import: &&Import| match at {
            Sender::Console(index) => {
                database == DatabaseMode::Postgres || import.consoles.contains(&index)
            }
            Sender::Both => database == DatabaseMode::Postgres,
        };
        let was_refused = |import: &Import| {
            answers
                .get(&import.number)
                .is_some_and(|known| known.successes == 0 && !known.in_the_way.is_empty())
        };
        let latest = self
            .imports
            .iter()
            .rev()
            .filter(is_known)
            .filter(|import| !was_refused(import))
            .take(RECENT);
        let latest: Vec<&Import> = latest.collect();
        latest.get((part * latest.len() as f64) as usize).copied()
    }

    /// What was answered since the last call, in words.
    pub(crate) fn answered(&mut self) -> Vec<String> {
        let mut answered = Vec::new();
        while let Some(done) = self.under_way.try_join_next() {
            answered.extend(done.ok());
        }
        answered
    }

    /// Waits for all answers.
    pub(crate) async fn settle(&mut self) -> Vec<String> {
        let mut answered = Vec::new();
        while let Some(done) = self.under_way.join_next().await {
            answered.extend(done.ok());
        }
        answered
    }

    /// How a key started more runs than one, or was answered that it started one that is not there.
    /// With databases of their own two consoles do not know each other's keys. The runs of `truth`
    /// are remembered: the simulator forgets the oldest.
    pub(crate) fn violations(&mut self, database: DatabaseMode, truth: &Truth) -> Vec<String> {
        for run in &truth.runs {
            if let Some(number) = run.lookback_days {
                self.started
                    .entry(number)
                    .or_default()
                    .insert(run.run_id.clone());
            }
        }
        let answers = lock(&self.answers);
        let mut violations = Vec::new();
        for import in &self.imports {
            let started = self.started.get(&import.number).map_or(0, BTreeSet::len);
            let (runs, successes) = answers
                .get(&import.number)
                .map_or((0, 0), |answers| (answers.runs.len(), answers.successes));
            let databases = if database == DatabaseMode::Postgres {
                1
            } else {
                import.consoles.len()
            };
            let key = format!("key import-{}", import.number);
            if started > databases {
                violations.push(format!("{key} started {started} runs"));
            }
            if runs > databases {
                violations.push(format!("{key} was answered with {runs} different runs"));
            }
            // Refused because of its own run: the command was sent a second time.
            let is_own = |run: &&String| {
                self.started
                    .get(&import.number)
                    .is_some_and(|own| own.contains(*run))
            };
            if let Some(run) = answers
                .get(&import.number)
                .and_then(|answers| answers.in_the_way.iter().find(is_own))
                && (database == DatabaseMode::Postgres || import.consoles.len() == 1)
            {
                violations.push(format!(
                    "{key} was refused because its own run {run} was active"
                ));
            }
            // The active run may be the one.
            if successes > 0 && started == 0 && truth.active.is_none() {
                violations.push(format!(
                    "{key} was answered with success, and started nothing"
                ));
            }
        }
        violations
    }
}

impl Import {
    fn body(&self) -> Value {
        json!({ "universes": [self.universe], "timeframes": ["daily"], "lookback_days": self.number })
    }
}

/// Sends the request; gives the answer in words.
async fn answer(
    request: reqwest::RequestBuilder,
    import: Option<u64>,
    answers: &Mutex<BTreeMap<u64, Answers>>,
) -> String {
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return chain(&error),
    };
    let status = answer.status();
    let text = match answer.text().await {
        Ok(text) => text,
        Err(error) => return format!("{status}, {}", chain(&error)),
    };
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    if let Some(number) = import {
        let mut answers = lock(answers);
        let known = answers.entry(number).or_default();
        let run = body["run_id"].as_str().map(str::to_owned);
        if body["success"] == true {
            known.successes += 1;
            known.runs.extend(run);
        } else {
            known.in_the_way.extend(run);
        }
    }
    format!("{status} {text}")
}

fn lock(answers: &Mutex<BTreeMap<u64, Answers>>) -> MutexGuard<'_, BTreeMap<u64, Answers>> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}
