//! Grouped errors: those of the state, then those of the database.

use super::{DATABASE_TIMEOUT, PageViews, ROWS, list};
use app::ports::{ErrorsQuery, ResultPage};
use contract::{RunId, Severity, Symbol};
use model::{Acknowledged, ErrorGroup};
use store::ErrorFilter;
use tokio::time::timeout;

impl PageViews {
    /// A page of errors, latest first.
    pub async fn errors(&self, query: ErrorsQuery) -> ResultPage<ErrorGroup> {
        let filter = ErrorFilter {
            run_id: query.run.as_deref().and_then(RunId::new),
            at_least: query.least.as_deref().and_then(severity),
            symbol: query.symbol.as_deref().and_then(Symbol::new),
        };
        let after = query
            .cursor
            .as_deref()
            .and_then(|cursor| cursor.parse().ok());
        let store = self.persistence.store();
        let mut page = list(async { store?.errors(&filter, after.as_ref(), ROWS).await }).await;
        if after.is_none() {
            let state = self.hub.state();
            let current = state
                .errors
                .iter()
                .rev()
                .filter(|group| matches(&filter, group));
            let current: Vec<ErrorGroup> = current.cloned().collect();
            page.rows
                .retain(|stored| current.iter().all(|group| group.id != stored.id));
            page.rows.splice(0..0, current);
            page.rows
                .sort_by_key(|group| std::cmp::Reverse(group.last_at));
        }
        self.add_acknowledgements(&mut page.rows).await;
        page
    }

    /// Adds who has acknowledged them, where only the database knows.
    pub(super) async fn add_acknowledgements(&self, groups: &mut [ErrorGroup]) {
        if groups.iter().all(|group| group.acknowledged.is_some()) {
            return;
        }
        let read = async { self.persistence.store()?.acknowledgements().await };
        let Ok(Ok(stored)) = timeout(DATABASE_TIMEOUT, read).await else {
            return;
        };
        for group in groups.iter_mut() {
            let Some(id) = group.id.as_ref().filter(|_| group.acknowledged.is_none()) else {
                continue;
            };
            let own = stored.iter().find(|stored| stored.subject == id.as_str());
            group.acknowledged = own.map(|own| Acknowledged {
                by: own.who.clone(),
                at: own.at,
                count: own
                    .note
                    .as_ref()
                    .and_then(|note| note.parse().ok())
                    .unwrap_or(group.count),
            });
        }
    }
}

fn matches(filter: &ErrorFilter, group: &ErrorGroup) -> bool {
    filter
        .run_id
        .as_ref()
        .is_none_or(|run| group.run_id.as_ref() == Some(run))
        && filter.at_least.is_none_or(|least| group.severity >= least)
        && filter
            .symbol
            .as_ref()
            .is_none_or(|symbol| group.symbols.contains(symbol))
}

fn severity(word: &str) -> Option<Severity> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}
