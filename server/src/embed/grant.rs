//! Access of a request to views: all of them where embeds are open, else those that its tokens
//! name.

use super::token::{self, OWN, TokenError};
use super::{DisplayOptions, EmbedResource, EmbedShareError, Embeds, is_share_token};
use crate::clock::now;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use contract::Timestamp;
use std::slice;

/// Tokens that one request may bring: as many as one stream has views.
const TOKENS: usize = 16;

/// Access by one token, or by open embeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedGrant {
    /// The portal's origin; none where embeds are open and no token was brought.
    pub origin: Option<String>,
    /// The options that the token locks.
    pub options: DisplayOptions,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// The share's token, where it is one: it can be revoked at any time.
    pub share: Option<String>,
    /// What it opens; none for everything.
    resources: Option<Vec<String>>,
}

impl EmbedGrant {
    const OPEN: EmbedGrant = EmbedGrant {
        origin: None,
        options: DisplayOptions {
            theme: None,
            accent: None,
            density: None,
            tz: None,
            sections: None,
        },
        expires: None,
        share: None,
        resources: None,
    };

    /// Whether it opens this resource and no other, or everything is open.
    pub fn opens_only(&self, resource: &str) -> bool {
        self.resources
            .as_ref()
            .is_none_or(|all| all.iter().all(|known| known == resource))
    }

    fn opens(&self, subject: &EmbedResource) -> bool {
        let name = subject.resource();
        self.resources
            .as_ref()
            .is_none_or(|all| all.iter().any(|known| *known == name || known == "*"))
    }
}

/// The grants of a request's tokens, in their order.
#[derive(Clone, Debug, Default)]
pub struct EmbedGrants {
    each: Vec<Result<EmbedGrant, EmbedDenied>>,
    /// Whether everything is open.
    open: bool,
}

/// Access to a view that was denied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbedDenied {
    /// The request has no token.
    #[error("a token is required; the page with this embed must provide one")]
    NoToken,
    /// The token is invalid.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// The embed link is invalid.
    #[error("{0}")]
    EmbedShare(#[from] EmbedShareError),
    /// The token is for another portal.
    #[error("the token was issued for another origin than this page's")]
    Origin,
    /// The portal is not allowed.
    #[error("the token's origin is not allowed; add it to CONSOLE_EMBED_ORIGINS")]
    NotListed,
    /// The token does not name this view.
    #[error("the token does not allow this view")]
    Resource,
    /// Too many tokens.
    #[error("too many tokens in one request; the maximum is {TOKENS}")]
    TooMany,
}

/// A denied view with the reason.
pub type DeniedView = (String, EmbedDenied);

impl EmbedDenied {
    /// True where another token would help.
    pub fn wants_token(&self) -> bool {
        !matches!(
            self,
            EmbedDenied::Resource | EmbedDenied::Origin | EmbedDenied::NotListed
        )
    }
}

impl EmbedGrants {
    /// The grant for a view: of the token at `token_index`, or of any token.
    ///
    /// # Errors
    /// [`EmbedDenied`]
    pub fn open(
        &self,
        subject: &EmbedResource,
        token_index: Option<usize>,
    ) -> Result<EmbedGrant, EmbedDenied> {
        let own = match token_index {
            Some(place) => self.each.get(place..=place).unwrap_or_default(),
            None => &self.each[..],
        };
        if let Some(grant) = own.iter().flatten().find(|grant| grant.opens(subject)) {
            return Ok(grant.clone());
        }
        // A share that was revoked stays so, and a bad token says so, also where everything is
        // open.
        match own.iter().find_map(|one| one.as_ref().err()) {
            Some(wrong) => Err(wrong.clone()),
            None if self.open => Ok(EmbedGrant::OPEN),
            None if own.is_empty() => Err(EmbedDenied::NoToken),
            None => Err(EmbedDenied::Resource),
        }
    }
}

impl Embeds {
    /// What the tokens of a request are good for: those of its header `Authorization`, after
    /// `Bearer` or `Embed`.
    pub async fn grants(&self, headers: &HeaderMap) -> EmbedGrants {
        let header = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (scheme, tokens) = header.split_once(' ').unwrap_or_default();
        let ours = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("embed");
        let tokens: Vec<&str> = if ours {
            tokens.split_ascii_whitespace().collect()
        } else {
            Vec::new()
        };
        self.grants_of(&tokens, headers).await
    }

    /// What these tokens are good for in a request with these headers.
    pub async fn grants_of(&self, tokens: &[&str], headers: &HeaderMap) -> EmbedGrants {
        let mut grants = EmbedGrants {
            open: self.open,
            each: Vec::new(),
        };
        if tokens.len() > TOKENS {
            grants.each.push(Err(EmbedDenied::TooMany));
            return grants;
        }
        for token in tokens {
            grants.each.push(self.grant(token, headers).await);
        }
        grants
    }

    async fn grant(&self, token: &str, headers: &HeaderMap) -> Result<EmbedGrant, EmbedDenied> {
        let grant = if is_share_token(token) {
            let share = self.shares.find(token).await?;
            EmbedGrant {
                origin: Some(share.origin),
                options: serde_json::from_str(&share.options).unwrap_or_default(),
                expires: share.expires_at,
                share: Some(token.to_owned()),
                resources: Some(vec![share.resource]),
            }
        } else {
            let secrets = self
                .secret
                .as_ref()
                .into_iter()
                .chain(slice::from_ref(&self.own));
            let secrets: Vec<&[u8]> = secrets.map(AsRef::as_ref).collect();
            match token::verify(token, &secrets, now()) {
                Ok(claims) => EmbedGrant {
                    origin: Some(claims.origin),
                    options: claims.options,
                    expires: Some(claims.expires),
                    share: None,
                    resources: Some(claims.resources),
                },
                // A portal that brings tokens also to a console that asks for none, and so has no
                // secret to look at them with.
                Err(_) if self.open && self.secret.is_none() => return Ok(EmbedGrant::OPEN),
                Err(wrong) => return Err(wrong.into()),
            }
        };
        let from = foreign_origin(headers);
        match grant.origin.as_deref() {
            Some(OWN) if from.is_none() => Ok(grant),
            Some(own) if own != OWN && !self.origins.allow(own) => Err(EmbedDenied::NotListed),
            Some(own) if from.is_none_or(|from| from == own) => Ok(grant),
            _ => Err(EmbedDenied::Origin),
        }
    }
}

/// The origin of the page that sent a request, where that is not the console itself. Frames' own
/// requests name none.
pub(crate) fn foreign_origin(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(ORIGIN)?;
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let own = text(HOST) == Some(host)
        || headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "same-origin");
    (!own).then_some(origin)
}
