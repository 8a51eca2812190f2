//! `daily_indicators`, TickStockPL's own table, where the database is TickStockPL's: read, never
//! written.

use super::within;
use crate::sql::{Engine, Link, args};
use crate::{Store, StoreError};
use contract::{Symbol, Timestamp};
use serde::{Deserialize, Serialize};

/// Rows of one answer.
const ROWS: i64 = 500;

/// The latest calculation of an indicator of one symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredIndicator {
    /// Such as `RSI`.
    pub indicator: String,
    /// Such as `daily`.
    pub timeframe: Option<String>,
    /// Its values, as TickStockPL's JSON.
    pub values: String,
    /// What else TickStockPL's JSON says of it.
    pub metadata: Option<String>,
    /// When it was calculated.
    pub at: Option<Timestamp>,
}

/// How often one indicator was calculated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorCount {
    /// Such as `RSI`.
    pub indicator: String,
    /// For how many symbols.
    pub symbols: u64,
    /// How often in all.
    pub calculations: u64,
    /// When last.
    pub last_at: Option<Timestamp>,
}

impl Store {
    /// The latest calculation of each indicator of a symbol; `None` where the database is not
    /// TickStockPL's.
    ///
    /// # Errors
    /// When the database is away, or the table is another than the documented one.
    pub async fn daily_indicators(
        &self,
        symbol: &Symbol,
    ) -> Result<Option<Vec<StoredIndicator>>, StoreError> {
        let doing = "reading daily_indicators";
        within(doing, async {
            let mut link = self.reader().await?;
            if !is_there(&mut link).await? {
                return Ok(None);
            }
            let sql = "SELECT DISTINCT ON (indicator_type, timeframe) indicator_type::TEXT, timeframe::TEXT, value_data::TEXT,
                    metadata::TEXT, (EXTRACT(EPOCH FROM calculation_timestamp) * 1000)::BIGINT
                FROM daily_indicators WHERE symbol = $1
                ORDER BY indicator_type, timeframe, calculation_timestamp DESC LIMIT $2";
            let rows = link.rows(sql, args![symbol.as_str(), ROWS]).await.map_err(StoreError::statement(doing))?;
            let read = |row: &crate::sql::Row| {
                Ok(StoredIndicator {
                    indicator: row.word(0)?,
                    timeframe: row.text(1)?,
                    values: row.word(2)?,
                    metadata: row.text(3)?,
                    at: row.time(4)?,
                })
            };
            rows.iter().map(read).collect::<sqlx::Result<_>>().map(Some).map_err(StoreError::statement(doing))
        })
        .await
    }

    /// How often each indicator was calculated; `None` where the database is not TickStockPL's.
    ///
    /// # Errors
    /// When the database is away, or the table is another than the documented one.
    pub async fn indicator_counts(&self) -> Result<Option<Vec<IndicatorCount>>, StoreError> {
        let doing = "counting daily_indicators";
        within(doing, async {
            let mut link = self.reader().await?;
            if !is_there(&mut link).await? {
                return Ok(None);
            }
            let sql =
                "SELECT indicator_type::TEXT, COUNT(DISTINCT symbol)::BIGINT, COUNT(*)::BIGINT,
                    (EXTRACT(EPOCH FROM MAX(calculation_timestamp)) * 1000)::BIGINT
                FROM daily_indicators GROUP BY indicator_type ORDER BY indicator_type LIMIT $1";
            let rows = link
                .rows(sql, args![ROWS])
                .await
                .map_err(StoreError::statement(doing))?;
            let read = |row: &crate::sql::Row| {
                Ok(IndicatorCount {
                    indicator: row.word(0)?,
                    symbols: row.count(1)?.unwrap_or(0),
                    calculations: row.count(2)?.unwrap_or(0),
                    last_at: row.time(3)?,
                })
            };
            rows.iter()
                .map(read)
                .collect::<sqlx::Result<_>>()
                .map(Some)
                .map_err(StoreError::statement(doing))
        })
        .await
    }
}

async fn is_there(link: &mut Link) -> Result<bool, StoreError> {
    if link.engine() == Engine::Sqlite {
        return Ok(false);
    }
    let sql = "SELECT (to_regclass('daily_indicators') IS NOT NULL)::INTEGER::BIGINT";
    let there = link
        .number(sql, args![])
        .await
        .map_err(StoreError::statement("looking for daily_indicators"))?;
    Ok(there == 1)
}
