//! The schedule: as TickStockPL reports and confirms it, and a preview of a changed one.

use super::time::rfc3339;
use crate::caller::Caller;
use crate::clock::now;
use crate::http::error::{ApiError, CommandErrors, QueryErrors};
use crate::http::extract::{ApiQuery, CommandRequest, IdempotencyKeyHeader};
use crate::hub::Hub;
use crate::service::commands::Commands;
use crate::service::queries::{AnswerSource, Queries};
use app::input;
use app::ports::ScheduleEdit;
use axum::Json;
use axum::extract::State;
use calendar::{RunPreview, RunSchedule, upcoming_runs};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Number of runs in a preview.
const PREVIEW_RUNS: usize = 5;

/// The schedule and its source.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleResponse {
    /// Always true.
    success: bool,
    /// Set after a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Null until TickStockPL has reported it.
    schedule: Option<Schedule>,
    /// Source of the data.
    source: AnswerSource,
    /// Time at which the data was current, RFC 3339.
    as_of: String,
}

/// Schedule of automatic runs. Values that TickStockPL does not report are null.
#[derive(Serialize, ToSchema)]
pub(crate) struct Schedule {
    /// True where runs start automatically.
    enabled: Option<bool>,
    /// `HH:MM` in `timezone`.
    trigger_time: Option<String>,
    /// IANA name of the zone of `trigger_time`.
    timezone: Option<String>,
    /// True where days without a trading session are skipped.
    market_check: Option<bool>,
    /// Start of the next run, RFC 3339.
    next_run: Option<String>,
    universes: Vec<String>,
    /// Version of the schedule. Send it with a change to detect concurrent edits.
    version: String,
}

impl From<model::Schedule> for Schedule {
    fn from(schedule: model::Schedule) -> Schedule {
        Schedule {
            version: schedule.version(),
            enabled: schedule.enabled,
            trigger_time: schedule.trigger_time,
            timezone: schedule.timezone,
            market_check: schedule.market_check,
            next_run: schedule.next_run.map(rfc3339),
            universes: schedule.universes,
        }
    }
}

/// The schedule.
#[utoipa::path(
    get,
    path = "/api/processing/daily/schedule",
    tag = "schedule",
    responses((status = 200, description = "The schedule", body = ScheduleResponse), QueryErrors)
)]
pub(crate) async fn schedule(
    State(queries): State<Queries>,
) -> Result<Json<ScheduleResponse>, ApiError> {
    let known = queries.schedule().await;
    let known_at = known
        .state
        .schedule
        .as_ref()
        .map(|schedule| schedule.known_at);
    let as_of = if known.source == AnswerSource::Api {
        known.now
    } else {
        known_at.unwrap_or(known.now)
    };
    let schedule = known.state.schedule.clone().map(Schedule::from);
    Ok(Json(ScheduleResponse {
        success: true,
        message: None,
        schedule,
        source: known.source,
        as_of: rfc3339(as_of),
    }))
}

/// Changes to the schedule; absent fields stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ScheduleBody {
    /// True where runs start automatically.
    enabled: Option<bool>,
    /// `HH:MM` in the schedule's zone.
    trigger_time: Option<String>,
    /// True where days without a trading session are skipped.
    market_check: Option<bool>,
    /// At least one universe.
    universes: Option<Vec<String>>,
    /// Version that the change is based on. The change is refused (409, `changed`) if it is not
    /// the current one.
    version: Option<String>,
}

/// Change the schedule.
#[utoipa::path(
    post,
    path = "/api/processing/daily/schedule",
    tag = "schedule",
    params(IdempotencyKeyHeader),
    request_body = ScheduleBody,
    responses((status = 200, description = "Changed, as TickStockPL confirms", body = ScheduleResponse), CommandErrors)
)]
pub(crate) async fn update(
    State(commands): State<Commands>,
    caller: Caller,
    CommandRequest { body, key }: CommandRequest<ScheduleBody>,
) -> Result<Json<ScheduleResponse>, ApiError> {
    let universes = body.universes.as_deref();
    let change = input::schedule(
        body.enabled,
        body.trigger_time.as_deref(),
        body.market_check,
        universes,
    )?;
    let edit = ScheduleEdit {
        change,
        seen: body.version,
    };
    let schedule = commands.update_schedule(&caller, edit, key).await?;
    let message = Some("Schedule saved.".to_owned());
    let as_of = rfc3339(now());
    Ok(Json(ScheduleResponse {
        success: true,
        message,
        schedule: Some(schedule.into()),
        source: AnswerSource::Api,
        as_of,
    }))
}

