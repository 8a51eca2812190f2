//! Shares of embeds: made and revoked in the settings and on the command line.
use crate::support::embed::{PORTAL, SECRET};
use crate::support::{Console, EmbedStream, client};
use std::process::Output;
use tokio::process::Command;

const VALUES: [(&str, &str); 2] = [
    ("CONSOLE_EMBED_ORIGINS", PORTAL),
    ("CONSOLE_EMBED_SECRET", SECRET),
];

/// Sends a form of the settings.
async fn send(console: &Console, path: &str, form: &[(&str, &str)]) -> (u16, String) {
    let body = form
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&");
    let request = client()
        .post(console.url(path))
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The token in what was printed or shown.
fn token(text: &str) -> String {
    let begin = text.find("tse_").expect("a token");
    text[begin..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect()
}

async fn status(console: &Console, of: &str, token: &str) -> u16 {
    let request = client()
        .get(console.url("/embed/v1/events"))
        .query(&[("of", of)])
        .bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

/// The settings' page, once it shows this.
async fn settings(console: &Console, text: &str) -> String {
    crate::support::until(text, || async {
        let page = console.page("/admin/daily-processing/settings").await;
        page.contains(text).then_some(page)
    })
    .await
}

#[tokio::test]
async fn revoking_an_embed_link_ends_its_streams() {
    let console = Console::alone(&VALUES).await;
    settings(&console, "No embed links yet").await;
    let form = [
        ("view", "status"),
        ("origin", PORTAL),
        ("theme", "dark"),
        ("note", "the-lobby"),
    ];
    let (made, page) = send(&console, "/access/shares", &form).await;
    assert_eq!(made, 200, "{page}");
    let token = token(&page);
    assert_eq!(status(&console, "status", &token).await, 200);
    assert_eq!(status(&console, "runs", &token).await, 403);
    let page = settings(&console, "the-lobby").await;
    assert!(!page.contains(&token), "it is shown once");
    let headers = [("authorization", &*format!("Bearer {token}"))];
    let mut stream = EmbedStream::open(&console.url("/embed/v1/events?of=status"), &headers).await;
    let opened: serde_json::Value =
        serde_json::from_str(&stream.next().await.unwrap().data).unwrap();
    assert_eq!(
        (&opened["views"][0]["theme"], &opened["views"][0]["origin"]),
        (&"dark".into(), &PORTAL.into())
    );
    let id = page
        .split("name=\"id\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(
        send(&console, "/access/shares/revoke", &[("id", id)])
            .await
            .0,
        303
    );
    let mut last = String::new();
    while let Some(update) = stream.next().await {
        last = update.event;
    }
    assert_eq!(last, "renew");
    assert_eq!(status(&console, "status", &token).await, 401);
    assert_eq!(
        send(&console, "/access/shares/revoke", &[("id", id)])
            .await
            .0,
        404
    );
    let audit = console.page("/admin/daily-processing/audit").await;
    assert!(audit.contains("revoke share"), "{audit}");
}

#[tokio::test]
async fn invalid_and_cross_site_embed_links_are_refused() {
    let console = Console::alone(&VALUES).await;
    settings(&console, "No embed links yet").await;
    for form in [
        [("view", "everything"), ("origin", PORTAL)],
        [("view", "run"), ("origin", PORTAL)],
        [("view", "status"), ("origin", "portal.example")],
    ] {
        let (refused, page) = send(&console, "/access/shares", &form).await;
        assert!(
            refused == 400 && page.contains("Embed link not created"),
            "{page}"
        );
    }
    let request = client()
        .post(console.url("/access/shares"))
        .header("sec-fetch-site", "cross-site");
    assert_eq!(request.send().await.unwrap().status().as_u16(), 403);
}

#[tokio::test]
async fn settings_warn_about_an_origin_that_is_not_allowed() {
    let console = Console::alone(&VALUES).await;
    let page = console
        .page("/admin/daily-processing/settings?view=runs&origin=https://other.example")
        .await;
    let warning = page
        .find("is not in CONSOLE_EMBED_ORIGINS")
        .expect("a warning");
    assert!(
        warning < page.find(">Frame<").unwrap(),
        "before what is copied"
    );
    assert!(
        page.contains("/embed/v1/runs?preview=1#token="),
        "the preview brings a token: {page}"
    );
    let page = console
        .page(&format!(
            "/admin/daily-processing/settings?view=runs&origin={PORTAL}"
        ))
        .await;
    assert!(!page.contains("is not in CONSOLE_EMBED_ORIGINS"));
}

#[tokio::test]
async fn the_command_line_makes_lists_and_revokes_shares() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("console.db").display());
    let run = async |arguments: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickstock-console"));
        command
            .args(arguments)
            .env("DATABASE_URI", &database)
            .env("CONSOLE_EMBED_ORIGINS", PORTAL);
        command.output().await.unwrap()
    };
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    let made = run(&[
        "embed", "create", "run", "--run-id", "r-1", "--origin", PORTAL, "--days", "3",
    ])
    .await;
    assert!(
        made.status.success() && text(&made).contains("/embed/v1/run/r-1#token=tse_"),
        "{made:?}"
    );
    let listed = text(&run(&["embed", "list"]).await);
    assert!(
        listed.contains("run:r-1")
            && listed.contains("active until")
            && !listed.contains(&token(&text(&made)))
    );
    let id = listed.split('\t').next().unwrap();
    assert!(run(&["embed", "revoke", id]).await.status.success());
    assert_eq!(run(&["embed", "revoke", id]).await.status.code(), Some(2));
    assert!(text(&run(&["embed", "list"]).await).contains("revoked"));
    assert_eq!(
        run(&["embed", "create", "status", "--origin", "x"])
            .await
            .status
            .code(),
        Some(2)
    );
}
