//! The badge: the state in two words and when, grey where it is not known how things stand.

use crate::zone;
use contract::Timestamp;
use model::{State, Tone};
use serde_json::{Value, json};

const LABEL: &str = "TickStock";
/// How wide a character of the badge's font is, on average, in pixels.
const CHARACTER: f64 = 6.6;
const PADDING: f64 = 12.0;
const UNKNOWN_COLOUR: &str = "#6a737d";

/// What the badge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The state, and since when.
    pub message: String,
    /// As CSS and shields.io both understand it.
    pub colour: &'static str,
}

impl Badge {
    /// The badge of somebody who may not see it.
    pub fn withheld() -> Badge {
        Badge {
            message: "no access".to_owned(),
            colour: UNKNOWN_COLOUR,
        }
    }

    /// The badge of a state. What nobody confirms now is not said.
    pub fn of(state: &State, now: Timestamp) -> Badge {
        let heard = (state.links.redis.up || state.links.api.up) && state.restored_at.is_none();
        let unknown = || Badge {
            message: "unknown".to_owned(),
            colour: UNKNOWN_COLOUR,
        };
        if !heard {
            return unknown();
        }
        let when = |at: Option<Timestamp>| {
            at.map(|at| format!(" {}", clock(at, now)))
                .unwrap_or_default()
        };
        let (status, at) = match (&state.run, state.earlier.first()) {
            (Some(run), _) if run.is_active() => {
                let percent = run.percent.floor().min(99.0);
                let (word, tone) = match run.status {
                    _ if run.pace.silent => ("no events,", Tone::Warn),
                    status => (status.short(), Tone::Running),
                };
                return Badge {
                    message: format!("{word} {percent:.0}%"),
                    colour: colour(tone),
                };
            }
            (Some(run), _) => (run.status, run.ended_at),
            (None, Some(last)) => (last.status, last.ended_at),
            (None, None) => return unknown(),
        };
        Badge {
            message: format!("{}{}", status.short(), when(at)),
            colour: colour(status.tone()),
        }
    }

    /// For shields.io: <https://shields.io/badges/endpoint-badge>.
    pub fn json(&self) -> Value {
        json!({ "schemaVersion": 1, "label": LABEL, "message": self.message, "color": self.colour, "cacheSeconds": 300 })
    }

    /// As a picture. Its texts are our own words.
    pub fn svg(&self) -> String {
        let width = |text: &str| (text.chars().count() as f64 * CHARACTER + PADDING).round();
        let (left, right) = (width(LABEL), width(&self.message));
        let (all, message, colour) = (left + right, &self.message, self.colour);
        let (at_left, at_right) = (left / 2.0, left + right / 2.0);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img" aria-label="{LABEL}: {message}"><title>{LABEL}: {message}</title><clipPath id="r"><rect width="{all}" height="20" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="{left}" height="20" fill="#24292f"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11"><text x="{at_left}" y="14">{LABEL}</text><text x="{at_right}" y="14">{message}</text></g></svg>"##
        )
    }
}

fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Running => "#1f6feb",
        Tone::Good => "#1a7f37",
        Tone::Warn => "#9a6700",
        Tone::Bad => "#b62324",
        Tone::Neutral | Tone::Quiet => UNKNOWN_COLOUR,
    }
}

/// `16:45 EST`; with the date where that is another day.
fn clock(at: Timestamp, now: Timestamp) -> String {
    let zone = zone::exchange(now);
    let civil = |at: Timestamp| at.civil(zone.at(at).0);
    let (year, month, day, hour, minute, _) = civil(at);
    let (this_year, this_month, today, ..) = civil(now);
    let name = zone.at(at).1;
    if (year, month, day) == (this_year, this_month, today) {
        format!("{hour:02}:{minute:02} {name}")
    } else {
        format!("{year}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::frame::{Frame, Input};

    fn after(message: &str) -> State {
        let mut state = State::default();
        let channel = contract::Channel::from_wire_name("tickstock:processing:status").unwrap();
        let event = contract::decode(channel, message.as_bytes()).unwrap();
        state.apply(&Frame {
            seq: 1,
            at: Timestamp(1_764_018_600_000),
            inputs: vec![Input::Event(event)],
        });
        state
    }

    #[test]
    fn the_badge_says_the_state_and_when() {
        let mut state = after(r#"{"event":"processing_completed","payload":{"run_id":"r"}}"#);
        state.links.redis.up = true;
        let badge = Badge::of(&state, Timestamp(1_764_018_700_000));
        assert_eq!(
            (badge.message.as_str(), badge.colour),
            ("succeeded 16:10 EST", "#1a7f37")
        );
        assert_eq!(
            Badge::of(&state, Timestamp(1_764_118_700_000)).message,
            "succeeded 2025-11-24"
        );
        assert!(badge.svg().contains("TickStock: succeeded 16:10 EST"));
        assert_eq!(badge.json()["schemaVersion"], 1);
    }

    #[test]
    fn what_nobody_confirms_is_unknown_and_grey() {
        let state = after(r#"{"event":"processing_completed","payload":{"run_id":"r"}}"#);
        let badge = Badge::of(&state, Timestamp(1_764_018_700_000));
        assert_eq!(
            (badge.message.as_str(), badge.colour),
            ("unknown", "#6a737d")
        );
    }
}
