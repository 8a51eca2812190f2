//! What is sent to TickStockPL: exactly the documented fields, and none that has nothing to say.

use super::paths;
use crate::{RunId, Symbol};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Body of `POST /api/processing/trigger-manual`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TriggerRequest {
    /// Run even when the market is closed.
    #[serde(default)]
    pub skip_market_check: bool,
    /// Names of phases, or `["all"]`.
    #[serde(default = "all_phases")]
    pub phases: Vec<String>,
    /// The universe to process; TickStockPL's own choice where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub universe: Option<String>,
}

impl TriggerRequest {
    /// The path that it is posted to.
    pub const PATH: &str = "/api/processing/trigger-manual";
}

/// The phases of a request that names none.
pub fn all_phases() -> Vec<String> {
    vec!["all".to_owned()]
}

/// Body of `POST /api/processing/schedule`: the part of the schedule that changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRequest {
    /// Whether runs start by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// `HH:MM` in the schedule's own zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_time: Option<String>,
    /// Whether days without a session are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_check: Option<bool>,
    /// The universes to process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub universes: Option<Vec<String>>,
}

/// Body of `POST /api/processing/trigger-import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// The universes to import.
    pub universes: Vec<String>,
    /// Such as `daily`.
    #[serde(default = "import_timeframes")]
    pub timeframes: Vec<String>,
    /// Days to look back.
    #[serde(default = "lookback_days")]
    pub lookback_days: u32,
}

impl ImportRequest {
    /// The path that it is posted to.
    pub const PATH: &str = "/api/processing/trigger-import";
}

fn import_timeframes() -> Vec<String> {
    vec!["daily".to_owned(), "weekly".to_owned()]
}

fn lookback_days() -> u32 {
    30
}

impl ImportRequest {
    /// An import of these universes with TickStockPL's documented defaults: daily and weekly, 30
    /// days.
    pub fn with_defaults(universes: Vec<String>) -> ImportRequest {
        ImportRequest {
            universes,
            timeframes: import_timeframes(),
            lookback_days: lookback_days(),
        }
    }
}

/// Body of `POST /api/processing/trigger-indicators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorsRequest {
    /// Such as `daily`.
    #[serde(default = "daily")]
    pub timeframe: String,
    /// The symbols; all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbols: Option<Vec<Symbol>>,
    /// The indicators; all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicators: Option<Vec<String>>,
}

impl IndicatorsRequest {
    /// The path that it is posted to.
    pub const PATH: &str = "/api/processing/trigger-indicators";
}

/// Body of `POST /api/processing/trigger-patterns`: undocumented, and taken to be as for
/// indicators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternsRequest {
    /// Such as `daily`.
    #[serde(default = "daily")]
    pub timeframe: String,
    /// The symbols; all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbols: Option<Vec<Symbol>>,
    /// The patterns; all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patterns: Option<Vec<String>>,
}

impl PatternsRequest {
    /// The path that it is posted to.
    pub const PATH: &str = "/api/processing/trigger-patterns";
}

fn daily() -> String {
    "daily".to_owned()
}

impl Default for IndicatorsRequest {
    fn default() -> Self {
        IndicatorsRequest {
            timeframe: daily(),
            symbols: None,
            indicators: None,
        }
    }
}

impl Default for PatternsRequest {
    fn default() -> Self {
        PatternsRequest {
            timeframe: daily(),
            symbols: None,
            patterns: None,
        }
    }
}

/// Body of `POST /api/processing/retry-imports`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryRequest {
    /// The run whose failed imports are repeated.
    pub original_run_id: RunId,
    /// The symbols; all that failed where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbols: Option<Vec<Symbol>>,
}

impl RetryRequest {
    /// The path that it is posted to.
    pub const PATH: &str = "/api/processing/retry-imports";
}

/// Body of `POST /api/processing/cache-sync/trigger`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSyncRequest {
    /// What to bring up to date.
    #[serde(default)]
    pub mode: CacheSyncMode,
    /// Also what is not due.
    #[serde(default)]
    pub force: bool,
}

/// What a cache sync brings up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheSyncMode {
    /// Everything.
    #[default]
    Full,
    /// The universes by market capitalisation.
    MarketCap,
    /// The universes by theme.
    Themes,
    /// New listings.
    Ipos,
}

/// Path and query of the runs of the last `days` days.
pub fn history_path(days: u32) -> String {
    format!("{}?days={days}", paths::HISTORY)
}

