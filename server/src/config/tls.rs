//! Certificates, from the files that the configuration names.

use super::{ConfigError, wrong};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What the console serves TLS with: `None` where neither file is named.
pub(super) fn acceptor(
    get: impl Fn(&str) -> Option<String>,
) -> Result<Option<TlsAcceptor>, ConfigError> {
    const CERT: &str = "CONSOLE_TLS_CERT";
    const KEY: &str = "CONSOLE_TLS_KEY";
    let (cert, key) = match (get(CERT), get(KEY)) {
        (None, None) => return Ok(None),
        (Some(cert), Some(key)) => (cert, key),
        (Some(_), None) => {
            return wrong(
                KEY,
                "is not set, but CONSOLE_TLS_CERT is; name the file of its private key",
            );
        }
        (None, Some(_)) => {
            return wrong(
                CERT,
                "is not set, but CONSOLE_TLS_KEY is; name the file of its certificate",
            );
        }
    };
    let chain = certificates(CERT, &cert)?;
    let key = PrivateKeyDer::from_pem_file(&key).or_else(|error| {
        wrong(
            KEY,
            format!("is {key:?}, which is not a readable PEM file with a private key: {error}"),
        )
    })?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    match config {
        Ok(mut config) => {
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(Some(TlsAcceptor::from(Arc::new(config))))
        }
        Err(error) => wrong(
            CERT,
            format!("is {cert:?}, which does not go with CONSOLE_TLS_KEY: {error}"),
        ),
    }
}

/// The PEM text of a file with certificates of authorities.
pub(super) fn authorities(
    variable: &'static str,
    path: Option<String>,
) -> Result<Option<Vec<u8>>, ConfigError> {
    let Some(path) = path else { return Ok(None) };
    certificates(variable, &path)?;
    std::fs::read(Path::new(&path))
        .map(Some)
        .or_else(|error| wrong(variable, format!("is {path:?}: {error}")))
}

fn certificates(
    variable: &'static str,
    path: &str,
) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => wrong(
            variable,
            format!("is {path:?}, which holds no certificate; it must be a PEM file"),
        ),
        Err(error) => wrong(
            variable,
            format!("is {path:?}, which is not a readable PEM file with certificates: {error}"),
        ),
    }
}
