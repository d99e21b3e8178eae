//! Parameters in Stripe's bracket notation, such as `line_items[0][price_data][currency]=aud`.
//!
//! A handler takes out the parameters that it implements and then calls [`Params::deny_unknown`], which rejects
//! whatever is left, as Stripe does.
//!
//! `serde_qs` parses the same notation, but reports errors as text only. Stripe's errors, on which clients act,
//! name the full path of the parameter at fault and have a code for each reason (missing, empty, not an integer,
//! unknown); an update must tell an absent parameter from an empty one, which unsets the field; and a name that
//! is given twice must be rejected. With `serde_qs` all of this would still be code of our own around it.

use std::collections::BTreeMap;

use crate::account::Metadata;
use crate::error::ApiError;

const METADATA_MAX_PAIRS: usize = 50;
const METADATA_KEY_MAX_LEN: usize = 40;
const METADATA_VALUE_MAX_LEN: usize = 500;

/// The deepest nesting of a parameter name. Stripe's parameters need less, and it bounds a recursion.
const NAME_MAX_DEPTH: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    String(String),
    Object(BTreeMap<String, Node>),
}

/// The parameters of a request, or of one object in it.
///
/// Every method that returns a parameter also removes it, and fails when it is of another type or not allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Params {
    /// Full name of the object; empty for the request itself.
    path: String,
    nodes: BTreeMap<String, Node>,
}

impl Params {
    /// Parses decoded name-value pairs.
    ///
    /// Fails for a malformed name and for a name that is used twice or both as a string and as an object.
    pub(super) fn parse(pairs: &[(String, String)]) -> Result<Self, ApiError> {
        let mut nodes = BTreeMap::new();
        for (name, value) in pairs {
            let invalid_name = || {
                let message = format!("Invalid parameter name: {name}");
                ApiError::invalid_parameter("parameter_unknown", name, message)
            };
            let segments = segments(name).ok_or_else(invalid_name)?;
            insert(&mut nodes, &segments, value).ok_or_else(invalid_name)?;
        }
        Ok(Self { path: String::new(), nodes })
    }

    /// A string. The empty string is rejected, because it asks to unset a field.
    pub(super) fn string(&mut self, key: &str) -> Result<Option<String>, ApiError> {
        let name = self.full_name(key);
        match self.nodes.remove(key) {
            None => Ok(None),
            Some(Node::String(text)) if text.is_empty() => Err(ApiError::invalid_parameter(
                "parameter_invalid_empty",
                &name,
                format!(
                    "You passed an empty string for '{name}'. We assume empty values are an attempt to \
                     unset a parameter; however '{name}' cannot be unset. You should remove '{name}' from \
                     your request or supply a non-empty value."
                ),
            )),
            Some(Node::String(text)) => Ok(Some(text)),
            Some(Node::Object(_)) => Err(wrong_type(&name, "string")),
        }
    }

    /// A string that must be present.
    pub(super) fn required_string(&mut self, key: &str) -> Result<String, ApiError> {
        let name = self.full_name(key);
        self.string(key)?.ok_or_else(|| ApiError::missing_parameter(&name))
    }

    /// Applies a parameter of an update to `field`: a string sets it, the empty string unsets it, and an absent
    /// parameter leaves it as it is.
    pub(super) fn patch(&mut self, key: &str, field: &mut Option<String>) -> Result<(), ApiError> {
        if self.nodes.get(key) == Some(&Node::String(String::new())) {
            self.nodes.remove(key);
            *field = None;
        } else if let Some(text) = self.string(key)? {
            *field = Some(text);
        }
        Ok(())
    }

