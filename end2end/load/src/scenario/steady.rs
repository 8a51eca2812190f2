//! N readers, and messages at a steady rate (or in steady bursts): what arrives, when, and at what
//! cost.

use super::{SETTLE, Target, publish, warm};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::mark::Marks;
use crate::proc;
use crate::publish::Plan;
use crate::stage::Program;
use serde::Serialize;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long streams are open before their memory counts as that of idle ones.
const IDLE: Duration = Duration::from_secs(2);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Streams.
    pub streams: usize,
    /// What is published.
    pub plan: Plan,
    /// Messages in all.
    pub messages: usize,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// `relay`, `bare`, or what was asked for by address.
    pub server: String,
    /// Streams.
    pub streams: usize,
    /// Messages that were published.
    pub messages: usize,
    /// Messages times streams.
    pub expected: usize,
    /// How many of them arrived in frames.
    pub delivered: usize,
    /// Of those, how many after a later one.
    pub out_of_order: usize,
    /// How many arrived again.
    pub twice: usize,
    /// Streams that were closed, or told to start again.
    pub interrupted: usize,
    /// From PUBLISH to receipt.
    pub p50_ms: f64,
    /// The same.
    pub p99_ms: f64,
    /// The same.
    pub max_ms: f64,
    /// CPU seconds of the server for a million deliveries.
    pub cpu_per_million: f64,
    /// CPU seconds of what measures, to see what the server had to share.
    pub own_cpu_per_million: f64,
    /// The server's own memory for each stream, once open and idle.
    pub idle_kib: f64,
    /// The same after the load.
    pub after_kib: f64,
    /// Bytes on the wire for each delivery.
    pub bytes_per_delivery: f64,
    /// Events for each delivery: below 1 where several leave as one.
    pub events_per_delivery: f64,
    /// How long it took to open all streams.
    pub opened_s: f64,
}

/// Measures a program of one's own.
///
/// # Errors
/// When it does not start, or does not serve so many.
pub fn of_program(program: &Program, redis: SocketAddr, load: Load) -> Result<Measured, Error> {
    let server = warm(program, redis)?;
    measure(program.name(), Target::from_server(&server, redis), load)
}

/// Measures what runs already.
///
/// # Errors
/// When it does not serve so many.
pub fn measure(name: &str, target: Target, load: Load) -> Result<Measured, Error> {
    let memory = || target.pid.map_or(Ok(0), proc::anonymous_kib);
    let cpu = || target.pid.map_or(Ok(0.0), proc::cpu_seconds);
    let before_kib = memory()?;
    let per_stream = |kib: u64| (kib as f64 - before_kib as f64) / load.streams as f64;

    let began = Instant::now();
    let mut fleet = Fleet::open(target.server, load.streams, Marks::new(0))?;
    let opened_s = began.elapsed().as_secs_f64();
    fleet.run_for(IDLE, |_| false)?;
    let idle_kib = per_stream(memory()?);

    let (cpu_before, own_before) = (cpu()?, proc::cpu_seconds(std::process::id())?);
    let messages = publish(
        &mut fleet,
        target.redis,
        load.messages,
        load.plan,
        load.streams,
    )?;
    let (cpu_used, own_used) = (
        cpu()? - cpu_before,
        proc::cpu_seconds(std::process::id())? - own_before,
    );
    // Before settling: a heartbeat then would count as bytes of the load.
    let counts = fleet.counts().clone();
    let [p50_ms, p99_ms, max_ms] = fleet.counts_mut().take_latencies_ms();
    fleet.run_for(SETTLE, |_| false)?;
    let after_kib = per_stream(memory()?);

    let deliveries = counts.delivered.max(1) as f64;
    Ok(Measured {
        server: name.to_owned(),
        streams: load.streams,
        messages,
        expected: messages * load.streams,
        delivered: counts.delivered,
        out_of_order: counts.out_of_order,
        twice: counts.twice,
        interrupted: counts.lost + counts.resets,
        p50_ms,
        p99_ms,
        max_ms,
        cpu_per_million: cpu_used * 1e6 / deliveries,
        own_cpu_per_million: own_used * 1e6 / deliveries,
        idle_kib,
        after_kib,
        bytes_per_delivery: counts.bytes as f64 / deliveries,
        events_per_delivery: counts.frames as f64 / deliveries,
        opened_s,
    })
}

/// The medians of several runs of the same; counts are sums, so that no run hides what it lost.
pub fn medians(runs: &[Measured]) -> Option<Measured> {
    let first = runs.first()?;
    let median = |of: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let sum = |of: fn(&Measured) -> usize| runs.iter().map(of).sum();
    Some(Measured {
        server: first.server.clone(),
        streams: first.streams,
        messages: sum(|run| run.messages),
        expected: sum(|run| run.expected),
        delivered: sum(|run| run.delivered),
        out_of_order: sum(|run| run.out_of_order),
        twice: sum(|run| run.twice),
        interrupted: sum(|run| run.interrupted),
        p50_ms: median(|run| run.p50_ms),
        p99_ms: median(|run| run.p99_ms),
        max_ms: median(|run| run.max_ms),
        cpu_per_million: median(|run| run.cpu_per_million),
        own_cpu_per_million: median(|run| run.own_cpu_per_million),
        idle_kib: median(|run| run.idle_kib),
        after_kib: median(|run| run.after_kib),
        bytes_per_delivery: median(|run| run.bytes_per_delivery),
        events_per_delivery: median(|run| run.events_per_delivery),
        opened_s: median(|run| run.opened_s),
    })
}
