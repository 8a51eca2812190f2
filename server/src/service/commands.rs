//! The relay as the pages and the REST API use it: commands go to TickStockPL, their effect comes
//! back as events.

mod connections;
mod views;

use connections::connections;

use crate::auth::Authenticator;
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::embed::Embeds;
use crate::hub::Hub;
use crate::persistence::Persistence;
use crate::poll_trigger::PollTrigger;
use crate::service::audit::Audit;
use crate::service::idempotency::IdempotencyKeys;
use crate::service::symbol_outcome::SymbolOutcomes;
use crate::upstream::{Client, UpstreamError};
use crate::zone;
use access::{AuthMode, Permission};
use app::Preferences;
use app::ports::{
    Backend, BoxFuture, Command, CommandError, ErrorCode, PageData, ScheduleEdit, Viewer,
};
use contract::frame::Input;
use contract::http::CommandAnswer;
use contract::{ErrorGroupId, RunId};
use model::Schedule;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use store::{Acknowledgement, Record};
use tokio::sync::Mutex;

/// What all callers share; clones refer to it.
#[derive(Clone)]
pub struct Commands {
    client: Client,
    hub: Hub,
    /// RecorderEvent after a command, so that its effect is seen even when no event comes.
    poll_trigger: PollTrigger,
    keys: IdempotencyKeys,
    persistence: Persistence,
    symbol_outcomes: SymbolOutcomes,
    /// Held while the schedule is compared and changed: of two who edit at once, one is first.
    editing: Arc<Mutex<()>>,
    /// Who may what, for the page that manages it.
    authenticator: Option<Authenticator>,
    /// Where the relay is connected to, as names and values without secrets, for the page that
    /// shows them.
    connections: Arc<[(String, String)]>,
    /// Such as `production`, where one is configured.
    environment: Option<String>,
    /// The embeds, for the page that shows them.
    embeds: Option<Embeds>,
}

impl Commands {
    /// A backend over TickStockPL's client and the hub.
    pub fn new(
        client: Client,
        hub: Hub,
        poll_trigger: PollTrigger,
        persistence: Persistence,
        symbol_outcomes: SymbolOutcomes,
    ) -> Commands {
        Commands {
            keys: IdempotencyKeys::new(persistence.clone(), client.timeout()),
            client,
            hub,
            poll_trigger,
            persistence,
            symbol_outcomes,
            editing: Arc::default(),
            authenticator: None,
            connections: Arc::default(),
            environment: None,
            embeds: None,
        }
    }

    /// The same, saying where it is connected to, and what the environment is called.
    pub fn configured(self, config: &Config) -> Commands {
        Commands {
            connections: connections(config).into(),
            environment: config.server.environment.clone(),
            ..self
        }
    }

    /// What a page is rendered from, for `viewer`, who wants to see it so; none while the process
    /// ends.
    pub async fn page_data(&self, viewer: Viewer, seen: &Preferences) -> Option<PageData> {
        let snapshot = self.hub.snapshot().await?;
        let zone = zone::chosen(seen.zone.as_deref(), now());
        Some(PageData {
            snapshot,
            zone,
            environment: self.environment.clone(),
            viewer,
        })
    }

    /// What looks up what became of symbols.
    pub fn symbol_outcomes(&self) -> &SymbolOutcomes {
        &self.symbol_outcomes
    }

    /// The same, behind a gate.
    pub fn behind(self, authenticator: Authenticator) -> Commands {
        Commands {
            authenticator: Some(authenticator),
            ..self
        }
    }

    /// The same with embeds.
    pub fn embedding(self, embeds: Embeds) -> Commands {
        Commands {
            embeds: Some(embeds),
            ..self
        }
    }

    /// The embeds; none where the relay was started without.
    pub fn embeds(&self) -> Option<Embeds> {
        self.embeds.clone()
    }

    /// The relay for one who asks: what they do is in the audit.
    pub fn of(&self, caller: Caller) -> Arc<dyn Backend> {
        self.seen_by(caller, Preferences::default())
    }

    /// The same for one who looks at pages, as they want to see them.
    pub fn seen_by(&self, caller: Caller, preferences: Preferences) -> Arc<dyn Backend> {
        Arc::new(Asked {
            commands: self.clone(),
            caller,
            preferences,
        })
    }

