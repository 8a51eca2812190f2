//! What relays on one PostgreSQL database tell each other: that there is an acknowledgement or an
//! entry of the audit.

use crate::sql::{Engine, Link, args};
use crate::{Store, StoreError, postgres};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;

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
struct Message {
    relay: u64,
    notice: Notice,
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
        .map_err(StoreError::statement("telling other consoles"))
}

/// What other relays tell.
pub struct Notices {
    listener: PgListener,
    relay: u64,
}

impl Store {
    /// Listens to other relays; `None` for SQLite, which has none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn notices(&self) -> Result<Option<Notices>, StoreError> {
        let Some(pool) = self.pool() else {
            return Ok(None);
        };
        let doing = StoreError::statement("listening to other consoles");
        let listening = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.ignore_pool_close_event(false);
            listener.listen(postgres::CHANNEL).await?;
            Ok(listener)
        };
        let listener = listening.await.map_err(doing)?;
        Ok(Some(Notices {
            listener,
            relay: self.relay,
        }))
    }
}

impl Notices {
    /// The next word of another relay.
    ///
    /// # Errors
    /// When the database is away for longer than a new connection takes, or the store was closed.
    pub async fn next(&mut self) -> Result<Notice, StoreError> {
        loop {
            let received = self.listener.try_recv().await;
            let Some(received) =
                received.map_err(StoreError::statement("listening to other consoles"))?
            else {
                return Ok(Notice::Missed);
            };
            match serde_json::from_str::<Message>(received.payload()) {
                Ok(message) if message.relay == self.relay => {}
                Ok(message) => return Ok(message.notice),
                // Somebody else uses the channel's name, too.
                Err(_) => {}
            }
        }
    }
}
