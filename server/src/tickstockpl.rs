//! The client of TickStockPL's HTTP API.

use app::ports::{CommandError, ErrorCode};
use contract::ScheduleChange;
use contract::http::{self, BadAnswer, CommandAnswer, HistoryRun, Refusal, StatusAnswer, TriggerRequest, paths};
use reqwest::{Method, RequestBuilder, StatusCode};
use std::time::Duration;
use url::Url;

const CONNECT: Duration = Duration::from_secs(1);
/// How long a read, and how long a command may take in all.
const READ: Duration = Duration::from_secs(2);
const COMMAND: Duration = Duration::from_secs(5);
/// The largest answer that is read: a history of a thousand runs has 400 KB.
const ANSWER_BYTES: usize = 4 << 20;

/// A client; clones share its connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
}

/// Why TickStockPL gave no answer, or none that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No connection: nothing was asked.
    #[error("TickStockPL cannot be reached at {at}: {why}")]
    Unreachable {
        /// Where.
        at: String,
        /// Refused, unknown host, …
        why: String,
    },
    /// The connection stood, but no answer came.
    #[error("TickStockPL at {at} gave no answer: {why}")]
    NoAnswer {
        /// Where.
        at: String,
        /// Not in time, cut off, …
        why: String,
    },
    /// It answered that it will not.
    #[error("TickStockPL refused with {status}{}", .refusal.message.as_ref().map(|m| format!(": {m}")).unwrap_or_default())]
    Refused {
        /// The status code.
        status: StatusCode,
        /// What else it said.
        refusal: Box<Refusal>,
    },
    /// It answered something that is none of its documented answers.
    #[error("TickStockPL's answer could not be read: {0}")]
    Broken(#[from] BadAnswer),
}

impl Client {
    /// A client for the API at `base`.
    pub fn new(base: &Url) -> Client {
        // ring, since it needs no C to build; another provider that was installed before is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(COMMAND)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tickstock-console/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("a TLS provider is installed, and nothing else can fail");
        Client { http, base: base.clone() }
    }

    /// What runs.
    ///
    /// # Errors
    /// [`ApiError`]
    pub async fn status(&self) -> Result<StatusAnswer, ApiError> {
        Ok(http::read_status(&self.send(self.read(paths::STATUS)).await?)?)
    }

    /// The runs of the last `days` days.
    ///
    /// # Errors
    /// [`ApiError`]
    pub async fn history(&self, days: u32) -> Result<Vec<HistoryRun>, ApiError> {
        Ok(http::read_history(&self.send(self.read(paths::HISTORY).query(&[("days", days)])).await?)?)
    }

    /// The schedule.
    ///
    /// # Errors
    /// [`ApiError`]
    pub async fn schedule(&self) -> Result<ScheduleChange, ApiError> {
        Ok(http::read_schedule(&self.send(self.read(paths::SCHEDULE)).await?)?)
    }

    /// Whether it answers at all: any answer but a server's error counts, since nobody relies on what stands in it.
    ///
    /// # Errors
    /// [`ApiError`]
    pub async fn health(&self) -> Result<(), ApiError> {
        match self.send(self.read(paths::HEALTH)).await {
            Err(ApiError::Refused { status, .. }) if !status.is_server_error() => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Starts a run. Never repeated by itself.
    ///
    /// # Errors
    /// [`ApiError`]
    pub async fn trigger(&self, request: &TriggerRequest) -> Result<CommandAnswer, ApiError> {
        self.command(self.request(Method::POST, paths::TRIGGER).json(request)).await
    }

    /// Stops the active run. Never repeated by itself.
    ///
    /// # Errors
    /// [`ApiError`]
    pub async fn cancel(&self) -> Result<CommandAnswer, ApiError> {
        self.command(self.request(Method::DELETE, paths::CANCEL)).await
    }

    async fn command(&self, request: RequestBuilder) -> Result<CommandAnswer, ApiError> {
        let body = self.send(request).await?;
        http::read_command(&body)?
            .map_err(|refusal| ApiError::Refused { status: StatusCode::CONFLICT, refusal: Box::new(refusal) })
    }

    fn read(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path).timeout(READ)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        self.http.request(method, url)
    }

    /// Sends a request and reads its answer, up to [`ANSWER_BYTES`].
    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, ApiError> {
        let mut answer = request.send().await.map_err(|error| self.failed(&error))?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failed(&error))? {
            if body.len() + chunk.len() > ANSWER_BYTES {
                let why = format!("its answer is larger than {} MiB", ANSWER_BYTES >> 20);
                return Err(ApiError::NoAnswer { at: self.shown(), why });
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(body);
        }
        Err(ApiError::Refused { status, refusal: Box::new(http::read_refusal(&body)) })
    }

    fn failed(&self, error: &reqwest::Error) -> ApiError {
        let at = self.shown();
        // The innermost cause is the one that says something ("Connection refused"); the outer ones repeat the address.
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => ApiError::Unreachable { at, why: format!("no connection within {} s", CONNECT.as_secs()) },
            (true, false) => ApiError::Unreachable { at, why: cause.to_string() },
            (false, true) => ApiError::NoAnswer { at, why: "not within the time allowed".to_owned() },
            (false, false) => ApiError::NoAnswer { at, why: cause.to_string() },
        }
    }

    /// The address without user and password.
    fn shown(&self) -> String {
        self.base.origin().ascii_serialization()
    }
}

impl From<ApiError> for CommandError {
    /// What an operator reads: what happened, and what to do.
    fn from(error: ApiError) -> Self {
        let said = error.to_string();
        let (code, message, refusal) = match error {
            ApiError::Unreachable { .. } => {
                (ErrorCode::Unavailable, format!("{said}. Nothing was done; try again when it is back."), None)
            }
            ApiError::NoAnswer { .. } => (
                ErrorCode::Unconfirmed,
                format!(
                    "{said}. The command may have been carried out all the same: watch the run's status before trying again."
                ),
                None,
            ),
            ApiError::Broken(_) => (
                ErrorCode::BadAnswer,
                format!("{said}. The command may have been carried out: watch the run's status before trying again."),
                None,
            ),
            ApiError::Refused { status, refusal } => {
                let code = match status.as_u16() {
                    409 | 423 => ErrorCode::Conflict,
                    400 if refusal.run_id.is_some() => ErrorCode::Conflict,
                    400 | 422 => ErrorCode::Invalid,
                    _ => ErrorCode::Refused,
                };
                (code, said, Some(refusal))
            }
        };
        let (field, run_id) = refusal.map(|refusal| (refusal.field, refusal.run_id)).unwrap_or_default();
        CommandError { code, message, field, run_id }
    }
}
