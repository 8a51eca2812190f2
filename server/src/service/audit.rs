//! The audit: who asked for what, kept before it is carried out, and what came of it.

use crate::caller::Caller;
use crate::clock::now;
use crate::persistence::Persistence;
use app::ports::{CommandError, ErrorCode};
use model::AuditEntry;
use serde::Serialize;
use store::Record;

/// What is kept of something that `caller` does now.
pub fn entry(
    caller: &Caller,
    action: &str,
    target: Option<String>,
    outcome: &str,
    detail: Option<String>,
) -> AuditEntry {
    AuditEntry {
        key: store::new_key(),
        at: now(),
        who: caller.who(),
        role: caller.role(),
        action: action.to_owned(),
        target,
        address: caller.address.clone(),
        request_id: Some(caller.request_id.clone()),
        outcome: outcome.to_owned(),
        detail,
    }
}

/// One action that is to be in the audit.
pub struct Audit {
    persistence: Persistence,
    entry: AuditEntry,
}

impl Audit {
    /// `caller` asks for `action`, with these parameters, of `target`.
    pub fn new(
        persistence: Persistence,
        caller: Caller,
        action: &str,
        parameters: &impl Serialize,
        target: Option<String>,
    ) -> Audit {
        let detail = serde_json::to_string(parameters).ok();
        Audit {
            persistence,
            entry: entry(&caller, action, target, "asked", detail),
        }
    }

    /// Keeps that it was asked, carries it out, and keeps what came of it. `target` is what it
    /// turned out to be about.
    ///
    /// # Errors
    /// Those of `act`. That the audit cannot be written stops nobody: a run must be cancelled also
    /// with a full disk.
    pub async fn around<T>(
        self,
        act: impl Future<Output = Result<T, CommandError>>,
        target: impl FnOnce(&T) -> Option<String>,
    ) -> Result<T, CommandError> {
        write(&self.persistence, self.entry.clone()).await;
        let result = act.await;
        let mut outcome = AuditEntry {
            key: store::new_key(),
            at: now(),
            ..self.entry.clone()
        };
        match &result {
            Ok(done) => {
                outcome.outcome = "accepted".to_owned();
                outcome.target = target(done).or(outcome.target);
            }
            Err(error) => {
                outcome.outcome = word(error.code).to_owned();
                outcome.detail = Some(error.message.clone());
            }
        }
        write(&self.persistence, outcome).await;
        result
    }
}

/// Writes an entry, and returns when it is on the disk, or is not going to be soon: that stops
/// nobody.
pub async fn write(persistence: &Persistence, entry: AuditEntry) {
    let Err(error) = persistence
        .writer()
        .record(Record::Audit(entry.clone()))
        .await
    else {
        return;
    };
    // The log is the last place where somebody may look for it.
    let AuditEntry {
        who,
        action,
        target,
        address,
        outcome,
        ..
    } = entry;
    if error.is_waiting() {
        tracing::warn!(%error, audit.who = who, audit.action = action, audit.target = target, audit.address = address,
            audit.outcome = outcome, "audit entry is not on the disk yet, kept in memory");
    } else {
        tracing::error!(%error, audit.who = who, audit.action = action, audit.target = target, audit.address = address,
            audit.outcome = outcome, "failed to write audit entry");
    }
}

fn word(code: ErrorCode) -> &'static str {
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