    pub(super) fn integer(&mut self, key: &str) -> Result<Option<i64>, ApiError> {
        let name = self.full_name(key);
        let Some(text) = self.string(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            let message = format!("Invalid integer: {text}");
            ApiError::invalid_parameter("parameter_invalid_integer", &name, message)
        })
    }

    pub(super) fn boolean(&mut self, key: &str) -> Result<Option<bool>, ApiError> {
        let name = self.full_name(key);
        match self.string(key)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(wrong_type(&name, "boolean")),
        }
    }

    /// A string that must be one of `allowed`.
    pub(super) fn one_of(
        &mut self,
        key: &str,
        allowed: &[&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let name = self.full_name(key);
        let Some(text) = self.string(key)? else { return Ok(None) };
        allowed.iter().find(|choice| **choice == text).copied().map(Some).ok_or_else(|| {
            let choices = allowed.join(", or ");
            ApiError::invalid_value(&name, format!("Invalid {name}: must be one of {choices}"))
        })
    }

    /// An absolute `http` or `https` URL.
    pub(super) fn url(&mut self, key: &str) -> Result<Option<String>, ApiError> {
        let name = self.full_name(key);
        let Some(text) = self.string(key)? else { return Ok(None) };
        let is_valid = reqwest::Url::parse(&text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        if is_valid {
            Ok(Some(text))
        } else {
            Err(ApiError::invalid_parameter("url_invalid", &name, "Not a valid URL"))
        }
    }

    /// An object: the parameters whose names continue with a bracket.
    pub(super) fn object(&mut self, key: &str) -> Result<Option<Params>, ApiError> {
        let path = self.full_name(key);
        match self.nodes.remove(key) {
            None => Ok(None),
            Some(Node::Object(nodes)) => Ok(Some(Params { path, nodes })),
            Some(Node::String(_)) => Err(wrong_type(&path, "object")),
        }
    }

    /// An array of objects, in the order of their indices; empty when absent.
    pub(super) fn objects(&mut self, key: &str) -> Result<Vec<Params>, ApiError> {
        self.array(key)?
            .into_iter()
            .map(|(path, node)| match node {
                Node::Object(nodes) => Ok(Params { path, nodes }),
                Node::String(_) => Err(wrong_type(&path, "object")),
            })
            .collect()
    }

    /// An array of strings, in the order of their indices; empty when absent.
    pub(super) fn strings(&mut self, key: &str) -> Result<Vec<String>, ApiError> {
        self.array(key)?
            .into_iter()
            .map(|(path, node)| match node {
                Node::String(text) => Ok(text),
                Node::Object(_) => Err(wrong_type(&path, "string")),
            })
            .collect()
    }

    /// Metadata within Stripe's limits; empty when absent. Empty values stay, because they unset keys in an
    /// update.
    pub(super) fn metadata(&mut self, key: &str) -> Result<Metadata, ApiError> {
        let Some(object) = self.object(key)? else { return Ok(Metadata::new()) };
        if object.nodes.len() > METADATA_MAX_PAIRS {
            let message = format!("Metadata can have up to {METADATA_MAX_PAIRS} keys.");
            return Err(ApiError::invalid_value(&object.path, message));
        }
        let mut metadata = Metadata::new();
        for (key, node) in object.nodes {
            let name = format!("{}[{key}]", object.path);
            let Node::String(value) = node else { return Err(wrong_type(&name, "string")) };
            if key.chars().count() > METADATA_KEY_MAX_LEN
                || value.chars().count() > METADATA_VALUE_MAX_LEN
            {
                let message = format!(
                    "Metadata keys can be up to {METADATA_KEY_MAX_LEN} characters long and values up to \
                     {METADATA_VALUE_MAX_LEN}."
                );
                return Err(ApiError::invalid_value(&name, message));
            }
            metadata.insert(key, value);
        }
        Ok(metadata)
    }

    /// Returns whether the parameter is present, without removing it.
    pub(super) fn contains(&self, key: &str) -> bool {
        self.nodes.contains_key(key)
    }

    /// Returns the name of a parameter as the request writes it, such as `line_items[0][quantity]`.
    pub(super) fn full_name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}[{key}]", self.path) }
    }

    /// Fails when a parameter is left, naming the first one.
    pub(super) fn deny_unknown(self) -> Result<(), ApiError> {
        let Some(key) = self.nodes.keys().next() else { return Ok(()) };
        let name = self.full_name(key);
        let message = format!("Received unknown parameter: {name}");
        Err(ApiError::invalid_parameter("parameter_unknown", &name, message))
    }

    /// The elements of an array with their full names, in the order of their indices.
    fn array(&mut self, key: &str) -> Result<Vec<(String, Node)>, ApiError> {
        let Some(Params { path, nodes }) = self.object(key)? else { return Ok(Vec::new()) };
        let mut by_index = BTreeMap::new();
        for (key, node) in nodes {
            let index: usize = key.parse().map_err(|_| wrong_type(&path, "array"))?;
            by_index.insert(index, node);
        }
        Ok(by_index.into_iter().map(|(index, node)| (format!("{path}[{index}]"), node)).collect())
    }
}

