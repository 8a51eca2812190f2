//! Starts runs at the times of the schedule.

use crate::plan::Trigger;
use crate::run;
use crate::simulator::Simulator;
use contract::Phase;
use jiff::Timestamp;
use std::time::Duration;

/// With `--schedule`, starts a run at every scheduled time.
pub(crate) async fn start_scheduled_runs(simulator: Simulator) {
    if !simulator.options().schedule {
        return;
    }
    loop {
        // Looked at every second, so that a changed schedule counts at once.
        let due = simulator.schedule().next_run(Timestamp::now());
        tokio::select! {
            () = simulator.shutdown().cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        let schedule = simulator.schedule();
        if !schedule.enabled || due.is_none_or(|due| due > Timestamp::now()) {
            continue;
        }
        let universes = schedule.universes;
        let trigger = Trigger {
            phases: Phase::ALL.to_vec(),
            automatic: true,
            universes,
            ..Trigger::default()
        };
        if let Err(active) = run::start(&simulator, trigger) {
            tracing::warn!(
                run_id = active,
                "scheduled run skipped, another run is active"
            );
        }
    }
}
