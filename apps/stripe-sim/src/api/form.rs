//! Stripe's bracketed forms (`line_items[0][price_data][currency]=aud`) as values that are taken out one
//! by one. What nobody took is refused by name, as Stripe refuses unknown parameters: a parameter this
//! simulator does not act on is never silently ignored.

use std::collections::BTreeMap;

use super::ApiError;

/// The longest metadata Stripe keeps: pairs, characters of a key, characters of a value.
const METADATA_LIMITS: (usize, usize, usize) = (50, 40, 500);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Text(String),
    Branch(BTreeMap<String, Node>),
}

/// One level of a form, with the path that leads to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params {
    path: String,
    nodes: BTreeMap<String, Node>,
}

impl Params {
    /// Parses decoded pairs. A name given twice without brackets, or as both a value and a branch, is
    /// refused rather than resolved by position.
    pub(crate) fn from_pairs(pairs: &[(String, String)]) -> Result<Self, ApiError> {
        let mut root = BTreeMap::new();
        for (name, value) in pairs {
            let invalid = || {
                ApiError::parameter(
                    "parameter_unknown",
                    name,
                    format!("Invalid parameter name: {name}"),
                )
            };
            let segments = segments(name).ok_or_else(invalid)?;
            insert(&mut root, &segments, value).ok_or_else(invalid)?;
        }
        Ok(Self { path: String::new(), nodes: root })
    }

    /// A text parameter. The empty string is refused: Stripe reads it as "unset".
    pub(crate) fn text(&mut self, key: &str) -> Result<Option<String>, ApiError> {
        let name = self.name(key);
        match self.nodes.remove(key) {
            None => Ok(None),
            Some(Node::Text(text)) if text.is_empty() => Err(ApiError::parameter(
                "parameter_invalid_empty",
                &name,
                format!(
                    "You passed an empty string for '{name}'. We assume empty values are an attempt to \
                     unset a parameter; however '{name}' cannot be unset. You should remove '{name}' from \
                     your request or supply a non-empty value."
                ),
            )),
            Some(Node::Text(text)) => Ok(Some(text)),
            Some(Node::Branch(_)) => Err(invalid_value(&name, "string")),
        }
    }

    /// A text parameter of an update: absent leaves the field, the empty string unsets it.
    pub(crate) fn change(&mut self, key: &str, field: &mut Option<String>) -> Result<(), ApiError> {
        if self.nodes.get(key) == Some(&Node::Text(String::new())) {
            self.nodes.remove(key);
            *field = None;
        } else if let Some(text) = self.text(key)? {
            *field = Some(text);
        }
        Ok(())
    }

    pub(crate) fn required(&mut self, key: &str) -> Result<String, ApiError> {
        let name = self.name(key);
        self.text(key)?.ok_or_else(|| missing(&name))
    }

    pub(crate) fn integer(&mut self, key: &str) -> Result<Option<i64>, ApiError> {
        let name = self.name(key);
        let Some(text) = self.text(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            ApiError::parameter(
                "parameter_invalid_integer",
                &name,
                format!("Invalid integer: {text}"),
            )
        })
    }

    pub(crate) fn boolean(&mut self, key: &str) -> Result<Option<bool>, ApiError> {
        let name = self.name(key);
        match self.text(key)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(invalid_value(&name, "boolean")),
        }
    }

    /// A parameter that must be one of `allowed`.
    pub(crate) fn one_of(
        &mut self,
        key: &str,
        allowed: &[&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let name = self.name(key);
        let Some(text) = self.text(key)? else { return Ok(None) };
        allowed.iter().find(|choice| **choice == text).copied().map(Some).ok_or_else(|| {
            let choices = allowed.join(", or ");
            let message = format!("Invalid {name}: must be one of {choices}");
            ApiError::invalid(&name, message)
        })
    }

    /// An absolute http or https address.
    pub(crate) fn url(&mut self, key: &str) -> Result<Option<String>, ApiError> {
        let name = self.name(key);
        let Some(text) = self.text(key)? else { return Ok(None) };
        let valid = reqwest::Url::parse(&text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        if valid {
            Ok(Some(text))
        } else {
            Err(ApiError::parameter("url_invalid", &name, "Not a valid URL"))
        }
    }

    /// A nested group, empty when absent.
    pub(crate) fn branch(&mut self, key: &str) -> Result<Option<Params>, ApiError> {
        let path = self.name(key);
        match self.nodes.remove(key) {
            None => Ok(None),
            Some(Node::Branch(nodes)) => Ok(Some(Params { path, nodes })),
            Some(Node::Text(_)) => Err(invalid_value(&path, "object")),
        }
    }

    /// A list of groups in index order.
    pub(crate) fn branches(&mut self, key: &str) -> Result<Vec<Params>, ApiError> {
        let Some(list) = self.branch(key)? else { return Ok(Vec::new()) };
        let path = list.path.clone();
        list.indexed()?
            .into_iter()
            .map(|(index, node)| match node {
                Node::Branch(nodes) => Ok(Params { path: format!("{path}[{index}]"), nodes }),
                Node::Text(_) => Err(invalid_value(&format!("{path}[{index}]"), "object")),
            })
            .collect()
    }

    /// A list of texts in index order.
    pub(crate) fn texts(&mut self, key: &str) -> Result<Vec<String>, ApiError> {
        let Some(list) = self.branch(key)? else { return Ok(Vec::new()) };
        let path = list.path.clone();
        list.indexed()?
            .into_iter()
            .map(|(index, node)| match node {
                Node::Text(text) => Ok(text),
                Node::Branch(_) => Err(invalid_value(&format!("{path}[{index}]"), "string")),
            })
            .collect()
    }

    /// Metadata: text pairs within Stripe's limits. Empty values are kept, they unset keys on update.
    pub(crate) fn metadata(&mut self, key: &str) -> Result<BTreeMap<String, String>, ApiError> {
        let Some(group) = self.branch(key)? else { return Ok(BTreeMap::new()) };
        let (pairs, key_chars, value_chars) = METADATA_LIMITS;
        if group.nodes.len() > pairs {
            let message = format!("Metadata can have up to {pairs} keys.");
            return Err(ApiError::invalid(&group.path, message));
        }
        let mut metadata = BTreeMap::new();
        for (name, node) in group.nodes {
            let path = format!("{}[{name}]", group.path);
            let Node::Text(value) = node else { return Err(invalid_value(&path, "string")) };
            if name.chars().count() > key_chars || value.chars().count() > value_chars {
                let message = format!(
                    "Metadata keys can be up to {key_chars} characters long and values up to {value_chars}."
                );
                return Err(ApiError::invalid(&path, message));
            }
            metadata.insert(name, value);
        }
        Ok(metadata)
    }

    /// Whether the key is there at all.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.nodes.contains_key(key)
    }

    /// The full name of a key at this level, as it was written in the request.
    pub(crate) fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}[{key}]", self.path) }
    }

    /// Refuses whatever was not taken.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.nodes.keys().next() {
            None => Ok(()),
            Some(key) => {
                let name = self.name(key);
                let message = format!("Received unknown parameter: {name}");
                Err(ApiError::parameter("parameter_unknown", &name, message))
            }
        }
    }

    fn indexed(self) -> Result<BTreeMap<usize, Node>, ApiError> {
        let path = self.path;
        self.nodes
            .into_iter()
            .map(|(key, node)| {
                key.parse().map(|index| (index, node)).map_err(|_| invalid_value(&path, "array"))
            })
            .collect()
    }
}

