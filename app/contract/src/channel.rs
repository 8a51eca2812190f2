//! The Redis channels that concern a daily run.

use crate::Phase;

/// What the suffix of a phase's channel says; it gives the meaning where the event's name does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseStage {
    /// `…:started`
    Started,
    /// `…:progress`
    Progress,
    /// `…:completed`
    Completed,
}

crate::words! {
    /// A channel that the console subscribes to: first the 18 of the agreement, then the older and
    /// neighbouring ones. Its wire name is its name on Redis.
    Channel {
        ProcessingStatus = "tickstock:processing:status",
        ProcessingSchedule = "tickstock:processing:schedule",
        ImportStarted = "tickstock:import:started",
        ImportProgress = "tickstock:import:progress",
        ImportCompleted = "tickstock:import:completed",
        CacheStarted = "tickstock:cache:started",
        CacheProgress = "tickstock:cache:progress",
        CacheCompleted = "tickstock:cache:completed",
        IndicatorsStarted = "tickstock:indicators:started",
        IndicatorsProgress = "tickstock:indicators:progress",
        IndicatorsCompleted = "tickstock:indicators:completed",
        IndicatorsCalculated = "tickstock:indicators:calculated",
        PatternsStarted = "tickstock:patterns:started",
        PatternsProgress = "tickstock:patterns:progress",
        PatternsCompleted = "tickstock:patterns:completed",
        PatternsDetected = "tickstock:patterns:detected",
        Monitoring = "tickstock:monitoring",
        Errors = "tickstock:errors",
        /// The import's older channel.
        DataImportStatus = "tickstock:data:import:status",
        /// The import's older channel for errors.
        DataImportErrors = "tickstock:data:import:errors",
        /// The cache's older channel for starts.
        CacheSyncTriggered = "tickstock:cache:sync_triggered",
        /// The cache's older channel for ends.
        CacheSyncComplete = "tickstock:cache:sync_complete",
        /// A symbol was given to a universe.
        CacheIpoAssignment = "tickstock:cache:ipo_assignment",
        /// Delisted symbols were removed.
        CacheDelistingCleanup = "tickstock:cache:delisting_cleanup",
        /// A universe changed.
        UniverseUpdated = "tickstock:universe:updated",
    }
}

impl Channel {
    /// How many channels the agreement names; they come first in [`Channel::ALL`].
    pub const AGREED: usize = 18;

    /// The phase and the stage that the channel stands for, if it stands for one.
    pub fn phase_stage(self) -> Option<(Phase, PhaseStage)> {
        use Channel::*;
        Some(match self {
            ImportStarted => (Phase::Import, PhaseStage::Started),
            ImportProgress => (Phase::Import, PhaseStage::Progress),
            ImportCompleted => (Phase::Import, PhaseStage::Completed),
            CacheStarted | CacheSyncTriggered => (Phase::CacheSync, PhaseStage::Started),
            CacheProgress => (Phase::CacheSync, PhaseStage::Progress),
            CacheCompleted | CacheSyncComplete => (Phase::CacheSync, PhaseStage::Completed),
            IndicatorsStarted => (Phase::Indicators, PhaseStage::Started),
            IndicatorsProgress => (Phase::Indicators, PhaseStage::Progress),
            IndicatorsCompleted => (Phase::Indicators, PhaseStage::Completed),
            PatternsStarted => (Phase::Patterns, PhaseStage::Started),
            PatternsProgress => (Phase::Patterns, PhaseStage::Progress),
            PatternsCompleted => (Phase::Patterns, PhaseStage::Completed),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_distinct_and_read_back() {
        let names: BTreeSet<_> = Channel::ALL.iter().map(|c| c.wire_name()).collect();
        assert_eq!(names.len(), Channel::ALL.len());
        for channel in Channel::ALL {
            assert_eq!(Channel::from_wire_name(channel.wire_name()), Some(channel));
            assert_eq!(serde_json::to_value(channel).unwrap(), channel.wire_name());
        }
        assert_eq!(Channel::from_wire_name("tickstock:streaming:health"), None);
    }

    #[test]
    fn the_agreement_has_eighteen_and_the_neighbours_seven() {
        assert_eq!(Channel::ALL[Channel::AGREED - 1], Channel::Errors);
        assert_eq!(Channel::ALL.len(), 25);
    }
}
