//! The client of TickStockPL's HTTP API: its operations, typed, with time-outs, and an error that
//! an operator can act on.
//!
//! Commands are sent once, never again by themselves. Queries are tried a second time where the
//! first one cannot have been answered.

mod circuit_breaker;
mod error;
mod single_flight;

pub(crate) use error::UpstreamError;
pub(crate) use single_flight::{Flight, SingleFlight};

use crate::config::ApiConfig;
use crate::poll_trigger::PollTrigger;
use circuit_breaker::CircuitBreaker;
use contract::ScheduleChange;
use contract::http::{
    self, API_KEY_HEADER, CommandAnswer, ReportedRun, ScheduleRequest, StatusAnswer, paths,
};
use parking_lot::Mutex;
use reqwest::{Certificate, Method, RequestBuilder, StatusCode};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use store::RepeatedFailure;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

/// Upper limit of a query's time-out, whatever is configured.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);
/// Maximum size of a response: a history of a thousand runs has 400 KB.
const RESPONSE_BYTES: usize = 4 << 20;
/// Maximum number of concurrent requests.
const CONCURRENT_REQUESTS: usize = 8;
/// Maximum wait of a request for one of them.
const PERMIT_TIMEOUT: Duration = Duration::from_millis(500);

/// A client; clones share its connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    config: Arc<ApiConfig>,
    breaker: CircuitBreaker,
    permits: Arc<Semaphore>,
    /// Polled when TickStockPL becomes unavailable, so that pages say so at once.
    poll_trigger: PollTrigger,
    history_failure: Arc<Mutex<RepeatedFailure>>,
}

impl Client {
    /// A client for the API that `config` names.
    pub fn new(config: ApiConfig, poll_trigger: PollTrigger) -> Client {
        // ring, since it needs no C to build; another provider that was installed before is as
        // good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authorities = config
            .authorities
            .as_deref()
            .map(Certificate::from_pem_bundle);
        let http = reqwest::Client::builder()
            .connect_timeout(config.connect_timeout)
            .timeout(config.timeout)
            .tls_certs_merge(authorities.and_then(Result::ok).unwrap_or_default())
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tickstock-console/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("a TLS provider is installed, the certificates were read before, and nothing else can fail");
        let permits = Arc::new(Semaphore::new(CONCURRENT_REQUESTS));
        Client {
            http,
            config: Arc::new(config),
            breaker: CircuitBreaker::default(),
            permits,
            poll_trigger,
            history_failure: Arc::default(),
        }
    }

    /// The client of the poller, whose requests pass an open circuit breaker.
    #[must_use]
    pub fn probing(mut self) -> Client {
        self.breaker = self.breaker.bypassed();
        // It does not wait for permits that other requests hold.
        self.permits = Arc::new(Semaphore::new(CONCURRENT_REQUESTS));
        self
    }

    /// Time-out of a command.
    pub fn timeout(&self) -> Duration {
        self.config.timeout
    }

    /// The status of the active run.
    ///
    /// # Errors
    /// [`UpstreamError`]
    pub async fn status(&self) -> Result<StatusAnswer, UpstreamError> {
        Ok(http::parse_status(&self.read(paths::STATUS).await?)?)
    }

    /// The runs of the last `days` days.
    ///
    /// # Errors
    /// [`UpstreamError`]
    pub async fn history(&self, days: u32) -> Result<Vec<ReportedRun>, UpstreamError> {
        let body = self.read(&http::history_path(days)).await?;
        let runs = http::parse_history(&body)?;
        if self.history_failure.lock().recovered() {
            tracing::info!("tickstockpl history became readable");
        }
        Ok(runs)
    }

    /// Logs that the history could not be read, at a limited rate: the poller and queries try
    /// again and again.
    pub fn log_history_failure(&self, error: &UpstreamError) {
        if let Some(suppressed) = self.history_failure.lock().occurred() {
            tracing::warn!(%error, suppressed, "failed to read tickstockpl history");
        }
    }

