//! How errors and alerts are told.

use super::envelope::{enveloped, flat, monitoring, now, typed};
use super::{AuthModes, Trouble};
use contract::{Channel, Phase};
use serde_json::{Value, json};

/// The agreement's code of a rate limit, and the older guides'.
const RATE_LIMIT: (&str, &str) = ("RATE_LIMIT_EXCEEDED", "API_RATE_LIMIT");

pub(super) fn error(trouble: &Trouble<'_>, ways: &mut AuthModes) {
    let Trouble {
        severity,
        component,
        code,
        message,
        ..
    } = *trouble;
    ways.response(|| {
        let payload = json!({
            "severity": severity, "component": component, "error_code": code, "message": message, "context": context(trouble),
        });
        (Channel::Errors, enveloped("error", component, payload))
    });
    ways.guides(|| {
        let code = if code == RATE_LIMIT.0 { RATE_LIMIT.1 } else { code };
        let payload = json!({
            "severity": severity, "component": component, "error_code": code, "message": message,
            "context": context(trouble), "recovery_action": if trouble.fatal { "none" } else { "automatic_retry" },
        });
        (Channel::Errors, enveloped("critical_error", component, payload))
    });
    ways.variant(|| {
        let message = json!({
            "error_id": trouble.id, "source": "TickStockPL", "severity": severity, "category": trouble.category,
            "message": message, "component": component, "traceback": null, "context": context(trouble), "timestamp": now(),
        });
        (Channel::Errors, message)
    });
    ways.variant(|| {
        let fields =
            json!({ "severity": severity, "component": component, "message": message, "context": context(trouble) });
        (Channel::Errors, typed("application_error", fields))
    });
    if trouble.fatal {
        ways.variant(|| {
            let payload = json!({ "error_message": message, "run_id": trouble.plan.run_id });
            (
                Channel::Errors,
                enveloped("processing_error", component, payload),
            )
        });
    } else if trouble.phase == Phase::Import {
        // The channel is documented, its messages are not.
        ways.variant(|| {
            let fields =
                json!({ "severity": severity, "error_code": code, "message": message, "context": context(trouble) });
            (Channel::DataImportErrors, flat("error", fields))
        });
    }
}

fn context(trouble: &Trouble<'_>) -> Value {
    let mut context = json!({ "run_id": trouble.plan.run_id, "phase": trouble.phase.wire_name() });
    if let Some(symbol) = trouble.symbol {
        context["symbol"] = symbol.into();
    }
    if trouble.code == RATE_LIMIT.0 {
        context["retry_after"] = 60.into();
    }
    context
}

pub(super) fn alert(id: &str, message: Option<&str>, ways: &mut AuthModes) {
    ways.both(|| {
        let told = match message {
            Some(message) => {
                let alert = json!({
                    "id": id, "level": "warning", "component": "massive_fetcher", "message": message,
                    "details": { "limit_per_minute": 300 }, "suggested_actions": ["Wait for the limit to be lifted"],
                });
                monitoring("ALERT_TRIGGERED", json!({ "alert": alert }))
            }
            None => monitoring("ALERT_RESOLVED", json!({ "alert_id": id })),
        };
        (Channel::Monitoring, told)
    });
}
