//! Users and tokens, for the settings of those who manage them.

use super::KEPT;
use crate::auth::{Authenticator, token_state};
use crate::caller::Caller;
use crate::clock::now;
use crate::persistence::Persistence;
use access::Permission;
use app::ports::{AccessSettings, TokenRow, UserRow};
use store::{ApiToken, StoreError, User};
use tokio::time::timeout;

/// What `caller` may see.
pub(super) async fn people(
    authenticator: Option<Authenticator>,
    persistence: Persistence,
    caller: Caller,
) -> AccessSettings {
    let ways = authenticator
        .map(|authenticator| authenticator.config().auth_modes)
        .unwrap_or_default();
    let (users, tokens) = (
        caller.can(Permission::ManageUsers),
        caller.can(Permission::ManageTokens),
    );
    let read = async {
        let store = persistence.store()?;
        let users = if users {
            rows(store.users().await?, &store.sessions().await?)
        } else {
            Vec::new()
        };
        let tokens = if tokens {
            store.tokens().await?
        } else {
            Vec::new()
        };
        Ok::<_, StoreError>((users, tokens.into_iter().map(token).collect()))
    };
    let (users, tokens, problem) = match timeout(KEPT, read).await {
        Ok(Ok((users, tokens))) => (users, tokens, None),
        Ok(Err(error)) => (Vec::new(), Vec::new(), Some(error.line())),
        Err(_) => (
            Vec::new(),
            Vec::new(),
            Some("it did not answer in time".to_owned()),
        ),
    };
    AccessSettings {
        auth_modes: words(ways),
        password_sign_in: ways.users,
        users,
        tokens,
        problem,
    }
}

fn words(ways: access::AuthModes) -> String {
    let all = [
        (ways.open, "open on this machine"),
        (ways.users, "users of the console's own"),
        (ways.proxy, "a proxy that signs people in"),
        (ways.tokens, "API tokens"),
    ];
    all.into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, words)| words)
        .collect::<Vec<_>>()
        .join(", ")
}

fn rows(users: Vec<User>, sessions: &[store::Session]) -> Vec<UserRow> {
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

fn token(token: ApiToken) -> TokenRow {
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
