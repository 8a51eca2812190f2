//! The page to continue with after signing in: always a path of this console.

/// Maximum length of a requested path in bytes.
const MAX_BYTES: usize = 2_000;

/// Returns `requested` if it is the path of a page of this console, else `default`. Browsers take
/// `//host`, `/\host` and paths with tabs or line breaks for addresses of other sites.
pub fn redirect_target<'a>(requested: Option<&'a str>, default: &'a str) -> &'a str {
    let path = requested.unwrap_or_default();
    let is_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_local = path.starts_with('/') && !path.starts_with("//");
    let is_page = !["/sign-", "/api/", "/access/"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    if is_local && is_plain && is_page && path.len() <= MAX_BYTES {
        path
    } else {
        default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_page_paths_of_this_console_are_redirect_targets() {
        let good = "/admin/daily-processing/runs?status=failed&q=a%20b";
        assert_eq!(redirect_target(Some(good), "/home"), good);
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
            assert_eq!(redirect_target(Some(evil), "/home"), "/home", "{evil:?}");
        }
        assert_eq!(redirect_target(None, "/home"), "/home");
    }
}
