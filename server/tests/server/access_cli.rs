//! `tickstock-console user` and `token`, and the refusal to start open to other machines.
use crate::support::guarded::{Guarded, Pass};
use access::Role;
use reqwest::StatusCode;
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Runs the program to its end.
async fn run(uri: &str, arguments: &str, input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickstock-console"));
    command
        .args(arguments.split(' '))
        .env("DATABASE_URI", uri)
        .env("RUST_LOG", "off")
        .env_remove("CONSOLE_AUTH");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses reads nothing.
    let _ = child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .await;
    child.wait_with_output().await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn console_reachable_from_elsewhere_requires_authentication() {
    for (auth, expected) in [
        ("", "CONSOLE_AUTH is not set"),
        ("open", "loopback"),
        ("open,users", "loopback"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickstock-console"));
        command
            .env("CONSOLE_ADDR", "0.0.0.0:0")
            .env("CONSOLE_AUTH", auth)
            .env("DATABASE_URI", "sqlite:///nowhere/x.db");
        let output = command.output().await.unwrap();
        let line = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(
            line.lines().count() == 1 && line.contains("CONSOLE_AUTH") && line.contains(expected),
            "{auth}: {line}"
        );
        assert!(line.contains("users"), "the error says what to set: {line}");
    }
}

#[tokio::test]
async fn unknown_role_is_refused_with_the_known_ones() {
    let refused = run("sqlite:///nowhere/x.db", "user add anna --role root", "").await;
    let error = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{error}");
    let expected = "unknown role \"root\"; expected viewer, operator or admin";
    assert!(error.contains(expected), "{error}");
}

#[tokio::test]
async fn users_are_managed_with_the_password_on_standard_input() {
    let guarded = Guarded::start("users,tokens", &[]).await;
    let add = run(
        &guarded.uri,
        "user add Anna --role admin",
        "a very good password\n",
    )
    .await;
    assert_eq!(
        (add.status.code(), text(&add.stdout)),
        (Some(0), String::new()),
        "{}",
        text(&add.stderr)
    );
    let again = run(&guarded.uri, "user add anna", "a very good password\n").await;
    assert!(again.status.code() == Some(2) && text(&again.stderr).contains("already"));
    let short = run(&guarded.uri, "user add bert", "short\n").await;
    assert!(short.status.code() == Some(2) && text(&short.stderr).contains("12 characters"));
    assert!(text(&run(&guarded.uri, "user list", "").await.stdout).contains("anna"));
    assert_eq!(
        guarded
            .sign_in("anna", "a very good password", "")
            .await
            .status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        run(&guarded.uri, "user passwd anna", "another good password")
            .await
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        guarded
            .sign_in("anna", "a very good password", "")
            .await
            .status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        guarded
            .sign_in("anna", "another good password", "")
            .await
            .status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        run(&guarded.uri, "user role anna viewer", "")
            .await
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        guarded.store.user("anna").await.unwrap().unwrap().role,
        "viewer"
    );
    assert_eq!(
        run(&guarded.uri, "user remove anna", "")
            .await
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        run(&guarded.uri, "user remove anna", "")
            .await
            .status
            .code(),
        Some(2)
    );
    let audit = guarded.audit().await;
    for action in ["user_add", "user_password", "user_role", "user_remove"] {
        assert!(audit.contains(action), "{action}: {audit}");
    }
    assert!(
        audit.contains("command line") && !audit.contains("good password"),
        "{audit}"
    );
}

#[tokio::test]
async fn token_has_its_role_until_it_is_revoked_by_its_id() {
    let guarded = Guarded::start("tokens", &[]).await;
    let made = run(
        &guarded.uri,
        "token create nightly --role operator --days 7",
        "",
    )
    .await;
    let secret = text(&made.stdout).trim().to_owned();
    assert!(
        secret.starts_with("tsc_") && text(&made.stdout).lines().count() == 1,
        "{}",
        text(&made.stderr)
    );
    let pass = Pass::Token(secret.clone());
    assert_eq!(
        guarded
            .get("/api/processing/daily/status", &pass)
            .await
            .status(),
        StatusCode::OK
    );
    assert_ne!(
        guarded
            .post("/api/processing/daily/cancel", &pass, &[])
            .await
            .status(),
        StatusCode::FORBIDDEN
    );
    let list = text(&run(&guarded.uri, "token list", "").await.stdout);
    assert!(
        list.contains("nightly")
            && list.contains(Role::Operator.as_str())
            && !list.contains(&secret),
        "{list}"
    );
    let id = list
        .lines()
        .find(|line| line.contains("nightly"))
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        run(&guarded.uri, &format!("token revoke {id}"), "")
            .await
            .status
            .code(),
        Some(0)
    );
    crate::support::until("the running console refuses the token", || async {
        let status = guarded
            .get("/api/processing/daily/status", &pass)
            .await
            .status();
        (status == StatusCode::UNAUTHORIZED).then_some(())
    })
    .await;
    assert!(text(&run(&guarded.uri, "token list", "").await.stdout).contains("revoked"));
}
