//! The errors: grouped, latest first, with who has seen them.

use super::context::{PageContext, fragment};
use super::lists::{choice, empty, filters, head, more, problem, search, time};
use crate::commands::ACKNOWLEDGE;
use crate::format::{NBSP, count, moment, phase_name, scalar, severity_word, short_id};
use crate::fragment::{Fragment, ROWS, SUBMIT, attribute};
use crate::paths::PATHS;
use crate::ports::ErrorsQuery;
use crate::text::errors;
use crate::ui::{glyph, of_severity};
use leptos::prelude::*;
use model::ErrorGroup;

const LEAST: [(&str, &str); 4] = [
    ("", "Any"),
    ("warning", errors::WARNING_AND_ABOVE),
    ("error", errors::ERROR_AND_ABOVE),
    ("critical", "Critical"),
];

/// The page.
pub(super) async fn page(page: &PageContext) -> Fragment {
    let query = ErrorsQuery {
        least: page.query.text("least"),
        symbol: page.query.text("symbol"),
        run: page.query.text("run"),
        cursor: page.query.text("cursor"),
    };
    let found = page.backend.errors(query).await;
    let fields = view! {
        {choice(page, "least", "Severity", &LEAST, "")}
        {search(page, "symbol", "Symbol", "AAPL")}
        {search(page, "run", "Run", "run ID")}
    };
    let rows: Vec<_> = found.rows.iter().map(|group| row(page, group)).collect();
    let list = if rows.is_empty() {
        empty(page, errors::EMPTY)
    } else {
        view! {
            <ul class="rows" {..attribute(ROWS, "")} data-testid="error-groups">
                {rows.collect_view()}
            </ul>
        }
        .into_any()
    };
    let view = view! {
        {head("Errors", errors::ABOUT)}
        {problem(found.problem.as_ref())}
        <section class="card" aria-label="Errors">
            {filters(page, fields.into_any())}
            {list}
            {more(page, found.next.as_ref())}
        </section>
    };
    fragment("Errors", view)
}

/// One error group: when it occurred, its details, and the button that acknowledges it.
pub(super) fn row(page: &PageContext, group: &ErrorGroup) -> AnyView {
    let (icon, tone) = of_severity(group.severity);
    let run = group.run_id.as_ref().map(|id| {
        view! {
            " · run "
            <a href=PATHS.run(id)>{short_id(id)}</a>
        }
    });
    let symbols = group
        .symbols
        .iter()
        .rev()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let words = [
        group.component.clone(),
        group.category.clone(),
        group.phase.map(|phase| phase_name(phase).to_owned()),
        Some(symbols).filter(|text| !text.is_empty()),
        group
            .recovery_action
            .as_ref()
            .map(|action| format!("TickStockPL: {}", action.replace('_', " "))),
    ];
    let context = group
        .context
        .iter()
        .map(|(name, value)| format!("{} {}", name.replace('_', " "), scalar(value)));
    let about = words
        .into_iter()
        .flatten()
        .chain(context)
        .collect::<Vec<_>>()
        .join(" · ");
    let seen = group.acknowledged.as_ref().map(|seen| {
        let more = group.count.saturating_sub(seen.count);
        let more = if more > 0 {
            format!("; {} more since", count(more))
        } else {
            String::new()
        };
        view! {
            <p class="meta num">
                "Acknowledged by " {seen.by.clone()} ", " {time(page, seen.at)} {more}
            </p>
        }
    });
    let form = group
        .id
        .as_ref()
        .filter(|_| group.needs_attention())
        .map(|id| {
            view! {
                <form action=ACKNOWLEDGE.action() method="post" {..attribute(SUBMIT, "")}>
                    <input type="hidden" name="group" value=id.as_str().to_owned() />
                    <input type="hidden" name="seen" value=group.count.to_string() />
                    <button
                        type="submit"
                        class="small-button"
                        aria-label=format!("{}: {}", ACKNOWLEDGE.label, group.message)
                        disabled=!page.data.viewer.commands
                        title=page.denied()
                    >
                        {ACKNOWLEDGE.label}
                    </button>
                </form>
            }
        });
    // To the minute, as they are shown.
    let several = moment(group.first_at, &page.data.zone) != moment(group.last_at, &page.data.zone);
    let first = several.then(|| {
        view! {
            {time(page, group.first_at)}
            " to "
        }
    });
    view! {
        <li class="error" data-tone=tone data-severity=group.severity.wire_name()>
            {glyph(icon)}
            <div>
                <p class="error-message">{group.message.clone()}</p>
                <p class="meta num">
                    <b class="severity">{severity_word(group.severity)}</b>
                    {group
                        .code
                        .clone()
                        .map(|code| {
                            view! {
                                " · "
                                <code>{code}</code>
                            }
                        })}
                    " · "
                    {first}
                    {time(page, group.last_at)}
                    {run}
                </p>
                <p class="meta">{about}</p>
                {seen}
            </div>
            <div class="error-end">
                <span class="times num">
                    {(group.count > 1).then(|| format!("{}{NBSP}times", count(group.count)))}
                </span>
                {form}
            </div>
        </li>
    }
    .into_any()
}
