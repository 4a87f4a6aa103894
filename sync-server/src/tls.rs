//! The listener: TLS by certificate files, or plain HTTP on an address that only this machine reaches.

use crate::App;
use crate::config::TlsFiles;
use crate::http::limits::{FIRST_REQUEST_MAX_MS, SHUTDOWN_MAX_MS};
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Why the server does not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Plain HTTP is for loopback addresses.
    #[error(
        "{0} can be reached from other machines and needs TLS: give a certificate and its key (--tls-certificate, --tls-key), or listen on 127.0.0.1"
    )]
    PlainOnNetwork(SocketAddr),
    /// A certificate or key file does not read.
    #[error("cannot read {}: {why}; it must be PEM", path.display())]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The certificate and the key do not fit.
    #[error("the certificate and the key cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// What the system says.
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
}

pub(crate) async fn serve(
    listener: tokio::net::TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    let tls = match &app.config.tls {
        Some(files) => Some(config(files)?),
        None if address.ip().is_loopback() => None,
        None => return Err(ServeError::PlainOnNetwork(address)),
    };
    let listener = listener.into_std()?;
    let handle = Handle::new();
    let stopping = handle.clone();
    let (stop_jobs, jobs_stopped) = tokio::sync::oneshot::channel();
    let jobs = tokio::spawn(crate::jobs::run(Arc::clone(&app), jobs_stopped));
    tokio::spawn(async move {
        shutdown.await;
        stopping.graceful_shutdown(Some(Duration::from_millis(SHUTDOWN_MAX_MS)));
    });
    let service = crate::build_router(app).into_make_service();
    let first_request = Duration::from_millis(FIRST_REQUEST_MAX_MS);
    let served = match tls {
        Some(config) => {
            let acceptor = RustlsAcceptor::new(config).acceptor(NoDelayAcceptor::new());
            let server = axum_server::from_tcp(listener)?.acceptor(acceptor).handle(handle);
            server.first_request_timeout(first_request).serve(service).await
        }
        None => {
            let server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new()).handle(handle);
            server.first_request_timeout(first_request).serve(service).await
        }
    };
    // The jobs write what is left and end; that they have ended already is no error.
    let _ = stop_jobs.send(());
    let _ = jobs.await;
    Ok(served?)
}

fn config(files: &TlsFiles) -> Result<RustlsConfig, ServeError> {
    let unreadable = |path: &Path, why: String| ServeError::Pem { path: path.to_owned(), why };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(|certificates| certificates.collect())
        .map_err(|e| unreadable(&files.certificate, e.to_string()))?;
    if chain.is_empty() {
        return Err(unreadable(&files.certificate, "no certificate in it".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| unreadable(&files.key, e.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
