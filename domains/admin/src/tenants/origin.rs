//! A browser origin that a tenant admits (RFC 6454, section 6.2). Pure.

use thiserror::Error;
use url::Url;

/// The greatest length of an origin, in bytes.
pub(crate) const ORIGIN_MAX_LEN: usize = 255;

/// An origin exactly as a browser sends it: `https://app.example.com`, or plain HTTP to this
/// very machine, with any port, for development.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin(String);

/// Why an origin was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum OriginError {
    /// The text is not what a browser would send: a path, a wildcard, upper case, a default port…
    #[error("write the origin exactly as browsers send it, such as https://app.example.com")]
    Form,
    /// The origin is plain HTTP on another machine.
    #[error("an origin must use https, except http://localhost")]
    Insecure,
}

impl Origin {
    /// Reads an origin. Fails with [`OriginError`] when the text is not one that a tenant may admit.
    pub(crate) fn parse(text: &str) -> Result<Self, OriginError> {
        if text.len() > ORIGIN_MAX_LEN {
            return Err(OriginError::Form);
        }
        let url = Url::parse(text).map_err(|_| OriginError::Form)?;
        let secure = url.scheme() == "https";
        let local =
            url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
        // The serialisation drops paths, credentials, default ports and upper case, so whatever
        // carries them differs from it. `*` is a legal character of a URL's host, not of a name.
        if url.origin().ascii_serialization() != text || text.contains('*') {
            return Err(OriginError::Form);
        }
        if secure || local { Ok(Self(text.to_owned())) } else { Err(OriginError::Insecure) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_or_localhost_exactly_as_a_browser_sends_it() {
        for accepted in [
            "https://app.example.com",
            "https://app.example.com:8443",
            "https://xn--bcher-kva.example",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
        ] {
            assert_eq!(Origin::parse(accepted).map(|o| o.0), Ok(accepted.to_owned()));
        }
        for refused in [
            "",
            "null",
            "*",
            "https://*.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com:443",
            "https://App.example.com",
            "https://user@app.example.com",
            "https://app.example.com?x",
            " https://app.example.com",
            "https://bücher.example",
            "file:///etc/passwd",
            "javascript:alert(1)",
        ] {
            assert_eq!(Origin::parse(refused), Err(OriginError::Form), "{refused}");
        }
        for refused in
            ["http://app.example.com", "http://10.0.0.1:3000", "http://localhost.example.com"]
        {
            assert_eq!(Origin::parse(refused), Err(OriginError::Insecure), "{refused}");
        }
    }
}
