//! Sessions: begun by signing in, ended by signing out, by a change of the user, or when their time
//! is over.

use super::{SESSIONS_PER_USER, Session};
use crate::columns::columns;
use crate::sql::{Row, args};
use crate::store::Requirement;
use crate::text::cut;
use crate::{Store, StoreError, limits};
use contract::Timestamp;

impl Store {
    /// Begins a session, in place of the one with the hash `before`, and notes that the user signed
    /// in; false where the user is gone, or is no longer as `changed_at` says they were when the
    /// password was looked at.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn begin_session(
        &self,
        session: &Session,
        changed_at: Timestamp,
        before: Option<&str>,
    ) -> Result<bool, StoreError> {
        let operation = "create session";
        let failed = |source| StoreError::Statement { operation, source };
        let name = session.name.as_str();
        self.change(Requirement::Nothing, operation, async |link| {
            let sql = "UPDATE console_users SET signed_in_at = $2 WHERE name = $1 AND changed_at = $3";
            let same = link.execute(sql, args![name, session.created_at, changed_at]).await.map_err(failed)?;
            if same == 0 {
                return Ok(false);
            }
            let sql = "DELETE FROM console_sessions WHERE id_hash = $1";
            link.execute(sql, args![before.unwrap_or_default()]).await.map_err(failed)?;
            let sql = "INSERT INTO console_sessions (id_hash, name, created_at, used_at, address, agent)
                VALUES ($1, $2, $3, $4, $5, $6)";
            let short = |text: &Option<String>| text.as_deref().map(|text| cut(text, limits::NAME).to_owned());
            let args = args![
                &session.id_hash,
                name,
                session.created_at,
                session.used_at,
                short(&session.address),
                short(&session.agent)
            ];
            link.execute(sql, args).await.map_err(failed)?;
            let sql = "DELETE FROM console_sessions WHERE name = $1 AND id_hash NOT IN (SELECT id_hash
                FROM console_sessions WHERE name = $1 ORDER BY used_at DESC, created_at DESC LIMIT $2)";
            link.execute(sql, args![name, SESSIONS_PER_USER]).await.map_err(failed)?;
            Ok(true)
        })
        .await
    }

    /// The session with this hash, with its user's role.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn session(&self, id_hash: &str) -> Result<Option<Session>, StoreError> {
        let operation = "look up session";
        let sql = "SELECT s.id_hash, s.name, u.role, s.created_at, s.used_at, s.address, s.agent
            FROM console_sessions s JOIN console_users u ON u.name = s.name WHERE s.id_hash = $1";
        let row = self
            .reader()
            .await?
            .row(sql, args![id_hash])
            .await
            .map_err(StoreError::statement(operation))?;
        row.as_ref()
            .map(Row::read)
            .transpose()
            .map_err(StoreError::statement(operation))
    }

    /// The sessions of all users, latest used first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        let sql = "SELECT s.id_hash, s.name, u.role, s.created_at, s.used_at, s.address, s.agent
            FROM console_sessions s JOIN console_users u ON u.name = s.name ORDER BY s.used_at DESC LIMIT 500";
        let rows = self.reader().await?.rows(sql, args![]).await;
        rows.and_then(|rows| rows.iter().map(Row::read).collect())
            .map_err(StoreError::statement("list sessions"))
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn use_session(&self, id_hash: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE console_sessions SET used_at = $2 WHERE id_hash = $1 AND used_at < $2";
        self.changed("update session", sql, args![id_hash, at])
            .await
            .map(drop)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn end_session(&self, id_hash: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM console_sessions WHERE id_hash = $1";
        self.changed("end session", sql, args![id_hash])
            .await
            .map(drop)
    }

    /// Ends all sessions of a user, and says how many.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn end_sessions(&self, name: &str) -> Result<u64, StoreError> {
        self.changed(
            "end sessions",
            "DELETE FROM console_sessions WHERE name = $1",
            args![name],
        )
        .await
    }

    /// Removes the sessions that began, or were last used, before these times.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn end_old_sessions(
        &self,
        begun: Timestamp,
        used: Timestamp,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM console_sessions WHERE created_at < $1 OR used_at < $2";
        self.changed("remove expired sessions", sql, args![begun, used])
            .await
    }
}

// The role is the user's.
columns!(Session {
    id_hash: "id_hash",
    name: "name",
    role: "role",
    created_at: "created_at",
    used_at: "used_at",
    address: "address" max limits::NAME,
    agent: "agent" max limits::NAME,
});
