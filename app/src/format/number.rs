//! Numbers with thousands separators and units, and spans of time.

use contract::Scalar;

/// Between a number and its unit: they stay on one line.
pub(crate) const NBSP: char = '\u{a0}';

/// `1,254,300`
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 symbol`, `1,250 symbols`
pub(crate) fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{}{NBSP}{}", count(n), if n == 1 { one } else { many })
}

/// A whole percentage; what is not yet whole is never rounded up to 100.
pub(crate) fn percent(value: f64) -> String {
    let shown = if value < 100.0 {
        value.round().min(99.0)
    } else {
        100.0
    };
    format!("{}{NBSP}%", shown.max(0.0) as u8)
}

/// A number as it is, with thousands separators and at most `places` places after the point.
pub(crate) fn decimal(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return "NaN".to_owned();
    }
    let text = fixed(value.abs(), places);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0.0 && text.bytes().any(|b| b.is_ascii_digit() && b != b'0') {
        "\u{2212}"
    } else {
        ""
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!(
        "{sign}{}{point}{fraction}",
        whole.parse().map_or_else(|_| whole.to_owned(), count)
    )
}

/// A number that is not negative with exactly so many places after the point. In whole numbers: to
/// print a fraction exactly takes code that weighs 20 KB in the page.
pub(crate) fn fixed(value: f64, places: usize) -> String {
    let scale = 10_u64.saturating_pow(u32::try_from(places.min(6)).unwrap_or(0));
    let scaled = (value.max(0.0) * scale as f64).round();
    // Too large for a fraction, and for anybody to read.
    if scaled >= 1e18 {
        return "1000000000000000".to_owned();
    }
    let (whole, fraction) = (scaled as u64 / scale, scaled as u64 % scale);
    if scale == 1 {
        whole.to_string()
    } else {
        format!("{whole}.{fraction:0places$}")
    }
}

/// A plain value of TickStockPL's.
pub(crate) fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Number(n) => decimal(*n, 4),
        Scalar::Bool(true) => "yes".to_owned(),
        Scalar::Bool(false) => "no".to_owned(),
        Scalar::Text(text) => text.clone(),
    }
}

/// A rate: `3.2 per s`, or `14 per min` below one a second. None if it is too slow to state.
pub(crate) fn rate(per_second: f64) -> Option<String> {
    const SLOWEST: f64 = 0.05 / 60.0;
    (per_second >= SLOWEST).then(|| match per_second {
        r if r >= 10.0 => format!("{}{NBSP}per{NBSP}s", decimal(r, 0)),
        r if r >= 1.0 => format!("{}{NBSP}per{NBSP}s", fixed(r, 1)),
        r => format!(
            "{}{NBSP}per{NBSP}min",
            decimal(r * 60.0, if r * 60.0 < 10.0 { 1 } else { 0 })
        ),
    })
}

/// To the second, for clocks that run: `42 s`, `12 min 04 s`, `1 h 02 min`.
pub(crate) fn long_duration(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    match s {
        0..60 => format!("{s}{NBSP}s"),
        60..3600 => format!("{}{NBSP}min{NBSP}{:02}{NBSP}s", s / 60, s % 60),
        _ => format!("{}{NBSP}h{NBSP}{:02}{NBSP}min", s / 3600, s / 60 % 60),
    }
}

/// Whole minutes, for durations that still grow.
pub(crate) fn minutes(seconds: f64) -> String {
    format!("{}{NBSP}min", (seconds.max(0.0) / 60.0) as u64)
}

/// For reading: as [`long_duration`], but from ten minutes on in whole minutes.
pub(crate) fn duration(seconds: f64) -> String {
    if (600.0..3570.0).contains(&seconds) {
        format!("{}{NBSP}min", fixed(seconds / 60.0, 0))
    } else if (0.0..0.95).contains(&seconds) {
        format!("{}{NBSP}s", fixed(seconds, 1))
    } else {
        long_duration(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With plain spaces, to be readable.
    fn plain(text: String) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!(
            [0, 12, 999, 1_000, 1_254_300].map(count),
            ["0", "12", "999", "1,000", "1,254,300"]
        );
        assert_eq!(plain(plural(1, "symbol", "symbols")), "1 symbol");
    }

    #[test]
    fn a_percentage_is_100_only_when_all_is_done() {
        assert_eq!(
            [0.0, 62.4, 99.7, 100.0].map(|p| plain(percent(p))),
            ["0 %", "62 %", "99 %", "100 %"]
        );
    }

    #[test]
    fn decimals_drop_zeros_and_keep_the_sign() {
        assert_eq!(
            [1.5, -0.25, 12_000.0, -0.000_01].map(|n| decimal(n, 4)),
            ["1.5", "−0.25", "12,000", "0"]
        );
        assert_eq!(decimal(f64::NAN, 2), "NaN");
    }

    #[test]
    fn rates_are_per_second_or_per_minute() {
        assert_eq!(rate(0.0), None);
        assert_eq!(rate(3.2).map(plain).as_deref(), Some("3.2 per s"));
        assert_eq!(rate(0.24).map(plain).as_deref(), Some("14 per min"));
    }

    #[test]
    fn durations_read_as_a_person_would_say_them() {
        let texts = [0.4, 42.0, 252.0, 2100.0, 3720.0].map(|s| plain(duration(s)));
        assert_eq!(
            texts,
            ["0.4 s", "42 s", "4 min 12 s", "35 min", "1 h 02 min"]
        );
        assert_eq!(plain(long_duration(724.0)), "12 min 04 s");
    }
}
