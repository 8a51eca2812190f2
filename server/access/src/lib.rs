//! Authentication and authorization rules: authentication modes, roles, permissions, the table of
//! access rules; passwords, session and token secrets, trusted proxies, sign-in throttling.
//!
//! Pure: no HTTP library, no database and no clock. The caller passes the time in and stores what
//! has to be stored.

#![warn(missing_docs)]

mod allowed_hosts;
mod auth_mode;
mod identity;
mod password;
mod redirect;
mod role;
mod rule;
mod secret;
mod session;
mod sign_in_throttle;
mod trusted_proxies;

pub use allowed_hosts::AllowedHosts;
pub use auth_mode::{AuthMode, AuthModes, AuthModesError};
pub use identity::{Identity, NameError, user_name};
pub use password::{PasswordError, hash_password, verify_nothing, verify_password};
pub use redirect::redirect_target;
pub use role::{Role, UnknownRole};
pub use rule::{AccessRule, Permission, RULES, Requirement, RuleLookupError, find_rule};
pub use secret::{Secret, TOKEN_PREFIX, digest, generate_session_secret, generate_token};
pub use session::SessionLifetimes;
pub use sign_in_throttle::{RetryAfter, SignInThrottle};
pub use trusted_proxies::{ProxyError, TrustedProxies};
