//! Results per symbol.

use crate::Timestamp;
use crate::event::{Body, Detection, Detections, IndicatorResult, Scalar, SymbolImported};
use crate::fields::{self, Fields, scalars, time};
use crate::json::{Json, Name, names};
use crate::outcome::{Ending, Outcome};

/// Items of one batch that are kept.
const BATCH_ITEMS: usize = 500;
const LEVELS: usize = 12;

/// Where a pattern is an object, its name is one of these.
const NAMES_IN_PATTERN: &[Name] = names!["name", "pattern", "pattern_type", "type"];

pub(crate) fn symbol_imported(name: &str, f: &Fields<'_, '_>) -> SymbolImported {
    let Ending { outcome, word } = Ending::parse_event(name, f);
    SymbolImported {
        symbol: f.symbol(names!["symbol"]),
        // An outcome that is not known is not a success; there is no third state for one symbol.
        failed: matches!(
            outcome,
            Some(Outcome::Failed | Outcome::Cancelled | Outcome::Unknown)
        ),
        timeframes: f.names(names!["timeframes_processed", "timeframes"]),
        records: f.count(names!["records_imported", "records"]),
        duration_ms: f.count(names!["processing_time_ms"]),
        message: f
            .message(names![
                "error_message",
                "error",
                "message",
                "reason",
                "error_details",
                "exception"
            ])
            .or(word),
    }
}

pub(crate) fn indicator(name: &str, f: &Fields<'_, '_>) -> Option<Body> {
    let indicator = f.name(names!["indicator", "indicator_type", "indicator_name"])?;
    let mut values = scalars(f.object("values").or_else(|| f.object("value")));
    if let (true, Some(value)) = (values.is_empty(), f.float(names!["value"])) {
        values.push(("value".into(), Scalar::Number(value)));
    }
    Some(Body::IndicatorCalculated(IndicatorResult {
        symbol: f.symbol(names!["symbol"]),
        indicator,
        timeframe: f.name(names!["timeframe"]),
        values,
        metadata: scalars(f.object("metadata")),
        at: own_time(f),
        streaming: name.starts_with("streaming")
            || name == "indicator_update"
            || f.has("session_id"),
    }))
}

pub(crate) fn detections(name: &str, top: Json<'_, '_>, f: &Fields<'_, '_>) -> Option<Body> {
    let streaming = name.contains("streaming")
        || matches!(name, "intraday_pattern" | "patterns_batch")
        || f.has("session_id");
    let items: Vec<_> = match f.list("patterns") {
        Some(list) => list
            .take(BATCH_ITEMS)
            .filter_map(|item| detection(&Fields::new(item), true))
            .collect(),
        None => detection(&Fields::new(top), false).into_iter().collect(),
    };
    let count = f.count(names!["count"]);
    (!items.is_empty()).then_some(Body::PatternsDetected(Detections {
        items,
        count,
        streaming,
    }))
}

fn detection(f: &Fields<'_, '_>, of_batch: bool) -> Option<Detection> {
    let nested = f.object("pattern");
    let pattern = f
        .name(names!["pattern", "pattern_type", "pattern_name"])
        .or_else(|| Fields::new(nested?).name(NAMES_IN_PATTERN))?;
    let levels = f.list("levels").into_iter().flatten().take(LEVELS);
    Some(Detection {
        symbol: f.symbol(names!["symbol"]),
        pattern,
        timeframe: f.name(names!["timeframe"]),
        confidence: f
            .float(names!["confidence"])
            .filter(|c| (0.0..=1.0).contains(c)),
        levels: levels
            .filter_map(|level| {
                let price = fields::float(level.get("value").or_else(|| level.get("price"))?)?;
                Some((
                    level
                        .get("type")
                        .and_then(Json::text)
                        .unwrap_or("level")
                        .to_owned(),
                    price,
                ))
            })
            .collect(),
        data: ["pattern_data", "parameters", "bar_data"]
            .into_iter()
            .flat_map(|name| scalars(f.object(name)))
            .chain(
                scalars(nested)
                    .into_iter()
                    .filter(|(name, _)| NAMES_IN_PATTERN.iter().all(|known| known.text != name)),
            )
            .collect(),
        metadata: scalars(f.object("metadata")),
        at: own_time(f).or_else(|| of_batch.then(|| f.time(names!["timestamp"])).flatten()),
    })
}

/// The time of the data, which stands in the result's own object; the envelope's is the event's.
fn own_time(f: &Fields<'_, '_>) -> Option<Timestamp> {
    time(f.own("timestamp")?)
}
