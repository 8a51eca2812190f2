//! Who may do what: every rule with every role, the ways in, and what ends them.
use crate::support::guarded::{
    FORM, Guarded, PASSWORD, Pass, add_user, cookie, fields, now, open, token,
};
use crate::support::{Console, PATIENCE, Proxy, body, client, until};
use access::{AccessRule, Permission, Requirement, Role};
use reqwest::StatusCode;
use serde_json::Value;
use server::http::ACCESS_RULES;

/// An address that a rule is for.
fn address(rule: &AccessRule) -> String {
    let path = rule
        .path
        .replace("{*rest}", "runs")
        .replace("{run_id}", "r")
        .replace("{symbol}", "AAPL");
    let path = path
        .replace("{number}", "1")
        .replace("{id}", "e")
        .replace("{what}", "history");
    match path.as_str() {
        "*" => "/favicon.svg".to_owned(),
        "/pkg/*" => "/pkg/x.js".to_owned(),
        "/api/console/part" => "/api/console/part?address=/admin/daily-processing/runs".to_owned(),
        _ => path,
    }
}

async fn ask(
    guarded: &Guarded,
    rule: &AccessRule,
    pass: &Pass,
) -> (StatusCode, Option<String>, String) {
    let method = rule.method.parse().unwrap();
    let request = pass.on(client().request(method, guarded.console.url(&address(rule))));
    let request = match rule.method {
        "POST" if rule.path.starts_with("/api/processing") => request
            .header("content-type", "application/json")
            .body("{}"),
        "POST" => request
            .header("content-type", FORM)
            .body("name=-&role=-&password=-&present=-&id=-&group=-&universes=-"),
        _ => request,
    };
    let answer = request.send().await.unwrap();
    let place = answer
        .headers()
        .get("location")
        .map(|place| place.to_str().unwrap().to_owned());
    let status = answer.status();
    // A stream has no end.
    let text = if rule.path == "/api/events" && status.is_success() {
        String::new()
    } else {
        answer.text().await.unwrap()
    };
    (status, place, text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rule_lets_in_those_it_is_for_and_nobody_else() {
    let guarded = Guarded::start("users,tokens", &[]).await;
    let mut passes = vec![
        (None, Pass::Nothing),
        (None, Pass::Token("tsc_made-up".to_owned())),
    ];
    for role in Role::ALL {
        passes.push((
            Some((role, false)),
            guarded.token(role.as_str(), role).await,
        ));
    }
    let (mut wrong, mut sessions) = (Vec::new(), Vec::new());
    for rule in ACCESS_RULES.iter() {
        // Some rules are there to end sessions.
        if sessions.is_empty() || rule.path.contains("sign-out") {
            sessions.clear();
            for role in Role::ALL {
                sessions.push((Some((role, true)), guarded.session_of(role).await));
            }
        }
        let passes = passes.clone().into_iter().chain(sessions.clone());
        if rule.path.contains("sign-out") {
            sessions.clear();
        }
        for (who, pass) in passes {
            let (status, place, text) = ask(&guarded, rule, &pass).await;
            let good = match rule.requirement {
                Requirement::Public => true,
                Requirement::OwnAccount => who.is_some_and(|(_, session)| session),
                Requirement::Permission(permission) => {
                    who.is_some_and(|(role, _)| role >= permission.minimum_role())
                }
            };
            let to_door = place
                .as_deref()
                .is_some_and(|place| place.starts_with("/sign-in?next="));
            let kept_out = match who {
                None => status == StatusCode::UNAUTHORIZED || to_door,
                Some(_) => status == StatusCode::FORBIDDEN,
            };
            let let_in = !matches!(
                status,
                StatusCode::UNAUTHORIZED | StatusCode::METHOD_NOT_ALLOWED
            ) && !to_door
                && !text.contains("\"forbidden\"")
                && !text.contains("Not allowed")
                && !text.contains("no_rule");
            let signs_in = rule.path == "/sign-in"
                && rule.method == "POST"
                && status == StatusCode::UNAUTHORIZED;
            if if good {
                !let_in && !signs_in
            } else {
                !kept_out
            } {
                wrong.push(format!(
                    "{} {} for {who:?}: {status} {place:?}",
                    rule.method, rule.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_has_no_rule_is_refused_also_to_administrators() {
    let guarded = Guarded::start("tokens", &[]).await;
    let admin = guarded.token("admin", Role::Admin).await;
    let new = guarded
        .post("/api/console/something-new", &admin, &[])
        .await;
    assert_eq!(new.status(), StatusCode::FORBIDDEN);
    assert_eq!(body(new).await["code"], "no_rule");
    let method = client().delete(guarded.console.url("/api/events"));
    let answer = admin.on(method).send().await.unwrap();
    assert_eq!(
        (answer.status(), answer.headers()["allow"].to_str().unwrap()),
        (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD")
    );
}

#[tokio::test]
async fn refusals_are_json_for_programs_and_pages_for_people() {
    let guarded = Guarded::start("users,tokens", &[]).await;
    let viewer = guarded.token("viewer", Role::Viewer).await;
    let none = guarded
        .get("/api/processing/daily/status", &Pass::Nothing)
        .await;
    assert_eq!(
        (
            none.status(),
            none.headers()["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Bearer")
        ),
        (StatusCode::UNAUTHORIZED, true)
    );
    assert_eq!(body(none).await["code"], "unauthenticated");
    let refused = guarded
        .post("/api/processing/daily/trigger", &viewer, &[])
        .await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let said = body(refused).await;
    assert_eq!(
        (said["success"].clone(), said["code"].clone()),
        (Value::Bool(false), "forbidden".into())
    );
    assert!(
        said["message"]
            .as_str()
            .unwrap()
            .contains("Ask an operator"),
        "{said}"
    );
    let page = guarded
        .get("/admin/daily-processing/runs?status=failed", &Pass::Nothing)
        .await;
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        page.headers()["location"],
        "/sign-in?next=%2Fadmin%2Fdaily-processing%2Fruns%3Fstatus%3Dfailed"
    );
    let session = guarded.session("viewer").await;
    let audit = guarded.get("/admin/daily-processing/audit", &session).await;
    assert_eq!(audit.status(), StatusCode::FORBIDDEN);
    assert!(
        audit
            .text()
            .await
            .unwrap()
            .contains("Only administrators can view the audit log")
    );
    // Whatever the address is written like, what it shows is what one may see.
    for path in [
        "/admin/daily-processing/%61udit",
        "/admin/daily-processing/audit&",
        "/admin/daily-processing//audit",
    ] {
        let text = guarded.get(path, &session).await.text().await.unwrap();
        assert!(
            !text.contains("data-testid=\"audit\"") && !text.contains("a test"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_page_mirrors_what_its_viewer_may_do() {
    let guarded = Guarded::start("users", &[]).await;
    let page = |role: Role| {
        let guarded = &guarded;
        async move {
            let session = guarded.session(role.as_str()).await;
            let tonight = guarded
                .get("/admin/daily-processing", &session)
                .await
                .text()
                .await
                .unwrap();
            let settings = guarded
                .get("/admin/daily-processing/settings", &session)
                .await
                .text()
                .await
                .unwrap();
            (tonight, settings)
        }
    };
    let (tonight, settings) = page(Role::Viewer).await;
    assert!(
        tonight.contains("Viewers cannot start or cancel runs. Ask an operator.")
            && tonight.contains("Sign out")
    );
    assert!(
        !settings.contains("Maximum streams per client")
            && !settings.contains("Add user")
            && settings.contains("Signed in as viewer")
    );
    let (tonight, settings) = page(Role::Operator).await;
    assert!(!tonight.contains("Viewers cannot") && !settings.contains("Add user"));
    let (_, settings) = page(Role::Admin).await;
    assert!(
        settings.contains("Maximum streams per client")
            && settings.contains("Add user")
            && settings.contains("Create token")
    );
    let open = Console::alone(&[]).await;
    assert!(
        open.page("/admin/daily-processing")
            .await
            .contains("Authentication is off: anyone who can reach this address is an operator.")
    );
    assert!(
        open.page("/admin/daily-processing/settings")
            .await
            .contains("Maximum streams per client")
    );
}

#[tokio::test]
async fn open_console_shows_the_audit_and_manages_no_users() {
    let guarded = Guarded::start("open,users", &[]).await;
    assert_eq!(
        guarded
            .get("/admin/daily-processing/audit", &Pass::Nothing)
            .await
            .status(),
        StatusCode::OK
    );
    assert_eq!(
        guarded
            .get("/api/processing/export/audit", &Pass::Nothing)
            .await
            .status(),
        StatusCode::OK
    );
    assert_eq!(
        guarded
            .post(
                "/access/tokens",
                &Pass::Nothing,
                &[("name", "x"), ("role", "admin")]
            )
            .await
            .status(),
        StatusCode::FORBIDDEN
    );
    let admin = guarded.session("admin").await;
    let made = guarded
        .post(
            "/access/tokens",
            &admin,
            &[("name", "nightly"), ("role", "viewer"), ("days", "7")],
        )
        .await;
    assert_eq!(made.status(), StatusCode::OK);
    assert_eq!(made.headers()["cache-control"], "no-store");
    assert!(made.text().await.unwrap().contains("value=\"tsc_"));
}

#[tokio::test]
async fn signing_in_leads_on_and_out_and_a_session_survives_a_restart() {
    let guarded = Guarded::start("users", &[]).await;
    let answer = guarded
        .sign_in("Viewer", PASSWORD, "/admin/daily-processing/runs?q=a")
        .await;
    assert_eq!(
        answer.headers()["location"],
        "/admin/daily-processing/runs?q=a"
    );
    let set = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        set.contains("; HttpOnly; SameSite=Lax")
            && set.contains("Path=/;")
            && !set.contains("Domain"),
        "{set}"
    );
    let session = Pass::Cookie(cookie(&answer));
    let status = async |console: &Console| {
        session
            .on(client().get(console.url("/api/processing/daily/status")))
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(status(&guarded.console).await, StatusCode::OK);
    let other = Console::alone(&[("CONSOLE_AUTH", "users"), ("DATABASE_URI", &guarded.uri)]).await;
    assert_eq!(status(&other).await, StatusCode::OK);
    let out = guarded.post("/sign-out", &session, &[]).await;
    assert_eq!(out.headers()["location"], "/sign-in");
    assert!(
        out.headers()["set-cookie"]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(
        status(&guarded.console).await,
        StatusCode::UNAUTHORIZED,
        "here at once"
    );
    until("elsewhere after seconds", || async {
        (status(&other).await == StatusCode::UNAUTHORIZED).then_some(())
    })
    .await;
}

#[tokio::test]
async fn sessions_end_when_idle_and_at_their_maximum_age() {
    // 0.0005 h are 1.8 s.
    for limit in ["CONSOLE_SESSION_IDLE_HOURS", "CONSOLE_SESSION_HOURS"] {
        let guarded = Guarded::start("users", &[(limit, "0.0005")]).await;
        let session = guarded.session("viewer").await;
        assert_eq!(
            guarded
                .get("/api/processing/daily/status", &session)
                .await
                .status(),
            StatusCode::OK
        );
        let mut last = now();
        until("the session ends", || async {
            // An idle one is asked about by looking into the database, which uses nothing.
            let over = match limit {
                "CONSOLE_SESSION_HOURS" => {
                    guarded
                        .get("/api/processing/daily/status", &session)
                        .await
                        .status()
                        == StatusCode::UNAUTHORIZED
                }
                _ => now().0 - last.0 > 2_000,
            };
            over.then_some(())
        })
        .await;
        last = now();
        assert!(last.0 > 0);
        assert_eq!(
            guarded
                .get("/api/processing/daily/status", &session)
                .await
                .status(),
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn password_change_ends_all_sessions_of_that_user_only() {
    let guarded = Guarded::start("users", &[]).await;
    let status = async |pass: &Pass| {
        guarded
            .get("/api/processing/daily/status", pass)
            .await
            .status()
    };
    let (one, two, other) = (
        guarded.session("viewer").await,
        guarded.session("viewer").await,
        guarded.session("operator").await,
    );
    let wrong = guarded
        .post(
            "/access/password",
            &one,
            &[("present", "wrong"), ("password", "another good password")],
        )
        .await;
    assert_eq!(
        (wrong.status(), status(&two).await),
        (StatusCode::FORBIDDEN, StatusCode::OK)
    );
    let form = [("present", PASSWORD), ("password", "another good password")];
    assert_eq!(
        guarded.post("/access/password", &one, &form).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        (status(&one).await, status(&two).await, status(&other).await),
        (
            StatusCode::UNAUTHORIZED,
            StatusCode::UNAUTHORIZED,
            StatusCode::OK
        )
    );
    assert_eq!(
        guarded.sign_in("viewer", PASSWORD, "").await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        guarded
            .sign_in("viewer", "another good password", "")
            .await
            .status(),
        StatusCode::SEE_OTHER
    );
    let again = guarded.session("operator").await;
    assert_eq!(
        guarded
            .post("/access/sign-out-everywhere", &again, &[])
            .await
            .status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        (status(&other).await, status(&again).await),
        (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn administrator_manages_users_with_immediate_effect() {
    let guarded = Guarded::start("users", &[]).await;
    let admin = guarded.session("admin").await;
    let add = [
        ("name", "Carla"),
        ("role", "operator"),
        ("password", PASSWORD),
    ];
    assert_eq!(
        guarded.post("/access/users", &admin, &add).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        guarded.post("/access/users", &admin, &add).await.status(),
        StatusCode::CONFLICT
    );
    let short = [("name", "dora"), ("role", "viewer"), ("password", "short")];
    let refused = guarded.post("/access/users", &admin, &short).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(
        refused
            .text()
            .await
            .unwrap()
            .contains("at least 12 characters")
    );
    let carla = guarded.session("carla").await;
    let commands = async |pass: &Pass| {
        guarded
            .post("/api/processing/daily/cancel", pass, &[])
            .await
            .status()
    };
    assert_ne!(commands(&carla).await, StatusCode::FORBIDDEN);
    assert_eq!(
        guarded
            .post(
                "/access/users/role",
                &admin,
                &[("name", "carla"), ("role", "viewer")]
            )
            .await
            .status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        commands(&carla).await,
        StatusCode::UNAUTHORIZED,
        "a role is a new session's"
    );
    let carla = guarded.session("carla").await;
    assert_eq!(commands(&carla).await, StatusCode::FORBIDDEN);
    assert_eq!(
        guarded
            .post("/access/users/remove", &admin, &[("name", "carla")])
            .await
            .status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(commands(&carla).await, StatusCode::UNAUTHORIZED);
    // Nobody locks everybody out.
    assert_eq!(
        guarded
            .post("/access/users/remove", &admin, &[("name", "ADMIN")])
            .await
            .status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        guarded
            .post(
                "/access/users/role",
                &admin,
                &[("name", "admin"), ("role", "viewer")]
            )
            .await
            .status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn revoked_and_expired_tokens_are_refused_and_use_is_recorded() {
    let guarded = Guarded::start("users,tokens", &[]).await;
    let admin = guarded.session("admin").await;
    let pass = guarded.token("nightly", Role::Viewer).await;
    let status = async |pass: &Pass| {
        guarded
            .get("/api/processing/daily/status", pass)
            .await
            .status()
    };
    assert_eq!(status(&pass).await, StatusCode::OK);
    let row = async || {
        guarded
            .store
            .tokens()
            .await
            .unwrap()
            .into_iter()
            .find(|token| token.name == "nightly")
            .unwrap()
    };
    until("its use is noted", || async { row().await.used_at }).await;
    let id = row().await.id;
    assert_eq!(
        guarded
            .post("/access/tokens/revoke", &admin, &[("id", &id)])
            .await
            .status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(status(&pass).await, StatusCode::UNAUTHORIZED, "at once");
    assert_eq!(
        guarded
            .post("/access/tokens/revoke", &admin, &[("id", &id)])
            .await
            .status(),
        StatusCode::NOT_FOUND
    );
    let expired = Pass::Token(token(&guarded.store, "old", Role::Admin, Some(now())).await);
    assert_eq!(status(&expired).await, StatusCode::UNAUTHORIZED);
    // Nothing that is kept lets anybody in.
    let Pass::Token(secret) = &pass else {
        panic!("a token")
    };
    assert!(!format!("{:?}", guarded.store.tokens().await.unwrap()).contains(secret.as_str()));
}

#[tokio::test]
async fn a_stream_ends_when_what_it_came_in_by_is_revoked() {
    let guarded = Guarded::start("users,tokens", &[]).await;
    let (admin, pass) = (
        guarded.session("admin").await,
        guarded.token("wall", Role::Viewer).await,
    );
    let mut stream = guarded.get("/api/events", &pass).await;
    let mut other = guarded.get("/api/events", &admin).await;
    assert!(stream.chunk().await.unwrap().is_some() && other.chunk().await.unwrap().is_some());
    let id = guarded.store.tokens().await.unwrap()[0].id.clone();
    guarded
        .post("/access/tokens/revoke", &admin, &[("id", &id)])
        .await;
    let ended = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(PATIENCE, ended)
        .await
        .expect("the stream ends");
    let again = guarded.get("/api/events", &pass).await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    let goes_on = tokio::time::timeout(std::time::Duration::from_millis(200), async {
        while let Ok(Some(_)) = other.chunk().await {}
    });
    assert!(goes_on.await.is_err(), "another's stream goes on");
}

#[tokio::test]
async fn a_stream_also_ends_when_the_session_was_ended_elsewhere() {
    let guarded = Guarded::start("users", &[]).await;
    let session = guarded.session("viewer").await;
    let mut stream = guarded.get("/api/events", &session).await;
    assert!(stream.chunk().await.unwrap().is_some());
    guarded.store.end_sessions("viewer").await.unwrap();
    let ended = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(PATIENCE, ended)
        .await
        .expect("within two heartbeats");
}

#[tokio::test]
async fn listed_proxy_names_the_user_and_the_client_address() {
    let roles = (
        "CONSOLE_PROXY_ROLES",
        "admin=ops-admins,operator=ops,viewer=staff",
    );
    let guarded = Guarded::start("proxy", &[("CONSOLE_PROXY_PEERS", "127.0.0.0/8"), roles]).await;
    let ask = async |user: &str, groups: &str| {
        let request = client().post(guarded.console.url("/api/processing/daily/cancel"));
        let request = request
            .header("x-forwarded-user", user)
            .header("x-forwarded-groups", groups);
        request
            .header("x-forwarded-for", "203.0.113.66, 198.51.100.7")
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(ask("anna", "nobody").await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask("anna", "staff").await, StatusCode::FORBIDDEN);
    assert!(!matches!(
        ask("anna", "staff,ops").await,
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED
    ));
    let export = guarded
        .console
        .url("/api/processing/export/audit?format=jsonl");
    let audit = until("the command is in the audit", || async {
        let request = client()
            .get(&export)
            .header("x-forwarded-user", "root")
            .header("x-forwarded-groups", "ops-admins");
        let audit = request.send().await.unwrap().text().await.unwrap();
        (audit.contains("\"anna\"") && audit.contains("198.51.100.7")).then_some(audit)
    })
    .await;
    assert!(!audit.contains("203.0.113.66"), "{audit}");
}

#[tokio::test]
async fn audit_has_sign_ins_refusals_and_account_changes() {
    let guarded = Guarded::start("users,tokens", &[]).await;
    let admin = guarded.session("admin").await;
    guarded.sign_in("admin", "not the password", "").await;
    guarded.sign_in("my-secret-password", "x", "").await;
    let viewer = guarded.session("viewer").await;
    let request = viewer
        .on(client().post(guarded.console.url("/api/processing/daily/cancel")))
        .header("x-request-id", "by-hand.7");
    let answer = request.send().await.unwrap();
    assert_eq!(
        (
            answer.status(),
            answer.headers()["x-request-id"].to_str().unwrap()
        ),
        (StatusCode::FORBIDDEN, "by-hand.7")
    );
    let made = guarded
        .post(
            "/access/tokens",
            &admin,
            &[("name", "nightly"), ("role", "viewer"), ("days", "1")],
        )
        .await;
    let page = made.text().await.unwrap();
    let secret = page
        .split("value=\"tsc_")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    guarded.post("/sign-out", &viewer, &[]).await;
    let audit = until("all is written", || async {
        let audit = guarded.audit().await;
        (audit.contains("by-hand.7")
            && audit.contains("wrong password")
            && audit.contains("sign_out"))
        .then_some(audit)
    })
    .await;
    let lines: Vec<Value> = audit
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let find = |action: &str, outcome: &str| {
        lines
            .iter()
            .find(|line| line["action"] == action && line["outcome"] == outcome)
            .unwrap_or_else(|| panic!("{action} {outcome}"))
    };
    let refused = find("refused", "refused");
    assert_eq!(
        (refused["who"].as_str(), refused["role"].as_str()),
        (Some("viewer"), Some("viewer"))
    );
    assert_eq!(
        (refused["request_id"].as_str(), refused["address"].as_str()),
        (Some("by-hand.7"), Some("127.0.0.1"))
    );
    assert_eq!(find("sign_in", "accepted")["who"], "admin");
    assert_eq!(find("sign_in", "refused")["target"], "admin");
    let made = find("token_add", "accepted");
    assert_eq!(
        (made["who"].as_str(), made["target"].as_str()),
        (Some("admin"), Some("nightly"))
    );
    assert!(
        !audit.contains(&secret)
            && !audit.contains("my-secret-password")
            && !audit.contains("not the password")
    );
    assert_eq!(
        lines.iter().filter(|line| line["role"] == "admin").count(),
        2,
        "signing in, and the token"
    );
    assert_eq!(Permission::ViewAudit.minimum_role(), Role::Admin);
}

#[tokio::test]
async fn database_outage_keeps_sessions_and_blocks_sign_in() {
    let uri = crate::support::postgres().await.database().await;
    let (user, rest) = uri
        .trim_start_matches("postgresql://")
        .split_once('@')
        .unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let cable = Proxy::to(vec![server.parse().unwrap()]).await;
    let through = format!("postgresql://{user}@{}/{database}", cable.addr);
    let store = open(&uri).await;
    add_user(&store, "viewer", Role::Viewer).await;
    let console =
        Console::alone(&[("CONSOLE_AUTH", "users,tokens"), ("DATABASE_URI", &through)]).await;
    let sign_in = async || {
        let form = fields(&[("name", "viewer"), ("password", PASSWORD)]);
        client()
            .post(console.url("/sign-in"))
            .header("content-type", FORM)
            .body(form)
            .send()
            .await
            .unwrap()
    };
    let session = Pass::Cookie(cookie(&sign_in().await));
    let late = Pass::Token(token(&store, "late", Role::Viewer, None).await);
    let status = async |pass: &Pass| {
        pass.on(client().get(console.url("/api/processing/daily/status")))
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(status(&session).await, StatusCode::OK);
    cable.fall_silent();
    // What was said of the session is believed for seconds, and then because nobody can be asked.
    let began = std::time::Instant::now();
    while began.elapsed().as_secs() < 7 {
        assert_eq!(
            status(&session).await,
            StatusCode::OK,
            "after {:?}",
            began.elapsed()
        );
    }
    assert_eq!(status(&late).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status(&Pass::Nothing).await, StatusCode::UNAUTHORIZED);
    cable.mend();
    until("it is back", || async {
        (status(&late).await == StatusCode::OK).then_some(())
    })
    .await;
    assert_eq!(status(&session).await, StatusCode::OK);
}
