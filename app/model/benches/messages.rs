//! Messages per second on one core: decoding and applying, beside what serde_json alone takes into
//! a struct of exactly these fields, of the same kinds: what the contract leaves open (a pattern's
//! data) by name. And what a snapshot of a full state costs. `make bench`
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may")]

#[path = "../tests/model/support/full.rs"]
mod filling;

use contract::frame::{Frame, Input};
use contract::{Channel, Timestamp, decode};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use filling::full;
use model::{Snapshot, State};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::hint::black_box;

const AT: Timestamp = Timestamp(1_738_012_200_000);
const STARTED: &str = r#"{"event": "processing_started", "timestamp": "2025-01-26T21:10:00Z", "source": "daily_scheduler", "version": "1.0", "payload": {"run_id": "550e8400-e29b-41d4-a716-446655440000", "run_date": "2025-01-26", "phases": ["import", "cache_sync", "indicators", "patterns"], "universe": "sp500", "trigger_type": "automatic"}}"#;
const PROGRESS: &str = r#"{"event": "import_progress", "timestamp": "2025-01-26T21:10:00Z", "source": "daily_import_job", "version": "1.0", "payload": {"run_id": "550e8400-e29b-41d4-a716-446655440000", "completed_symbols": 250, "total_symbols": 505, "percent_complete": 49.5, "current_symbol": "AAPL", "eta_seconds": 425}}"#;
const DETECTED: &str = r#"{"event": "pattern_detected", "timestamp": "2025-01-26T21:10:00Z", "source": "pattern_detection_engine", "version": "1.0", "payload": {"symbol": "AAPL", "pattern": "BullishEngulfing", "timeframe": "1day", "confidence": 0.85, "pattern_data": {"entry_price": 185.5, "stop_loss": 182.0, "target_price": 192.0}, "levels": [{"type": "support", "value": 180.5}, {"type": "resistance", "value": 195.0}], "run_id": "550e8400-e29b-41d4-a716-446655440000"}}"#;

#[derive(Deserialize)]
#[allow(dead_code)]
struct Envelope<P> {
    event: String,
    timestamp: String,
    source: String,
    version: String,
    payload: P,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct ExactProgress {
    run_id: String,
    completed_symbols: u64,
    total_symbols: u64,
    percent_complete: f64,
    current_symbol: String,
    eta_seconds: u64,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct ExactDetection {
    symbol: String,
    pattern: String,
    timeframe: String,
    confidence: f64,
    pattern_data: BTreeMap<String, f64>,
    levels: Vec<ExactLevel>,
    run_id: String,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct ExactLevel {
    r#type: String,
    value: f64,
}

fn input(channel: Channel, text: &str) -> Input {
    Input::Event(decode(channel, text.as_bytes()).unwrap())
}

fn running() -> State {
    let mut state = State::default();
    state.apply(&Frame {
        seq: 1,
        at: AT,
        inputs: vec![input(Channel::ProcessingStatus, STARTED)],
    });
    state
}

fn messages(c: &mut Criterion) {
    let mut group = c.benchmark_group("messages");
    group.throughput(Throughput::Elements(1));
    for (name, channel, text) in [
        ("progress", Channel::ImportProgress, PROGRESS),
        ("detection", Channel::PatternsDetected, DETECTED),
    ] {
        group.bench_function(format!("{name}: decode and apply"), |b| {
            let mut state = running();
            b.iter(|| {
                let inputs = vec![input(channel, black_box(text))];
                state.apply(&Frame {
                    seq: 2,
                    at: AT,
                    inputs,
                })
            });
        });
        group.bench_function(format!("{name}: decode"), |b| {
            b.iter(|| decode(channel, black_box(text).as_bytes()));
        });
    }
    group.bench_function("progress: serde_json into an exact struct", |b| {
        b.iter(|| serde_json::from_str::<Envelope<ExactProgress>>(black_box(PROGRESS)).unwrap());
    });
    group.bench_function("detection: serde_json into an exact struct", |b| {
        b.iter(|| serde_json::from_str::<Envelope<ExactDetection>>(black_box(DETECTED)).unwrap());
    });
    group.finish();
}

fn snapshot(c: &mut Criterion) {
    let snapshot = Snapshot {
        protocol: 1,
        epoch: 1,
        seq: 4,
        at: filling::AT,
        state: std::sync::Arc::new(full("w")),
    };
    let text = serde_json::to_string(&snapshot).unwrap();
    eprintln!("a full snapshot has {} KiB", text.len() >> 10);
    let mut group = c.benchmark_group("snapshot");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("a full one: write", |b| {
        b.iter(|| serde_json::to_vec(black_box(&snapshot)).unwrap());
    });
    group.bench_function("a full one: read", |b| {
        b.iter(|| serde_json::from_str::<Snapshot>(black_box(&text)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, messages, snapshot);
criterion_main!(benches);