    async fn carry_out(self, command: Command) -> Result<CommandAnswer, CommandError> {
        let client = &self.client;
        let answer = match &command {
            Command::Trigger(request) => client.trigger(request).await,
            Command::Cancel { .. } => client.cancel().await,
            Command::Import(request) => client.trigger_import(request).await,
            Command::Indicators(request) => client.trigger_indicators(request).await,
            Command::Patterns(request) => client.trigger_patterns(request).await,
            Command::Retry(request) => client.retry_imports(request).await,
        };
        if let (Command::Cancel { .. }, Ok(accepted)) = (&command, &answer) {
            self.hub
                .input(Input::CancelAccepted {
                    run_id: accepted.run_id.clone(),
                })
                .await;
        }
        self.poll_trigger.now();
        log(name(&command), &answer, |accepted| accepted.run_id.as_ref());
        match answer {
            Err(error @ UpstreamError::Refused { .. }) => {
                Err(self.with_active_run(error.into()).await)
            }
            answer => Ok(answer?),
        }
    }

    /// A conflict names the run that stands in the way, also where TickStockPL's answer does not.
    async fn with_active_run(&self, mut error: CommandError) -> CommandError {
        if error.code == ErrorCode::Conflict && error.run_id.is_none() {
            let state = self.hub.snapshot().await.map(|snapshot| snapshot.state);
            error.run_id = state
                .as_ref()
                .and_then(|state| Some(state.active()?.id.clone()));
        }
        error
    }

    async fn change_schedule(self, edit: ScheduleEdit) -> Result<Schedule, CommandError> {
        let _one_at_a_time = self.editing.lock().await;
        if let Some(seen) = &edit.seen {
            let present = self.fresh_schedule().await?;
            if present.version() != *seen {
                return Err(CommandError::new(
                    ErrorCode::Changed,
                    "The schedule was changed by somebody else since you opened it. Nothing was saved; look at it as it is now, and edit that.",
                ));
            }
        }
        let answer = self.client.update_schedule(&edit.change).await;
        log("schedule", &answer, |_| None);
        self.poll_trigger.now();
        match answer? {
            Some(confirmed) => self.hub.input(Input::Schedule(confirmed)).await,
            // It counts when TickStockPL says how it is now.
            None => return self.fresh_schedule().await,
        }
        self.known_schedule().await
    }

    /// The schedule as TickStockPL has it now.
    async fn fresh_schedule(&self) -> Result<Schedule, CommandError> {
        let schedule = self.client.schedule().await?;
        self.hub.input(Input::Schedule(schedule)).await;
        self.known_schedule().await
    }

    async fn known_schedule(&self) -> Result<Schedule, CommandError> {
        let state = self.hub.snapshot().await.map(|snapshot| snapshot.state);
        let schedule = state.and_then(|state| state.schedule);
        schedule.ok_or_else(|| CommandError::new(ErrorCode::Internal, "The console is stopping"))
    }

    /// Acts once for `key`, or at any rate where there is none. The command goes on when its caller
    /// goes away.
    async fn once<T: Serialize + DeserializeOwned + Send + 'static>(
        self,
        key: Option<String>,
        request: String,
        act: impl Future<Output = Result<T, CommandError>> + Send + 'static,
    ) -> Result<T, CommandError> {
        let lost = |_| {
            CommandError::new(
                ErrorCode::Internal,
                "The console failed while it carried this out",
            )
        };
        let Some(key) = key else {
            return tokio::spawn(act).await.map_err(lost)?;
        };
        let act = async { Ok(serde_json::to_value(act.await?).unwrap_or_default()) };
        let answer = self.keys.once(key, request, act).await?;
        serde_json::from_value(answer).map_err(|_| {
            CommandError::new(
                ErrorCode::KeyReused,
                "This Idempotency-Key was used for another request",
            )
        })
    }
}

/// A future that is ready at once.
fn ready<T: Send + 'static>(value: T) -> BoxFuture<T> {
    Box::pin(std::future::ready(value))
}

/// The relay, asked by somebody.
struct Asked {
    commands: Commands,
    caller: Caller,
    preferences: Preferences,
}

impl Asked {
    /// What tells one request from another under the same key: one person's key gives no answer to
    /// another.
    fn request(&self, what: &impl Serialize) -> String {
        let what = serde_json::to_string(what).unwrap_or_default();
        match &self.caller.identity {
            Some(identity) if identity.auth_mode != AuthMode::Open => {
                format!("{} {what}", identity.audit_name())
            }
            _ => what,
        }
    }
}

