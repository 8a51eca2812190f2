//! Who is told of every step.

use contract::frame::Frame;
use contract::{Event, Timestamp};
use model::{Changes, State};

/// Notified of every step, in the hub's own task, and so must never wait.
pub trait Observer: Send {
    /// Called with the state before the first step.
    fn on_start(&mut self, state: &State);
    /// Called with an event as it came, before it is merged with others; the state may be a moment
    /// behind it.
    fn on_event(&mut self, at: Timestamp, event: &Event, state: &State);
    /// Called with the state after a step, and what the step changed.
    fn on_step(&mut self, state: &State, frame: &Frame, changes: Changes);
    /// Called every 15 s.
    fn on_heartbeat(&mut self, state: &State, at: Timestamp);
    /// Called with the last state.
    fn on_end(&mut self, state: &State, at: Timestamp);
}
