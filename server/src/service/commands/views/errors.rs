//! Errors, grouped: the state's, which know who has seen them, and after them the local copy's.

use super::{KEPT, ROWS, listed};
use crate::service::commands::Commands;
use app::ports::{ErrorsQuery, ResultPage};
use contract::{RunId, Severity, Symbol};
use model::{Acknowledged, ErrorGroup};
use store::ErrorFilter;
use tokio::time::timeout;

/// A page of errors, latest first.
pub(super) async fn list(commands: Commands, asked: ErrorsQuery) -> ResultPage<ErrorGroup> {
    let filter = ErrorFilter {
        run_id: asked.run.as_deref().and_then(RunId::new),
        at_least: asked.least.as_deref().and_then(severity),
        symbol: asked.symbol.as_deref().and_then(Symbol::new),
    };
    let after = asked
        .cursor
        .as_deref()
        .and_then(|cursor| cursor.parse().ok());
    let mut page = listed(async {
        commands
            .persistence
            .store()?
            .errors(&filter, after.as_ref(), ROWS)
            .await
    })
    .await;
    let state = commands
        .hub
        .snapshot()
        .await
        .map(|snapshot| snapshot.state)
        .unwrap_or_default();
    if after.is_none() {
        let meant = |group: &ErrorGroup| {
            filter
                .run_id
                .as_ref()
                .is_none_or(|run| group.run_id.as_ref() == Some(run))
                && filter.at_least.is_none_or(|least| group.severity >= least)
                && filter
                    .symbol
                    .as_ref()
                    .is_none_or(|symbol| group.symbols.contains(symbol))
        };
        let known: Vec<ErrorGroup> = state.errors.into_iter().rev().filter(meant).collect();
        page.rows
            .retain(|stored| known.iter().all(|group| group.id != stored.id));
        page.rows.splice(0..0, known);
        page.rows
            .sort_by_key(|group| std::cmp::Reverse(group.last_at));
    }
    acknowledged(&commands, &mut page.rows).await;
    page
}

/// Adds who has seen them, where only the local copy knows.
pub(super) async fn acknowledged(commands: &Commands, groups: &mut [ErrorGroup]) {
    if groups.iter().all(|group| group.acknowledged.is_some()) {
        return;
    }
    let seen = timeout(KEPT, async {
        commands.persistence.store()?.acknowledgements().await
    })
    .await;
    let Ok(Ok(seen)) = seen else { return };
    for group in groups
        .iter_mut()
        .filter(|group| group.acknowledged.is_none())
    {
        let own = seen.iter().find(|seen| {
            group
                .id
                .as_ref()
                .is_some_and(|id| id.as_str() == seen.subject)
        });
        group.acknowledged = own.map(|own| {
            let count = own
                .note
                .as_ref()
                .and_then(|note| note.parse().ok())
                .unwrap_or(group.count);
            Acknowledged {
                by: own.who.clone(),
                at: own.at,
                count,
            }
        });
    }
}

fn severity(word: &str) -> Option<Severity> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}
