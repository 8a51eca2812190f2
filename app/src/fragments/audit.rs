//! The audit log: who did what, when, and with which outcome.

use super::context::{PageContext, fragment};
use super::lists::{choice, empty, filters, head, more, problem, search, time};
use crate::commands::COMMANDS;
use crate::format::{sentence, short_id};
use crate::fragment::{Fragment, ROWS, attribute};
use crate::paths::PATHS;
use crate::ports::AuditQuery;
use crate::text::audit;
use contract::RunId;
use leptos::prelude::*;
use model::AuditEntry;
use serde_json::Value;

/// Recorded actions that are not commands.
const OTHER_ACTIONS: [(&str, &str); 10] = [
    ("sign_in", "Sign in"),
    ("sign_out", "Sign out"),
    ("refused", "Refused"),
    ("user_add", "User added"),
    ("user_role", "User's role"),
    ("user_password", "User's password"),
    ("user_sign_out", "User signed out"),
    ("user_remove", "User removed"),
    ("token_add", "Token made"),
    ("token_revoke", "Token revoked"),
];

/// All recorded actions with their labels, each once: two commands may share one.
fn actions() -> Vec<(&'static str, &'static str)> {
    let mut actions: Vec<_> = COMMANDS
        .iter()
        .map(|spec| (spec.audit_action, spec.label))
        .collect();
    actions.dedup_by_key(|(action, _)| *action);
    actions.extend(OTHER_ACTIONS);
    actions
}

/// The page.
pub(super) async fn page(page: &PageContext) -> Fragment {
    let query = AuditQuery {
        who: page.query.text("who"),
        action: page.query.text("action"),
        cursor: page.query.text("cursor"),
    };
    let found = page.backend.audit(query).await;
    let choices: Vec<_> = [("", "Any")].into_iter().chain(actions()).collect();
    let fields = view! {
        {choice(page, "action", "Action", &choices, "")}
        {search(page, "who", "User", "name")}
    };
    let list = if found.rows.is_empty() {
        empty(page, audit::EMPTY)
    } else {
        table(page, &found.rows)
    };
    let view = view! {
        {head("Audit log", audit::ABOUT)}
        {problem(found.problem.as_ref())}
        <section class="card" aria-label="Audit log">
            {filters(page, fields.into_any())}
            {list}
            {more(page, found.next.as_ref())}
        </section>
    };
    fragment("Audit log", view)
}

/// The entries as a table.
pub(super) fn table(page: &PageContext, rows: &[AuditEntry]) -> AnyView {
    view! {
        <div class="scroller" tabindex="0" role="region" aria-label=audit::TABLE>
            <table class="num plain-table" data-testid="audit">
                <caption class="visually-hidden">{audit::CAPTION}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Action"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col">"Time"</th>
                        <th scope="col">"User"</th>
                        <th scope="col">"Target"</th>
                        <th scope="col">"Detail"</th>
                    </tr>
                </thead>
                <tbody {..attribute(
                    ROWS,
                    "",
                )}>{rows.iter().map(|entry| row(page, entry)).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The action as the filter names it.
fn action_word(action: &str) -> String {
    let known = actions()
        .into_iter()
        .find(|(key, _)| *key == action)
        .map(|(_, label)| label);
    known.map_or_else(|| action.replace(['_', '.'], " "), str::to_owned)
}

/// A command as recorded (JSON), in words: `skip market check yes · phases all`.
fn in_words(detail: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(detail) else {
        return detail.to_owned();
    };
    let mut words = Vec::new();
    gather(&value, "", &mut words);
    words.join(" · ")
}

fn gather(value: &Value, name: &str, words: &mut Vec<String>) {
    let named = |text: &str| {
        format!("{} {text}", name.replace('_', " "))
            .trim()
            .to_owned()
    };
    match value {
        Value::Null => {}
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| gather(value, name, words)),
        Value::Array(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|item| {
                    item.as_str()
                        .map_or_else(|| item.to_string(), str::to_owned)
                })
                .collect();
            words.push(named(&items.join(", ")));
        }
        Value::Bool(yes) => words.push(named(if *yes { "yes" } else { "no" })),
        Value::String(text) => words.push(named(text)),
        Value::Number(number) => words.push(named(&number.to_string())),
    }
}

fn row(page: &PageContext, entry: &AuditEntry) -> AnyView {
    let tone = match entry.outcome.as_str() {
        "accepted" => "good",
        "asked" => "quiet",
        "unconfirmed" => "warn",
        _ => "bad",
    };
    // Runs have long ids; groups of errors have no page of their own.
    let target =
        entry
            .target
            .as_deref()
            .and_then(RunId::new)
            .map(|id| match entry.action.as_str() {
                action
                    if action.starts_with("user_")
                        || action.starts_with("token_")
                        || action == "sign_in" =>
                {
                    view! { {id.to_string()} }.into_any()
                }
                "refused" => view! { <code>{sentence(id.as_str(), 60)}</code> }.into_any(),
                "acknowledge" => view! { <code>{short_id(&id)}</code> }.into_any(),
                _ => view! { <a href=PATHS.run(&id)>{short_id(&id)}</a> }.into_any(),
            });
    let who = match &entry.address {
        Some(address) => format!("{}, {address}", entry.who),
        None => entry.who.clone(),
    };
    let as_what = entry.role.iter().map(|role| format!("As {role}"));
    let request = entry.request_id.iter().map(|id| format!("request {id}"));
    let how = as_what.chain(request).collect::<Vec<_>>().join(", ");
    view! {
        <tr>
            <td class="status" data-tone=tone>
                <b>{action_word(&entry.action)}</b>
            </td>
            <td class="duration" data-tone=tone>
                <span class="state">{entry.outcome.clone()}</span>
            </td>
            <td class="started">{time(page, entry.at)}</td>
            <td class="figure" title=how>
                {who}
            </td>
            <td class="figure">{target}</td>
            <td class="wide wrap detail">
                {entry.detail.as_deref().map(|text| sentence(&in_words(text), 200))}
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_read_in_words() {
        let query = r#"{"trigger":{"skip_market_check":true,"phases":["import","patterns"],"universe":null}}"#;
        assert_eq!(
            in_words(query),
            "phases import, patterns · skip market check yes"
        );
        assert_eq!(in_words("free text"), "free text");
        assert_eq!(in_words("3"), "3");
    }
}
