//! The schedule: as TickStockPL keeps it, changed only when it says so, and looked at before it is
//! changed.

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

/// Runs that a preview shows.
const PREVIEWED: usize = 5;

/// The schedule, and how it is known.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleResponse {
    /// Always true.
    success: bool,
    /// What was done, where something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The schedule; null where TickStockPL never told it.
    schedule: Option<Schedule>,
    /// Where it is from.
    source: AnswerSource,
    /// When it was so.
    as_of: String,
}

/// When runs start by themselves. What TickStockPL does not say is null.
#[derive(Serialize, ToSchema)]
pub(crate) struct Schedule {
    /// Whether runs start by themselves.
    enabled: Option<bool>,
    /// `HH:MM` in `timezone`.
    trigger_time: Option<String>,
    /// IANA name of the zone of `trigger_time`, as TickStockPL gives it.
    timezone: Option<String>,
    /// Whether days without a session are left out.
    market_check: Option<bool>,
    /// When the next run starts.
    next_run: Option<String>,
    /// The universes that are processed.
    universes: Vec<String>,
    /// What tells this schedule from a changed one; send it as `version` with a change.
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

/// What is to change; the rest stays as it is.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ScheduleBody {
    /// Whether runs start by themselves.
    enabled: Option<bool>,
    /// `HH:MM` in the schedule's zone.
    trigger_time: Option<String>,
    /// Whether days without a session are left out.
    market_check: Option<bool>,
    /// The universes to process.
    universes: Option<Vec<String>>,
    /// The version that was seen before: where it is no longer the present one, nothing is changed
    /// (409, `changed`).
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
    let message = Some("The schedule was changed".to_owned());
    let as_of = rfc3339(now());
    Ok(Json(ScheduleResponse {
        success: true,
        message,
        schedule: Some(schedule.into()),
        source: AnswerSource::Api,
        as_of,
    }))
}

/// A schedule to look at; what is absent is as it is now.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Considered {
    /// Whether runs start by themselves.
    enabled: Option<bool>,
    /// `HH:MM` in `timezone`.
    trigger_time: Option<String>,
    /// IANA name.
    timezone: Option<String>,
    /// Whether days without a session are left out.
    market_check: Option<bool>,
}

/// What a schedule would do.
#[derive(Serialize, ToSchema)]
pub(crate) struct Preview {
    /// Always true.
    success: bool,
    /// The next days, until five of them have a run.
    days: Vec<Day>,
    /// What stands in the way, in words: a run that will still be active.
    conflicts: Vec<String>,
}

/// One day of a schedule.
#[derive(Serialize, ToSchema)]
pub(crate) struct Day {
    /// In the schedule's zone, such as `Friday`.
    weekday: String,
    /// Whether it has a run.
    runs: bool,
    /// When, in the schedule's zone.
    local: String,
    /// When, in the exchange's zone.
    exchange: String,
    /// When, in milliseconds since 1970.
    at_ms: i64,
    /// What is special: `holiday: Thanksgiving Day, no run`, `half day, closes 13:00`, …
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

/// Look at a schedule before it is saved.
#[utoipa::path(
    get,
    path = "/api/processing/daily/schedule/preview",
    tag = "schedule",
    params(Considered),
    responses((status = 200, description = "What it would do", body = Preview), QueryErrors)
)]
pub(crate) async fn preview(
    State(hub): State<Hub>,
    ApiQuery(considered): ApiQuery<Considered>,
) -> Result<Json<Preview>, ApiError> {
    let state = hub.state();
    let present = state.schedule.clone().unwrap_or_default();
    let time = considered.trigger_time.or(present.trigger_time);
    let time = time.ok_or_else(|| {
        ApiError::invalid(
            "trigger_time",
            "trigger_time must be given: TickStockPL has not told its own",
        )
    })?;
    // Where TickStockPL names no zone, the exchange's is the documented one.
    let zone = considered
        .timezone
        .or(present.timezone)
        .unwrap_or_else(|| contract::EXCHANGE_ZONE.to_owned());
    let plan = RunSchedule {
        enabled: considered.enabled.or(present.enabled).unwrap_or(true),
        trigger_time: &input::time(&time)?,
        zone: contract::canonical_zone(&zone),
        market_check: considered
            .market_check
            .or(present.market_check)
            .unwrap_or(true),
    };
    let now = now();
    let from = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    let days = upcoming_runs(plan, from, PREVIEWED).map_err(|error| {
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
            vec![
                "A run is active, and is expected to go on until after the next one would start"
                    .to_owned(),
            ]
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
