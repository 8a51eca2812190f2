//! What relays on one PostgreSQL database tell each other: that there is an acknowledgement or an
//! entry of the audit.

use crate::sql::{Engine, Link, args};
use crate::{StoreError, postgres};
use serde::{Deserialize, Serialize};

/// Something that another relay wrote. It says what to read again, not what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The audit has a new entry.
    Audit,
    /// Somebody took note of something.
    Acknowledged {
        /// Of what, as [`crate::Acknowledgement::subject`].
        subject: String,
    },
    /// The connection was away: anything may have been missed.
    Missed,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Message {
    pub relay: u64,
    pub notice: Notice,
}

/// Tells the others, when the transaction is committed. SQLite has no others.
pub(crate) async fn notify(link: &mut Link, relay: u64, notice: &Notice) -> Result<(), StoreError> {
    if link.engine() == Engine::Sqlite {
        return Ok(());
    }
    let message = serde_json::to_string(&Message {
        relay,
        notice: notice.clone(),
    });
    let message = message.map_err(|source| StoreError::Unreadable {
        what: "a notice",
        source,
    })?;
    let sent = link
        .rows(
            "SELECT pg_notify($1, $2)::TEXT",
            args![postgres::CHANNEL, message],
        )
        .await;
    sent.map(drop)
        .map_err(StoreError::statement("notify other consoles"))
}
