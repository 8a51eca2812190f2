//! Users.

use super::{LISTED, User};
use crate::columns::{Columns, columns, insert, names};
use crate::sql::{Arg, Link, Row, args};
use crate::store::Requirement;
use crate::{Store, StoreError, limits};
use contract::Timestamp;
use std::sync::LazyLock;

columns!(User {
    name: "name" max limits::NAME,
    role: "role",
    password: "password",
    created_at: "created_at",
    changed_at: "changed_at",
    signed_in_at: "signed_in_at",
});

static INSERT: LazyLock<String> =
    LazyLock::new(|| insert::<User>("console_users", &[]) + " ON CONFLICT (name) DO NOTHING");

impl Store {
    /// Adds a user; false where there is one of that name, who stays as they are.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        let added = self.changed("add user", &INSERT, user.args()).await?;
        Ok(added > 0)
    }

    /// The user of that name.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        let operation = "look up user";
        let mut link = self.reader().await?;
        let sql = format!(
            "SELECT {} FROM console_users WHERE name = $1",
            names::<User>()
        );
        let rows = link
            .rows_built(sql, args![name])
            .await
            .map_err(StoreError::statement(operation))?;
        rows.first()
            .map(Row::read)
            .transpose()
            .map_err(StoreError::statement(operation))
    }

    /// All users, by name.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let operation = "list users";
        let mut link = self.reader().await?;
        let sql = format!(
            "SELECT {} FROM console_users ORDER BY name LIMIT {LISTED}",
            names::<User>()
        );
        let rows = link.rows_built(sql, args![]).await;
        rows.and_then(|rows| rows.iter().map(Row::read).collect())
            .map_err(StoreError::statement(operation))
    }

    /// Gives a user another password, and ends their sessions; false where there is no such user.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn set_password(
        &self,
        name: &str,
        hash: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE console_users SET password = $2, changed_at = $3 WHERE name = $1";
        self.change_user("change password", name, sql, args![name, hash, at])
            .await
    }

    /// Gives a user another role, and ends their sessions; false where there is no such user.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn set_role(
        &self,
        name: &str,
        role: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE console_users SET role = $2, changed_at = $3 WHERE name = $1";
        self.change_user("change role", name, sql, args![name, role, at])
            .await
    }

    /// Removes a user, and ends their sessions; false where there is no such user.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn remove_user(&self, name: &str) -> Result<bool, StoreError> {
        self.change_user(
            "remove user",
            name,
            "DELETE FROM console_users WHERE name = $1",
            args![name],
        )
        .await
    }

    async fn change_user(
        &self,
        operation: &'static str,
        name: &str,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<bool, StoreError> {
        self.change(Requirement::Nothing, operation, async |link| {
            let changed = link
                .execute(sql, args.clone())
                .await
                .map_err(StoreError::statement(operation))?;
            let ended = link
                .execute("DELETE FROM console_sessions WHERE name = $1", args![name])
                .await;
            ended.map_err(StoreError::statement(operation))?;
            Ok(changed > 0)
        })
        .await
    }

    pub(super) async fn changed(
        &self,
        operation: &'static str,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<u64, StoreError> {
        let work = async |link: &mut Link| {
            link.execute(sql, args.clone())
                .await
                .map_err(StoreError::statement(operation))
        };
        self.change(Requirement::Nothing, operation, work).await
    }
}
