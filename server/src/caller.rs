//! Who asks: what the audit keeps of a request, and what they may do. [`crate::http`]'s guard finds
//! it out, once for each request.

use access::{AuthMode, Identity, Permission};
use app::ports::{CommandError, ErrorCode, Viewer, ViewerAuth};
use axum::extract::{FromRequestParts, Request};
use axum::http::Extensions;
use axum::http::request::Parts;
use std::convert::Infallible;

/// Who sent a request, and how.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who, where a way in said so.
    pub identity: Option<Identity>,
    /// The address that the request came from.
    pub address: Option<String>,
    /// The request's own id: as it was given, or a new one.
    pub request_id: String,
}

impl Caller {
    /// Who sent a request of these parts. Where no guard has looked at it, nobody, who may do
    /// nothing.
    pub fn of(parts: &Parts) -> Caller {
        Caller::known(&parts.extensions)
    }

    /// Who sent this request.
    pub fn of_request(request: &Request) -> Caller {
        Caller::known(request.extensions())
    }

    fn known(extensions: &Extensions) -> Caller {
        extensions
            .get::<Caller>()
            .cloned()
            .unwrap_or_else(|| Caller {
                identity: None,
                address: None,
                request_id: request_id(),
            })
    }

    /// The name as the audit has it.
    pub fn who(&self) -> String {
        self.identity
            .as_ref()
            .map_or_else(|| "nobody".to_owned(), Identity::audit_name)
    }

    /// The role as the audit has it.
    pub fn role(&self) -> Option<String> {
        self.identity
            .as_ref()
            .map(|identity| identity.role.to_string())
    }

    /// Returns true if the caller has the permission.
    pub fn can(&self, permission: Permission) -> bool {
        self.identity
            .as_ref()
            .is_some_and(|identity| identity.can(permission))
    }

    /// Requires the permission.
    ///
    /// # Errors
    /// [`ErrorCode::Forbidden`], naming the role to ask.
    pub fn require(&self, permission: Permission) -> Result<(), CommandError> {
        match self.can(permission) {
            true => Ok(()),
            false => Err(CommandError::new(
                ErrorCode::Forbidden,
                permission.denied_message(),
            )),
        }
    }

    /// As the pages show them.
    pub fn viewer(&self) -> Viewer {
        let identity = self.identity.clone().unwrap_or_else(|| Identity {
            name: "nobody".to_owned(),
            role: access::Role::Viewer,
            auth_mode: AuthMode::Proxy,
        });
        Viewer {
            commands: self.can(Permission::Command),
            audit: self.can(Permission::ViewAudit),
            configuration: self.can(Permission::ViewConfiguration),
            manages_access: self.can(Permission::ManageUsers),
            role: identity.role.to_string(),
            auth: match identity.auth_mode {
                AuthMode::Open => ViewerAuth::Open,
                AuthMode::User => ViewerAuth::User,
                AuthMode::Proxy => ViewerAuth::Proxy,
                AuthMode::Token => ViewerAuth::Token,
            },
            name: identity.name,
        }
    }
}

/// A new id of a request.
pub(crate) fn request_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Caller::of(parts))
    }
}
