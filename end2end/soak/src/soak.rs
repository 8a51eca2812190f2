//! One part of a soak: rounds of faults, commands and strays on one kind of database, each with a
//! quiet point at its end.

use crate::commands::Commands;
use crate::judge::{Judge, Verdict, Views, describe};
use crate::plan::{Action, Plan, Step, Target};
use crate::program::tail;
use crate::say;
use crate::settings::{DatabaseMode, Settings};
use crate::stage::{Stage, chain};
use crate::strays;
use crate::truth::Truth;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long all views may take to agree with the truth, from its last change on; and in all.
const AGREE: Duration = Duration::from_secs(15);
const AGREE_AT_MOST: Duration = Duration::from_secs(60);
/// How often they are looked at until then.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a run may take, at the most.
const RUN: Duration = Duration::from_secs(60);
/// How long Redis may take for one command.
const REDIS: Duration = Duration::from_secs(1);
/// Actions that are shown with a difference, and lines of each log.
const ACTIONS: usize = 40;
const LOG_LINES: usize = 15;

/// Quiet points at which everything agreed, and at which something did not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    pub passed: usize,
    pub failed: usize,
}

/// Runs rounds for `time`; ends early at the first difference, unless the settings say to continue.
///
/// # Errors
/// When something that the soak needs does not start.
pub(crate) async fn run(
    settings: &Settings,
    database: DatabaseMode,
    time: Duration,
) -> Result<Score, String> {
    let stage = Stage::start(database, settings.seed).await?;
    let first = stage.truth().await?;
    let mut soak = Soak {
        seed: settings.seed,
        plan: Plan::new(settings.seed, settings.faults),
        commands: Commands::new(),
        judge: Judge::new(&first),
        actions: VecDeque::new(),
        began: Instant::now(),
        before: first.runs.len(),
        stage,
    };
    let mut score = Score::default();
    while soak.began.elapsed() < time {
        soak.round().await?;
        let number = score.passed + score.failed + 1;
        match soak.quiet_point().await {
            Ok(words) => {
                score.passed += 1;
                say(&format!(
                    "{database}, quiet point {number} at {}: {words}",
                    soak.clock()
                ));
            }
            Err(differences) => {
                score.failed += 1;
                soak.report(number, &differences);
                if !settings.keep_going {
                    break;
                }
            }
        }
    }
    Ok(score)
}

struct Soak {
    seed: u64,
    stage: Stage,
    plan: Plan,
    commands: Commands,
    judge: Judge,
    /// What was done last, and what was answered.
    actions: VecDeque<String>,
    began: Instant,
    /// Runs that the simulator pretends to remember.
    before: usize,
}

impl Soak {
    async fn round(&mut self) -> Result<(), String> {
        let round = self.plan.round();
        if round.from_idle {
            self.idle().await?;
        }
        self.note("a round begins".to_owned());
        let began = Instant::now();
        for Step { at, action } in round.steps {
            tokio::time::sleep_until(began + at).await;
            let answered = self.commands.answered();
            answered.into_iter().for_each(|answer| self.note(answer));
            let done = self.act(&action).await?;
            self.note(done);
        }
        Ok(())
    }

