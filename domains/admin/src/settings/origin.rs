//! A browser origin that a tenant admits (RFC 6454, section 6.2).

use thiserror::Error;
use url::Url;

/// The longest origin kept, in bytes.
const MAX_BYTES: usize = 255;

/// An origin exactly as a browser sends it: `https://app.example.com`, or plain HTTP to this
/// very machine, with any port, for development.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin(String);

/// Why an origin was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum OriginError {
    /// Not what a browser would send: a path, a wildcard, upper case, a default port…
    #[error("write the origin exactly as browsers send it, such as https://app.example.com")]
    Form,
    /// Plain HTTP to another machine.
    #[error("an origin must use https, except http://localhost")]
    Insecure,
}

impl Origin {
    pub(crate) fn parse(text: &str) -> Result<Self, OriginError> {
        if text.len() > MAX_BYTES {
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
        for good in [
            "https://app.example.com",
            "https://app.example.com:8443",
            "https://xn--bcher-kva.example",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
        ] {
            assert_eq!(Origin::parse(good).map(|o| o.0), Ok(good.to_owned()));
        }
        for bad in [
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
            assert_eq!(Origin::parse(bad), Err(OriginError::Form), "{bad}");
        }
        for bad in
            ["http://app.example.com", "http://10.0.0.1:3000", "http://localhost.example.com"]
        {
            assert_eq!(Origin::parse(bad), Err(OriginError::Insecure), "{bad}");
        }
    }
}
