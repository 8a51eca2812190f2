//! Entries of the audit log about what subcommands change.

use crate::clock::now;
use model::AuditEntry;
use store::{Record, Store, StoreError};

/// The user that the audit log names.
pub(super) const WHO: &str = "command line";

pub(super) async fn record(
    store: &Store,
    action: &str,
    target: &str,
    detail: Option<String>,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        key: store::new_key(),
        at: now(),
        who: WHO.to_owned(),
        role: None,
        action: action.to_owned(),
        target: Some(target.to_owned()),
        address: None,
        request_id: None,
        outcome: "accepted".to_owned(),
        detail,
    };
    store.write(&[Record::Audit(entry)]).await
}
