//! The event list, and what could not be read.

use crate::byte_budget::ByteBudget;
use crate::log::summary;
use crate::{Changes, LogEntry, State, limits};
use contract::{Body, Channel, ErrorReport, Event, RejectedMore, Rejection, Timestamp};

/// How far back a line of progress is looked for to move it on.
const NEAR: usize = 8;

impl State {
    /// Adds the event to the list, unless it is one of thousands (results per symbol have lists of
    /// their own) or a calm monitoring figure.
    pub(crate) fn log_event(&mut self, at: Timestamp, event: &Event) -> Changes {
        if matches!(
            event.body,
            Body::IndicatorCalculated(_)
                | Body::PatternsDetected(_)
                | Body::SymbolImported(_)
                | Body::Metrics(_)
        ) {
            return Changes::NONE;
        }
        let summary = summary(&event.body);
        let name = contract::truncate_text(&event.name, limits::LOG_NAME_BYTES);
        let known = !matches!(event.body, Body::Unknown(_));
        // Progress of one phase is one line that moves on: hundreds of them would push everything
        // else out.
        if matches!(event.body, Body::Progress(_)) {
            if event.channel == Channel::Monitoring {
                return Changes::NONE;
            }
            let same = |e: &&mut LogEntry| {
                e.channel == event.channel && e.name == name && e.run_id == event.run_id
            };
            if let Some(line) = self.log.iter_mut().rev().take(NEAR).find(same) {
                line.at = at;
                line.set_content(event, &summary);
                return Changes::LOG;
            }
        }
        let number = self.log.back().map_or(1, |last| last.number + 1);
        if self.log.len() == limits::LOG {
            self.log.pop_front();
        }
        let (channel, name, run_id) = (event.channel, name.to_owned(), event.run_id.clone());
        let mut line = LogEntry {
            number,
            at,
            channel,
            name,
            run_id,
            summary: String::new(),
            known,
            more: Vec::new(),
            raw: None,
        };
        line.set_content(event, &summary);
        self.log.push_back(line);
        Changes::LOG
    }

    pub(crate) fn reject(
        &mut self,
        at: Timestamp,
        channel: Channel,
        rejection: &Rejection,
    ) -> Changes {
        self.rejected_more(
            at,
            &RejectedMore {
                counts: vec![(rejection.reason, 1)],
            },
        );
        if self.rejected.samples.len() == limits::REJECTED_SAMPLES {
            self.rejected.samples.pop_front();
        }
        let mut budget = ByteBudget::new(limits::REJECTED_BYTES);
        let detail = budget.text(&rejection.detail, 128);
        let sample = budget.text(&rejection.sample, limits::REJECTED_BYTES);
        self.rejected.samples.push_back((
            at,
            channel,
            Rejection {
                detail,
                sample,
                ..rejection.clone()
            },
        ));
        if !rejection.reports_end {
            return Changes::REJECTED;
        }
        // Somebody must look at it: a run may have ended otherwise than is shown.
        let report = ErrorReport {
            component: Some("console".to_owned()),
            code: Some("UNREADABLE_MESSAGE".to_owned()),
            message: format!(
                "A message on {} that may report the end or failure of a run could not be read: {} ({}).",
                channel.wire_name(),
                rejection.reason,
                contract::truncate_text(&rejection.detail, 96)
            ),
            ..ErrorReport::default()
        };
        Changes::REJECTED | self.error(at, None, &report)
    }

    pub(crate) fn rejected_more(&mut self, at: Timestamp, more: &RejectedMore) -> Changes {
        for (reason, n) in &more.counts {
            self.count_messages(at, *n);
            match self
                .rejected
                .counts
                .iter_mut()
                .find(|(known, _)| known == reason)
            {
                Some((_, count)) => *count += n,
                None => self.rejected.counts.push((*reason, *n)),
            }
        }
        Changes::REJECTED
    }
}
