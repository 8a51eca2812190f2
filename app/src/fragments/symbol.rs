//! What happened to one symbol in a run: imported or why not, its indicators, its patterns, its
//! errors.

use super::context::{PageContext, fragment};
use super::lists::{head, time};
use crate::format::{NBSP, count, moment, plural, scalar, short_id};
use crate::fragment::Fragment;
use crate::paths::PATHS;
use crate::ports::{SymbolLine, SymbolQuery, SymbolView};
use crate::text::{symbols, tonight};
use crate::ui::{Icon, glyph};
use contract::{RunId, Symbol};
use leptos::prelude::*;

/// Runs that can be chosen.
const RUNS: usize = 30;

/// The page: the question, and the answer where a symbol is given.
pub(super) async fn page(page: &PageContext) -> Fragment {
    let query = page.query.text("symbol");
    let run = page.query.text("run");
    let answer = match &query {
        None => view! { <p class="empty">{symbols::ENTER}</p> }.into_any(),
        Some(symbol) => {
            let found = page
                .backend
                .symbol(SymbolQuery {
                    symbol: symbol.clone(),
                    run: run.clone(),
                })
                .await;
            found.map_or_else(|| nothing(symbol), |found| told(page, &found))
        }
    };
    let view = view! {
        {head(symbols::TITLE, symbols::ABOUT)}
        <section class="card" aria-label=symbols::WHICH>
            {question(page, query, run)}
        </section>
        <div class="fragment" data-testid="symbol">
            {answer}
        </div>
    };
    fragment(symbols::TITLE, view)
}

fn question(page: &PageContext, symbol: Option<String>, run: Option<String>) -> AnyView {
    let state = &page.data.snapshot.state;
    let shown = state.run.as_ref().map(model::RunSummary::from);
    let runs = shown.iter().chain(&state.earlier).take(RUNS).map(|known| {
        let id = known.id.to_string();
        let began = known
            .started_at
            .map(|at| format!(", {}", moment(at, &page.data.zone)))
            .unwrap_or_default();
        let label = format!("{}{began}, {}", short_id(&known.id), known.status.word());
        let selected = run.as_ref() == Some(&id);
        view! {
            <option value=id selected=selected>
                {label}
            </option>
        }
        .into_any()
    });
    view! {
        <form class="filters" method="get" action=page.query.path.clone() role="search">
            <label class="field">
                "Symbol"
                <input
                    type="search"
                    name="symbol"
                    value=symbol
                    placeholder="AAPL"
                    autocapitalize="characters"
                    autocomplete="off"
                    spellcheck="false"
                    required
                />
            </label>
            <label class="field grow">
                "Run" <select name="run">
                    <option value="">{symbols::CURRENT_RUN}</option>
                    {runs.collect_view()}
                </select>
            </label>
            <button type="submit" class="button">
                {tonight::LOOK_UP}
            </button>
        </form>
    }
    .into_any()
}

fn nothing(symbol: &str) -> AnyView {
    let text = if Symbol::new(&symbol.to_uppercase()).is_none() {
        symbols::INVALID
    } else {
        symbols::NO_RUN
    };
    view! {
        <section class="card">
            <p class="empty">{text}</p>
        </section>
    }
    .into_any()
}

fn told(page: &PageContext, found: &SymbolView) -> AnyView {
    let (icon, tone, word) = match found.imported {
        Some(true) => (Icon::Succeeded, "good", "Imported"),
        Some(false) => (Icon::Failed, "bad", "Import failed"),
        None => (Icon::Unknown, "quiet", symbols::NO_IMPORT),
    };
    let records = found.records.map(|n| plural(n, "record", "records"));
    let at = found.imported_at.map(|at| moment(at, &page.data.zone));
    let about = found
        .reason
        .clone()
        .into_iter()
        .chain(records)
        .chain(at)
        .collect::<Vec<_>>()
        .join(" · ");
    let silent = found.imported.is_none() && found.errors.is_empty();
    let hint = silent.then(|| {
        view! { <p class="meta foot">{symbols::NOTHING_KNOWN}</p> }
    });
    let errors = found.errors.iter().map(|(at, code, message)| {
        let code = code.clone().map(|code| {
            view! {
                <code>{code}</code>
                " · "
            }
        });
        view! {
            <li class="error" data-tone="bad">
                {glyph(Icon::Failed)}
                <div>
                    <p class="error-message">{message.clone()}</p>
                    <p class="meta num">{code} {time(page, *at)}</p>
                </div>
            </li>
        }
        .into_any()
    });
    let errors = (!found.errors.is_empty()).then(|| {
        view! {
            <section class="card" aria-label="Errors">
                <header class="card-head">
                    <h2>"Errors"</h2>
                </header>
                <ul class="rows">{errors.collect_view()}</ul>
            </section>
        }
    });
    let lists = (!found.indicators.is_empty() || !found.patterns.is_empty()).then(|| {
        view! {
            <div class="halves">
                {list(page, "Indicators", symbols::NO_INDICATORS, &found.indicators)}
                {list(page, "Patterns", symbols::NO_PATTERNS, &found.patterns)}
            </div>
        }
    });
    view! {
        <section class="card symbol" aria-labelledby="symbol-title">
            <header class="card-head">
                <h2 id="symbol-title">{found.symbol.to_string()}</h2>
                <span class="chip small" data-tone=tone>
                    {glyph(icon)}
                    {word}
                </span>
                <span class="meta">"in run " {run_link(&found.run)}</span>
            </header>
            <p class="num body">{about}</p>
            {hint}
        </section>
        {lists}
        {errors}
    }
    .into_any()
}

fn run_link(run: &RunId) -> AnyView {
    view! {
        <a href=PATHS.run(run)>
            <code>{short_id(run)}</code>
        </a>
    }
    .into_any()
}

fn list(
    page: &PageContext,
    title: &'static str,
    none: &'static str,
    lines: &[SymbolLine],
) -> AnyView {
    let rows = lines.iter().map(|line| {
        let values = line
            .values
            .iter()
            .map(|(name, value)| format!("{}{NBSP}{}", name.replace('_', " "), scalar(value)));
        let values = values.collect::<Vec<_>>().join(" · ");
        let alone = line.values.len() == 1 && matches!(line.values[0].0.as_str(), "value" | "v");
        let values = if alone {
            scalar(&line.values[0].1)
        } else {
            values
        };
        view! {
            <tr>
                <th scope="row">
                    {line.name.clone()} " " <span class="meta">{line.timeframe.clone()}</span>
                </th>
                <td class="wrap">{values}</td>
                <td class="right meta">{crate::format::clock_seconds(line.at, &page.data.zone)}</td>
            </tr>
        }
        .into_any()
    });
    let rows = rows.collect_view();
    let empty = lines
        .is_empty()
        .then(|| view! { <p class="empty">{none}</p> });
    view! {
        <section class="card" aria-label=title>
            <header class="card-head">
                <h2>{title}</h2>
                <span class="meta num">{count(lines.len() as u64)}</span>
            </header>
            <table class="num counts">
                <tbody>{rows}</tbody>
            </table>
            {empty}
        </section>
    }
    .into_any()
}
