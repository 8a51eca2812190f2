//! TLS on both sides: HTTPS with HTTP/2 for browsers, `rediss://` with a user and a password for
//! Redis.
use crate::support::{Console, Redis, Stream, nowhere, spare_port};
use model::State;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A certificate of its own authority, as files.
struct Certificate {
    folder: PathBuf,
    pem: String,
}

impl Certificate {
    fn new(name: &str) -> Certificate {
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])
                .unwrap();
        let folder =
            std::env::temp_dir().join(format!("console-tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let pem = made.cert.pem();
        std::fs::write(folder.join("cert.pem"), &pem).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Certificate { folder, pem }
    }

    fn path(&self, file: &str) -> String {
        self.folder.join(file).to_str().unwrap().to_owned()
    }

    fn client(&self) -> reqwest::Client {
        let _ = crate::support::client();
        let root = reqwest::Certificate::from_pem(self.pem.as_bytes()).unwrap();
        reqwest::Client::builder()
            .tls_certs_only([root])
            .build()
            .unwrap()
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn https(certificate: &Certificate, redis_url: &str) -> (Console, String) {
    let (cert, key) = (certificate.path("cert.pem"), certificate.path("key.pem"));
    let api = format!("http://{}", nowhere().await);
    let console = Console::start_with(&[
        ("CONSOLE_TLS_CERT", &cert),
        ("CONSOLE_TLS_KEY", &key),
        ("REDIS_URL", redis_url),
        ("TICKSTOCKPL_API_URL", &api),
    ])
    .await;
    let url = format!("https://127.0.0.1:{}", console.addr.port());
    (console, url)
}

fn shows(run: &'static str) -> impl Fn(&State) -> bool {
    move |state| {
        state
            .run
            .as_ref()
            .is_some_and(|shown| shown.id.as_str() == run)
    }
}

#[tokio::test]
async fn many_streams_and_pages_share_one_connection_over_tls() {
    let (redis, certificate) = (Redis::start().await, Certificate::new("many"));
    let (console, url) = https(&certificate, &redis.url()).await;
    redis.subscribed().await;
    let client = certificate.client();
    let mut streams = Vec::new();
    // More than the six connections that a browser makes over HTTP/1.1.
    for _ in 0..10 {
        let stream = Stream::with(&client, &format!("{url}/api/events"), None).await;
        assert_eq!(stream.version(), reqwest::Version::HTTP_2);
        streams.push(stream);
    }
    let page = client
        .get(format!("{url}/admin/daily-processing"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (page.status().as_u16(), page.version()),
        (200, reqwest::Version::HTTP_2)
    );
    let message =
        json!({ "event": "processing_started", "payload": { "run_id": "r" } }).to_string();
    redis.publish("tickstock:processing:status", message).await;
    for stream in &mut streams {
        stream.until("the run is shown", shows("r")).await;
    }
    console.shutdown.cancel();
    for stream in &mut streams {
        let mut last = String::new();
        while let Some(update) = stream.next().await {
            last = update.event;
        }
        assert_eq!(last, "bye");
    }
}

#[tokio::test]
async fn redis_over_tls_works_with_its_authority_configured() {
    let certificate = Certificate::new("redis");
    let (cert, key) = (certificate.path("cert.pem"), certificate.path("key.pem"));
    let tls_port = spare_port().await;
    let port = tls_port.to_string();
    let redis = Redis::start_with(&[
        "--tls-port",
        &port,
        "--tls-cert-file",
        &cert,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &cert,
        "--tls-auth-clients",
        "no",
    ])
    .await;
    redis
        .command("ACL SETUSER ops on >s3cret -@all +subscribe +ping +client allchannels")
        .await;
    let url = format!("rediss://ops:s3cret@localhost:{tls_port}/0");
    let api = format!("http://{}", nowhere().await);
    let console = Console::start_with(&[
        ("REDIS_URL", &url),
        ("REDIS_CA", &cert),
        ("TICKSTOCKPL_API_URL", &api),
    ])
    .await;
    redis.subscribed().await;
    let message =
        json!({ "event": "processing_started", "payload": { "run_id": "r" } }).to_string();
    redis.publish("tickstock:processing:status", message).await;
    console
        .stream()
        .await
        .until("the run is shown", shows("r"))
        .await;
    // An authority that nobody named is not trusted.
    let distrustful = Console::start(&url, &api).await;
    let refused = |state: &State| {
        state
            .links
            .redis
            .detail
            .as_ref()
            .is_some_and(|why| why.contains("certificate"))
    };
    distrustful
        .stream()
        .await
        .until("the certificate is refused", refused)
        .await;
}

#[tokio::test]
#[ignore = "takes the 45 s after which a stream that takes nothing is closed"]
async fn one_stalled_stream_closes_its_http2_connection() {
    let (redis, certificate) = (Redis::start().await, Certificate::new("stalled"));
    let (_console, url) = https(&certificate, &redis.url()).await;
    redis.subscribed().await;
    let began = Instant::now();
    let _deaf = Stream::with(&certificate.client(), &format!("{url}/api/events"), None).await;
    let text = "x".repeat(2000);
    for _ in 0..4 {
        let bulky =
            |n: usize| json!({ "event": format!("unheard_of_{n}"), "text": text }).to_string();
        redis
            .publish_all((0..2000).map(|n| ("tickstock:monitoring", bulky(n))))
            .await;
    }
    let client = certificate.client();
    loop {
        let health = client
            .get(format!("{url}/health"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let health: serde_json::Value = serde_json::from_str(&health).unwrap();
        if health["streams"] == 0 {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(90),
            "it is still open"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(
        began.elapsed() > Duration::from_secs(40),
        "{:?}",
        began.elapsed()
    );
}