fn wrong_type(name: &str, expected: &str) -> ApiError {
    ApiError::invalid_value(name, format!("Invalid {expected}: {name}"))
}

/// Splits a name into its segments: `a[b][]` is `a`, `b` and an empty one, which appends to an array. `None` for
/// a malformed name.
fn segments(name: &str) -> Option<Vec<&str>> {
    let (head, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    if head.is_empty() {
        return None;
    }
    let mut segments = vec![head];
    while !rest.is_empty() {
        let (segment, tail) = rest.strip_prefix('[')?.split_once(']')?;
        segments.push(segment);
        rest = tail;
    }
    (segments.len() <= NAME_MAX_DEPTH).then_some(segments)
}

/// Stores a value under its segments. `None` when the place is taken.
fn insert(nodes: &mut BTreeMap<String, Node>, segments: &[&str], value: &str) -> Option<()> {
    let (first, rest) = segments.split_first()?;
    let key = if first.is_empty() { nodes.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        return nodes.insert(key, Node::String(value.to_owned())).is_none().then_some(());
    }
    match nodes.entry(key).or_insert_with(|| Node::Object(BTreeMap::new())) {
        Node::Object(inner) => insert(inner, rest, value),
        Node::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Params, ApiError> {
        let owned: Vec<_> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Params::parse(&owned)
    }

    #[test]
    fn arrays_keep_their_index_order_beyond_ten() {
        let pairs: Vec<_> = (0..12).rev().map(|i| (format!("x[{i}]"), i.to_string())).collect();
        let mut params = Params::parse(&pairs).unwrap();
        let expected: Vec<_> = (0..12).map(|i| i.to_string()).collect();
        assert_eq!(params.strings("x").unwrap(), expected);
    }

    #[test]
    fn empty_brackets_append() {
        let mut params = parse(&[("expand[]", "a"), ("expand[]", "b")]).unwrap();
        assert_eq!(params.strings("expand").unwrap(), ["a", "b"]);
    }

    #[test]
    fn an_unknown_parameter_is_rejected_by_its_full_name() {
        let mut params = parse(&[("a[b][c]", "1")]).unwrap();
        let mut a = params.object("a").unwrap().unwrap();
        let b = a.object("b").unwrap().unwrap();
        assert_eq!(b.deny_unknown().unwrap_err().param.as_deref(), Some("a[b][c]"));
    }

    #[test]
    fn a_name_that_is_malformed_or_given_twice_is_rejected() {
        assert!(parse(&[("a", "1"), ("a", "2")]).is_err());
        assert!(parse(&[("a", "1"), ("a[b]", "2")]).is_err());
        assert!(parse(&[("a[b", "1")]).is_err());
        assert!(parse(&[("[a]", "1")]).is_err());
    }

    #[test]
    fn metadata_beyond_the_limits_is_rejected() {
        let long = "v".repeat(501);
        assert!(parse(&[("metadata[k]", &long)]).unwrap().metadata("metadata").is_err());
        let many: Vec<_> = (0..51).map(|i| (format!("metadata[k{i}]"), "v".to_owned())).collect();
        assert!(Params::parse(&many).unwrap().metadata("metadata").is_err());
    }
}