/// A schedule to preview; absent fields are those of the current one.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PreviewQuery {
    /// True where runs start automatically.
    enabled: Option<bool>,
    /// `HH:MM` in `timezone`.
    trigger_time: Option<String>,
    /// IANA name.
    timezone: Option<String>,
    /// True where days without a trading session are skipped.
    market_check: Option<bool>,
}

/// Preview of a schedule.
#[derive(Serialize, ToSchema)]
pub(crate) struct Preview {
    /// Always true.
    success: bool,
    /// The next days up to the fifth run.
    days: Vec<Day>,
    /// Conflicts, such as a run that will still be active.
    conflicts: Vec<String>,
}

/// One day of a schedule.
#[derive(Serialize, ToSchema)]
pub(crate) struct Day {
    /// In the schedule's zone, such as `Friday`.
    weekday: String,
    /// True on days with a run.
    runs: bool,
    /// Start in the schedule's zone.
    local: String,
    /// Start in the exchange's zone.
    exchange: String,
    /// Start in milliseconds since 1970.
    at_ms: i64,
    /// Notes such as `holiday: Thanksgiving Day, no run` or `half day, closes 13:00`.
    notes: Vec<String>,
}

impl From<RunPreview> for Day {
    fn from(day: RunPreview) -> Day {
        Day {
            weekday: day.weekday,
            runs: day.runs,
            local: day.local.text,
            exchange: day.exchange.text,
            at_ms: day.local.at_ms,
            notes: day.notes,
        }
    }
}

/// Preview a schedule before it is saved.
#[utoipa::path(
    get,
    path = "/api/processing/daily/schedule/preview",
    tag = "schedule",
    params(PreviewQuery),
    responses((status = 200, description = "The preview", body = Preview), QueryErrors)
)]
pub(crate) async fn preview(
    State(hub): State<Hub>,
    ApiQuery(query): ApiQuery<PreviewQuery>,
) -> Result<Json<Preview>, ApiError> {
    let state = hub.state();
    let present = state.schedule.clone().unwrap_or_default();
    let time = query.trigger_time.or(present.trigger_time);
    let time = time.ok_or_else(|| {
        ApiError::invalid(
            "trigger_time",
            "trigger_time is required: TickStockPL has not reported the current one.",
        )
    })?;
    // TickStockPL's documented default is the exchange's zone.
    let zone = query
        .timezone
        .or(present.timezone)
        .unwrap_or_else(|| contract::EXCHANGE_ZONE.to_owned());
    let plan = RunSchedule {
        enabled: query.enabled.or(present.enabled).unwrap_or(true),
        trigger_time: &input::time(&time)?,
        zone: contract::canonical_zone(&zone),
        market_check: query.market_check.or(present.market_check).unwrap_or(true),
    };
    let now = now();
    let from = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    let days = upcoming_runs(plan, from, PREVIEW_RUNS).map_err(|error| {
        ApiError::invalid(
            if zone_is_wrong(&error) {
                "timezone"
            } else {
                "trigger_time"
            },
            error.to_string(),
        )
    })?;
    let first = days.iter().find(|day| day.runs).map(|day| day.local.at_ms);
    let until = state
        .active()
        .map(|run| run.estimated_completion.unwrap_or(now));
    let conflicts = match (first, until) {
        (Some(first), Some(until)) if until.0 >= first => {
            vec!["The active run is expected to end after the next one starts.".to_owned()]
        }
        _ => Vec::new(),
    };
    Ok(Json(Preview {
        success: true,
        days: days.into_iter().map(Day::from).collect(),
        conflicts,
    }))
}

fn zone_is_wrong(error: &calendar::CalendarError) -> bool {
    matches!(error, calendar::CalendarError::UnknownZone { .. })
}
