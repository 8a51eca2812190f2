//! Certificates, from the files that the settings name.

use super::error::{Problem, Reason};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The acceptor of TLS connections: none where no certificate is configured.
pub(super) fn acceptor(
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<TlsAcceptor>, Problem> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => load(certificate, key).map(Some),
        (Some(_), None) => Err(Problem::new(
            "CONSOLE_TLS_KEY is not set",
            "CONSOLE_TLS_CERT requires its private key",
            "Set it to the PEM file of the private key",
        )),
        (None, Some(_)) => Err(Problem::new(
            "CONSOLE_TLS_CERT is not set",
            "CONSOLE_TLS_KEY requires its certificate",
            "Set it to the PEM file of the certificate",
        )),
    }
}

fn load(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Problem> {
    let chain = certificates(certificate).map_err(|reason| Problem {
        failed: "invalid CONSOLE_TLS_CERT".to_owned(),
        reason: Reason::new(format!("{certificate:?} {}", reason.why), reason.fix),
    })?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| {
        Problem::new(
            "invalid CONSOLE_TLS_KEY",
            format!("{key:?} is not a readable PEM file with a private key ({error})"),
            "Use the PEM file of the private key",
        )
    })?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, private)
        });
    let mut config = config.map_err(|error| {
        Problem::new(
            "invalid CONSOLE_TLS_CERT",
            format!("{certificate:?} does not match CONSOLE_TLS_KEY ({error})"),
            "Use the certificate of that private key",
        )
    })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The text of a PEM file of certificate authorities.
pub(super) fn authorities(path: &str) -> Result<Vec<u8>, Reason> {
    certificates(Path::new(path))?;
    std::fs::read(path).map_err(|error| unreadable(&error))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Reason> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(&error))?;
    if certificates.is_empty() {
        return Err(Reason::new(
            "contains no certificate",
            "Use a PEM file with certificates",
        ));
    }
    Ok(certificates)
}

fn unreadable(error: &dyn std::fmt::Display) -> Reason {
    Reason::new(
        format!("is not a readable PEM file with certificates ({error})"),
        "Use a PEM file with certificates",
    )
}