    /// The schedule.
    ///
    /// # Errors
    /// [`UpstreamError`]
    pub async fn schedule(&self) -> Result<ScheduleChange, UpstreamError> {
        Ok(http::parse_schedule(&self.read(paths::SCHEDULE).await?)?)
    }

    /// Posts a command.
    ///
    /// # Errors
    /// [`UpstreamError`]
    pub async fn post_command(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<CommandAnswer, UpstreamError> {
        self.command(self.request(Method::POST, path).json(body))
            .await
    }

    /// Stops the active run.
    ///
    /// # Errors
    /// [`UpstreamError`]
    pub async fn cancel(&self) -> Result<CommandAnswer, UpstreamError> {
        self.command(self.request(Method::DELETE, paths::CANCEL))
            .await
    }

    /// Changes the schedule; gives it as TickStockPL has it now, where its answer says so.
    ///
    /// # Errors
    /// [`UpstreamError`]
    pub async fn update_schedule(
        &self,
        request: &ScheduleRequest,
    ) -> Result<Option<ScheduleChange>, UpstreamError> {
        let body = self
            .send(self.request(Method::POST, paths::SCHEDULE).json(request))
            .await?;
        http::parse_schedule_change(&body).map_err(refused)
    }

    async fn command(&self, request: RequestBuilder) -> Result<CommandAnswer, UpstreamError> {
        http::parse_command(&self.send(request).await?)?.map_err(refused)
    }

    /// Sends a query, and once more where the connection ended before the response.
    async fn read(&self, path: &str) -> Result<Vec<u8>, UpstreamError> {
        let request = || {
            self.request(Method::GET, path)
                .timeout(QUERY_TIMEOUT.min(self.config.timeout))
        };
        match self.send(request()).await {
            Err(UpstreamError::NoResponse {
                timed_out: false, ..
            }) => self.send(request()).await,
            answer => answer,
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url: Url = self.config.url.expose().clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        url.set_query(query);
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.config.token {
            request = request.bearer_auth(token.expose());
        }
        if let Some(key) = &self.config.api_key {
            request = request.header(API_KEY_HEADER, key.expose());
        }
        request
    }

    /// Sends a request unless the circuit breaker is open, which records the result.
    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, UpstreamError> {
        self.breaker.check()?;
        let Ok(Ok(_permit)) = timeout(PERMIT_TIMEOUT, self.permits.acquire()).await else {
            return Err(UpstreamError::Busy(CONCURRENT_REQUESTS));
        };
        let answer = self.exchange(request).await;
        if self.breaker.record(&answer) {
            self.poll_trigger.now();
        }
        answer
    }

    /// Sends a request and reads its response, up to [`RESPONSE_BYTES`].
    async fn exchange(&self, request: RequestBuilder) -> Result<Vec<u8>, UpstreamError> {
        let mut answer = request.send().await.map_err(|error| self.failed(&error))?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failed(&error))? {
            if body.len() + chunk.len() > RESPONSE_BYTES {
                return Err(UpstreamError::TooLarge(RESPONSE_BYTES >> 20));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(body);
        }
        Err(UpstreamError::Refused {
            status,
            refusal: Box::new(http::parse_refusal(&body)),
        })
    }

    fn failed(&self, error: &reqwest::Error) -> UpstreamError {
        let address = self.config.url.expose().origin().ascii_serialization();
        // The innermost cause is the one that says something ("Connection refused"); the outer ones
        // repeat the address.
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let connect = self.config.connect_timeout.as_secs_f64();
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => UpstreamError::Unreachable {
                address,
                reason: format!("no connection within {connect} s"),
            },
            (true, false) => UpstreamError::Unreachable {
                address,
                reason: cause.to_string(),
            },
            (false, true) => UpstreamError::NoResponse {
                address,
                reason: "request timed out".to_owned(),
                timed_out: true,
            },
            (false, false) => UpstreamError::NoResponse {
                address,
                reason: cause.to_string(),
                timed_out: false,
            },
        }
    }
}

/// A refusal in an answer that says success.
fn refused(refusal: http::Refusal) -> UpstreamError {
    UpstreamError::Refused {
        status: StatusCode::CONFLICT,
        refusal: Box::new(refusal),
    }
}
