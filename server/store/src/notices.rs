//! Listening to the other relays on one PostgreSQL database.

use crate::notice::{Message, Notice};
use crate::{Store, StoreError, postgres};
use sqlx::postgres::PgListener;

/// Notices of other relays.
#[derive(Debug)]
pub struct Notices {
    listener: PgListener,
    relay: u64,
}

impl Store {
    /// Listens to other relays; `None` for SQLite, which has none.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn notices(&self) -> Result<Option<Notices>, StoreError> {
        let Some(pool) = self.pool() else {
            return Ok(None);
        };
        let operation = StoreError::statement("listen to other consoles");
        let listening = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.ignore_pool_close_event(false);
            listener.listen(postgres::CHANNEL).await?;
            Ok(listener)
        };
        let listener = listening.await.map_err(operation)?;
        Ok(Some(Notices {
            listener,
            relay: self.relay,
        }))
    }
}

impl Notices {
    /// The next notice of another relay.
    ///
    /// # Errors
    /// When the database is unavailable for longer than a new connection takes, or the store was
    /// closed.
    pub async fn next(&mut self) -> Result<Notice, StoreError> {
        loop {
            let received = self.listener.try_recv().await;
            let Some(received) =
                received.map_err(StoreError::statement("listen to other consoles"))?
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
