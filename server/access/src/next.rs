//! Where to go after signing in: a path of this console, never another site.

/// Where to go when nothing else is said.
pub const HOME: &str = "/admin/daily-processing";
/// The longest path that is remembered.
const LONGEST: usize = 2_000;

/// `asked` where it is a path of this console, else [`HOME`]. Browsers take `//host`, `/\host` and
/// what has tabs or line breaks in it for other sites' addresses.
pub fn next(asked: Option<&str>) -> &str {
    let path = asked.unwrap_or_default();
    let plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let own = path.starts_with('/') && !path.starts_with("//");
    let elsewhere =
        path.starts_with("/sign-") || path.starts_with("/api/") || path.starts_with("/access/");
    if own && plain && !elsewhere && path.len() <= LONGEST {
        path
    } else {
        HOME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_console_are_gone_to() {
        let good = "/admin/daily-processing/runs?status=failed&q=a%20b";
        assert_eq!(next(Some(good)), good);
        for evil in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "\\\\evil.example",
            "/a\r\nset-cookie: x",
            "javascript:alert(1)",
            "evil.example",
            "/sign-out",
            "/é",
            "",
        ] {
            assert_eq!(next(Some(evil)), HOME, "{evil:?}");
        }
        assert_eq!(next(None), HOME);
    }
}