/// The refusal of a parameter that was not given but must be.
pub(crate) fn missing(name: &str) -> ApiError {
    ApiError::parameter("parameter_missing", name, format!("Missing required param: {name}."))
}

fn invalid_value(name: &str, expected: &str) -> ApiError {
    ApiError::invalid(name, format!("Invalid {expected}: {name}"))
}

/// `a[b][]` is `a`, `b` and an empty segment that means "next in the list".
fn segments(name: &str) -> Option<Vec<&str>> {
    let (head, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    if head.is_empty() {
        return None;
    }
    let mut found = vec![head];
    while !rest.is_empty() {
        let (segment, tail) = rest.strip_prefix('[')?.split_once(']')?;
        found.push(segment);
        rest = tail;
    }
    // No parameter of Stripe's nests deeper; a cap keeps the recursion below shallow.
    (found.len() <= 8).then_some(found)
}

fn insert(level: &mut BTreeMap<String, Node>, segments: &[&str], value: &str) -> Option<()> {
    let (first, rest) = segments.split_first()?;
    let key = if first.is_empty() { level.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        return level.insert(key, Node::Text(value.to_owned())).is_none().then_some(());
    }
    match level.entry(key).or_insert_with(|| Node::Branch(BTreeMap::new())) {
        Node::Branch(next) => insert(next, rest, value),
        Node::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Params, ApiError> {
        let owned: Vec<_> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Params::from_pairs(&owned)
    }

    #[test]
    fn lists_keep_their_index_order_beyond_ten() {
        let pairs: Vec<_> = (0..12).rev().map(|i| (format!("x[{i}]"), i.to_string())).collect();
        let mut params = Params::from_pairs(&pairs).unwrap();
        let expected: Vec<_> = (0..12).map(|i| i.to_string()).collect();
        assert_eq!(params.texts("x").unwrap(), expected);
    }

    #[test]
    fn empty_brackets_append() {
        let mut params = parse(&[("expand[]", "a"), ("expand[]", "b")]).unwrap();
        assert_eq!(params.texts("expand").unwrap(), ["a", "b"]);
    }

    #[test]
    fn what_nobody_took_is_refused_by_its_full_name() {
        let mut params = parse(&[("a[b][c]", "1")]).unwrap();
        let mut a = params.branch("a").unwrap().unwrap();
        let b = a.branch("b").unwrap().unwrap();
        assert_eq!(b.finish().unwrap_err().param.as_deref(), Some("a[b][c]"));
    }

    #[test]
    fn a_name_given_twice_or_broken_is_refused() {
        assert!(parse(&[("a", "1"), ("a", "2")]).is_err());
        assert!(parse(&[("a", "1"), ("a[b]", "2")]).is_err());
        assert!(parse(&[("a[b", "1")]).is_err());
        assert!(parse(&[("[a]", "1")]).is_err());
    }

    #[test]
    fn metadata_beyond_the_limits_is_refused() {
        let long = "v".repeat(501);
        assert!(parse(&[("metadata[k]", &long)]).unwrap().metadata("metadata").is_err());
        let many: Vec<_> = (0..51).map(|i| (format!("metadata[k{i}]"), "v".to_owned())).collect();
        assert!(Params::from_pairs(&many).unwrap().metadata("metadata").is_err());
    }
}
