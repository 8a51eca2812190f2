//! One reader among many stops reading: what the others notice of it, and what it costs the relay.
//!
//! The same is done twice, first while everybody reads: what the messages themselves cost is then
//! known, and the difference is the stopped reader's.

use super::{SETTLE, Target, publish, warm_with};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::mark::Marks;
use crate::proc::{self, Connection};
use crate::publish::Plan;
use crate::stage::Program;
use serde::Serialize;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The reader that stops.
const STOPPED: usize = 0;
/// What fills the buffers between the relay and a reader that does not read: large messages, faster
/// than usual.
const FILL: (usize, f64, usize) = (500, 50.0, 2000);
/// What the relay keeps of messages for those who come back has its full size after so many large
/// ones: it grows no more then.
const KEPT: (usize, f64, usize) = (3000, 100.0, 2000);
/// How long the relay may take to give the reader up.
const GIVES_UP: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Stalled {
    /// `relay` or `bare`.
    pub server: String,
    /// Streams, of which one stops.
    pub streams: usize,
    /// While everybody reads.
    pub before: Phase,
    /// While one does not.
    pub during: Phase,
    /// What the kernel held for it at the end.
    pub unsent_kib: f64,
    /// How long after the last measurement, with a message a second, the relay gave it up; none if
    /// it did not.
    pub given_up_s: Option<f64>,
}

/// A time of filling, and one of measuring.
#[derive(Clone, Debug, Serialize)]
pub struct Phase {
    /// What those who read were sent.
    pub expected: usize,
    /// What they got.
    pub delivered: usize,
    /// From PUBLISH to receipt.
    pub p50_ms: f64,
    /// The same.
    pub p99_ms: f64,
    /// By how much the server's own memory grew.
    pub growth_kib: i64,
}

/// Measures it, with `messages` of `plan` in each phase.
///
/// # Errors
/// When the program does not start, or does not serve so many.
pub fn run(
    program: &Program,
    redis: SocketAddr,
    streams: usize,
    plan: Plan,
    messages: usize,
) -> Result<Stalled, Error> {
    let (kept, rate, bytes) = KEPT;
    let server = warm_with(program, redis, kept, Plan::steady(rate, bytes))?;
    let target = Target::from_server(&server, redis);
    let mut fleet = Fleet::open(target.server, streams, Marks::new(0))?;
    let phase = |fleet: &mut Fleet, readers: usize| -> Result<Phase, Error> {
        let kib_before = proc::anonymous_kib(server.pid())?;
        let (filling, rate, bytes) = FILL;
        publish(fleet, redis, filling, Plan::steady(rate, bytes), readers)?;
        let published = publish(fleet, redis, messages, plan, readers)?;
        let delivered = fleet.counts().delivered;
        let [p50_ms, p99_ms, _] = fleet.counts_mut().take_latencies_ms();
        let growth_kib = proc::anonymous_kib(server.pid())? as i64 - kib_before as i64;
        Ok(Phase {
            expected: readers * published,
            delivered,
            p50_ms,
            p99_ms,
            growth_kib,
        })
    };
    fleet.run_for(SETTLE, |_| false)?;
    let before = phase(&mut fleet, streams)?;
    fleet.stop_reading(STOPPED);
    let during = phase(&mut fleet, streams - 1)?;

    let unsent_kib = held(&fleet, target.server)?
        .map_or(0.0, |connection| connection.unsent_bytes as f64 / 1024.0);
    let began = Instant::now();
    let mut given_up_s = None;
    while given_up_s.is_none() && began.elapsed() < GIVES_UP {
        publish(&mut fleet, redis, 1, Plan::steady(1.0, 500), streams - 1)?;
        fleet.run_for(SETTLE, |_| false)?;
        let open = held(&fleet, target.server)?.is_some_and(|connection| connection.open);
        given_up_s = (!open).then(|| began.elapsed().as_secs_f64());
    }
    Ok(Stalled {
        server: program.name().to_owned(),
        streams,
        before,
        during,
        unsent_kib,
        given_up_s,
    })
}

/// The stopped reader's connection, as the server sees it.
fn held(fleet: &Fleet, server: SocketAddr) -> Result<Option<Connection>, Error> {
    fleet
        .own_address(STOPPED)
        .map_or(Ok(None), |own| proc::connection(server, own))
}
