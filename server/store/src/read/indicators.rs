//! `daily_indicators`, TickStockPL's own table, where the database is TickStockPL's: read, never
//! written.

use super::within;
use crate::columns::columns;
use crate::sql::{Engine, Link, Row, args};
use crate::{Store, StoreError};
use contract::{Symbol, Timestamp};

/// Rows of one answer.
const ROWS: i64 = 500;

/// The latest calculation of an indicator of one symbol.
#[derive(Clone, Debug, PartialEq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// When the database is unavailable, or the table is another than the documented one.
    pub async fn daily_indicators(
        &self,
        symbol: &Symbol,
    ) -> Result<Option<Vec<StoredIndicator>>, StoreError> {
        let operation = "read daily_indicators";
        within(operation, async {
            let mut link = self.reader().await?;
            if !is_there(&mut link).await? {
                return Ok(None);
            }
            let sql = "SELECT DISTINCT ON (d.indicator_type, d.timeframe) d.indicator_type::TEXT AS indicator,
                    d.timeframe::TEXT AS timeframe, value_data::TEXT AS values, metadata::TEXT AS metadata,
                    (EXTRACT(EPOCH FROM calculation_timestamp) * 1000)::BIGINT AS at
                FROM daily_indicators d WHERE d.symbol = $1
                ORDER BY d.indicator_type, d.timeframe, d.calculation_timestamp DESC LIMIT $2";
            let rows = link.rows(sql, args![symbol.as_str(), ROWS]).await.map_err(StoreError::statement(operation))?;
            rows.iter().map(Row::read).collect::<sqlx::Result<_>>().map(Some).map_err(StoreError::statement(operation))
        })
        .await
    }

    /// How often each indicator was calculated; `None` where the database is not TickStockPL's.
    ///
    /// # Errors
    /// When the database is unavailable, or the table is another than the documented one.
    pub async fn indicator_counts(&self) -> Result<Option<Vec<IndicatorCount>>, StoreError> {
        let operation = "count daily_indicators";
        within(operation, async {
            let mut link = self.reader().await?;
            if !is_there(&mut link).await? {
                return Ok(None);
            }
            let sql =
                "SELECT indicator_type::TEXT AS indicator, COUNT(DISTINCT symbol)::BIGINT AS symbols,
                    COUNT(*)::BIGINT AS calculations,
                    (EXTRACT(EPOCH FROM MAX(calculation_timestamp)) * 1000)::BIGINT AS last_at
                FROM daily_indicators GROUP BY indicator_type ORDER BY indicator_type LIMIT $1";
            let rows = link
                .rows(sql, args![ROWS])
                .await
                .map_err(StoreError::statement(operation))?;
            rows.iter()
                .map(Row::read)
                .collect::<sqlx::Result<_>>()
                .map(Some)
                .map_err(StoreError::statement(operation))
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
        .map_err(StoreError::statement("look up daily_indicators"))?;
    Ok(there == 1)
}

columns!(StoredIndicator {
    indicator: "indicator",
    timeframe: "timeframe",
    values: "values",
    metadata: "metadata",
    at: "at",
});

columns!(IndicatorCount {
    indicator: "indicator",
    symbols: "symbols",
    calculations: "calculations",
    last_at: "last_at",
});
