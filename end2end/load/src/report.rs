//! Results as Markdown tables, or as JSON.

use crate::scenario::burst::Results;
use crate::scenario::restart::Restart;
use crate::scenario::stalled::Stalled;
use crate::scenario::steady::Measured;
use serde::Serialize;

/// How results are said.
pub(crate) struct Report {
    /// As JSON.
    pub json: bool,
}

impl Report {
    /// The table of steady messages.
    pub(crate) fn steady(&self, rows: &[Measured]) {
        self.table(
            "steady",
            rows,
            "server | streams | delivered | out of order | twice | p50 ms | p99 ms | max ms | CPU s per million | KiB per stream, idle | after load",
            |row| {
                let bare = baseline(row, rows);
                vec![
                    row.server.clone(),
                    row.streams.to_string(),
                    percent(row.delivered, row.expected),
                    row.out_of_order.to_string(),
                    row.twice.to_string(),
                    against(row.p50_ms, bare.map(|bare| bare.p50_ms)),
                    against(row.p99_ms, bare.map(|bare| bare.p99_ms)),
                    format!("{:.1}", row.max_ms),
                    against(row.cpu_per_million, bare.map(|bare| bare.cpu_per_million)),
                    format!("{:.1}", row.idle_kib),
                    format!("{:.1}", row.after_kib),
                ]
            },
        );
    }

    /// The table of bursts.
    pub(crate) fn bursts(&self, rows: &[Measured]) {
        self.table(
            "bursts",
            rows,
            "server | streams | delivered | out of order | twice | p50 ms | p99 ms | CPU s per million | events per message | bytes per message",
            |row| {
                let bare = baseline(row, rows);
                vec![
                    row.server.clone(),
                    row.streams.to_string(),
                    percent(row.delivered, row.expected),
                    row.out_of_order.to_string(),
                    row.twice.to_string(),
                    against(row.p50_ms, bare.map(|bare| bare.p50_ms)),
                    against(row.p99_ms, bare.map(|bare| bare.p99_ms)),
                    against(row.cpu_per_million, bare.map(|bare| bare.cpu_per_million)),
                    format!("{:.2}", row.events_per_delivery),
                    format!("{:.0}", row.bytes_per_delivery),
                ]
            },
        );
    }

    /// The table of results per symbol.
    pub(crate) fn results(&self, rows: &[Results]) {
        self.table(
            "results",
            rows,
            "server | streams | results published | in s | counted by a stream | after s | frames per stream | KiB per stream | CPU s",
            |row| {
                vec![
                    row.server.clone(),
                    row.streams.to_string(),
                    row.published.to_string(),
                    format!("{:.2}", row.published_s),
                    row.counted.to_string(),
                    format!("{:.2}", row.counted_s),
                    format!("{:.1}", row.frames),
                    format!("{:.1}", row.kib),
                    format!("{:.2}", row.cpu_s),
                ]
            },
        );
    }

    /// The table of a reader that stops.
    pub(crate) fn stalled(&self, rows: &[Stalled]) {
        self.table(
            "stalled",
            rows,
            "server | streams | p50 ms before | p99 ms before | p50 ms of the others | p99 ms of the others | delivered to the others | memory growth KiB before | during | unsent KiB in the kernel | given up after s",
            |row| {
                vec![
                    row.server.clone(),
                    row.streams.to_string(),
                    format!("{:.1}", row.before.p50_ms),
                    format!("{:.1}", row.before.p99_ms),
                    against(row.during.p50_ms, Some(row.before.p50_ms)),
                    against(row.during.p99_ms, Some(row.before.p99_ms)),
                    percent(row.during.delivered, row.during.expected),
                    row.before.growth_kib.to_string(),
                    row.during.growth_kib.to_string(),
                    format!("{:.0}", row.unsent_kib),
                    row.given_up_s.map_or("never".to_owned(), |seconds| format!("{seconds:.0}")),
                ]
            },
        );
    }

    /// The table of a relay that is killed and started again.
    pub(crate) fn restart(&self, rows: &[Restart]) {
        self.table(
            "restart",
            rows,
            "streams | back | listening after s | half back | all back | resets | refused attempts | messages since | missing | twice | out of order",
            |row| {
                vec![
                    row.streams.to_string(),
                    row.back.to_string(),
                    format!("{:.2}", row.listening_s),
                    format!("{:.2}", row.half_back_s),
                    format!("{:.2}", row.all_back_s),
                    row.resets.to_string(),
                    row.refused.to_string(),
                    row.heard.to_string(),
                    row.missing.to_string(),
                    row.twice.to_string(),
                    row.out_of_order.to_string(),
                ]
            },
        );
    }

    /// One line on standard output.
    #[expect(
        clippy::print_stdout,
        reason = "standard output is for results; progress goes to standard error"
    )]
    pub(crate) fn line(&self, line: &str) {
        println!("{line}");
    }

    fn table<T: Serialize>(
        &self,
        title: &str,
        rows: &[T],
        head: &str,
        cells: impl Fn(&T) -> Vec<String>,
    ) {
        if self.json {
            return self.line(&serde_json::json!({ "scenario": title, "rows": rows }).to_string());
        }
        self.line(&format!("\n| {head} |"));
        self.line(&format!("|{}", "---|".repeat(head.split('|').count())));
        for row in rows {
            self.line(&format!("| {} |", cells(row).join(" | ")));
        }
    }
}

/// The baseline's row for the same load.
fn baseline<'a>(row: &Measured, rows: &'a [Measured]) -> Option<&'a Measured> {
    rows.iter()
        .find(|bare| row.server != "bare" && bare.server == "bare" && bare.streams == row.streams)
}

/// A value, and how often it holds the one it is compared with.
fn against(value: f64, other: Option<f64>) -> String {
    match other {
        Some(other) if other > 0.0 => format!("{value:.1} ({:.2}×)", value / other),
        _ => format!("{value:.1}"),
    }
}

/// 100 % only where nothing at all is missing.
fn percent(part: usize, whole: usize) -> String {
    match part == whole {
        true => "100 %".to_owned(),
        false => {
            let thousandths = (part as f64 * 100_000.0 / whole as f64).floor();
            format!(
                "{:.3} % ({} missing)",
                thousandths / 1000.0,
                whole.saturating_sub(part)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_percent_is_said_of_all_and_nothing_else() {
        assert_eq!(percent(10, 10), "100 %");
        assert_eq!(percent(9_999_999, 10_000_000), "99.999 % (1 missing)");
        assert_eq!(
            (against(6.0, Some(4.0)), against(6.0, None)),
            ("6.0 (1.50×)".to_owned(), "6.0".to_owned())
        );
    }
}
