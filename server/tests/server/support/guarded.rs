//! A console with a gate: users, sessions and tokens in a database of its own.

use super::{Console, client};
use access::Role;
use contract::Timestamp;
use reqwest::{RequestBuilder, Response, StatusCode};
use std::sync::Arc;
use store::{ApiToken, Database, Store, User};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A console, and its database from the side.
pub(crate) struct Guarded {
    pub console: Console,
    pub store: Arc<Store>,
    pub uri: String,
    _folder: tempfile::TempDir,
}

/// How somebody shows who they are.
#[derive(Clone, Debug)]
pub(crate) enum Pass {
    Nothing,
    Cookie(String),
    Token(String),
}

impl Guarded {
    /// A console with these ways in, and users viewer, operator and admin.
    pub(crate) async fn start(auth: &str, more: &[(&str, &str)]) -> Guarded {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let uri = format!("sqlite://{}", folder.path().join("console.db").display());
        let store = Arc::new(open(&uri).await);
        for role in Role::ALL {
            add_user(&store, role.as_str(), role).await;
        }
        let mut values = vec![("CONSOLE_AUTH", auth), ("DATABASE_URI", uri.as_str())];
        values.extend(more);
        let console = Console::alone(&values).await;
        Guarded {
            console,
            store,
            uri,
            _folder: folder,
        }
    }

    /// A token of that role.
    pub(crate) async fn token(&self, name: &str, role: Role) -> Pass {
        Pass::Token(token(&self.store, name, role, None).await)
    }

    /// Signs in, and gives the answer.
    pub(crate) async fn sign_in(&self, name: &str, password: &str, next: &str) -> Response {
        let form = [("name", name), ("password", password), ("next", next)];
        let request = client()
            .post(self.console.url("/sign-in"))
            .header("content-type", FORM);
        request
            .body(fields(&form))
            .send()
            .await
            .expect("the console answers")
    }

    /// Signs in, and gives the cookie.
    pub(crate) async fn session(&self, name: &str) -> Pass {
        let answer = self.sign_in(name, PASSWORD, "/").await;
        assert_eq!(
            answer.status(),
            StatusCode::SEE_OTHER,
            "{name} is signed in"
        );
        Pass::Cookie(cookie(&answer))
    }

    /// A session of the user who has that role.
    pub(crate) async fn session_of(&self, role: Role) -> Pass {
        self.session(role.as_str()).await
    }

    pub(crate) async fn get(&self, path: &str, pass: &Pass) -> Response {
        pass.on(client().get(self.console.url(path)))
            .send()
            .await
            .expect("the console answers")
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, pass: &Pass, form: &[(&str, &str)]) -> Response {
        let request = client()
            .post(self.console.url(path))
            .header("content-type", FORM)
            .body(fields(form));
        pass.on(request).send().await.expect("the console answers")
    }

    /// The audit, as an administrator exports it.
    pub(crate) async fn audit(&self) -> String {
        let admin = self.token("auditor", Role::Admin).await;
        let answer = self
            .get("/api/processing/export/audit?format=jsonl", &admin)
            .await;
        answer.text().await.expect("text")
    }
}

impl Pass {
    pub(crate) fn on(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Pass::Nothing => request,
            Pass::Cookie(cookie) => request.header("cookie", cookie),
            Pass::Token(token) => request.header("authorization", format!("Bearer {token}")),
        }
    }
}

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn fields(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

/// The cookie that an answer sets, as it is sent back.
pub(crate) fn cookie(answer: &Response) -> String {
    let set = answer
        .headers()
        .get("set-cookie")
        .expect("a cookie is set")
        .to_str()
        .expect("text");
    set.split(';').next().unwrap_or_default().to_owned()
}

pub(crate) async fn open(uri: &str) -> Store {
    let database = Database::parse(uri).unwrap_or_else(|error| panic!("{error}"));
    Store::open(&database)
        .await
        .unwrap_or_else(|error| panic!("{}", error.one_line()))
}

pub(crate) async fn add_user(store: &Store, name: &str, role: Role) {
    // As slow as it should be: once for all is enough here.
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let password = HASH
        .get_or_init(|| access::hash_password("nobody", PASSWORD).expect("a good password"))
        .clone();
    let at = now();
    let (name, role) = (name.to_owned(), role.to_string());
    let user = User {
        name,
        role,
        password,
        created_at: at,
        changed_at: at,
        signed_in_at: None,
    };
    assert!(
        store
            .add_user(&user)
            .await
            .unwrap_or_else(|error| panic!("{}", error.one_line()))
    );
}

pub(crate) async fn token(
    store: &Store,
    name: &str,
    role: Role,
    expires_at: Option<Timestamp>,
) -> String {
    let secret = access::generate_token();
    let token = ApiToken {
        id: format!("id-{name}-{role}-{}", now().0),
        token_hash: access::digest(secret.reveal()),
        name: name.to_owned(),
        role: role.to_string(),
        created_by: "a test".to_owned(),
        created_at: now(),
        expires_at,
        used_at: None,
        revoked_at: None,
    };
    store
        .add_token(&token)
        .await
        .unwrap_or_else(|error| panic!("{}", error.one_line()));
    secret.reveal().to_owned()
}

pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("it is later than 1970");
    Timestamp(since.as_millis() as i64)
}
