//! The audit of commands: one entry before a command is carried out, one with its outcome.

use crate::caller::Caller;
use crate::clock::now;
use crate::persistence::{Persistence, audit_entry};
use app::ports::{CommandError, ErrorCode};
use model::AuditEntry;
use serde::Serialize;

/// One action that is to be in the audit log.
pub(crate) struct AuditedAction {
    persistence: Persistence,
    entry: AuditEntry,
}

impl AuditedAction {
    /// `caller` requests `action` with these parameters. `target` is what it is about, where that
    /// is known before it is carried out.
    pub(crate) fn new(
        persistence: Persistence,
        caller: &Caller,
        action: &str,
        parameters: &impl Serialize,
        target: Option<String>,
    ) -> AuditedAction {
        let detail = serde_json::to_string(parameters).ok();
        AuditedAction {
            persistence,
            entry: audit_entry(caller, action, target, "asked", detail),
        }
    }

    /// Writes that it was requested, carries it out, and writes its outcome. `target` is what it
    /// turned out to be about.
    ///
    /// # Errors
    /// Those of `act`; a failure to write the audit is none.
    pub(crate) async fn carry_out<T>(
        self,
        act: impl Future<Output = Result<T, CommandError>>,
        target: impl FnOnce(&T) -> Option<String>,
    ) -> Result<T, CommandError> {
        self.persistence.write_audit_entry(self.entry.clone()).await;
        let result = act.await;
        let mut outcome = AuditEntry {
            key: store::new_key(),
            at: now(),
            ..self.entry
        };
        match &result {
            Ok(done) => {
                outcome.outcome = "accepted".to_owned();
                outcome.target = target(done).or(outcome.target);
            }
            Err(error) => {
                outcome.outcome = outcome_of(error.code).to_owned();
                outcome.detail = Some(error.message.clone());
            }
        }
        self.persistence.write_audit_entry(outcome).await;
        result
    }
}

fn outcome_of(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Unconfirmed => "unconfirmed",
        ErrorCode::Unavailable | ErrorCode::Busy => "unavailable",
        ErrorCode::InvalidAnswer | ErrorCode::Internal => "failed",
        ErrorCode::Invalid
        | ErrorCode::NotFound
        | ErrorCode::Conflict
        | ErrorCode::Changed
        | ErrorCode::KeyReused
        | ErrorCode::Unauthenticated
        | ErrorCode::Forbidden
        | ErrorCode::Refused => "refused",
    }
}
