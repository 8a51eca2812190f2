//! Who may do what: ways in, roles, and the one table of rules; passwords, session and token
//! secrets, proxies, waits between attempts.
//!
//! Pure: no HTTP library, no database and no clock. Whoever uses it says what time it is, and keeps
//! what is to be kept.

mod hosts;
mod identity;
mod next;
mod password;
mod proxy;
mod role;
mod rules;
mod secret;
mod session;
mod throttle;
mod ways;

pub use hosts::Hosts;
pub use identity::{AuthMode, Identity, NameError, user_name};
pub use next::{HOME, next};
pub use password::{PasswordError, hash, spend, verify};
pub use proxy::{Proxies, ProxyError};
pub use role::{Role, UnknownRole};
pub use rules::{ALL_PERMISSIONS, NoRule, Permission, RULES, Requirement, Rule, lookup, refusal};
pub use secret::{Secret, TOKEN_PREFIX, digest, session_secret, token_secret};
pub use session::Lifetimes;
pub use throttle::{Throttle, Wait};
pub use ways::{AuthModes, AuthModesError};
