//! The relay's own connections: whether they are there, since when, and why not.

use crate::{Changes, limits};
use contract::Timestamp;
use contract::frame::{LinkChange, Neighbour};
use serde::Serialize;

/// The relay's connections.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Links {
    /// To Redis, which carries the events.
    pub redis: LinkState,
    /// To TickStockPL's HTTP API.
    pub api: LinkState,
    /// To the database.
    #[serde(default)]
    pub database: LinkState,
}

/// One connection. Before it was tried for the first time it has no `since`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LinkState {
    /// Whether it is there.
    pub up: bool,
    /// Since when it is as it is.
    pub since: Option<Timestamp>,
    /// Why it is unavailable.
    pub detail: Option<String>,
}

impl Links {
    pub(crate) fn change(&mut self, at: Timestamp, change: &LinkChange) -> Changes {
        let link = match change.neighbour {
            Neighbour::Redis => &mut self.redis,
            Neighbour::Api => &mut self.api,
            Neighbour::Database => &mut self.database,
        };
        let since = if link.up == change.up {
            link.since.or(Some(at))
        } else {
            Some(at)
        };
        let detail = change
            .detail
            .as_ref()
            .map(|text| contract::truncate_text(text, limits::LINK_DETAIL_BYTES).to_owned());
        let next = LinkState {
            up: change.up,
            since,
            detail,
        };
        if *link == next {
            return Changes::NONE;
        }
        *link = next;
        Changes::LINKS
    }
}

contract::read_fields!(Links { redis or LinkState::default(), api or LinkState::default(), database or LinkState::default() });
contract::read_fields!(LinkState { up, since, detail });
