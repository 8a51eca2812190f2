//! Commands: everything that changes something at TickStockPL, and acknowledging errors. A
//! command's effect comes back as events; nothing is guessed here.
//!
//! Each command is checked against the caller's permissions, carried out at most once per
//! idempotency key, and audited before and after.

use crate::caller::Caller;
use crate::clock::now;
use crate::hub::Hub;
use crate::persistence::Persistence;
use crate::poll_trigger::PollTrigger;
use crate::service::audit::AuditedAction;
use crate::service::idempotency::{self, IdempotencyKeys};
use crate::upstream::{Client, UpstreamError};
use access::{AuthMode, Permission};
use app::commands::{ACKNOWLEDGE, SCHEDULE};
use app::ports::{Command, CommandError, ErrorCode, ScheduleEdit};
use contract::frame::Input;
use contract::http::{
    CommandAnswer, ImportRequest, IndicatorsRequest, PatternsRequest, RetryRequest, TriggerRequest,
};
use contract::{ErrorGroupId, RunId};
use model::Schedule;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use store::Acknowledgement;
use tokio::sync::Mutex;

/// Sends commands; clones share the idempotency keys.
#[derive(Clone)]
pub(crate) struct Commands {
    upstream: Client,
    hub: Hub,
    /// Polled after a command, so that its effect is seen even when no event comes.
    poll_trigger: PollTrigger,
    idempotency_keys: IdempotencyKeys,
    persistence: Persistence,
    /// Held while the schedule is compared and changed: of two who edit at once, one is first.
    schedule_edit: Arc<Mutex<()>>,
}

impl Commands {
    pub(crate) fn new(
        upstream: Client,
        hub: Hub,
        poll_trigger: PollTrigger,
        persistence: Persistence,
    ) -> Commands {
        Commands {
            idempotency_keys: IdempotencyKeys::new(persistence.clone(), upstream.timeout()),
            upstream,
            hub,
            poll_trigger,
            persistence,
            schedule_edit: Arc::default(),
        }
    }

    /// Sends a command to TickStockPL. The same `key` within a day gives the first answer again,
    /// and does nothing.
    ///
    /// # Errors
    /// When the caller lacks the permission, and when TickStockPL did not accept the command. The
    /// error's code says whether it may have been carried out all the same.
    pub(crate) async fn send(
        &self,
        caller: &Caller,
        command: Command,
        key: Option<String>,
    ) -> Result<CommandAnswer, CommandError> {
        caller.require(Permission::Command)?;
        let audited = AuditedAction::new(
            self.persistence.clone(),
            caller,
            command.spec().audit_action,
            &command,
            target(&command),
        );
        let request = request_text(caller, &command);
        let act = audited.carry_out(self.clone().send_upstream(command), |accepted| {
            accepted.run_id.as_ref().map(|id| id.as_str().to_owned())
        });
        self.once(key, request, act).await
    }

    /// Changes the schedule, and returns it as TickStockPL confirms it. The same `key` within a day
    /// gives the first answer again.
    ///
    /// # Errors
    /// As [`Commands::send`]; and when the schedule has changed since it was read.
    pub(crate) async fn update_schedule(
        &self,
        caller: &Caller,
        edit: ScheduleEdit,
        key: Option<String>,
    ) -> Result<Schedule, CommandError> {
        caller.require(Permission::Command)?;
        let audited = AuditedAction::new(
            self.persistence.clone(),
            caller,
            SCHEDULE.audit_action,
            &edit.change,
            None,
        );
        let request = request_text(caller, &edit);
        let act = audited.carry_out(self.clone().change_schedule(edit), |_| None);
        self.once(key, request, act).await
    }

    /// Acknowledges a group of errors, of which the caller has seen `seen`.
    ///
    /// # Errors
    /// When the caller lacks the permission, and when the state no longer has the group.
    pub(crate) async fn acknowledge(
        &self,
        caller: &Caller,
        group: ErrorGroupId,
        seen: Option<u64>,
    ) -> Result<(), CommandError> {
        caller.require(Permission::Acknowledge)?;
        let state = self.hub.state();
        let known = state
            .errors
            .iter()
            .find(|known| known.id.as_ref() == Some(&group));
        let Some(count) = known.map(|known| known.count) else {
            return Err(CommandError::new(
                ErrorCode::NotFound,
                "Unknown error group. It may have been removed from the list.",
            ));
        };
        drop(state);
        let seen = seen.unwrap_or(count);
        let audited = AuditedAction::new(
            self.persistence.clone(),
            caller,
            ACKNOWLEDGE.audit_action,
            &seen,
            Some(group.as_str().to_owned()),
        );
        let act = async {
            let acknowledged = Acknowledgement {
                subject: group.as_str().to_owned(),
                who: caller.who(),
                at: now(),
                note: Some(seen.to_string()),
            };
            self.persistence.write_acknowledgement(acknowledged).await;
            let (who, seen) = (caller.who(), Some(seen));
            self.hub
                .input(Input::Acknowledge { group, who, seen })
                .await;
            Ok(())
        };
        audited.carry_out(act, |()| None).await
    }

