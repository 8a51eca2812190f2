//! What the audit has of access: who came in, who went, who was refused. Refusals are limited,
//! since anybody can cause them.

use super::Authenticator;
use crate::caller::Caller;
use crate::persistence::audit_entry;
use serde_json::Value;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// Refusals that are written in a minute.
const REFUSALS: u32 = 60;
const MINUTE: Duration = Duration::from_secs(60);

/// The refusals of the minute.
#[derive(Default)]
pub(super) struct Refusals {
    since: Option<Instant>,
    written: u32,
    left_out: u64,
}

impl Authenticator {
    /// Keeps that something was done, or refused. Never holds a secret.
    pub async fn note_in_audit(
        &self,
        caller: &Caller,
        action: &str,
        target: Option<String>,
        outcome: &str,
        detail: Option<Value>,
    ) {
        let detail = detail.map(|detail| match detail {
            Value::String(words) => words,
            other => other.to_string(),
        });
        let entry = audit_entry(caller, action, target, outcome, detail);
        self.0.persistence.write_audit_entry(entry).await;
    }

    /// Keeps that something was refused, as far as there is room this minute. In the background:
    /// who is refused waits for nothing.
    pub fn note_refusal(&self, caller: &Caller, action: &str, target: Option<String>, why: &str) {
        tracing::info!(
            audit.who = caller.who(),
            audit.action = action,
            audit.address = caller.address,
            why,
            "refused"
        );
        if !self.room_for_refusal() {
            return;
        }
        let (authenticator, caller, action, why) = (
            self.clone(),
            caller.clone(),
            action.to_owned(),
            why.to_owned(),
        );
        tokio::spawn(async move {
            authenticator
                .note_in_audit(
                    &caller,
                    &action,
                    target,
                    "refused",
                    Some(Value::String(why)),
                )
                .await;
        });
    }

    fn room_for_refusal(&self) -> bool {
        let mut refusals = self
            .0
            .refusals
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if refusals.since.is_none_or(|since| since.elapsed() >= MINUTE) {
            if refusals.left_out > 0 {
                tracing::warn!(
                    left_out = refusals.left_out,
                    "refusals that the audit has no entries of; the log has them"
                );
            }
            *refusals = Refusals {
                since: Some(Instant::now()),
                ..Refusals::default()
            };
        }
        let room = refusals.written < REFUSALS;
        if room {
            refusals.written += 1;
        } else {
            refusals.left_out += 1;
        }
        room
    }
}