    /// Waits until nothing runs.
    async fn idle(&self) -> Result<(), String> {
        let began = Instant::now();
        loop {
            match self.stage.truth().await {
                Ok(truth) if truth.active.is_none() => return Ok(()),
                truth if began.elapsed() > RUN => {
                    let why = truth.map_or_else(|why| why, |truth| describe(&truth));
                    return Err(format!("not idle after {RUN:?}: {why}"));
                }
                _ => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Does it, and says what was done.
    async fn act(&mut self, action: &Action) -> Result<String, String> {
        Ok(match action {
            Action::Down(target, fault) => {
                self.stage.down(*target, *fault).await;
                format!("{target:?}: {fault:?}")
            }
            Action::Up(target) => {
                self.stage.up(*target).map_err(|error| error.to_string())?;
                format!("{target:?}: up")
            }
            Action::KillSubscribers => {
                let mut command = redis::cmd("CLIENT");
                command.arg("KILL").arg("TYPE").arg("pubsub");
                format!("CLIENT KILL TYPE pubsub: {}", self.redis(&command).await)
            }
            Action::CutClient(part) => {
                let clients: Vec<_> = self.stage.clients().collect();
                match clients.get((part * clients.len() as f64) as usize) {
                    Some(client) => {
                        client.cut();
                        format!("{}: connection closed", client.name)
                    }
                    None => "no client to cut".to_owned(),
                }
            }
            Action::Command(command) => self.commands.send(&self.stage, command),
            Action::Stray(stray) => match self
                .stage
                .truth()
                .await
                .map(|truth| strays::message(stray, &truth))
            {
                Ok(Some((channel, message))) => {
                    let mut command = redis::cmd("PUBLISH");
                    command.arg(channel).arg(&message);
                    let heard = self.redis(&command).await;
                    format!("PUBLISH {channel} {}: {heard}", message.escape_ascii())
                }
                Ok(None) => format!("{stray:?}: not now"),
                Err(why) => format!("{stray:?}: not sent, {why}"),
            },
        })
    }

    async fn redis(&self, command: &redis::Cmd) -> String {
        let sent = async {
            let client = redis::Client::open(self.stage.redis_url.as_str())?;
            let mut connection = client.get_multiplexed_async_connection().await?;
            command.query_async::<redis::Value>(&mut connection).await
        };
        match timeout(REDIS, sent).await {
            Ok(Ok(value)) => format!("{value:?}"),
            Ok(Err(error)) => chain(&error),
            Err(_) => "no answer".to_owned(),
        }
    }

    /// Waits until everything agrees; says so in words, or what does not.
    async fn quiet_point(&mut self) -> Result<String, Vec<String>> {
        let missing = self.stage.missing();
        if !missing.is_empty() {
            for target in Target::ALL {
                self.stage
                    .up(target)
                    .map_err(|error| vec![error.to_string()])?;
            }
            return Err(missing
                .iter()
                .map(|name| format!("{name} ended by itself"))
                .collect());
        }
        let answered = self.commands.settle().await;
        answered.into_iter().for_each(|answer| self.note(answer));
        let began = Instant::now();
        self.agree(Views::Passive).await?;
        let truth = self.agree(Views::All).await?;
        let violations = self.commands.violations(self.stage.database, &truth);
        if violations.is_empty() {
            Ok(self.agreement(&truth, began.elapsed()))
        } else {
            Err(violations)
        }
    }

    /// Looks at these views until they agree with the truth, and returns it; or what still differs
    /// when the time is over.
    async fn agree(&mut self, views: Views) -> Result<Truth, Vec<String>> {
        let began = Instant::now();
        let mut known: Option<(Truth, Instant)> = None;
        loop {
            let (truth, differences) = match self.judge.look(&self.stage, views).await {
                Verdict::Agrees(truth) => return Ok(truth),
                Verdict::Differs(truth, differences) => (Some(truth), differences),
                Verdict::Unsettled(why) => (None, vec![why]),
            };
            if let Some(truth) = truth
                && known.as_ref().is_none_or(|(before, _)| *before != truth)
            {
                known = Some((truth, Instant::now()));
            }
            let since_change = known.as_ref().map_or(began, |(_, at)| *at).elapsed();
            if since_change > AGREE || began.elapsed() > AGREE_AT_MOST {
                return Err(differences);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn agreement(&self, truth: &Truth, took: Duration) -> String {
        let resumed: u64 = self
            .stage
            .clients()
            .map(|client| client.seen().resumed)
            .sum();
        let ended = truth.runs.len().saturating_sub(self.before);
        let interrupted = truth
            .runs
            .iter()
            .filter(|run| run.was_interrupted())
            .count();
        format!(
            "agrees after {:.1} s; {}; {ended} runs so far, {interrupted} interrupted; clients came back {resumed} times",
            took.as_secs_f64(),
            describe(truth)
        )
    }

    fn note(&mut self, what: String) {
        if self.actions.len() == ACTIONS {
            self.actions.pop_front();
        }
        let line = format!("{} {what}", self.clock());
        self.actions.push_back(line.chars().take(400).collect());
    }

    fn clock(&self) -> String {
        let seconds = self.began.elapsed().as_secs_f64();
        format!("{:02}:{:04.1}", (seconds / 60.0) as u64, seconds % 60.0)
    }

    /// Prints what differs and what led to it, and keeps the logs.
    fn report(&self, number: usize, differences: &[String]) {
        let database = self.stage.database;
        say(&format!(
            "{database}, quiet point {number} at {}: DIFFERS",
            self.clock()
        ));
        for difference in differences {
            say(&format!("  {difference}"));
        }
        say(&format!(
            "  the last actions, in minutes and seconds since the beginning, {} now:",
            self.clock()
        ));
        for action in &self.actions {
            say(&format!("    {action}"));
        }
        for log in self.stage.logs() {
            say(&format!(
                "  the end of {}:",
                log.file_name().unwrap_or_default().to_string_lossy()
            ));
            for line in tail(&log, LOG_LINES) {
                say(&format!("    {line}"));
            }
        }
        match self.keep_logs() {
            Ok(folder) => say(&format!("  logs and databases: {}", folder.display())),
            Err(error) => say(&format!("  failed to keep the logs: {error}")),
        }
        say(&format!(
            "  to do the same again: SOAK_SEED={} SOAK_DATABASE={database} make soak",
            self.seed
        ));
    }

    /// Copies everything that the programs wrote beside the binary's folder.
    fn keep_logs(&self) -> std::io::Result<PathBuf> {
        let own = std::env::current_exe()?;
        let target = own
            .parent()
            .and_then(|profile| profile.parent())
            .unwrap_or(&own);
        let folder = target
            .join("soak")
            .join(format!("seed-{}-{}", self.seed, self.stage.database));
        std::fs::create_dir_all(&folder)?;
        for entry in std::fs::read_dir(self.stage.folder())? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
            }
        }
        Ok(folder)
    }
}
