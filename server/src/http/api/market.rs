//! `GET /api/processing/market/status`: what the exchange is doing, by its real calendar.

use crate::clock::now;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::ApiQuery;
use axum::Json;
use calendar::MarketStatus;
use contract::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which moment.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MarketQuery {
    /// RFC 3339, or seconds or milliseconds since 1970; now where absent.
    at: Option<String>,
}

/// The market at a moment.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarketResponse {
    /// Always true.
    success: bool,
    /// The market.
    market_status: MarketNow,
}

/// What the market is doing. Times are RFC 3339 in the exchange's zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarketNow {
    /// Whether the regular session is open.
    is_open: bool,
    /// Whether the exchange's day is Monday to Friday.
    is_weekday: bool,
    /// `before_hours`, `open`, `after_hours` or `closed`.
    phase: String,
    /// Why, in words: `weekend`, `holiday: Thanksgiving Day`, …
    why: String,
    /// Whether the day's session ends at 13:00.
    is_half_day: bool,
    /// The holiday, or what else the exchange is closed for.
    holiday: Option<String>,
    /// The moment.
    current_time: String,
    /// When the next regular session opens.
    next_open: String,
    /// When the regular session that is open, or the next one, closes.
    next_close: String,
    /// The exchange's zone.
    timezone: &'static str,
}

impl From<MarketStatus> for MarketNow {
    fn from(market: MarketStatus) -> MarketNow {
        let phase = serde_json::to_value(market.phase)
            .ok()
            .and_then(|word| word.as_str().map(str::to_owned));
        MarketNow {
            is_open: market.is_open,
            is_weekday: market.is_weekday,
            phase: phase.unwrap_or_default(),
            why: market.why,
            is_half_day: market.is_half_day,
            holiday: market.holiday,
            current_time: market.current_time.text,
            next_open: market.next_open.text,
            next_close: market.next_close.text,
            timezone: contract::EXCHANGE_ZONE,
        }
    }
}

/// What the exchange is doing, now or at another moment.
#[utoipa::path(
    get,
    path = "/api/processing/market/status",
    tag = "reads",
    params(MarketQuery),
    responses((status = 200, description = "The market", body = MarketResponse), QueryErrors)
)]
pub(crate) async fn status(
    ApiQuery(when): ApiQuery<MarketQuery>,
) -> Result<Json<MarketResponse>, ApiError> {
    let at = match when.at.as_deref() {
        None => now(),
        // A `+` that was not encoded is a space by now.
        Some(text) => Timestamp::parse(&text.replacen(' ', "+", usize::from(text.contains('T'))))
            .ok_or_else(|| {
            ApiError::invalid(
                "at",
                "at must be a time such as 2026-11-27T18:01:00Z, or seconds since 1970",
            )
        })?,
    };
    // Every time that a Timestamp holds is one that jiff holds.
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let market =
        calendar::status_at(moment).map_err(|error| ApiError::invalid("at", error.to_string()))?;
    Ok(Json(MarketResponse {
        success: true,
        market_status: market.into(),
    }))
}
