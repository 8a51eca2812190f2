//! What monitoring says, and alerts.

use crate::support::Console;
use contract::Channel;
use contract::frame::Input;
use model::{Changes, limits};
use serde_json::{Value, json};

fn monitoring(console: &mut Console, message: Value) -> Changes {
    let event = contract::decode(Channel::Monitoring, message.to_string().as_bytes())
        .expect("a readable message");
    console.input(Input::Event(event))
}

fn metrics(cpu: f64) -> Value {
    json!({ "event_type": "METRIC_UPDATE", "source": "TickStockPL", "metrics": { "system": { "cpu_percent": cpu } },
        "health_score": { "overall": 92, "status": "healthy", "components": { "redis": "healthy" } } })
}

fn alert(id: &str, message: &str) -> Value {
    json!({ "event_type": "ALERT_TRIGGERED", "alert": { "id": id, "level": "critical", "component": "redis", "message": message,
        "details": { "memory_mb": 900 }, "suggested_actions": ["flush"] } })
}

#[test]
fn monitoring_messages_update_figures_and_stay_out_of_the_log() {
    let mut console = Console::default();
    assert_eq!(monitoring(&mut console, metrics(41.5)), Changes::MONITORING);
    let status = json!({ "event_type": "SYSTEM_STATUS", "status": "RUNNING", "uptime_seconds": 220, "events_published": 110 });
    assert_eq!(monitoring(&mut console, status), Changes::MONITORING);
    let component = json!({ "type": "health_check", "component": "redis", "status": "degraded", "metrics": { "queue": 17 } });
    monitoring(&mut console, component);
    let known = &console.state.monitoring;
    assert_eq!(
        (known.status.as_deref(), known.health.as_deref()),
        (Some("RUNNING"), Some("healthy"))
    );
    assert_eq!(
        (
            known.health_score,
            known.uptime_seconds,
            known.events_published
        ),
        (Some(92.0), Some(220.0), Some(110))
    );
    assert_eq!(
        known.components,
        [("redis".to_owned(), "degraded".to_owned())],
        "the latest word on it"
    );
    let figures: Vec<_> = known
        .figures
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(figures, ["system.cpu_percent", "redis.queue"]);
    assert_eq!(known.source.as_deref(), Some("TickStockPL"));
    assert!(console.state.log.is_empty());
}

#[test]
fn an_alert_stays_until_it_is_resolved() {
    let mut console = Console::default();
    let changes = monitoring(&mut console, alert("a1", "memory high"));
    assert!(changes.any(Changes::MONITORING) && changes.any(Changes::LOG));
    let since = console.now();
    assert_eq!(
        monitoring(console.wait(5), alert("a1", "memory high")),
        Changes::LOG,
        "the same again"
    );
    monitoring(&mut console, alert("a1", "memory very high"));
    let [active] = &console.state.monitoring.alerts[..] else {
        panic!("one alert")
    };
    assert_eq!(
        (active.at, active.message.as_deref()),
        (since, Some("memory very high"))
    );
    assert_eq!(
        (active.details.len(), active.suggested_actions.len()),
        (1, 1)
    );
    let resolved = json!({ "event_type": "ALERT_RESOLVED", "alert_id": "a1" });
    assert!(monitoring(&mut console, resolved.clone()).any(Changes::MONITORING));
    assert!(console.state.monitoring.alerts.is_empty());
    assert_eq!(monitoring(&mut console, resolved), Changes::LOG);
}

#[test]
fn figures_components_and_alerts_are_bounded_and_old_alerts_go() {
    let mut console = Console::default();
    for n in 0..300 {
        let component = json!({ "type": "health_check", "component": format!("c{n}"), "status": "ok", "metrics": { "queue": n } });
        monitoring(&mut console, component);
        monitoring(&mut console, alert(&format!("a{n}"), "x"));
    }
    let known = &console.state.monitoring;
    assert_eq!(
        (
            known.figures.len(),
            known.components.len(),
            known.alerts.len()
        ),
        (limits::FIGURES, limits::COMPONENTS, limits::ALERTS)
    );
    assert_eq!(known.components.last().unwrap().0, "c299");
    console.wait(49 * 3600);
    assert!(monitoring(&mut console, metrics(1.0)).any(Changes::MONITORING));
    assert!(console.state.monitoring.alerts.is_empty());
}
