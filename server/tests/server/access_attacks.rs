//! What others try: forged requests, frames, sessions, headers and addresses; too much, too large,
//! too slow.
use crate::support::guarded::{FORM, Guarded, PASSWORD, Pass, cookie, fields};
use crate::support::{Console, body, client};
use access::Role;
use reqwest::StatusCode;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends bytes as they are, and gives the answer's first kilobytes.
async fn raw(console: &Console, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(console.addr).await.unwrap();
    // A server that refuses early may close while this is still being sent.
    let _ = socket.write_all(bytes).await;
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while let Ok(Ok(n @ 1..)) =
        tokio::time::timeout(Duration::from_secs(5), socket.read(&mut part)).await
    {
        answer.extend_from_slice(&part[..n]);
        if answer.len() > 8192 || answer.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

async fn raw_get(console: &Console, path: &str) -> String {
    raw(
        console,
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes(),
    )
    .await
}

#[tokio::test]
async fn another_sites_page_can_command_nothing_and_sign_nobody_in() {
    let public = ("CONSOLE_PUBLIC_URL", "http://console.example");
    let guarded = Guarded::start("users", &[public]).await;
    let operator = guarded.session("operator").await;
    let evil: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[
            ("sec-fetch-site", "same-site"),
            ("origin", "http://console.example"),
        ],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    for path in [
        "/api/processing/daily/cancel",
        "/api/console/cancel",
        "/sign-out",
        "/sign-in",
        "/access/sign-out-everywhere",
    ] {
        for headers in evil {
            let mut request = operator
                .on(client().post(guarded.console.url(path)))
                .header("content-type", FORM);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = request.body("name=viewer").send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert_eq!(
                body(answer).await["code"],
                "foreign_origin",
                "{path} {headers:?}"
            );
        }
    }
    // What is the console's own passes: a script's, its page's, and its page's behind a proxy that
    // rewrites Host.
    for origin in [
        None,
        Some(guarded.console.url("")),
        Some("http://console.example".to_owned()),
    ] {
        let mut request =
            operator.on(client().post(guarded.console.url("/api/processing/daily/cancel")));
        if let Some(origin) = &origin {
            request = request.header("origin", origin);
        }
        let answer = request.send().await.unwrap();
        assert_ne!(answer.status(), StatusCode::FORBIDDEN, "{origin:?}");
    }
    // A GET changes nothing.
    for path in [
        "/api/processing/daily/cancel",
        "/api/console/cancel",
        "/sign-out",
        "/access/users/remove",
    ] {
        let answer = guarded.get(path, &operator).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

#[tokio::test]
async fn pages_forbid_framing_sniffing_and_foreign_scripts() {
    let guarded = Guarded::start("open,users", &[]).await;
    let paths = [
        "/admin/daily-processing",
        "/admin/daily-processing/settings",
        "/sign-in",
        "/api/docs",
        "/api/processing/daily/status",
        "/nothing",
        "/health",
    ];
    for path in paths {
        let answer = guarded.get(path, &Pass::Nothing).await;
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        let policy = header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'self'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe-inline")
                && !policy.contains("'unsafe-eval'")
                && policy.contains("object-src 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(
            (header("x-frame-options"), header("x-content-type-options")),
            ("DENY".into(), "nosniff".into()),
            "{path}"
        );
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert!(
            header("permissions-policy").contains("camera=()")
                && !header("x-request-id").is_empty(),
            "{path}"
        );
        let page = answer.text().await.unwrap();
        // Every inline script carries this answer's nonce, and there is no inline style and no
        // handler in an attribute.
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .unwrap_or("none");
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(
                tag.contains(&format!("nonce=\"{nonce}\"")),
                "{path}: {tag} without {nonce}"
            );
        }
        // In the texts between the tags such words may stand: the settings show what a portal
        // copies.
        let mut tags = page
            .split('<')
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap_or_default());
        let inline = tags.find(|tag| {
            tag.starts_with("style") || tag.contains(" style=\"") || tag.contains(" onclick=")
        });
        assert_eq!(inline, None, "{path}");
    }
    let nonce = async || {
        let answer = guarded.get("/admin/daily-processing", &Pass::Nothing).await;
        answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert_ne!(nonce().await, nonce().await);
}

#[tokio::test]
async fn planted_session_is_not_reused_at_sign_in() {
    let guarded = Guarded::start("users", &[]).await;
    let planted = Pass::Cookie("tickstock=planted".to_owned());
    let form = [("name", "viewer"), ("password", PASSWORD)];
    let answer = guarded.post("/sign-in", &planted, &form).await;
    let given = cookie(&answer);
    assert_ne!(given, "tickstock=planted");
    let status = async |pass: &Pass| {
        guarded
            .get("/api/processing/daily/status", pass)
            .await
            .status()
    };
    assert_eq!(status(&planted).await, StatusCode::UNAUTHORIZED);
    let first = Pass::Cookie(given);
    assert_eq!(status(&first).await, StatusCode::OK);
    // Signing in again in the same browser ends the session before.
    assert_eq!(
        guarded.post("/sign-in", &first, &form).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(status(&first).await, StatusCode::UNAUTHORIZED);
    // What the database keeps lets nobody in.
    let kept = guarded.store.sessions().await.unwrap()[0].id_hash.clone();
    assert_eq!(
        status(&Pass::Cookie(format!("tickstock={kept}"))).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn where_there_is_tls_cookies_are_bound_to_it_and_to_this_host() {
    let guarded = Guarded::start(
        "users",
        &[("CONSOLE_PUBLIC_URL", "https://console.example")],
    )
    .await;
    let answer = guarded.sign_in("viewer", PASSWORD, "").await;
    let set = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        set.starts_with("__Host-tickstock=")
            && set.contains("; Secure")
            && set.contains("Path=/;")
            && !set.contains("Domain"),
        "{set}"
    );
}

#[tokio::test]
async fn signing_in_leads_to_no_other_site() {
    let guarded = Guarded::start("users", &[]).await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%0d%0aset-cookie:x\r\n",
        "javascript:alert(1)",
    ] {
        let answer = guarded.sign_in("viewer", PASSWORD, next).await;
        let place = answer.headers()["location"].to_str().unwrap().to_owned();
        assert!(
            place == "/admin/daily-processing",
            "{next:?} led to {place}"
        );
        let page = guarded
            .get(
                &format!("/sign-in?{}", fields(&[("next", next)])),
                &Pass::Nothing,
            )
            .await
            .text()
            .await
            .unwrap();
        assert!(
            !page.contains("evil") && !page.contains("javascript:"),
            "{next:?}"
        );
    }
}

#[tokio::test]
async fn unknown_user_and_wrong_password_are_indistinguishable() {
    let guarded = Guarded::start("users", &[]).await;
    let attempt = async |name: &str| {
        let began = Instant::now();
        let answer = guarded.sign_in(name, "not the password", "/").await;
        let took = began.elapsed();
        (
            answer.status(),
            answer.text().await.unwrap().replace(name, "NAME"),
            took,
        )
    };
    attempt("warm-up").await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for round in 0..4 {
        let (status, page, took) = attempt("viewer").await;
        let (other_status, other_page, other_took) = attempt(&format!("nobody{round}")).await;
        assert_eq!(
            (status, other_status),
            (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED)
        );
        assert_eq!(page, other_page);
        known.push(took);
        unknown.push(other_took);
    }
    // The fastest of each: what the work costs, whatever else the machine does. Without the work it
    // would be a hundredth.
    let (known, unknown) = (known.iter().min().unwrap(), unknown.iter().min().unwrap());
    assert!(
        *unknown * 4 > *known && *known * 4 > *unknown,
        "{known:?} and {unknown:?}"
    );
}

#[tokio::test]
async fn who_guesses_waits_and_others_do_not() {
    let guarded = Guarded::start("users", &[]).await;
    for _ in 0..5 {
        assert_eq!(
            guarded.sign_in("viewer", "a guess", "").await.status(),
            StatusCode::UNAUTHORIZED
        );
    }
    let waits = guarded.sign_in("viewer", PASSWORD, "").await;
    assert_eq!(waits.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(
        waits.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            >= 1
    );
    assert_eq!(
        guarded.sign_in("operator", PASSWORD, "").await.status(),
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn headers_of_a_proxy_count_for_nothing_from_anybody_else() {
    let roles = ("CONSOLE_PROXY_ROLES", "admin=ops,viewer=*");
    let guarded = Guarded::start(
        "proxy,tokens",
        &[("CONSOLE_PROXY_PEERS", "192.0.2.1"), roles],
    )
    .await;
    let spoofed = |path: &str| {
        let request = client()
            .get(guarded.console.url(path))
            .header("x-forwarded-user", "root");
        request
            .header("x-forwarded-groups", "ops")
            .header("x-forwarded-for", "192.0.2.1")
            .header("forwarded", "for=192.0.2.1")
    };
    assert_eq!(
        spoofed("/api/processing/daily/status")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::UNAUTHORIZED
    );
    let viewer = guarded.token("viewer", Role::Viewer).await;
    let audit = viewer
        .on(spoofed("/api/processing/export/audit"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        audit.status(),
        StatusCode::FORBIDDEN,
        "a token is what it is, whatever else is said"
    );
    let audit = guarded.audit().await;
    assert!(
        !audit.contains("192.0.2.1"),
        "the address is the peer's: {audit}"
    );
}

#[tokio::test]
async fn an_open_console_is_not_reached_under_another_sites_name() {
    let console = Console::alone(&[("CONSOLE_ALLOWED_HOSTS", "console.test")]).await;
    let status = async |host: &str| {
        client()
            .get(console.url("/api/processing/daily/status"))
            .header("host", host)
            .send()
            .await
            .unwrap()
            .status()
    };
    for evil in [
        "evil.example",
        "evil.example:5000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
    ] {
        assert_eq!(
            status(evil).await,
            StatusCode::MISDIRECTED_REQUEST,
            "{evil}"
        );
    }
    for good in [
        "localhost:5000",
        "127.0.0.1",
        "[::1]:80",
        "console.test:443",
    ] {
        assert_eq!(status(good).await, StatusCode::OK, "{good}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let (site, secret) = (folder.path().join("site"), folder.path().join("secret.txt"));
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::write(&secret, "s3cret").unwrap();
    std::fs::write(site.join("robots.txt"), "fine").unwrap();
    let root = site.display().to_string();
    let console = Console::alone(&[("LEPTOS_SITE_ROOT", root.as_str())]).await;
    assert!(
        raw_get(&console, "/robots.txt")
            .await
            .starts_with("HTTP/1.1 200")
    );
    for path in [
        "/../secret.txt",
        "/pkg/../../secret.txt",
        "/pkg/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "/pkg/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//../secret.txt",
        "/pkg//etc/passwd",
        "/%2fetc/passwd",
        "/robots.txt%00.html",
        "/hash.txt",
    ] {
        let answer = raw_get(&console, path).await;
        assert!(
            !answer.starts_with("HTTP/1.1 200")
                && !answer.contains("s3cret")
                && !answer.contains("root:"),
            "{path}: {answer}"
        );
    }
}

#[tokio::test]
async fn oversized_and_malformed_requests_are_refused() {
    let guarded = Guarded::start("open,users", &[]).await;
    let console = &guarded.console;
    let status = |answer: &str| answer.split(' ').nth(1).unwrap_or("closed").to_owned();
    let long = format!("/api/processing/daily/history?q={}", "x".repeat(10_000));
    assert_eq!(status(&raw_get(console, &long).await), "414");
    let many: String = (0..100).map(|n| format!("x-{n}: y\r\n")).collect();
    assert_eq!(
        status(
            &raw(
                console,
                format!("GET / HTTP/1.1\r\nhost: localhost\r\n{many}\r\n").as_bytes()
            )
            .await
        ),
        "431"
    );
    let huge = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n",
        "y".repeat(200_000)
    );
    assert!(
        ["431", "400", "closed"].contains(&status(&raw(console, huge.as_bytes()).await).as_str())
    );
    let form = fields(&[("name", &"n".repeat(20_000)), ("password", "p")]);
    let answer = client()
        .post(console.url("/sign-in"))
        .header("content-type", FORM)
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let answer = client()
        .post(console.url("/api/processing/daily/trigger"))
        .header("content-type", "application/json");
    assert_eq!(
        answer
            .body("x".repeat(100_000))
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    for nonsense in [
        "\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nhost : b\r\n\r\n",
    ] {
        let said = raw(console, nonsense.as_bytes()).await;
        assert!(
            said.is_empty() || status(&said) == "400" || status(&said) == "421",
            "{nonsense:?}: {said}"
        );
    }
    // Two lengths, of which a proxy may believe the other one.
    let smuggled = "POST /sign-out HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\nhello";
    assert_eq!(status(&raw(console, smuggled.as_bytes()).await), "400");
    assert_eq!(
        guarded.get("/health", &Pass::Nothing).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn hostile_names_are_data_wherever_they_appear() {
    let guarded = Guarded::start("users", &[]).await;
    let hostile = "\"><script>alert(1)</script>";
    let page = guarded
        .sign_in(hostile, "x", "")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        page.contains("&lt;script&gt;") || !page.contains("alert(1)"),
        "{page}"
    );
    assert!(!page.contains("<script>alert"), "{page}");
    let admin = guarded.session("admin").await;
    let request = admin.on(client().post(
        guarded
            .console
            .url("/api/processing/errors/%3Cscript%3Ealert(2)/acknowledge"),
    ));
    request
        .header("user-agent", "<script>alert(3)</script>")
        .header("x-request-id", "<b>")
        .send()
        .await
        .unwrap();
    let viewer = guarded.session("viewer").await;
    let path = "/api/processing/errors/%3Cscript%3Ealert(4)%3C%2Fscript%3E/acknowledge";
    assert_eq!(
        guarded.post(path, &viewer, &[]).await.status(),
        StatusCode::FORBIDDEN
    );
    let shown = crate::support::until("the refusal is kept", || async {
        let page = guarded
            .get("/admin/daily-processing/audit", &admin)
            .await
            .text()
            .await
            .unwrap();
        page.contains("alert(4)").then_some(page)
    })
    .await;
    assert!(!shown.contains("<script>alert"), "{shown}");
}

/// So is a body.
#[tokio::test]
#[ignore = "takes a quarter of a minute"]
async fn who_sends_a_body_slowly_is_cut_off() {
    let console = Console::alone(&[]).await;
    let mut socket = TcpStream::connect(console.addr).await.unwrap();
    let head = "POST /api/processing/daily/cancel HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 64];
    let cut = async {
        loop {
            let _ = socket.write_all(b" ").await;
            if let Ok(Ok(n)) =
                tokio::time::timeout(Duration::from_secs(1), socket.read(&mut answer)).await
            {
                return n;
            }
        }
    };
    let n = tokio::time::timeout(Duration::from_secs(40), cut)
        .await
        .expect("it is cut off");
    assert!(
        answer[..n].starts_with(b"HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&answer[..n])
    );
}

/// The head of a request is waited for, but not for ever.
#[tokio::test]
#[ignore = "takes half a minute"]
async fn who_sends_a_head_slowly_is_cut_off_and_hinders_nobody() {
    let console = Console::alone(&[]).await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut socket = TcpStream::connect(console.addr).await.unwrap();
        socket
            .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ")
            .await
            .unwrap();
        slow.push(socket);
    }
    assert_eq!(
        client()
            .get(console.url("/health"))
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    let began = Instant::now();
    let mut rest = Vec::new();
    let cut = async {
        // A byte now and then buys no time.
        loop {
            let _ = slow[0].write_all(b"x").await;
            let mut part = [0; 512];
            match tokio::time::timeout(Duration::from_secs(1), slow[0].read(&mut part)).await {
                Ok(Ok(0) | Err(_)) => return,
                Ok(Ok(n)) => rest.extend_from_slice(&part[..n]),
                Err(_) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), cut)
        .await
        .expect("it is cut off");
    assert!(
        began.elapsed() > Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}
