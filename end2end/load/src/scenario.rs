//! What is measured, one scenario in each file; what they have in common is here.

pub mod burst;
pub mod restart;
pub mod stalled;
pub mod steady;

use crate::error::Error;
use crate::fleet::Fleet;
use crate::mark::Marks;
use crate::publish::{Plan, Publisher};
use crate::stage::{Program, Server};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

/// How long the last messages may be on their way.
const DRAIN: Duration = Duration::from_secs(5);
/// After this much quiet, memory that is given back was given back.
const SETTLE: Duration = Duration::from_secs(1);

/// What is read from, and where it is published.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Where the streams are.
    pub server: SocketAddr,
    /// The server's process, where it is on this machine.
    pub pid: Option<u32>,
    /// The Redis server that it is subscribed to.
    pub redis: SocketAddr,
}

impl Target {
    /// A server that was started for this.
    pub fn from_server(server: &Server, redis: SocketAddr) -> Target {
        Target {
            server: server.address(),
            pid: Some(server.pid()),
            redis,
        }
    }
}

/// Starts a server, and lets it have served a little: what is loaded and allocated once for all is
/// not what a stream costs.
fn warm(program: &Program, redis: SocketAddr) -> Result<Server, Error> {
    warm_with(program, redis, 100, Plan::steady(200.0, 500))
}

/// The same, with so many messages.
fn warm_with(
    program: &Program,
    redis: SocketAddr,
    messages: usize,
    plan: Plan,
) -> Result<Server, Error> {
    const READERS: usize = 5;
    let server = Server::start(program.clone(), redis)?;
    let mut fleet = Fleet::open(server.address(), READERS, Marks::new(0))?;
    publish(&mut fleet, redis, messages, plan, READERS)?;
    drop(fleet);
    thread::sleep(SETTLE);
    Ok(server)
}

/// Publishes `messages` again, and reads until each of `readers` had each or nothing more comes.
/// Says how many were published.
fn publish(
    fleet: &mut Fleet,
    redis: SocketAddr,
    messages: usize,
    plan: Plan,
    readers: usize,
) -> Result<usize, Error> {
    let marks = Marks::new(messages);
    fleet.count_anew(marks.clone());
    let publisher = Publisher::start(redis, marks, 0..messages, plan)?;
    let longest = plan.every.mul_f64(messages as f64 / plan.burst as f64) * 4 + DRAIN;
    fleet.run("the end of publishing", longest, |_| publisher.is_done())?;
    let published = publisher.finish()?;
    fleet.run_for(DRAIN, |fleet| {
        fleet.counts().delivered >= readers * published
    })?;
    Ok(published)
}
