//! Results per symbol: counted for the run, and the latest of them as rows of live lists.

use crate::{Changes, State, limits};
use contract::{Detection, IndicatorResult, Phase, ResultBatch, Results, SymbolImported, Timestamp};
use std::collections::BTreeMap;

impl State {
    pub(crate) fn results(&mut self, at: Timestamp, batch: &ResultBatch) -> Changes {
        match batch {
            ResultBatch::Indicators(results) => self.indicators(at, results),
            ResultBatch::Detections(results) => self.detections(at, results),
            ResultBatch::Imports(results) => self.imports(at, results),
        }
    }

    fn indicators(&mut self, at: Timestamp, results: &Results<IndicatorResult>) -> Changes {
        self.count_messages(at, results.messages);
        let mut changes = self.feeds.calculated(at, results);
        if let Some(run) = self.active_if_meant(at, results.run_id.as_ref()).filter(|_| !results.streaming)
            && !run.phase(Phase::Indicators).is_over()
        {
            run.indicators += results.count();
            count(&mut run.by_indicator, &results.counts);
            changes |= Changes::RUN;
        }
        changes
    }

    fn detections(&mut self, at: Timestamp, results: &Results<Detection>) -> Changes {
        self.count_messages(at, results.messages);
        let mut changes = self.feeds.detected(at, results);
        if let Some(run) = self.active_if_meant(at, results.run_id.as_ref()).filter(|_| !results.streaming)
            && !run.phase(Phase::Patterns).is_over()
        {
            count(&mut run.by_pattern, &results.counts);
            run.patterns = run.patterns.max(run.by_pattern.values().sum());
            changes |= Changes::RUN;
        }
        changes
    }

    fn imports(&mut self, at: Timestamp, results: &Results<SymbolImported>) -> Changes {
        self.count_messages(at, results.messages);
        let Some(run) = self.active_if_meant(at, results.run_id.as_ref()) else { return Changes::NONE };
        let mut changes = Changes::NONE;
        for import in results.latest.iter().filter(|import| import.failed) {
            if let Some(symbol) = &import.symbol
                && run.add_failed_symbol(symbol, import.message.as_deref())
            {
                changes = Changes::RUN;
            }
        }
        changes
    }
}

fn count(kinds: &mut BTreeMap<String, u64>, counts: &[(String, u64)]) {
    for (kind, n) in counts {
        let kind = contract::cut(kind, limits::KIND_BYTES);
        if let Some(known) = kinds.get_mut(kind) {
            *known += n;
        } else {
            // Names that come after the table is full are counted together.
            let name = if kinds.len() < limits::KINDS { kind } else { "other" };
            *kinds.entry(name.to_owned()).or_default() += n;
        }
    }
}
