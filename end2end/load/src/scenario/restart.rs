//! The relay is killed and started again while messages continue: when all streams are back, and
//! whether what they know is right.

use super::{DRAIN, warm};
use crate::clock::now_us;
use crate::error::Error;
use crate::fleet::Fleet;
use crate::mark::Marks;
use crate::publish::{Plan, Publisher};
use crate::stage::Program;
use serde::Serialize;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

/// How long all goes well, before and after.
const CALM: Duration = Duration::from_secs(3);
/// How long streams may take to come back.
const BACK_WITHIN: Duration = Duration::from_secs(30);
/// More than are published in that time at 10 a second.
const MESSAGES: usize = 600;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Restart {
    /// Streams.
    pub streams: usize,
    /// How many are back.
    pub back: usize,
    /// From the kill until the relay listened again.
    pub listening_s: f64,
    /// From the kill until half of the streams had the state again.
    pub half_back_s: f64,
    /// From the kill until the last stream had it.
    pub all_back_s: f64,
    /// Streams that were told that their position is of another relay.
    pub resets: usize,
    /// Attempts that were refused.
    pub refused: usize,
    /// Messages that the new relay heard.
    pub heard: usize,
    /// Of those, over all streams, how many are neither in the snapshot nor in a frame after it.
    pub missing: usize,
    /// Messages that came again.
    pub twice: usize,
    /// Messages that came after a later one.
    pub out_of_order: usize,
}

/// Measures it.
///
/// # Errors
/// When the program does not start, does not serve so many, or they do not come back.
pub fn run(
    program: &Program,
    redis: SocketAddr,
    streams: usize,
    plan: Plan,
) -> Result<Restart, Error> {
    let mut server = warm(program, redis)?;
    let marks = Marks::new(MESSAGES);
    let mut fleet = Fleet::open(server.address(), streams, marks.clone())?;
    fleet.count_anew(marks.clone());
    fleet.come_back();
    let publisher = Publisher::start(redis, marks.clone(), 0..MESSAGES, plan)?;
    fleet.run_for(CALM, |_| false)?;

    let killed_us = now_us();
    server.kill();
    // Streams are still read while the new process starts.
    let starting = thread::spawn(move || server.again().map(|server| (now_us(), server)));
    let back_at = |fleet: &Fleet| fleet.live_since_us().filter(|at| *at > killed_us).count();
    fleet.run("the return of all streams", BACK_WITHIN, |fleet| {
        back_at(fleet) == streams
    })?;
    let (listening_us, _server) = match starting.join() {
        Ok(started) => started?,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    fleet.run_for(CALM, |_| false)?;
    let published = publisher.finish()?;
    // What came in the moment between the two relays is nobody's.
    let after = |number: &usize| {
        marks
            .published_us(*number)
            .is_some_and(|at| at > listening_us)
    };
    let first = (0..published).find(after).unwrap_or(published);
    let heard = first.max(marks.heard_since_gap(published).start)..published;
    let all_known = |fleet: &Fleet| fleet.missing(heard.end.saturating_sub(1)..heard.end) == 0;
    fleet.run_for(DRAIN, all_known)?;

    let seconds = |at: u64| at.saturating_sub(killed_us) as f64 / 1e6;
    let mut back: Vec<u64> = fleet.live_since_us().filter(|at| *at > killed_us).collect();
    back.sort_unstable();
    let counts = fleet.counts();
    Ok(Restart {
        streams,
        back: fleet.live(),
        listening_s: seconds(listening_us),
        half_back_s: back.get(back.len() / 2).map_or(0.0, |at| seconds(*at)),
        all_back_s: back.last().map_or(0.0, |at| seconds(*at)),
        resets: counts.resets,
        refused: counts.refused,
        missing: fleet.missing(heard.clone()),
        heard: heard.len(),
        twice: counts.twice,
        out_of_order: counts.out_of_order,
    })
}
