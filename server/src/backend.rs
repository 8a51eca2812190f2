//! The relay as the pages and the REST API use it: commands go to TickStockPL, their effect comes back as events.

use crate::ask::Ask;
use crate::hub::Hub;
use crate::idempotency::Keys;
use crate::tickstockpl::{ApiError, Client};
use app::ports::{Backend, Command, CommandError, ErrorCode, Later, ScheduleEdit};
use contract::RunId;
use contract::frame::Input;
use contract::http::CommandAnswer;
use model::Schedule;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The one [`Backend`] of the process; clones refer to it.
#[derive(Clone)]
pub struct Relay {
    client: Client,
    hub: Hub,
    /// Told after a command, so that its effect is seen even when no event comes.
    ask: Ask,
    keys: Keys,
    /// Held while the schedule is compared and changed: of two who edit at once, one is first.
    editing: Arc<Mutex<()>>,
}

impl Relay {
    /// A backend over TickStockPL's client and the hub.
    pub fn new(client: Client, hub: Hub, ask: Ask) -> Relay {
        Relay { client, hub, ask, keys: Keys::default(), editing: Arc::default() }
    }

    async fn carry_out(self, command: Command) -> Result<CommandAnswer, CommandError> {
        let client = &self.client;
        let (name, answer) = match &command {
            Command::Trigger(request) => ("trigger", client.trigger(request).await),
            Command::Cancel { .. } => ("cancel", client.cancel().await),
            Command::Import(request) => ("import", client.trigger_import(request).await),
            Command::Indicators(request) => ("indicators", client.trigger_indicators(request).await),
            Command::Patterns(request) => ("patterns", client.trigger_patterns(request).await),
            Command::Retry(request) => ("retry", client.retry_imports(request).await),
        };
        if let (Command::Cancel { .. }, Ok(accepted)) = (&command, &answer) {
            self.hub.input(Input::CancelAccepted { run_id: accepted.run_id.clone() }).await;
        }
        self.ask.now();
        log(name, &answer, |accepted| accepted.run_id.as_ref());
        match answer {
            Err(error @ ApiError::Refused { .. }) => Err(self.with_active_run(error.into()).await),
            answer => Ok(answer?),
        }
    }

    /// A conflict names the run that stands in the way, also where TickStockPL's answer does not.
    async fn with_active_run(&self, mut error: CommandError) -> CommandError {
        if error.code == ErrorCode::Conflict && error.run_id.is_none() {
            let state = self.hub.snapshot().await.map(|snapshot| snapshot.state);
            error.run_id = state.as_ref().and_then(|state| Some(state.active()?.id.clone()));
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
        self.ask.now();
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

    /// Acts once for `key`, or at any rate where there is none. The command goes on when its caller goes away.
    async fn once<T: Serialize + DeserializeOwned + Send + 'static>(
        self,
        key: Option<String>,
        request: String,
        act: impl Future<Output = Result<T, CommandError>> + Send + 'static,
    ) -> Result<T, CommandError> {
        let lost = |_| CommandError::new(ErrorCode::Internal, "The console failed while it carried this out");
        let Some(key) = key else { return tokio::spawn(act).await.map_err(lost)? };
        let act = async { Ok(serde_json::to_value(act.await?).unwrap_or_default()) };
        let answer = self.keys.once(key, request, act).await?;
        serde_json::from_value(answer)
            .map_err(|_| CommandError::new(ErrorCode::KeyReused, "This Idempotency-Key was used for another request"))
    }
}

impl Backend for Relay {
    fn command(&self, command: Command, key: Option<String>) -> Later<Result<CommandAnswer, CommandError>> {
        let relay = self.clone();
        let request = serde_json::to_string(&command).unwrap_or_default();
        Box::pin(async move { relay.clone().once(key, request, relay.carry_out(command)).await })
    }

    fn update_schedule(&self, edit: ScheduleEdit, key: Option<String>) -> Later<Result<Schedule, CommandError>> {
        let relay = self.clone();
        let request = serde_json::to_string(&edit).unwrap_or_default();
        Box::pin(async move { relay.clone().once(key, request, relay.change_schedule(edit)).await })
    }

    fn run_to_retry(&self) -> Later<Option<RunId>> {
        let hub = self.hub.clone();
        Box::pin(async move {
            let state = hub.snapshot().await?.state;
            state.run.map(|run| run.id).or_else(|| Some(state.earlier.first()?.id.clone()))
        })
    }
}

fn log<T>(command: &str, answer: &Result<T, ApiError>, run_id: impl Fn(&T) -> Option<&RunId>) {
    match answer {
        Ok(accepted) => {
            let run_id = run_id(accepted).map(RunId::as_str);
            tracing::info!(command, run_id, "TickStockPL accepted the command");
        }
        Err(error) => tracing::warn!(command, %error, "the command was not carried out"),
    }
}