    async fn send_upstream(self, command: Command) -> Result<CommandAnswer, CommandError> {
        let upstream = &self.upstream;
        let answer = match &command {
            Command::Trigger(body) => upstream.post_command(TriggerRequest::PATH, body).await,
            Command::Cancel { .. } => upstream.cancel().await,
            Command::Import(body) => upstream.post_command(ImportRequest::PATH, body).await,
            Command::Indicators(body) => upstream.post_command(IndicatorsRequest::PATH, body).await,
            Command::Patterns(body) => upstream.post_command(PatternsRequest::PATH, body).await,
            Command::Retry(body) => upstream.post_command(RetryRequest::PATH, body).await,
        };
        if let (Command::Cancel { .. }, Ok(accepted)) = (&command, &answer) {
            let run_id = accepted.run_id.clone();
            self.hub.input(Input::CancelAccepted { run_id }).await;
        }
        self.poll_trigger.now();
        log(command.spec().audit_action, &answer, |accepted| {
            accepted.run_id.as_ref()
        });
        match answer {
            Err(error @ UpstreamError::Refused { .. }) => Err(self.with_active_run(error.into())),
            answer => Ok(answer?),
        }
    }

    /// A conflict names the run that stands in the way, also where TickStockPL's answer does not.
    fn with_active_run(&self, mut error: CommandError) -> CommandError {
        if error.code == ErrorCode::Conflict && error.run_id.is_none() {
            error.run_id = self.hub.state().active().map(|run| run.id.clone());
        }
        error
    }

    async fn change_schedule(self, edit: ScheduleEdit) -> Result<Schedule, CommandError> {
        let _one_at_a_time = self.schedule_edit.lock().await;
        if let Some(seen) = &edit.seen {
            let present = self.parse_schedule().await?;
            if present.version() != *seen {
                return Err(CommandError::new(
                    ErrorCode::Changed,
                    "The schedule has changed since you opened it, so it was not saved. Review the current schedule and edit it again.",
                ));
            }
        }
        let answer = self.upstream.update_schedule(&edit.change).await;
        log(SCHEDULE.audit_action, &answer, |_| None);
        self.poll_trigger.now();
        match answer? {
            Some(confirmed) => self.apply_schedule(confirmed).await,
            // It counts when TickStockPL says how it is now.
            None => self.parse_schedule().await,
        }
    }

    /// The schedule as TickStockPL has it now.
    async fn parse_schedule(&self) -> Result<Schedule, CommandError> {
        let schedule = self.upstream.schedule().await?;
        self.apply_schedule(schedule).await
    }

    async fn apply_schedule(
        &self,
        change: contract::ScheduleChange,
    ) -> Result<Schedule, CommandError> {
        self.hub.apply(vec![Input::Schedule(change)]).await;
        let schedule = self.hub.state().schedule.clone();
        schedule.ok_or_else(|| {
            CommandError::new(
                ErrorCode::Internal,
                "The console is stopping. Try again in a few seconds.",
            )
        })
    }

    /// Carries `act` out once for `key`, and every time where there is none. It continues when its
    /// caller goes away: a command is never half sent.
    async fn once<T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        key: Option<String>,
        request: String,
        act: impl Future<Output = Result<T, CommandError>> + Send + 'static,
    ) -> Result<T, CommandError> {
        let Some(key) = key else {
            return tokio::spawn(act).await.map_err(|_| {
                CommandError::new(
                    ErrorCode::Internal,
                    "Internal error. The command may have been carried out; check the run's status before you retry.",
                )
            })?;
        };
        let act = async { Ok(serde_json::to_value(act.await?).unwrap_or_default()) };
        let answer = self.idempotency_keys.once(key, request, act).await?;
        serde_json::from_value(answer).map_err(|_| idempotency::key_reused())
    }
}

/// The text that tells one request from another under the same key: one person's key gives no
/// answer to another.
fn request_text(caller: &Caller, request: &impl Serialize) -> String {
    let request = serde_json::to_string(request).unwrap_or_default();
    match &caller.identity {
        Some(identity) if identity.auth_mode != AuthMode::Open => {
            format!("{} {request}", identity.audit_name())
        }
        _ => request,
    }
}

/// The run that a command names.
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
            tracing::info!(command, run_id, "tickstockpl accepted command");
        }
        Err(error) => tracing::warn!(command, %error, "failed to send command"),
    }
}
