//! Where good ends: figures that an operator sets, which relay and browsers apply alike.

use serde::Serialize;

/// The thresholds that are in force.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Thresholds {
    /// From this percentage of failed symbols on a good run has warnings (`CONSOLE_WARN_FAILED`).
    pub warn_failed_percent: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            warn_failed_percent: 1.0,
        }
    }
}

impl Thresholds {
    /// Whether `failed` symbols of `total` are worth a warning. None never are.
    pub fn is_warning(self, failed: u64, total: Option<u64>) -> bool {
        let share = |total: u64| failed as f64 * 100.0 >= self.warn_failed_percent * total as f64;
        failed > 0 && total.is_none_or(|total| total < failed || share(total))
    }
}

contract::read_fields!(Thresholds {
    warn_failed_percent
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_of_505_are_no_warning_and_36_are() {
        let thresholds = Thresholds::default();
        let cases = [
            (0, Some(0)),
            (0, None),
            (3, Some(505)),
            (5, Some(505)),
            (6, Some(505)),
            (36, Some(505)),
            (1, None),
        ];
        let warns = cases.map(|(failed, total)| thresholds.is_warning(failed, total));
        assert_eq!(warns, [false, false, false, false, true, true, true]);
        assert!(
            !Thresholds {
                warn_failed_percent: 0.0
            }
            .is_warning(0, Some(505)),
            "never for zero"
        );
    }
}
