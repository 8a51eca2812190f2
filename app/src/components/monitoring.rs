//! How TickStockPL's process is, as its monitoring says: health, figures, alerts that have not
//! ended.

use crate::format::{NBSP, clock_seconds, count, long_duration, scalar};
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::glyph;
use crate::ui::of_severity;
use leptos::prelude::*;
use model::{ActiveAlert, Monitoring};

/// The card; nothing until monitoring was heard.
#[component]
pub(crate) fn MonitoringCard() -> impl IntoView {
    let console = use_console();
    let heard = Memo::new(move |_| {
        console
            .monitoring
            .with(|m| m.at.is_some() || !m.alerts.is_empty())
    });
    let at = move || {
        let at = console.monitoring.with(|m| m.at);
        at.map(|at| {
            console
                .zone
                .with_value(|zone| format!("as of {}", clock_seconds(at, zone)))
        })
    };
    let alerts = move || {
        console
            .monitoring
            .with(|m| m.alerts.iter().rev().map(alert).collect_view())
    };
    let figures = move || {
        let figures = console.monitoring.with(figures);
        let figure = |(name, value): (String, String)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd class="num">{value}</dd>
                </div>
            }
        };
        figures.into_iter().map(figure).collect_view()
    };
    let advice = move || console.monitoring.with(|m| m.recommendations.join(" · "));
    view! {
        <Show when=move || heard.get()>
            <section
                class="card monitoring"
                aria-labelledby="monitoring-title"
                data-testid="monitoring"
            >
                <header class="card-head">
                    <h2 id="monitoring-title">{tonight::PROCESS}</h2>
                    <span class="meta num">{at}</span>
                </header>
                <ul class="rows">{alerts}</ul>
                <dl class="figures">{figures}</dl>
                <p class="meta foot">{advice}</p>
            </section>
        </Show>
    }
    .into_any()
}

/// Known figures in a fixed order: the process, its components, its other figures.
fn figures(known: &Monitoring) -> Vec<(String, String)> {
    let reported = [
        ("Health", known.health.clone()),
        (
            "Health score",
            known
                .health_score
                .map(|score| scalar(&contract::Scalar::Number(score))),
        ),
        ("Status", known.status.clone()),
        ("Uptime", known.uptime_seconds.map(long_duration)),
        ("Events published", known.events_published.map(count)),
    ];
    let reported = reported
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let components = known
        .components
        .iter()
        .map(|(name, word)| (name.clone(), word.clone()));
    let figures = known
        .figures
        .iter()
        .map(|(name, value)| (name.clone(), scalar(value)));
    reported
        .chain(
            components
                .chain(figures)
                .map(|(name, value)| plain(&name, value)),
        )
        .collect()
}

/// `redis.latency_ms` is a name of TickStockPL's: whose it is stays, and the unit goes to the
/// figure. `system` is the whole of it.
fn plain(name: &str, value: String) -> (String, String) {
    let name = name.strip_prefix("system.").unwrap_or(name);
    let units = [
        ("_percent", "%"),
        ("_ms", "ms"),
        ("_seconds", "s"),
        ("_mb", "MB"),
        ("_gb", "GB"),
    ];
    let unit = units
        .iter()
        .find_map(|(end, unit)| Some((name.strip_suffix(end)?, *unit)));
    let (stem, value) = unit.map_or((name, value.clone()), |(stem, unit)| {
        (stem, format!("{value}{NBSP}{unit}"))
    });
    let words = stem.split(['_', '.']).map(|word| match word {
        "cpu" => "CPU",
        "io" => "I/O",
        "recv" => "received",
        "api" => "API",
        other => other,
    });
    (words.collect::<Vec<_>>().join(" "), value)
}

fn alert(alert: &ActiveAlert) -> impl IntoView + use<> {
    let console = use_console();
    let (icon, tone) = of_severity(alert.severity);
    let at = console
        .zone
        .with_value(|zone| clock_seconds(alert.at, zone));
    let about = alert
        .component
        .iter()
        .chain([&at])
        .chain(&alert.suggested_actions)
        .cloned()
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        <li class="error" data-tone=tone>
            {glyph(icon)}
            <div>
                <p class="error-message">
                    {alert.message.clone().unwrap_or_else(|| alert.id.clone())}
                </p>
                <p class="meta num">{about}</p>
            </div>
        </li>
    }
    .into_any()
}
