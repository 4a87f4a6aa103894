//! Cookies: the session, the language, and what the sign-in form carries against forgery.

use axum::http::{HeaderMap, HeaderValue, header};

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The session's token.
    Session,
    /// What the sign-in form must repeat.
    Form,
    /// `zh` or `en`.
    Language,
}

/// How long a browser keeps the language, in seconds: a year.
const LANGUAGE_SECONDS: u32 = 365 * 24 * 3600;
/// How long a sign-in form stays good, in seconds.
const FORM_SECONDS: u32 = 3600;

impl Cookie {
    /// The name. Over TLS the session's has the prefix that ties it to this host and to TLS.
    pub fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Cookie::Session, true) => "__Host-zoufang",
            (Cookie::Session, false) => "zoufang",
            (Cookie::Form, true) => "__Host-zoufang-form",
            (Cookie::Form, false) => "zoufang-form",
            (Cookie::Language, _) => "zoufang-language",
        }
    }

    /// The value that a request brought.
    pub fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        let name = self.name(secure);
        let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
    }

    /// The header that sets it. Values are of letters, digits, `-` and `_`.
    pub fn set(self, value: &str, secure: bool) -> HeaderValue {
        let lasts = match self {
            Cookie::Session => String::new(),
            Cookie::Form => format!("; Max-Age={FORM_SECONDS}"),
            Cookie::Language => format!("; Max-Age={LANGUAGE_SECONDS}"),
        };
        self.header(value, &lasts, secure)
    }

    /// The header that removes it.
    pub fn remove(self, secure: bool) -> HeaderValue {
        self.header("", "; Max-Age=0", secure)
    }

    fn header(self, value: &str, lasts: &str, secure: bool) -> HeaderValue {
        let name = self.name(secure);
        let tls = if secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{tls}{lasts}");
        HeaderValue::from_str(&text).expect("names and values are visible ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_tls_the_session_is_tied_to_host_and_tls() {
        let set = Cookie::Session.set("abc", true);
        assert_eq!(set, "__Host-zoufang=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert_eq!(Cookie::Session.set("abc", false), "zoufang=abc; Path=/; HttpOnly; SameSite=Strict");
    }

    #[test]
    fn reads_its_own_and_no_other() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("zoufang-form=f; other=1"));
        headers.append(header::COOKIE, HeaderValue::from_static("zoufang=s=1"));
        assert_eq!(Cookie::Session.read(&headers, false).as_deref(), Some("s=1"));
        assert_eq!(Cookie::Form.read(&headers, false).as_deref(), Some("f"));
        assert_eq!(Cookie::Session.read(&headers, true), None);
    }
}
