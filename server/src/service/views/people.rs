//! Users and API tokens, for the settings page.

use super::{DATABASE_TIMEOUT, PageViews};
use crate::auth::token_state;
use crate::caller::Caller;
use crate::clock::now;
use access::{AuthModes, Permission};
use app::ports::{AccessSettings, TokenRow, UserRow};
use store::{ApiToken, StoreError, User};
use tokio::time::timeout;

impl PageViews {
    /// The users and tokens that `caller` may manage.
    pub async fn people(&self, caller: &Caller) -> AccessSettings {
        let read = async {
            let store = self.persistence.store()?;
            let users = if caller.can(Permission::ManageUsers) {
                user_rows(store.users().await?, &store.sessions().await?)
            } else {
                Vec::new()
            };
            let tokens = if caller.can(Permission::ManageTokens) {
                store.tokens().await?
            } else {
                Vec::new()
            };
            Ok::<_, StoreError>((users, tokens.into_iter().map(token_row).collect()))
        };
        let (users, tokens, problem) = match timeout(DATABASE_TIMEOUT, read).await {
            Ok(Ok((users, tokens))) => (users, tokens, None),
            Ok(Err(error)) => (Vec::new(), Vec::new(), Some(error.one_line())),
            Err(_) => (
                Vec::new(),
                Vec::new(),
                Some("it did not answer in time".to_owned()),
            ),
        };
        AccessSettings {
            auth_modes: describe(self.auth_modes),
            password_sign_in: self.auth_modes.users,
            users,
            tokens,
            problem,
        }
    }
}

fn describe(modes: AuthModes) -> String {
    let all = [
        (modes.open, "open on this machine"),
        (modes.users, "users of the console's own"),
        (modes.proxy, "a proxy that signs people in"),
        (modes.tokens, "API tokens"),
    ];
    all.into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, words)| words)
        .collect::<Vec<_>>()
        .join(", ")
}

fn user_rows(users: Vec<User>, sessions: &[store::Session]) -> Vec<UserRow> {
    let row = |user: User| UserRow {
        sessions: sessions
            .iter()
            .filter(|session| session.name == user.name)
            .count(),
        name: user.name,
        role: user.role,
        signed_in_at: user.signed_in_at,
    };
    users.into_iter().map(row).collect()
}

fn token_row(token: ApiToken) -> TokenRow {
    TokenRow {
        state: token_state(&token, now()),
        id: token.id,
        name: token.name,
        role: token.role,
        created_by: token.created_by,
        expires_at: token.expires_at,
        used_at: token.used_at,
    }
}
