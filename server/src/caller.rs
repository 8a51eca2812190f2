//! Who asks: what the audit keeps of a request.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::SocketAddr;

/// The header that names a request, for those who look for it in more than one log.
const REQUEST_ID: &str = "x-request-id";
/// The longest name of a request that is taken over.
const REQUEST_ID_BYTES: usize = 64;

/// Who sent a request, and how.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who, by name: nobody signs in.
    pub who: String,
    /// What they may do.
    pub role: Option<String>,
    /// The address that the request came from.
    pub address: Option<String>,
    /// The request's own id: as it was given, or a new one.
    pub request_id: String,
}

impl Caller {
    /// Who sent a request of these parts.
    pub fn of(parts: &Parts) -> Caller {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let given = parts.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let given = given.filter(|id| (1..=REQUEST_ID_BYTES).contains(&id.len()));
        Caller {
            who: "anonymous".to_owned(),
            role: Some("operator".to_owned()),
            address: address.map(|address| address.0.ip().to_canonical().to_string()),
            request_id: given.map_or_else(|| format!("{:016x}", rand::random::<u64>()), str::to_owned),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Caller::of(parts))
    }
}
