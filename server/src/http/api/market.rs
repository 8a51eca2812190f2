//! `GET /api/processing/market/status`: market phase by the exchange's calendar.

use crate::clock::now;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::ApiQuery;
use axum::Json;
use calendar::MarketStatus;
use contract::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Time of the market status.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MarketQuery {
    /// RFC 3339, or seconds or milliseconds since 1970; default: now.
    at: Option<String>,
}

/// Market status.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarketResponse {
    /// Always true.
    success: bool,
    market_status: MarketNow,
}

/// Market status at `current_time`. Times are RFC 3339 in the exchange's zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarketNow {
    /// True during the regular session.
    is_open: bool,
    /// True from Monday to Friday in the exchange's zone.
    is_weekday: bool,
    /// `before_hours`, `open`, `after_hours` or `closed`.
    phase: String,
    /// Reason, such as `weekend` or `holiday: Thanksgiving Day`.
    why: String,
    /// True when the session ends at 13:00.
    is_half_day: bool,
    /// Name of the holiday or special closure.
    holiday: Option<String>,
    current_time: String,
    /// Opening of the next regular session.
    next_open: String,
    /// Close of the current or next regular session.
    next_close: String,
    /// IANA name.
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

/// Market status, now or at a given time.
#[utoipa::path(
    get,
    path = "/api/processing/market/status",
    tag = "reads",
    params(MarketQuery),
    responses((status = 200, description = "Market status", body = MarketResponse), QueryErrors)
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
                "at must be a time such as 2026-11-27T18:01:00Z, or seconds since 1970.",
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