/// Path of the status of one cache sync.
pub fn cache_sync_status_path(id: &RunId) -> String {
    let mut path = format!("{}/", paths::CACHE_SYNC_STATUS);
    for byte in id.as_str().bytes() {
        // An id is TickStockPL's text: whatever it holds, it stays one segment of the path.
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                path.push(char::from(byte));
            }
            other => {
                // A String takes all that is written into it.
                let _ = write!(path, "%{other:02X}");
            }
        }
    }
    path
}

/// Path and query of a part of the cache syncs' history.
pub fn cache_sync_history_path(limit: u32, offset: u32) -> String {
    format!(
        "{}?limit={limit}&offset={offset}",
        paths::CACHE_SYNC_HISTORY
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn written(request: &impl Serialize) -> Value {
        serde_json::to_value(request).unwrap()
    }

    #[test]
    fn trigger_body_has_defaults_and_no_universe() {
        let plain: TriggerRequest = serde_json::from_value(json!({})).unwrap();
        assert_eq!(
            written(&plain),
            json!({ "skip_market_check": false, "phases": ["all"] })
        );
        let one = TriggerRequest {
            skip_market_check: true,
            phases: vec!["import".into()],
            universe: Some("sp500".into()),
        };
        assert_eq!(
            written(&one),
            json!({ "skip_market_check": true, "phases": ["import"], "universe": "sp500" })
        );
    }

    #[test]
    fn a_schedule_is_written_as_the_part_that_changes() {
        assert_eq!(written(&ScheduleRequest::default()), json!({}));
        let off = ScheduleRequest {
            enabled: Some(false),
            ..Default::default()
        };
        assert_eq!(written(&off), json!({ "enabled": false }));
        let all = ScheduleRequest {
            enabled: Some(true),
            trigger_time: Some("16:15".into()),
            market_check: Some(true),
            universes: Some(vec!["sp500".into()]),
        };
        let expected = json!({ "enabled": true, "trigger_time": "16:15", "market_check": true, "universes": ["sp500"] });
        assert_eq!(written(&all), expected);
    }

    #[test]
    fn an_import_is_written_with_the_documented_defaults() {
        let expected = json!({ "universes": ["sp500"], "timeframes": ["daily", "weekly"], "lookback_days": 30 });
        assert_eq!(
            written(&ImportRequest::with_defaults(vec!["sp500".into()])),
            expected
        );
    }

    #[test]
    fn indicators_and_patterns_name_only_what_they_are_limited_to() {
        assert_eq!(
            written(&IndicatorsRequest::default()),
            json!({ "timeframe": "daily" })
        );
        let symbols = Some(vec![Symbol::new("BRK.B").unwrap()]);
        let rsi = IndicatorsRequest {
            symbols: symbols.clone(),
            indicators: Some(vec!["RSI".into()]),
            ..Default::default()
        };
        assert_eq!(
            written(&rsi),
            json!({ "timeframe": "daily", "symbols": ["BRK.B"], "indicators": ["RSI"] })
        );
        let doji = PatternsRequest {
            symbols,
            patterns: Some(vec!["Doji".into()]),
            ..Default::default()
        };
        assert_eq!(
            written(&doji),
            json!({ "timeframe": "daily", "symbols": ["BRK.B"], "patterns": ["Doji"] })
        );
    }

    #[test]
    fn a_retry_names_the_original_run_as_tickstockpl_calls_it() {
        let retry = RetryRequest {
            original_run_id: RunId::new("r-1").unwrap(),
            symbols: None,
        };
        assert_eq!(written(&retry), json!({ "original_run_id": "r-1" }));
    }

    #[test]
    fn cache_sync_id_stays_one_path_segment() {
        assert_eq!(
            written(&CacheSyncRequest::default()),
            json!({ "mode": "full", "force": false })
        );
        let ipos = CacheSyncRequest {
            mode: CacheSyncMode::Ipos,
            force: true,
        };
        assert_eq!(written(&ipos), json!({ "mode": "ipos", "force": true }));
        let hostile = RunId::new("../x?y=ö").unwrap();
        assert_eq!(
            cache_sync_status_path(&hostile),
            "/api/processing/cache-sync/status/%2E%2E%2Fx%3Fy%3D%C3%B6"
        );
        assert_eq!(
            cache_sync_history_path(20, 40),
            "/api/processing/cache-sync/history?limit=20&offset=40"
        );
        assert_eq!(history_path(7), "/api/processing/history?days=7");
    }

    #[test]
    fn a_misspelt_field_of_a_request_is_not_overlooked() {
        assert!(serde_json::from_value::<ScheduleRequest>(json!({ "enable": true })).is_err());
        assert!(serde_json::from_value::<RetryRequest>(json!({ "run_id": "r" })).is_err());
    }
}
