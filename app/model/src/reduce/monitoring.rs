//! Figures and alerts of TickStockPL's monitoring.

use crate::byte_budget::ByteBudget;
use crate::{ActiveAlert, Changes, State, limits};
use contract::{Alert, Event, Metrics, Scalar, Timestamp};

impl State {
    pub(crate) fn metrics(&mut self, at: Timestamp, event: &Event, body: &Metrics) -> Changes {
        let known = &mut self.monitoring;
        let mut budget = ByteBudget::new(limits::MONITORING_BYTES);
        known.at = Some(at);
        known.source = budget
            .optional_text(event.source.as_ref(), 48)
            .or(known.source.take());
        known.status = budget
            .optional_text(body.status.as_ref(), 48)
            .or(known.status.take());
        known.health = budget
            .optional_text(body.health.as_ref(), 48)
            .or(known.health.take());
        known.health_score = body.health_score.or(known.health_score);
        known.message = budget.optional_text(body.message.as_ref(), 200);
        known.uptime_seconds = body.uptime_seconds.or(known.uptime_seconds);
        known.events_published = body.events_published.or(known.events_published);
        merge(
            &mut known.components,
            &body.components,
            limits::COMPONENTS,
            |word| truncate_word(word),
        );
        merge(
            &mut known.figures,
            &body.values,
            limits::FIGURES,
            |value| match value {
                Scalar::Text(text) => Scalar::Text(truncate_word(text)),
                other => other.clone(),
            },
        );
        // Of these each message that has any gives all.
        if !body.trends.is_empty() {
            known.trends = budget.pairs(&body.trends);
        }
        if !body.details.is_empty() {
            known.details = budget.pairs(&body.details);
        }
        if !body.recommendations.is_empty() {
            known.recommendations = budget.names(body.recommendations.iter().map(String::as_str));
        }
        Changes::MONITORING
    }

    pub(crate) fn alert(&mut self, at: Timestamp, alert: &Alert) -> Changes {
        let mut budget = ByteBudget::new(limits::ALERT_BYTES);
        let id = budget.text(&alert.id, 64);
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
            component: budget.optional_text(alert.component.as_ref(), 48),
            message: budget.optional_text(alert.message.as_ref(), 200),
            suggested_actions: budget.names(alert.suggested_actions.iter().map(String::as_str)),
            details: budget.pairs(&alert.details),
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

fn truncate_word(text: &str) -> String {
    contract::truncate_text(text, WORD_BYTES).to_owned()
}

/// Puts what a message says among what is known; what was not heard of for the longest goes first.
fn merge<T>(
    known: &mut Vec<(String, T)>,
    said: &[(String, T)],
    most: usize,
    kept: impl Fn(&T) -> T,
) {
    for (name, value) in said {
        let (name, value) = (truncate_word(name), kept(value));
        match known.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => known.push((name, value)),
        }
    }
    known.drain(..known.len().saturating_sub(most));
}
