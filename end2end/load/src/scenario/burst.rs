//! Thousands of results in a second: what each stream has to carry of them, and whether its counts
//! are exact.

use super::{DRAIN, Target, warm};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::mark::Marks;
use crate::proc;
use crate::resp;
use crate::stage::Program;
use contract::frame::{Frame, Input};
use contract::{Body, ResultBatch};
use serde::Serialize;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// Where results per symbol are published.
const CHANNEL: &str = "tickstock:indicators:calculated";
/// Results that are written at once.
const TOGETHER: usize = 50;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// `relay` or `bare`.
    pub server: String,
    /// Streams.
    pub streams: usize,
    /// Results that were published.
    pub published: usize,
    /// How long that took.
    pub published_s: f64,
    /// Results that the frames of one stream count.
    pub counted: u64,
    /// From the first PUBLISH until they were all counted.
    pub counted_s: f64,
    /// Frames of each stream.
    pub frames: f64,
    /// KiB of each stream.
    pub kib: f64,
    /// CPU seconds of the server.
    pub cpu_s: f64,
}

/// Publishes `results` within a second to so many streams.
///
/// # Errors
/// When the program does not start, or does not serve so many.
pub fn results(
    program: &Program,
    redis: SocketAddr,
    streams: usize,
    results: usize,
) -> Result<Results, Error> {
    let server = warm(program, redis)?;
    let target = Target::from_server(&server, redis);
    let mut fleet = Fleet::open(target.server, streams, Marks::new(0))?;
    fleet.count_anew(Marks::new(0));
    fleet.watch_first();
    let cpu_before = proc::cpu_seconds(server.pid())?;
    let began = Instant::now();
    let publisher = thread::spawn(move || publish(redis, results));
    let (mut read, mut counted, mut counted_s) = (0, 0, 0.0);
    let all = |fleet: &Fleet, read: &mut usize, counted: &mut u64| {
        for data in &fleet.witness()[*read..] {
            *counted += count(data);
        }
        *read = fleet.witness().len();
        *counted >= results as u64
    };
    fleet.run_for(Duration::from_secs(1) + DRAIN, |fleet| {
        let done = all(fleet, &mut read, &mut counted);
        if done {
            counted_s = began.elapsed().as_secs_f64();
        }
        done
    })?;
    let published_s = match publisher.join() {
        Ok(took) => took?.as_secs_f64(),
        Err(panic) => std::panic::resume_unwind(panic),
    };
    // The first stream has all; the others, and what would be too much, may still be on their way.
    fleet.run_for(Duration::from_millis(500), |_| false)?;
    all(&fleet, &mut read, &mut counted);
    let counts = fleet.counts();
    Ok(Results {
        server: program.name().to_owned(),
        streams,
        published: results,
        published_s,
        counted,
        counted_s,
        frames: counts.frames as f64 / streams as f64,
        kib: counts.bytes as f64 / 1024.0 / streams as f64,
        cpu_s: proc::cpu_seconds(server.pid())? - cpu_before,
    })
}

/// Publishes evenly over a second, from a thread of its own.
fn publish(redis: SocketAddr, results: usize) -> Result<Duration, Error> {
    let mut client = resp::Client::connect(redis)?;
    let began = Instant::now();
    for first in (0..results).step_by(TOGETHER) {
        thread::sleep(
            Duration::from_secs_f64(first as f64 / results as f64).saturating_sub(began.elapsed()),
        );
        let together = first..results.min(first + TOGETHER);
        let mut commands = Vec::new();
        for number in together.clone() {
            resp::command(
                &mut commands,
                &[b"PUBLISH", CHANNEL.as_bytes(), message(number).as_bytes()],
            );
        }
        client.send(&commands)?;
        for _ in together {
            client.answer()?;
        }
    }
    Ok(began.elapsed())
}

fn message(number: usize) -> String {
    let symbol = number % 500;
    format!(
        r#"{{"event":"indicator_calculated","source":"indicator_calculation_engine","payload":{{"symbol":"S{symbol}","indicator":"RSI","timeframe":"1d","values":{{"rsi":{}.5}}}}}}"#,
        number % 100
    )
}

/// How many results a frame tells of.
fn count(data: &[u8]) -> u64 {
    let Ok(frame) = serde_json::from_slice::<Frame>(data) else {
        return 0;
    };
    let of_input = |input: &Input| match input {
        Input::Results(ResultBatch::Indicators(batch)) => batch.count(),
        Input::Event(event) => u64::from(matches!(event.body, Body::IndicatorCalculated(_))),
        _ => 0,
    };
    frame.inputs.iter().map(of_input).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{Channel, Timestamp};

    #[test]
    fn results_are_counted_one_by_one_and_in_batches() {
        let channel = Channel::from_wire_name(CHANNEL).unwrap();
        let event = |number| contract::decode(channel, message(number).as_bytes()).unwrap();
        let mut batch = ResultBatch::from_event(event(1)).unwrap();
        for number in 2..=40 {
            batch
                .add(ResultBatch::from_event(event(number)).unwrap(), 16)
                .unwrap();
        }
        let inputs = vec![Input::Event(event(0)), Input::Results(batch)];
        let frame = Frame {
            seq: 1,
            at: Timestamp(0),
            inputs,
        };
        assert_eq!(count(&serde_json::to_vec(&frame).unwrap()), 41);
        assert_eq!(count(b"{}"), 0);
    }
}
