//! Who the server is: the pinned authority, and nothing else, decides.
//!
//! A phone's clock may stand in 1970 or 2099, and no clock may keep work on the phone (`docs/sync-model.md`). So the dates of a certificate
//! that the pinned authority signed do not count; its signature, its name and its use do. What this gives up: a server's key that leaks
//! stays usable until the authority is replaced. The authority is the city's own and signs this one server.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, KeyProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::SigningKey;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use std::time::Duration;

/// Certificates of a chain whose dates are looked past, at most.
const CHAIN_MAX_COUNT: usize = 4;

/// TLS with the certificates in `ca_pem` as the only authorities; `None` when it holds none that can be read.
pub(super) fn pinned(ca_pem: &str) -> Option<ClientConfig> {
    let provider = Arc::new(provider());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        roots.add(certificate.ok()?).ok()?;
    }
    let verifier = PinnedVerifier::new(roots, Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Some(config)
}

fn provider() -> CryptoProvider {
    CryptoProvider { key_provider: &NoKeys, ..rustls::crypto::ring::default_provider() }
}

/// A phone shows no certificate of its own. Saying so keeps what reads and uses private keys out of the library.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("a phone shows no certificate".into()))
    }
}

/// TLS that is never used: plain HTTP on loopback needs no authority, and trusts none.
pub(super) fn without_authority() -> Option<ClientConfig> {
    let provider = Arc::new(provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    Some(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// The usual verification, at a time at which each certificate is valid.
#[derive(Debug)]
struct PinnedVerifier(Arc<WebPkiServerVerifier>);

impl PinnedVerifier {
    /// `None` without an authority.
    fn new(roots: RootCertStore, provider: Arc<CryptoProvider>) -> Option<Self> {
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok().map(Self)
    }
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verify = |at| self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, at);
        let mut outcome = verify(now);
        for _ in 0..CHAIN_MAX_COUNT {
            outcome = match outcome {
                Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => verify(not_after),
                Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => {
                    verify(UnixTime::since_unix_epoch(Duration::from_secs(not_before.as_secs().saturating_add(1))))
                }
                other => return other,
            };
        }
        outcome
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
