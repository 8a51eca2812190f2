//! Publishing at a steady rate, from a thread of its own: the time of each message is taken just
//! before it is written.

use crate::error::{During, Error};
use crate::mark::{CHANNEL, Marks};
use crate::resp::{self, Reply};
use crate::stop;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What is published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Messages written at once.
    pub burst: usize,
    /// The time from one burst to the next.
    pub every: Duration,
    /// Bytes of a message.
    pub bytes: usize,
}

impl Plan {
    /// `rate` single messages a second.
    pub fn steady(rate: f64, bytes: usize) -> Plan {
        Plan {
            burst: 1,
            every: Duration::from_secs_f64(1.0 / rate),
            bytes,
        }
    }
}

/// A thread that publishes.
#[derive(Debug)]
pub struct Publisher {
    thread: Option<JoinHandle<Result<(), Error>>>,
    published: Arc<AtomicUsize>,
    enough: Arc<AtomicBool>,
}

impl Publisher {
    /// Publishes the marks of `numbers`, in order.
    ///
    /// # Errors
    /// When Redis is not there.
    pub fn start(
        redis: SocketAddr,
        marks: Marks,
        numbers: Range<usize>,
        plan: Plan,
    ) -> Result<Publisher, Error> {
        let client = resp::Client::connect(redis)?;
        let published = Arc::new(AtomicUsize::new(numbers.start));
        let enough = Arc::new(AtomicBool::new(false));
        let (counter, flag) = (published.clone(), enough.clone());
        let run = move || publish(client, &marks, numbers, plan, &counter, &flag);
        let thread = thread::Builder::new()
            .name("publisher".to_owned())
            .spawn(run)
            .during("starting a thread")?;
        Ok(Publisher {
            thread: Some(thread),
            published,
            enough,
        })
    }

    /// The number after the last one that was published.
    pub fn published(&self) -> usize {
        self.published.load(Ordering::Relaxed)
    }

    /// Whether all were published, or nothing more comes.
    pub fn is_done(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Publishes no more, and says how far it came.
    ///
    /// # Errors
    /// When Redis went away meanwhile.
    pub fn finish(mut self) -> Result<usize, Error> {
        self.enough.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            match thread.join() {
                Ok(result) => result?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(self.published())
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
    }
}

fn publish(
    mut client: resp::Client,
    marks: &Marks,
    numbers: Range<usize>,
    plan: Plan,
    published: &AtomicUsize,
    enough: &AtomicBool,
) -> Result<(), Error> {
    let mut due = Instant::now();
    let mut next = numbers.start;
    let mut commands = Vec::new();
    while next < numbers.end && !enough.load(Ordering::Relaxed) && !stop::asked() {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let burst = next..numbers.end.min(next + plan.burst);
        commands.clear();
        for number in burst.clone() {
            resp::command(
                &mut commands,
                &[
                    b"PUBLISH",
                    CHANNEL.as_bytes(),
                    &marks.message(number, plan.bytes),
                ],
            );
        }
        burst.clone().for_each(|number| marks.publish(number));
        client.send(&commands)?;
        for number in burst.clone() {
            match client.answer()? {
                Reply::Integer(heard) => marks.set_heard(number, u32::try_from(heard).unwrap_or(0)),
                other => return Err(Error::Redis(format!("{other:?}"))),
            }
        }
        next = burst.end;
        published.store(next, Ordering::Relaxed);
        due += plan.every;
    }
    Ok(())
}
