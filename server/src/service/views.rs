//! Views: what a page is made of, put together from the hub's state and the database, the
//! calendar, and the configuration.
//!
//! Each view waits for the database up to a bound, and says so where the database did not answer.
//! The state is read after the database has answered, so that no `Arc` of it is held meanwhile.

mod calendar;
mod connections;
mod errors;
mod people;
mod runs;
mod symbol;

pub(crate) use calendar::{market, preview, trading_days};

use crate::clock::now;
use crate::config::Config;
use crate::hub::Hub;
use crate::persistence::Persistence;
use crate::service::symbol_outcome::SymbolOutcomes;
use crate::zone;
use access::AuthModes;
use app::Preferences;
use app::ports::{AuditQuery, PageData, ResultPage, Viewer};
use model::AuditEntry;
use std::sync::Arc;
use std::time::Duration;
use store::{AuditFilter, Page, StoreError};
use tokio::time::timeout;

/// Maximum time that a page waits for the database.
pub(crate) const DATABASE_TIMEOUT: Duration = Duration::from_millis(800);
/// Rows of one page of a list.
const ROWS: u32 = 50;

/// Reads the views; clones share what they read from.
#[derive(Clone, Debug)]
pub struct PageViews {
    hub: Hub,
    persistence: Persistence,
    symbol_outcomes: SymbolOutcomes,
    auth_modes: AuthModes,
    /// Names and addresses of the neighbours, without secrets.
    connections: Arc<[(String, String)]>,
    /// Name of the installation, such as `production`, where one is configured.
    environment: Option<String>,
}

impl PageViews {
    pub fn new(
        config: &Config,
        hub: Hub,
        persistence: Persistence,
        symbol_outcomes: SymbolOutcomes,
    ) -> PageViews {
        PageViews {
            hub,
            persistence,
            symbol_outcomes,
            auth_modes: config.access.auth_modes,
            connections: connections::connections(config).into(),
            environment: config.server.environment.clone(),
        }
    }

    /// What a page is rendered from, for `viewer` and as they want to see it. It waits for nobody.
    pub fn page_data(&self, viewer: Viewer, preferences: &Preferences) -> PageData {
        PageData {
            snapshot: self.hub.snapshot(),
            zone: zone::chosen(preferences.zone.as_deref(), now()),
            environment: self.environment.clone(),
            viewer,
        }
    }

    /// Names and addresses of the neighbours, without secrets.
    pub fn connections(&self) -> Vec<(String, String)> {
        self.connections.to_vec()
    }

    /// A page of the audit log, latest first.
    pub async fn audit(&self, query: AuditQuery) -> ResultPage<AuditEntry> {
        let filter = AuditFilter {
            who: query.who,
            action: query.action,
        };
        let after = query.cursor.and_then(|cursor| cursor.parse().ok());
        let store = self.persistence.store();
        list(async { store?.audit(&filter, after.as_ref(), ROWS).await }).await
    }
}

/// A page of a list in the database, or why there is none.
async fn list<T, C: ToString>(
    read: impl Future<Output = Result<Page<T, C>, StoreError>>,
) -> ResultPage<T> {
    match timeout(DATABASE_TIMEOUT, read).await {
        Ok(Ok(page)) => ResultPage {
            rows: page.rows,
            next: page.next.map(|next| next.to_string()),
            problem: None,
        },
        Ok(Err(error)) => problem(error.one_line()),
        Err(_) => problem("it did not answer in time".to_owned()),
    }
}

fn problem<T>(why: String) -> ResultPage<T> {
    ResultPage {
        rows: Vec::new(),
        next: None,
        problem: Some(why),
    }
}
