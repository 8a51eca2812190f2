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
    /// stops nobody: a run must be cancelled with a full disk, too. It goes to the log, which is
    /// the last place where somebody may look for the entry.
    pub(crate) async fn write_audit_entry(&self, entry: AuditEntry) {
        let Err(error) = self.writer.record(Record::Audit(entry.clone())).await else {
            return;
        };
        let AuditEntry {
            who,
            action,
            target,
            address,
            outcome,
            ..
        } = entry;
        if error.is_waiting() {
            tracing::warn!(%error, audit.who = who, audit.action = action, audit.target = target,
                audit.address = address, audit.outcome = outcome, "audit entry is in memory only");
        } else {
            tracing::error!(%error, audit.who = who, audit.action = action, audit.target = target,
                audit.address = address, audit.outcome = outcome, "failed to write audit entry");
        }
    }
}
