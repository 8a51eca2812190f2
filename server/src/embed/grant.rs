//! What a request may see: everything where embeds are open, else what its tokens name.

use super::token::{self, OWN, TokenError};
use super::{Embeds, Options, Subject, WrongShare, looks_like_share};
use crate::clock::now;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use contract::Timestamp;
use std::slice;

/// Tokens that one request may bring: as many as one stream has views.
const TOKENS: usize = 16;

/// What one token opens, or what is open anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The portal's origin; none where embeds are open and no token was brought.
    pub origin: Option<String>,
    /// The options that the token locks.
    pub options: Options,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// The share's token, where it is one: it can be revoked at any time.
    pub share: Option<String>,
    /// What it opens; none for everything.
    resources: Option<Vec<String>>,
}

impl Grant {
    const OPEN: Grant = Grant {
        origin: None,
        options: Options {
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

    fn opens(&self, subject: &Subject) -> bool {
        let name = subject.resource();
        self.resources
            .as_ref()
            .is_none_or(|all| all.iter().any(|known| *known == name || known == "*"))
    }
}

/// What a request's tokens are good for, each by its place.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    each: Vec<Result<Grant, Refusal>>,
    /// Whether everything is open.
    open: bool,
}

/// Why somebody does not see something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No token was brought.
    #[error("a token is needed; the page around this embed has to bring one")]
    NoToken,
    /// The token is no good.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// The share is no good.
    #[error("{0}")]
    EmbedShare(#[from] WrongShare),
    /// The token is another portal's.
    #[error("the token is for another origin than this page's")]
    Origin,
    /// The portal is not on the list.
    #[error(
        "the token's origin is not among those that may embed this console (CONSOLE_EMBED_ORIGINS)"
    )]
    NotListed,
    /// The token does not name this.
    #[error("the token does not open this view")]
    Resource,
    /// Too many tokens.
    #[error("more tokens were sent than one request may bring")]
    TooMany,
}

/// The same with the view that was asked for.
pub type Refused = (String, Refusal);

impl Refusal {
    /// Whether another token would help.
    pub fn wants_token(&self) -> bool {
        !matches!(
            self,
            Refusal::Resource | Refusal::Origin | Refusal::NotListed
        )
    }
}

impl Grants {
    /// What opens this: the token at the place `by`, where one is named; else whichever does.
    ///
    /// # Errors
    /// Why nothing does.
    pub fn open(&self, subject: &Subject, by: Option<usize>) -> Result<Grant, Refusal> {
        let own = match by {
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
            None if self.open => Ok(Grant::OPEN),
            None if own.is_empty() => Err(Refusal::NoToken),
            None => Err(Refusal::Resource),
        }
    }
}

impl Embeds {
    /// What the tokens of a request are good for: those of its header `Authorization`, after
    /// `Bearer` or `Embed`.
    pub async fn grants(&self, headers: &HeaderMap) -> Grants {
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
    pub async fn grants_of(&self, tokens: &[&str], headers: &HeaderMap) -> Grants {
        let mut grants = Grants {
            open: self.open,
            each: Vec::new(),
        };
        if tokens.len() > TOKENS {
            grants.each.push(Err(Refusal::TooMany));
            return grants;
        }
        for token in tokens {
            grants.each.push(self.grant(token, headers).await);
        }
        grants
    }

    async fn grant(&self, token: &str, headers: &HeaderMap) -> Result<Grant, Refusal> {
        let grant = if looks_like_share(token) {
            let share = self.shares.find(token).await?;
            Grant {
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
                Ok(claims) => Grant {
                    origin: Some(claims.origin),
                    options: claims.options,
                    expires: Some(claims.expires),
                    share: None,
                    resources: Some(claims.resources),
                },
                // A portal that brings tokens also to a console that asks for none, and so has no
                // secret to look at them with.
                Err(_) if self.open && self.secret.is_none() => return Ok(Grant::OPEN),
                Err(wrong) => return Err(wrong.into()),
            }
        };
        let from = foreign_origin(headers);
        match grant.origin.as_deref() {
            Some(OWN) if from.is_none() => Ok(grant),
            Some(own) if own != OWN && !self.origins.allow(own) => Err(Refusal::NotListed),
            Some(own) if from.is_none_or(|from| from == own) => Ok(grant),
            _ => Err(Refusal::Origin),
        }
    }
}

/// The origin of the page that sent a request, where that is not the console itself. Frames' own
/// requests name none.
pub fn foreign_origin(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(ORIGIN)?;
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let own = text(HOST) == Some(host)
        || headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "same-origin");
    (!own).then_some(origin)
}
