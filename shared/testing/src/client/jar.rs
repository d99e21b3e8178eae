//! The cookies of a browser, by the server they are for.

use std::collections::BTreeMap;

use super::Answer;

/// Cookies by server and name.
#[derive(Debug, Clone, Default)]
pub(super) struct Jar(BTreeMap<(String, String), String>);

impl Jar {
    pub(super) fn set(&mut self, authority: &str, name: &str, value: &str) {
        self.0.insert((authority.to_owned(), name.to_owned()), value.to_owned());
    }

    pub(super) fn get(&self, authority: &str, name: &str) -> Option<String> {
        self.0.get(&(authority.to_owned(), name.to_owned())).cloned()
    }

    /// The cookie whose name ends so: in production names have a prefix.
    pub(super) fn get_ending(&self, authority: &str, ending: &str) -> Option<String> {
        let mut found = self.of(authority);
        found.find(|(name, _)| name.ends_with(ending)).map(|(_, value)| value.to_owned())
    }

    /// What a request to the server says of its cookies, if there are any.
    pub(super) fn header(&self, authority: &str) -> Option<String> {
        let pairs: Vec<String> =
            self.of(authority).map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Does what an answer says of cookies: keeps them, or forgets those that have ended.
    pub(super) fn keep(&mut self, authority: &str, answer: &Answer) {
        for cookie in answer.header_values("set-cookie") {
            let mut parts = cookie.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let ended = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
            if ended {
                self.0.remove(&(authority.to_owned(), name.to_owned()));
            } else {
                self.set(authority, name, value);
            }
        }
    }

    fn of(&self, authority: &str) -> impl Iterator<Item = (&str, &str)> {
        let own = self.0.iter().filter(move |((of, _), _)| of == authority);
        own.map(|((_, name), value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(cookies: &[&str]) -> Answer {
        let headers = cookies.iter().map(|cookie| ("set-cookie".to_owned(), (*cookie).to_owned()));
        Answer { asked: String::new(), status: 200, headers: headers.collect(), body: Vec::new() }
    }

    #[test]
    fn cookies_are_kept_for_their_server_alone_until_they_end() {
        let mut jar = Jar::default();
        jar.keep("a:1", &answer(&["__Host-bk_client_csrf=x=y; Path=/; Secure", "other=1"]));
        assert_eq!(jar.header("a:1").unwrap(), "__Host-bk_client_csrf=x=y; other=1");
        assert_eq!(jar.get_ending("a:1", "_client_csrf").unwrap(), "x=y");
        assert_eq!(jar.header("b:1"), None);
        jar.keep("a:1", &answer(&["other=; Max-Age=0; Path=/"]));
        assert_eq!(jar.header("a:1").unwrap(), "__Host-bk_client_csrf=x=y");
    }
}
