//! How errors and alerts are told.

use super::envelope::{enveloped, flat, monitoring, now, typed};
use super::event::ErrorReport;
use super::wording::Wordings;
use contract::{Channel, Phase};
use serde_json::{Value, json};

/// The agreement's code of a rate limit, and the older guides'.
const RATE_LIMIT: (&str, &str) = ("RATE_LIMIT_EXCEEDED", "API_RATE_LIMIT");

pub(super) fn error(report_error: &ErrorReport<'_>, wordings: &mut Wordings) {
    let ErrorReport {
        severity,
        component,
        code,
        message,
        ..
    } = *report_error;
    wordings.response(|| {
        let payload = json!({
            "severity": severity, "component": component, "error_code": code, "message": message, "context": context(report_error),
        });
        (Channel::Errors, enveloped("error", component, payload))
    });
    wordings.guides(|| {
        let code = if code == RATE_LIMIT.0 { RATE_LIMIT.1 } else { code };
        let payload = json!({
            "severity": severity, "component": component, "error_code": code, "message": message,
            "context": context(report_error), "recovery_action": if report_error.fatal { "none" } else { "automatic_retry" },
        });
        (Channel::Errors, enveloped("critical_error", component, payload))
    });
    wordings.variant(|| {
        let message = json!({
            "error_id": report_error.id, "source": "TickStockPL", "severity": severity, "category": report_error.category,
            "message": message, "component": component, "traceback": null, "context": context(report_error), "timestamp": now(),
        });
        (Channel::Errors, message)
    });
    wordings.variant(|| {
        let fields =
            json!({ "severity": severity, "component": component, "message": message, "context": context(report_error) });
        (Channel::Errors, typed("application_error", fields))
    });
    if report_error.fatal {
        wordings.variant(|| {
            let payload = json!({ "error_message": message, "run_id": report_error.plan.run_id });
            (
                Channel::Errors,
                enveloped("processing_error", component, payload),
            )
        });
    } else if report_error.phase == Phase::Import {
        // The channel is documented, its messages are not.
        wordings.variant(|| {
            let fields =
                json!({ "severity": severity, "error_code": code, "message": message, "context": context(report_error) });
            (Channel::DataImportErrors, flat("error", fields))
        });
    }
}

fn context(report_error: &ErrorReport<'_>) -> Value {
    let mut context =
        json!({ "run_id": report_error.plan.run_id, "phase": report_error.phase.wire_name() });
    if let Some(symbol) = report_error.symbol {
        context["symbol"] = symbol.into();
    }
    if report_error.code == RATE_LIMIT.0 {
        context["retry_after"] = 60.into();
    }
    context
}

pub(super) fn alert(id: &str, message: Option<&str>, wordings: &mut Wordings) {
    wordings.both(|| {
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
