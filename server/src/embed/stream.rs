//! One embed stream: the views that its tokens open, sent again after each change, until the tokens
//! expire.

use super::grant::{EmbedDenied, EmbedGrant};
use super::views::Pulse;
use super::{DisplayOptions, EmbedResource, Embeds, View, ViewKey};
use crate::clock::now;
use crate::hub::sse;
use axum::body::Bytes;
use axum::http::HeaderMap;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use url::form_urlencoded;

/// Maximum number of views of one stream.
const MAX_VIEWS: usize = 16;
/// Maximum length of a view's description in bytes.
const REQUEST_BYTES: usize = 1024;
/// Interval between checks for revoked embed links.
const REVOCATION_CHECK: Duration = Duration::from_secs(5);

/// A requested view, such as `status?tz=UTC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRequest {
    /// The request's text.
    pub text: String,
    /// Index of the token that is to open it, as in `0!status`.
    pub token_index: Option<usize>,
    pub subject: EmbedResource,
    pub options: DisplayOptions,
}

impl ViewRequest {
    /// Parses a request; `None` where it names no view.
    pub fn parse(text: &str) -> Option<ViewRequest> {
        if text.len() > REQUEST_BYTES {
            return None;
        }
        let (token_index, view) = match text
            .split_once('!')
            .map(|(place, view)| (place.parse(), view))
        {
            Some((Ok(place), view)) => (Some(place), view),
            _ => (None, text),
        };
        let (path, query) = view.split_once('?').unwrap_or((view, ""));
        // A path's encoding is undone as that of a name in a query, but for the plus.
        let path = form_urlencoded::parse(path.replace('+', "%2B").as_bytes())
            .next()?
            .0
            .into_owned();
        Some(ViewRequest {
            token_index,
            subject: EmbedResource::parse(&path)?,
            options: ViewRequest::options(query),
            text: text.to_owned(),
        })
    }

    /// The requests in a stream's query, at most [`MAX_VIEWS`].
    pub fn all(query: &str) -> Vec<ViewRequest> {
        let of = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "of");
        of.filter_map(|(_, text)| ViewRequest::parse(&text))
            .take(MAX_VIEWS)
            .collect()
    }

    /// The display options in a query.
    pub fn options(query: &str) -> DisplayOptions {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        DisplayOptions::read(
            pairs
                .iter()
                .map(|(name, value)| (name.as_ref(), value.as_ref())),
        )
    }
}

/// One client of views.
pub struct EmbedStream {
    embeds: Embeds,
    views: Vec<(Arc<View>, u64)>,
    pulse: watch::Receiver<Pulse>,
    beats: u64,
    /// The first event.
    opened: Option<Bytes>,
    /// Earliest expiry of its tokens.
    ends: Option<Instant>,
    shares: Vec<String>,
    shares_at: Instant,
    over: bool,
}

impl std::fmt::Debug for EmbedStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbedStream")
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

impl Embeds {
    /// Opens a stream of these views with the tokens of these headers.
    ///
    /// # Errors
    /// When the tokens open none of the views.
    pub async fn stream(
        &self,
        requests: &[ViewRequest],
        headers: &HeaderMap,
    ) -> Result<EmbedStream, EmbedDenied> {
        let grants = self.grants(headers).await;
        let (mut views, mut opened, mut refused, mut granted) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for of in requests {
            match grants.open(&of.subject, of.token_index) {
                Ok(grant) => {
                    let options = grant.options.clone().over(of.options.clone());
                    let key = ViewKey::new(
                        of.subject.clone(),
                        options.sections.as_deref(),
                        options.tz.as_deref(),
                    );
                    opened.push(describe(&of.text, &key, &grant, &options));
                    granted.push(grant);
                    // Beyond the limit a view gets no updates; the embed shows it as stale.
                    views.extend(self.views().follow(key).map(|view| (view, 0)));
                }
                Err(why) => refused.push((of.text.clone(), why)),
            }
        }
        if let (true, Some((_, why))) = (opened.is_empty(), refused.first()) {
            return Err(why.clone());
        }
        let refused: Vec<Value> = refused
            .into_iter()
            .map(|(of, why)| json!({ "of": of, "token": why.wants_token(), "message": why.to_string() }))
            .collect();
        let data = json!({ "at": now().0, "views": opened, "refused": refused });
        let pulse = self.views().pulse();
        let beats = pulse.borrow().beats;
        let ends = granted.iter().filter_map(|grant| grant.expires).min();
        Ok(EmbedStream {
            embeds: self.clone(),
            views,
            pulse,
            beats,
            opened: Some(sse::unnumbered("opened", &data)),
            ends: ends.map(|at| {
                Instant::now() + Duration::from_millis(at.since(now()).max(0).unsigned_abs())
            }),
            shares: granted
                .into_iter()
                .filter_map(|grant| grant.share)
                .collect(),
            shares_at: Instant::now() + REVOCATION_CHECK,
            over: false,
        })
    }
}

fn describe(of: &str, key: &ViewKey, grant: &EmbedGrant, options: &DisplayOptions) -> Value {
    json!({
        "of": of,
        "key": key.text(),
        "zone": key.zone,
        "origin": grant.origin,
        "expires": grant.expires.map(|at| at.0),
        "theme": options.theme,
        "density": options.density,
        "accent": options.accent,
    })
}

impl EmbedStream {
    /// Waits for what comes next and adds it; `false` when the stream has ended and nothing was
    /// added.
    ///
    /// Can be dropped while it waits: nothing is lost then.
    pub async fn next(&mut self, events: &mut Vec<Bytes>) -> bool {
        loop {
            if self.over {
                return false;
            }
            self.collect(events);
            if !events.is_empty() {
                return true;
            }
            let (ends, shares_at) = (self.ends, self.shares_at);
            let ended = async {
                match ends {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = self.pulse.changed() => self.over = changed.is_err(),
                () = ended => return self.end(events, "renew"),
                () = sleep_until(shares_at), if !self.shares.is_empty() => {
                    for share in &self.shares {
                        if self.embeds.shares().ended(share).await {
                            return self.end(events, "renew");
                        }
                    }
                    self.shares_at = Instant::now() + REVOCATION_CHECK;
                }
            }
        }
    }

    fn collect(&mut self, events: &mut Vec<Bytes>) {
        events.extend(self.opened.take());
        let (beats, heartbeat, over) = {
            let pulse = self.pulse.borrow_and_update();
            (pulse.beats, pulse.heartbeat.clone(), pulse.over)
        };
        for (view, seen) in &mut self.views {
            if let Some(made) = view.rendering().filter(|made| made.version > *seen) {
                *seen = made.version;
                events.push(made.chunk);
            }
        }
        if beats != self.beats {
            self.beats = beats;
            events.push(heartbeat);
        }
        if over {
            self.end(events, "bye");
        }
    }

    /// Sends the last event: the client reconnects, with a new token after `renew`.
    fn end(&mut self, events: &mut Vec<Bytes>, event: &str) -> bool {
        self.over = true;
        events.push(sse::unnumbered(event, &json!({})));
        true
    }
}