impl Backend for Asked {
    fn command(
        &self,
        command: Command,
        key: Option<String>,
    ) -> BoxFuture<Result<CommandAnswer, CommandError>> {
        if let Err(refused) = self.caller.require(Permission::Command) {
            return ready(Err(refused));
        }
        let commands = self.commands.clone();
        let audit = Audit::new(
            commands.persistence.clone(),
            self.caller.clone(),
            name(&command),
            &command,
            target(&command),
        );
        let request = self.request(&command);
        let act = commands.clone().carry_out(command);
        let act = audit.around(act, |accepted| {
            accepted.run_id.as_ref().map(|id| id.as_str().to_owned())
        });
        Box::pin(commands.once(key, request, act))
    }

    fn update_schedule(
        &self,
        edit: ScheduleEdit,
        key: Option<String>,
    ) -> BoxFuture<Result<Schedule, CommandError>> {
        if let Err(refused) = self.caller.require(Permission::Command) {
            return ready(Err(refused));
        }
        let commands = self.commands.clone();
        let audit = Audit::new(
            commands.persistence.clone(),
            self.caller.clone(),
            "schedule",
            &edit.change,
            None,
        );
        let request = self.request(&edit);
        let act = audit.around(commands.clone().change_schedule(edit), |_| None);
        Box::pin(commands.once(key, request, act))
    }

    fn acknowledge(
        &self,
        group: ErrorGroupId,
        seen: Option<u64>,
    ) -> BoxFuture<Result<(), CommandError>> {
        if let Err(refused) = self.caller.require(Permission::Acknowledge) {
            return ready(Err(refused));
        }
        let (commands, caller) = (self.commands.clone(), self.caller.clone());
        Box::pin(async move {
            let state = commands
                .hub
                .snapshot()
                .await
                .map(|snapshot| snapshot.state)
                .unwrap_or_default();
            let Some(known) = state
                .errors
                .iter()
                .find(|known| known.id.as_ref() == Some(&group))
            else {
                return Err(CommandError::new(
                    ErrorCode::NotFound,
                    "These errors are no longer known; there is nothing to do",
                ));
            };
            let seen = seen.unwrap_or(known.count);
            let subject = group.as_str().to_owned();
            let audit = Audit::new(
                commands.persistence.clone(),
                caller.clone(),
                "acknowledge",
                &seen,
                Some(subject.clone()),
            );
            let act = async move {
                let note = Some(seen.to_string());
                let acknowledged = Acknowledgement {
                    subject,
                    who: caller.who(),
                    at: now(),
                    note,
                };
                if let Err(error) = commands
                    .persistence
                    .writer()
                    .record(Record::Acknowledged(acknowledged))
                    .await
                {
                    tracing::warn!(%error, "acknowledgement is not on the disk");
                }
                commands
                    .hub
                    .input(Input::Acknowledge {
                        group,
                        who: caller.who(),
                        seen: Some(seen),
                    })
                    .await;
                Ok(())
            };
            audit.around(act, |()| None).await
        })
    }

    fn run_to_retry(&self) -> BoxFuture<Option<RunId>> {
        let hub = self.commands.hub.clone();
        Box::pin(async move {
            let state = hub.snapshot().await?.state;
            state
                .run
                .map(|run| run.id)
                .or_else(|| Some(state.earlier.first()?.id.clone()))
        })
    }
}

/// What the audit and the log call a command.
fn name(command: &Command) -> &'static str {
    match command {
        Command::Trigger(_) => "trigger",
        Command::Cancel { .. } => "cancel",
        Command::Import(_) => "import",
        Command::Indicators(_) => "indicators",
        Command::Patterns(_) => "patterns",
        Command::Retry(_) => "retry",
    }
}

/// The run that a command is about, where it names one.
fn target(command: &Command) -> Option<String> {
    match command {
        Command::Retry(request) => Some(request.original_run_id.as_str().to_owned()),
        _ => None,
    }
}

fn log<T>(command: &str, answer: &Result<T, UpstreamError>, run_id: impl Fn(&T) -> Option<&RunId>) {
    match answer {
        Ok(accepted) => {
            let run_id = run_id(accepted).map(RunId::as_str);
            tracing::info!(command, run_id, "TickStockPL accepted the command");
        }
        Err(error) => tracing::warn!(command, %error, "the command was not carried out"),
    }
}
