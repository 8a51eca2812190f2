//! A state at all of its bounds: whatever came, its snapshot has less than the size that is
//! promised.

use crate::support::full::{AT, full};
use model::{Snapshot, limits};

#[test]
fn a_full_states_snapshot_is_within_its_bound() {
    for filling in ["w", "\"", "\u{1}", "\u{1F4C8}"] {
        let state = full(filling);
        let run = state.run.as_ref().expect("a run");
        assert_eq!(run.failed_symbols.len(), limits::FAILED_SYMBOLS);
        assert_eq!(
            (run.by_indicator.len(), run.by_pattern.len()),
            (limits::KINDS + 1, limits::KINDS + 1)
        );
        assert_eq!(
            (state.log.len(), state.errors.len(), state.earlier.len()),
            (limits::LOG, limits::ERROR_GROUPS, limits::RUNS)
        );
        assert_eq!(
            (state.feeds.patterns.len(), state.feeds.indicators.len()),
            (limits::FEED_ROWS, limits::FEED_ROWS)
        );
        assert_eq!(
            (state.rejected.samples.len(), state.gaps.len()),
            (limits::REJECTED_SAMPLES, limits::GAPS)
        );
        assert_eq!(
            (state.baselines.len(), state.monitoring.alerts.len()),
            (limits::BASELINES, limits::ALERTS)
        );
        let bytes = |part: Result<String, serde_json::Error>| part.expect("written").len();
        let sizes = [
            ("log", bytes(serde_json::to_string(&state.log))),
            ("run", bytes(serde_json::to_string(&state.run))),
            (
                "failed symbols",
                bytes(serde_json::to_string(&run.failed_symbols)),
            ),
            ("others", bytes(serde_json::to_string(&state.others))),
            ("phases", bytes(serde_json::to_string(&run.phases))),
            ("errors", bytes(serde_json::to_string(&state.errors))),
            ("feeds", bytes(serde_json::to_string(&state.feeds))),
            ("earlier", bytes(serde_json::to_string(&state.earlier))),
            ("rejected", bytes(serde_json::to_string(&state.rejected))),
            (
                "monitoring",
                bytes(serde_json::to_string(&state.monitoring)),
            ),
            ("baselines", bytes(serde_json::to_string(&state.baselines))),
        ];
        let snapshot = Snapshot {
            protocol: 1,
            epoch: u64::MAX,
            seq: u64::MAX,
            at: AT,
            state: std::sync::Arc::new(state),
        };
        let all = bytes(serde_json::to_string(&snapshot));
        assert!(
            all < limits::SNAPSHOT_BYTES,
            "{all} bytes, filled with {filling:?}: {sizes:?}"
        );
    }
}
