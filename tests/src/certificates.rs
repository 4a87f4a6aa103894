//! A certificate authority of a test's own, and a certificate for this machine.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use std::path::Path;
use zoufang_sync_server::config::TlsFiles;

/// An authority that phones can pin.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one.
    ///
    /// # Panics
    /// When the machine has no randomness.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names, so none is wrong");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Zoufang test authority");
        params.key_usages.extend([KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign]);
        let key = KeyPair::generate().expect("the machine has randomness");
        let certificate = params.self_signed(&key).expect("the parameters are whole");
        Authority { pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }
    /// What phones pin.
    pub fn pem(&self) -> &str {
        &self.pem
    }
    /// Writes a certificate for 127.0.0.1 and its key into a folder.
    ///
    /// # Errors
    /// When the files cannot be written.
    ///
    /// # Panics
    /// When the machine has no randomness.
    pub fn issue(&self, folder: &Path) -> std::io::Result<TlsFiles> {
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut params = CertificateParams::new(names).expect("both names are well-formed");
        params.distinguished_name.push(DnType::CommonName, "Zoufang test server");
        params.use_authority_key_identifier_extension = true;
        params.key_usages.push(KeyUsagePurpose::DigitalSignature);
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        let key = KeyPair::generate().expect("the machine has randomness");
        let certificate = params.signed_by(&key, &self.issuer).expect("the parameters are whole");
        let files = TlsFiles { certificate: folder.join("server.pem"), key: folder.join("server.key") };
        std::fs::write(&files.certificate, certificate.pem())?;
        std::fs::write(&files.key, key.serialize_pem())?;
        Ok(files)
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}
