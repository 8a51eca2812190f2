//! What TickStockPL's monitoring says of its process: the latest of each figure, and the alerts
//! that have not ended.

use crate::room::Room;
use crate::{Changes, State, limits};
use contract::{Alert, Event, Metrics, Scalar, Severity, Timestamp};
use serde::Serialize;

/// How TickStockPL's process and its machine are. Each kind of message says some of it; the latest
/// word on each counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Monitoring {
    /// When monitoring was last heard.
    pub at: Option<Timestamp>,
    /// Who publishes it.
    pub source: Option<String>,
    /// What the process says it does: `RUNNING`, `stopping`.
    pub status: Option<String>,
    /// How it is: `healthy`, `degraded`, `unhealthy`.
    pub health: Option<String>,
    /// 0 to 100.
    pub health_score: Option<f64>,
    /// What it says in words.
    pub message: Option<String>,
    /// How its components are, by name.
    pub components: Vec<(String, String)>,
    /// Figures by dotted name, such as `system.cpu_percent`.
    pub figures: Vec<(String, Scalar)>,
    /// How figures develop, by dotted name.
    pub trends: Vec<(String, Scalar)>,
    /// What it recommends.
    pub recommendations: Vec<String>,
    /// What it says of its status, by name.
    pub details: Vec<(String, Scalar)>,
    /// How long the process had been running then.
    pub uptime_seconds: Option<f64>,
    /// How many events it had published.
    pub events_published: Option<u64>,
    /// Alerts that have not ended, latest last.
    pub alerts: Vec<ActiveAlert>,
}

/// An alert that has not ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ActiveAlert {
    /// Its id, by which its end refers to it.
    pub id: String,
    /// When it came.
    pub at: Timestamp,
    /// How bad.
    pub severity: Severity,
    /// The component it is about.
    pub component: Option<String>,
    /// What it says.
    pub message: Option<String>,
    /// The figures behind it.
    pub details: Vec<(String, Scalar)>,
    /// What to do about it.
    pub suggested_actions: Vec<String>,
}

impl State {
    pub(crate) fn metrics(&mut self, at: Timestamp, event: &Event, body: &Metrics) -> Changes {
        let known = &mut self.monitoring;
        let mut room = Room::new(limits::MONITORING_BYTES);
        known.at = Some(at);
        known.source = room.some(event.source.as_ref(), 48).or(known.source.take());
        known.status = room.some(body.status.as_ref(), 48).or(known.status.take());
        known.health = room.some(body.health.as_ref(), 48).or(known.health.take());
        known.health_score = body.health_score.or(known.health_score);
        known.message = room.some(body.message.as_ref(), 200);
        known.uptime_seconds = body.uptime_seconds.or(known.uptime_seconds);
        known.events_published = body.events_published.or(known.events_published);
        merge(
            &mut known.components,
            &body.components,
            limits::COMPONENTS,
            |word| cut(word),
        );
        merge(
            &mut known.figures,
            &body.values,
            limits::FIGURES,
            |value| match value {
                Scalar::Text(text) => Scalar::Text(cut(text)),
                other => other.clone(),
            },
        );
        // Of these each message that has any gives all.
        if !body.trends.is_empty() {
            known.trends = room.pairs(&body.trends);
        }
        if !body.details.is_empty() {
            known.details = room.pairs(&body.details);
        }
        if !body.recommendations.is_empty() {
            known.recommendations = room.names(body.recommendations.iter().map(String::as_str));
        }
        Changes::MONITORING
    }

    pub(crate) fn alert(&mut self, at: Timestamp, alert: &Alert) -> Changes {
        let mut room = Room::new(limits::ALERT_BYTES);
        let id = room.text(&alert.id, 64);
        let alerts = &mut self.monitoring.alerts;
        let known = alerts.iter().position(|known| known.id == id);
        if alert.resolved {
            return known.map_or(Changes::NONE, |index| {
                alerts.remove(index);
                Changes::MONITORING
            });
        }
        let next = ActiveAlert {
            id,
            at: known.map_or(at, |index| alerts[index].at),
            severity: alert.severity,
            component: room.some(alert.component.as_ref(), 48),
            message: room.some(alert.message.as_ref(), 200),
            suggested_actions: room.names(alert.suggested_actions.iter().map(String::as_str)),
            details: room.pairs(&alert.details),
        };
        match known {
            Some(index) if alerts[index] == next => return Changes::NONE,
            Some(index) => alerts[index] = next,
            None => {
                if alerts.len() == limits::ALERTS {
                    alerts.remove(0);
                }
                alerts.push(next);
            }
        }
        Changes::MONITORING
    }
}

/// Longest of a name or a word that is kept.
const WORD_BYTES: usize = 48;

fn cut(text: &str) -> String {
    contract::cut(text, WORD_BYTES).to_owned()
}

/// Puts what a message says among what is known; what was not heard of for the longest goes first.
fn merge<T>(
    known: &mut Vec<(String, T)>,
    said: &[(String, T)],
    most: usize,
    kept: impl Fn(&T) -> T,
) {
    for (name, value) in said {
        let (name, value) = (cut(name), kept(value));
        match known.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => known.push((name, value)),
        }
    }
    known.drain(..known.len().saturating_sub(most));
}

contract::read_fields!(Monitoring {
    at,
    source,
    status,
    health,
    health_score,
    message,
    components,
    figures,
    trends,
    recommendations,
    details,
    uptime_seconds,
    events_published,
    alerts,
});
contract::read_fields!(ActiveAlert {
    id,
    at,
    severity,
    component,
    message,
    details,
    suggested_actions
});
