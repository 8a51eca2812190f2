//! What the audit has of access: who came in, who went, who was refused. Refusals are limited,
//! since anybody can cause them.

use super::Authenticator;
use crate::caller::Caller;
use crate::persistence::audit_entry;
use serde_json::Value;

impl Authenticator {
    /// Keeps that something was done, or refused. Never holds a secret.
    pub(crate) async fn note_in_audit(
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
    pub(crate) fn note_refusal(
        &self,
        caller: &Caller,
        action: &str,
        target: Option<String>,
        why: &str,
    ) {
        tracing::info!(
            audit.who = caller.who(),
            audit.action = action,
            audit.address = caller.address,
            why,
            "refused"
        );
        if !self.0.refusals.lock().take() {
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
}
