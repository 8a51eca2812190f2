//! Writing of audit entries: the record of who did what.

use super::Persistence;
use crate::caller::Caller;
use crate::clock::now;
use model::AuditEntry;
use store::Record;

/// The entry of something that `caller` does now.
pub(crate) fn audit_entry(
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

impl Persistence {
    /// Writes an entry, and returns when it is on the disk or is not going to be soon. A failure
    /// does not stop the action: a run must be cancelled with a full disk, too. The failure is
    /// logged at a limited rate; the entry always, since the log may be the only record of it.
    pub(crate) async fn write_audit_entry(&self, entry: AuditEntry) {
        let failure = &self.failures.audit;
        let Err(error) = self.writer.record(Record::Audit(entry.clone())).await else {
            if failure.lock().recovered() {
                tracing::info!("writing of audit entries recovered");
            }
            return;
        };
        if let Some(suppressed) = failure.lock().occurred() {
            if error.is_waiting() {
                tracing::warn!(%error, suppressed, "failed to write audit entry, kept in memory");
            } else {
                tracing::error!(%error, suppressed, "failed to write audit entry");
            }
        }
        let AuditEntry {
            who,
            action,
            target,
            address,
            outcome,
            ..
        } = entry;
        tracing::info!(
            audit.who = who,
            audit.action = action,
            audit.target = target,
            audit.address = address,
            audit.outcome = outcome,
            "unwritten audit entry"
        );
    }
}
