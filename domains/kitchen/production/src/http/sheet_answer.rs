//! A sheet as an answer, in the form that the query names or the caller accepts.

use std::{collections::BTreeMap, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::header::{self, Accept, Header as _, Quality},
    mime::{self, Mime},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bk_guard::{Json, Problem, ProblemBody, Word};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{
    IntoParams, IntoResponses, PartialSchema, ToSchema,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};
use validator::Validate;

use super::sheets::SheetJson;
use crate::{
    get_plans::WeekPlans,
    sheets::{self, Heading, STYLE},
};

bk_kernel::string_enum! {
    /// The form of a sheet, in the order of preference.
    pub(crate) enum SheetFormat: "a form of a sheet" {
        /// For programs.
        Json = "json",
        /// For spreadsheets.
        Csv = "csv",
        /// For the printer.
        Html = "html",
    }
}

/// The form of a sheet, in the order of preference.
type SheetFormatWord = Word<SheetFormat>;

/// Which form of a sheet is wanted.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SheetQuery {
    /// The form; it overrules the `Accept` header.
    #[param(inline, example = "json")]
    format: Option<SheetFormatWord>,
}

impl SheetQuery {
    /// What the query says, else what the headers accept, else JSON.
    pub(super) fn format(&self, request: &HttpRequest) -> SheetFormat {
        if let Some(Word(format)) = self.format {
            return format;
        }
        // A header that cannot be read counts as none.
        Accept::parse(request).ok().as_ref().and_then(accepted).unwrap_or(SheetFormat::Json)
    }
}

/// The best form by quality; the earlier among equals; none when nothing fits.
fn accepted(accept: &Accept) -> Option<SheetFormat> {
    let forms = [
        (SheetFormat::Json, mime::APPLICATION_JSON),
        (SheetFormat::Csv, mime::TEXT_CSV),
        (SheetFormat::Html, mime::TEXT_HTML),
    ];
    forms
        .into_iter()
        .rev()
        .map(|(form, media_type)| (form, quality(accept, &media_type)))
        .filter(|(_, quality)| *quality > Quality::ZERO)
        .max_by_key(|(_, quality)| *quality)
        .map(|(form, _)| form)
}

/// The quality of a media type: what the most specific range that covers it says (RFC 9110, 12.5.1).
fn quality(accept: &Accept, media_type: &Mime) -> Quality {
    let covering = accept.iter().filter_map(|range| {
        let (kind, subtype) = (range.item.type_(), range.item.subtype());
        let specificity = match (kind == media_type.type_(), subtype == media_type.subtype()) {
            (true, true) => 3,
            (true, false) if subtype == mime::STAR => 2,
            (false, _) if kind == mime::STAR && subtype == mime::STAR => 1,
            _ => return None,
        };
        Some((specificity, range.quality))
    });
    covering.max_by_key(|(specificity, _)| *specificity).map_or(Quality::ZERO, |(_, q)| q)
}

/// Nothing is loaded or run; the one style of the page is named by its hash.
static PAGE_CSP: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'none'"
    )
});

/// A sheet in the form that was asked for: 200.
pub(super) enum SheetAnswer<S> {
    /// For programs.
    Json(S),
    /// For spreadsheets: a file to save.
    Csv {
        /// The name of the file.
        file_name: String,
        /// The rows, with a line of column names.
        table: String,
    },
    /// For the printer.
    Html(String),
}

impl<S: SheetJson> SheetAnswer<S> {
    /// Makes the sheet `S` of a week, in the form asked for. Pages are headed with the name of the
    /// tenant.
    ///
    /// Fails with [`Code::Internal`](bk_kernel::Code::Internal) when a page cannot be rendered.
    pub(super) fn new(
        format: SheetFormat,
        tenant: &str,
        found: &WeekPlans,
    ) -> Result<Self, Problem> {
        let week = found.week.times.name.to_string();
        Ok(match format {
            SheetFormat::Json => Self::Json(found.into()),
            SheetFormat::Csv => Self::Csv {
                file_name: format!("{}-{week}.csv", S::SHEET.file_stem()),
                table: sheets::to_csv(S::SHEET, &found.plans),
            },
            SheetFormat::Html => {
                let time_zone = found.week.time_zone.clone();
                let heading = Heading { tenant: tenant.to_owned(), week, time_zone };
                let page = sheets::to_html(S::SHEET, &heading, &found.plans);
                Self::Html(page.map_err(Problem::internal)?)
            }
        })
    }
}

impl<S: Serialize> Responder for SheetAnswer<S> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::VARY, "Accept"));
        match self {
            Self::Json(sheet) => response.json(sheet),
            Self::Csv { file_name, table } => response
                .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
                .insert_header((
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{file_name}\""),
                ))
                .body(table),
            Self::Html(page) => response
                .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
                .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_CSP.as_str()))
                .body(page),
        }
    }
}

impl<S: ToSchema> IntoResponses for SheetAnswer<S> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = Json::<S>::responses();
        for response in responses.values_mut() {
            if let RefOr::T(response) = response {
                for media_type in ["text/csv", "text/html"] {
                    let text = Content::new(Some(String::schema()));
                    response.content.insert(media_type.to_owned(), RefOr::T(text));
                }
            }
        }
        let problem = Content::new(Some(Ref::from_schema_name(ProblemBody::name())));
        let not_locked = ResponseBuilder::new()
            .description("The week is not locked yet")
            .content("application/problem+json", problem);
        responses.insert("409".to_owned(), RefOr::T(not_locked.build()));
        responses
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn accepted(accept: &'static str) -> Option<SheetFormat> {
        let request = TestRequest::get().insert_header((header::ACCEPT, accept));
        super::accepted(&Accept::parse(&request.to_http_request()).unwrap())
    }

    #[test]
    fn programs_get_json_browsers_a_page_and_spreadsheets_their_file() {
        assert_eq!(accepted("*/*"), Some(SheetFormat::Json));
        assert_eq!(accepted("application/json"), Some(SheetFormat::Json));
        assert_eq!(accepted("text/csv"), Some(SheetFormat::Csv));
        assert_eq!(accepted("text/html,application/xhtml+xml,*/*;q=0.8"), Some(SheetFormat::Html));
        assert_eq!(accepted("text/*"), Some(SheetFormat::Csv));
        assert_eq!(accepted("text/csv;q=0.5, text/html;q=0.501"), Some(SheetFormat::Html));
        assert_eq!(accepted("application/json;q=0, text/*;q=0.1"), Some(SheetFormat::Csv));
        assert_eq!(accepted("text/html;q=banana, text/csv;q=0.1"), Some(SheetFormat::Csv));
        assert_eq!(accepted("image/png"), None);
    }

    #[test]
    fn without_a_preference_the_answer_is_json_and_the_query_beats_the_header() {
        let request = TestRequest::get().to_http_request();
        assert_eq!(SheetQuery { format: None }.format(&request), SheetFormat::Json);
        assert_eq!(
            SheetQuery { format: Some(Word(SheetFormat::Csv)) }.format(&request),
            SheetFormat::Csv
        );
    }
}
