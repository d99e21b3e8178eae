//! Queries of lists: `limit`, `cursor` and what a list can be filtered by.

use std::{
    borrow::Cow,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use bk_kernel::{Cursor, Limit};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use utoipa::{
    IntoParams,
    openapi::{
        RefOr, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{Schema, SchemaType},
    },
};
use validator::Validate;

use crate::{Problem, extract::parse_query};

/// The parameters of every list.
const PARAMETERS: [&str; 2] = ["limit", "cursor"];

/// `limit` and `cursor` of a list that cannot be filtered.
#[derive(Debug, Clone, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows per page.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The checked limit ([`Limit::DEFAULT`] when none was asked for) and the position.
    /// Fails with a problem at `?limit` or `?cursor` when one is not acceptable.
    pub fn page(&self) -> Result<(Limit, Option<Cursor>), Problem> {
        let limit = match self.limit {
            None => Limit::DEFAULT,
            Some(rows) => Limit::new(rows)
                .ok_or_else(|| Problem::field("?limit", "range", "between 1 and 100"))?,
        };
        let cursor = self
            .cursor
            .as_deref()
            .map(|text| {
                Cursor::decode(text).ok_or_else(|| {
                    Problem::field("?cursor", "format", "use next_cursor of the page before")
                })
            })
            .transpose()?;
        Ok((limit, cursor))
    }
}

/// The query of a list: `limit` and `cursor`, checked, and the filter `F`, a plain struct that denies
/// unknown fields. A handler declares it as `params(ListQuery<DishFilter>)`; a list without a filter is
/// asked for by `ListQuery` alone. `DEFAULT_LIMIT` is how many rows are answered with when the caller
/// names no limit.
///
/// ```
/// use bk_guard::ListQuery;
///
/// #[derive(serde::Deserialize, validator::Validate, utoipa::IntoParams)]
/// #[serde(deny_unknown_fields)]
/// struct DishFilter {
///     /// Only dishes of this category.
///     category: Option<String>,
/// }
///
/// let query: ListQuery<DishFilter> = ListQuery::parse("category=KETO&limit=10").unwrap();
/// assert_eq!(query.filter.category.as_deref(), Some("KETO"));
/// let (limit, after) = query.page();
/// assert_eq!((limit.rows(), after), (10, None));
/// ```
#[derive(Debug, Clone)]
pub struct ListQuery<F = NoFilter, const DEFAULT_LIMIT: u16 = 25> {
    /// What the rows must be like.
    pub filter: F,
    limit: Limit,
    after: Option<Cursor>,
}

/// The query of a list without a filter that usually fits on one page, so a caller who names no limit
/// gets the largest.
pub type ShortListQuery = ListQuery<NoFilter, { Limit::MAX }>;

/// The filter of a list that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

impl<F, const DEFAULT_LIMIT: u16> ListQuery<F, DEFAULT_LIMIT> {
    const DEFAULT: Limit = match Limit::new(DEFAULT_LIMIT) {
        Some(limit) => limit,
        None => Limit::DEFAULT,
    };

    /// How many rows, and after which.
    #[must_use]
    pub const fn page(&self) -> (Limit, Option<Cursor>) {
        (self.limit, self.after)
    }
}

impl<F: DeserializeOwned + Validate, const DEFAULT_LIMIT: u16> ListQuery<F, DEFAULT_LIMIT> {
    /// Reads a query string.
    /// Fails with a problem that names a refused parameter as `?name`.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        let (page, filter) = split(query);
        let page = parse_query(&page).and_then(|page: PageQuery| {
            let (limit, after) = page.page()?;
            Ok((if page.limit.is_some() { limit } else { Self::DEFAULT }, after))
        });
        let filter = parse_query(&filter).map_err(|problem| problem.also_expecting(&PARAMETERS));
        match (filter, page) {
            (Ok(filter), Ok((limit, after))) => Ok(Self { filter, limit, after }),
            (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
            (Err(filter), Err(page)) => Err(filter.and(page)),
        }
    }
}

impl<F, const DEFAULT_LIMIT: u16> FromRequest for ListQuery<F, DEFAULT_LIMIT>
where
    F: DeserializeOwned + Validate,
{
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(req.query_string()))
    }
}

impl<F: IntoParams, const DEFAULT_LIMIT: u16> IntoParams for ListQuery<F, DEFAULT_LIMIT> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let filter = F::into_params(|| Some(ParameterIn::Query));
        let mut parameters: Vec<Parameter> = filter.into_iter().map(not_null).collect();
        parameters.extend(PageQuery::into_params(|| Some(ParameterIn::Query)));
        parameters
            .into_iter()
            .map(|parameter| match parameter.name.as_str() {
                "limit" => with_default(parameter, DEFAULT_LIMIT),
                _ => parameter,
            })
            .collect()
    }
}

/// A parameter that may be left out, but not be null: no query can say that. `utoipa` documents `Option`
/// as nullable, unless the struct repeats that it is a query.
fn not_null(mut parameter: Parameter) -> Parameter {
    match parameter.schema.take() {
        Some(RefOr::T(Schema::OneOf(mut one))) => {
            one.items.retain(|item| !is_null(item));
            parameter.schema = match (one.items.pop(), one.items.is_empty()) {
                (Some(only), true) => Some(only),
                (last, _) => {
                    one.items.extend(last);
                    Some(RefOr::T(Schema::OneOf(one)))
                }
            };
        }
        Some(RefOr::T(Schema::Object(mut object))) => {
            if let SchemaType::Array(types) = &mut object.schema_type {
                types.retain(|kind| *kind != Type::Null);
                if let [only] = types.as_slice() {
                    object.schema_type = SchemaType::Type(only.clone());
                }
            }
            parameter.schema = Some(RefOr::T(Schema::Object(object)));
        }
        other => parameter.schema = other,
    }
    parameter
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object))
        if object.schema_type == SchemaType::Type(Type::Null))
}

