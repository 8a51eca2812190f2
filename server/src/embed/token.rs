//! Tokens that portals sign for their visitors: JWTs with HS256, and nothing else that the standard
//! allows.
//!
//! The signature is looked at before anything that it covers is read. The algorithm is ours, not
//! the token's: one that names another is refused whatever its signature.

use super::DisplayOptions;
use crate::config::origin;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::Timestamp;
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The audience that a token must name.
pub const AUDIENCE: &str = "tickstock-console";
/// Maximum remaining lifetime of a token.
const MAX_LIFETIME_MS: i64 = 3_600_000;
/// Maximum difference to the portal's clock.
const CLOCK_SKEW_MS: i64 = 30_000;
/// Maximum length of a token in bytes.
const MAX_BYTES: usize = 4096;
/// Resources that a token may name.
const RESOURCES: usize = 32;
/// The origin of tokens that the console makes for its own previews.
pub(crate) const OWN: &str = "self";

/// Claims of a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The portal's origin.
    pub origin: String,
    /// What it opens: `status`, `runs`, `schedule`, `badge`, `run:<id>`, or `*`.
    pub resources: Vec<String>,
    /// Display options that win over those of the address.
    pub options: DisplayOptions,
    /// When it ends.
    pub expires: Timestamp,
}

/// A token that is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token.
    #[error("the token is malformed")]
    Malformed,
    /// It is signed otherwise than it must be.
    #[error("the token must be signed with HS256")]
    Algorithm,
    /// It is not signed with the secret, or was altered.
    #[error("the token's signature is invalid")]
    Signature,
    /// It is for somebody else.
    #[error("the token's audience is not tickstock-console")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not begun.
    #[error("the token is not valid yet; check the portal's clock")]
    Early,
    /// It is good for too long.
    #[error("the token is valid for more than an hour")]
    TooLong,
    /// Something that it must say is missing.
    #[error("the token lacks exp, iat, res or origin, or one of them has the wrong type")]
    Incomplete,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Body {
    aud: Option<OneOrMany>,
    exp: Option<f64>,
    iat: Option<f64>,
    nbf: Option<f64>,
    res: Option<OneOrMany>,
    origin: Option<String>,
    #[serde(default)]
    opt: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Vec<String> {
    fn from(value: OneOrMany) -> Self {
        match value {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

/// Verifies a token that one of `secrets` signed.
///
/// # Errors
/// [`TokenError`]
pub(crate) fn verify(token: &str, secrets: &[&[u8]], now: Timestamp) -> Result<Claims, TokenError> {
    if token.len() > MAX_BYTES {
        return Err(TokenError::Malformed);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else {
        return Err(TokenError::Malformed);
    };
    let header: Header = decode(head)?;
    if header.alg != "HS256" || header.crit.is_some() {
        return Err(TokenError::Algorithm);
    }
    let signed = format!("{head}.{body}");
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| TokenError::Malformed)?;
    let good = |secret: &&[u8]| {
        hmac::verify(
            &hmac::Key::new(hmac::HMAC_SHA256, secret),
            signed.as_bytes(),
            &signature,
        )
        .is_ok()
    };
    if !secrets.iter().any(good) {
        return Err(TokenError::Signature);
    }
    claims(decode(body)?, now)
}

fn claims(body: Body, now: Timestamp) -> Result<Claims, TokenError> {
    let names: Vec<String> = body.aud.map(Vec::from).unwrap_or_default();
    if !names.iter().any(|name| name == AUDIENCE) {
        return Err(TokenError::Audience);
    }
    let ms = |seconds: f64| (seconds * 1000.0) as i64;
    let (Some(expires), Some(issued)) = (body.exp.map(ms), body.iat.map(ms)) else {
        return Err(TokenError::Incomplete);
    };
    if expires <= now.0 {
        return Err(TokenError::Expired);
    }
    if expires > now.0 + MAX_LIFETIME_MS + CLOCK_SKEW_MS {
        return Err(TokenError::TooLong);
    }
    if issued.max(body.nbf.map_or(issued, ms)) > now.0 + CLOCK_SKEW_MS {
        return Err(TokenError::Early);
    }
    let resources: Vec<String> = body.res.map(Vec::from).unwrap_or_default();
    let from = body.origin.and_then(|text| {
        if text == OWN {
            Some(text)
        } else {
            origin(&text)
        }
    });
    let Some(origin) = from.filter(|_| (1..=RESOURCES).contains(&resources.len())) else {
        return Err(TokenError::Incomplete);
    };
    Ok(Claims {
        origin,
        resources,
        options: DisplayOptions::of_json(&body.opt),
        expires: Timestamp(expires),
    })
}

/// Signs what `claims` says; the console does so for its own previews, and portals do the same in
/// their language.
pub(crate) fn sign(claims: &impl Serialize, secret: &[u8]) -> String {
    let part = |value: &[u8]| URL_SAFE_NO_PAD.encode(value);
    let body = serde_json::to_vec(claims).unwrap_or_default();
    let signed = format!(
        "{}.{}",
        part(br#"{"alg":"HS256","typ":"JWT"}"#),
        part(&body)
    );
    let signature = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret),
        signed.as_bytes(),
    );
    format!("{signed}.{}", part(signature.as_ref()))
}

/// Whether a text is, by its look, a token for embeds; not whether it is a good one.
pub fn is_embed_token(text: &str) -> bool {
    let body = text
        .split('.')
        .nth(1)
        .and_then(|body| decode::<Body>(body).ok());
    let names: Vec<String> = body
        .and_then(|body| body.aud)
        .map(Vec::from)
        .unwrap_or_default();
    names.iter().any(|name| name == AUDIENCE)
}

fn decode<T: for<'a> Deserialize<'a>>(part: &str) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests;
