//! Extractors of input: JSON bodies, queries and paths become typed and validated, or a problem that
//! says which field is refused and why.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use bk_kernel::{Code, FieldError};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path as SerdePath, Segment};
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::{Problem, context::Admitted};

/// The bytes of the body, exactly as sent, read by the pipeline within the route's limit and
/// deadline: for signatures over raw bytes and for bodies that are not JSON.
#[derive(Debug, Clone)]
pub struct RawBody(pub web::Bytes);

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Admitted::read(req, |admitted| Self(admitted.body.clone())))
    }
}

/// A JSON body: as an argument of a handler, parsed and validated; as its answer, 200.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(
            RawBody::from_request(req, payload)
                .into_inner()
                .and_then(|b| parse_json(&b.0))
                .map(Self),
        )
    }
}

/// Parses and validates a JSON text.
///
/// Fails with [`Code::BodyMalformed`] when it is not JSON, and with [`Code::InputInvalid`] and the
/// refused fields when it is not a `T`.
pub fn parse_json<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        if inner.is_data() {
            let (code, message) = explain(&inner);
            Problem::field(pointer, code, message)
        } else if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
            // It is JSON, with an object where one of a list of words belongs.
            Problem::field(pointer, "type", "of another type than expected")
        } else {
            Problem::new(Code::BodyMalformed).detail("The body is not valid JSON.")
        }
    })?;
    reader
        .end()
        .map_err(|_| Problem::new(Code::BodyMalformed).detail("The body is not valid JSON."))?;
    value.validate().map_err(|errors| Problem::invalid(field_errors(&errors)))?;
    Ok(value)
}

/// A query string, parsed and validated.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Validate> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse_query(req.query_string()).map(Self))
    }
}

/// Parses and validates a query string.
/// Fails with a problem that names every refused parameter as `?name`.
pub(crate) fn parse_query<T: DeserializeOwned + Validate>(text: &str) -> Result<T, Problem> {
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    let value: T = serde_path_to_error::deserialize(reader).map_err(|error| {
        let name = error.path().to_string();
        let message = error.into_inner().to_string();
        Problem::field(format!("?{name}"), "format", message)
    })?;
    value.validate().map_err(|errors| {
        let errors = field_errors(&errors)
            .into_iter()
            .map(|e| FieldError { pointer: e.pointer.replacen('/', "?", 1), ..e })
            .collect();
        Problem::invalid(errors)
    })?;
    Ok(value)
}

/// The parameters of a path, parsed. A path that does not parse names nothing, so it is `NOT_FOUND`.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = web::Path::<T>::from_request(req, payload).into_inner();
        ready(match parsed {
            Ok(path) => Ok(Self(path.into_inner())),
            Err(_) => Err(Problem::new(Code::NotFound)),
        })
    }
}

fn pointer(path: &SerdePath) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// The error code and the message for what serde refused. Its messages name fields and types, never
/// values other than the caller's own.
fn explain(error: &serde_json::Error) -> (&'static str, String) {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(head, _)| head).to_owned();
    let code = if message.starts_with("unknown field") {
        "unknown"
    } else if message.starts_with("missing field") {
        "required"
    } else if message.starts_with("unknown variant") {
        "choice"
    } else if message.starts_with("duplicate field") {
        "duplicate"
    } else {
        "type"
    };
    (code, message)
}

/// The errors of `validator` as a flat list, sorted by pointer.
fn field_errors(errors: &ValidationErrors) -> Vec<FieldError> {
    let mut flat = Vec::new();
    collect(errors, "", &mut flat);
    flat.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    flat
}

fn collect(errors: &ValidationErrors, at: &str, into: &mut Vec<FieldError>) {
    for (field, kind) in errors.errors() {
        let here = if field == "__all__" { at.to_owned() } else { format!("{at}/{field}") };
        match kind {
            ValidationErrorsKind::Field(list) => into.extend(list.iter().map(|error| {
                let message =
                    error.message.clone().map_or_else(|| "not accepted".to_owned(), String::from);
                FieldError::new(here.clone(), error.code.clone(), message)
            })),
            ValidationErrorsKind::Struct(inner) => collect(inner, &here, into),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{here}/{index}"), into);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    enum Word {
        Yes,
    }

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Form {
        word: Word,
    }

    fn code(text: &str) -> Option<Code> {
        parse_json::<Form>(text.as_bytes()).err().map(|problem| problem.code())
    }

    #[test]
    fn only_what_is_not_json_is_malformed() {
        assert!(matches!(parse_json(br#"{"word": "Yes"}"#), Ok(Form { word: Word::Yes })));
        for json in [r#"{"word": {}}"#, r#"{"word": []}"#, r#"{"word": "No"}"#, "[]", "7", "{}"] {
            assert_eq!(code(json), Some(Code::InputInvalid), "{json}");
        }
        for other in ["", "{", r#"{"word": }"#, r#"{"word": "Yes"} x"#] {
            assert_eq!(code(other), Some(Code::BodyMalformed), "{other}");
        }
    }
}