fn with_default(mut limit: Parameter, default: u16) -> Parameter {
    if let Some(RefOr::T(Schema::Object(rows))) = &mut limit.schema {
        rows.default = Some(json!(default));
    }
    ParameterBuilder::from(limit).example(Some(json!(default))).build()
}

/// The parts of a query that are about the page, and the others.
fn split(query: &str) -> (String, Cow<'_, str>) {
    let is_of_page = |pair: &&str| {
        let name = form_urlencoded::parse(pair.as_bytes()).next();
        name.is_some_and(|(name, _)| PARAMETERS.contains(&&*name))
    };
    let (page, filter): (Vec<&str>, Vec<&str>) = query.split('&').partition(is_of_page);
    if page.is_empty() {
        return (String::new(), Cow::Borrowed(query));
    }
    (page.join("&"), Cow::Owned(filter.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Validate, IntoParams)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        /// What kind the rows are of.
        #[validate(length(max = 5, message = "at most 5 letters"))]
        kind: Option<String>,
        /// How many at least.
        least: Option<u8>,
        /// How large they are.
        #[param(inline)]
        size: Option<SizeWord>,
    }

    bk_kernel::string_enum! {
        /// A size of rows.
        enum Size: "a size" {
            /// Fits everywhere.
            Small = "SMALL",
        }
    }

    type SizeWord = crate::Word<Size>;

    fn refused(problem: &Problem) -> Vec<(String, String, String)> {
        let errors = problem.body().errors.into_iter();
        errors.map(|error| (error.pointer, error.code, error.message)).collect()
    }

    #[test]
    fn the_page_and_the_filter_are_read_from_one_query() {
        let uuid = uuid::Uuid::now_v7();
        let text = format!("kind=a%20b&limit=7&least=3&cursor={}", uuid.simple());
        let query = ListQuery::<Filter>::parse(&text).unwrap();
        assert_eq!(
            query.filter,
            Filter { kind: Some("a b".to_owned()), least: Some(3), size: None }
        );
        assert_eq!(query.page(), (Limit::new(7).unwrap(), Some(Cursor(uuid))));
        let (limit, after) = ListQuery::<Filter>::parse("").unwrap().page();
        assert_eq!((limit, after), (Limit::DEFAULT, None));
        assert_eq!(ShortListQuery::parse("").unwrap().page().0.rows(), 100);
        assert_eq!(ShortListQuery::parse("limit=3").unwrap().page().0.rows(), 3);
    }

    #[test]
    fn a_refusal_names_the_parameter_wherever_it_belongs() {
        let cases = [
            ("limit=0", "?limit", "range", "between 1 and 100"),
            ("limit=101", "?limit", "range", "between 1 and 100"),
            ("limit=many", "?limit", "format", "invalid digit found in string"),
            ("cursor=1", "?cursor", "format", "use next_cursor of the page before"),
            ("least=many", "?least", "format", "invalid digit found in string"),
            ("kind=longer", "?kind", "length", "at most 5 letters"),
            (
                "colour=red",
                "?colour",
                "format",
                "unknown field `colour`, expected one of `kind`, `least`, `size`, `limit`, `cursor`",
            ),
        ];
        for (text, pointer, code, message) in cases {
            let error = (pointer.to_owned(), code.to_owned(), message.to_owned());
            assert_eq!(refused(&ListQuery::<Filter>::parse(text).unwrap_err()), [error], "{text}");
        }
        let both = refused(&ListQuery::<Filter>::parse("kind=longer&limit=0").unwrap_err());
        let pointers: Vec<&str> = both.iter().map(|(pointer, ..)| pointer.as_str()).collect();
        assert_eq!(pointers, ["?kind", "?limit"]);
        let [(_, _, message)] = &refused(&ListQuery::<NoFilter>::parse("a=1").unwrap_err())[..]
        else {
            panic!("one refusal");
        };
        assert_eq!(message, "unknown field `a`, expected `limit` or `cursor`");
    }

    #[test]
    fn the_document_lists_the_filter_then_the_page_with_its_default() {
        let names = |parameters: Vec<Parameter>| -> Vec<String> {
            parameters.into_iter().map(|parameter| parameter.name).collect()
        };
        let of_list = ListQuery::<Filter>::into_params(|| None);
        assert!(of_list.iter().all(|parameter| parameter.parameter_in == ParameterIn::Query));
        let types: Vec<_> = of_list
            .iter()
            .map(|parameter| serde_json::to_value(&parameter.schema).unwrap()["type"].clone())
            .collect();
        assert_eq!(types, ["string", "integer", "string", "integer", "string"]);
        assert_eq!(names(of_list), ["kind", "least", "size", "limit", "cursor"]);
        let short = ShortListQuery::into_params(|| None);
        let Some(RefOr::T(Schema::Object(limit))) = &short[0].schema else { panic!("an object") };
        assert_eq!(limit.default, Some(json!(100)));
        assert_eq!(names(short), ["limit", "cursor"]);
    }
}
