//! The form of an answer: what the caller accepts, or says in the query.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, Accept, Header as _, Quality},
    mime::{self, Mime},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bk_guard::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    read_plans::WeekPlans,
    sheets::{self, Heading, STYLE, Sheet},
};

/// The forms of a sheet, in the order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(example = "json")]
pub(crate) enum SheetFormat {
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For the printer.
    Html,
}

/// The form of a sheet.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SheetQuery {
    /// Instead of the `Accept` header.
    #[param(inline, example = "json")]
    format: Option<SheetFormat>,
}

impl SheetQuery {
    /// What the query says, else what the headers accept, else JSON.
    pub(super) fn format(&self, request: &HttpRequest) -> SheetFormat {
        // A header that cannot be read wishes for nothing.
        self.format.or_else(|| accepted(&Accept::parse(request).ok()?)).unwrap_or(SheetFormat::Json)
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

/// A sheet in the form that was asked for.
pub(super) fn sheet(
    sheet: Sheet,
    form: SheetFormat,
    tenant: &str,
    found: &WeekPlans,
    json: impl Serialize,
) -> Result<HttpResponse, Problem> {
    let week = found.week.times.name.to_string();
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    Ok(match form {
        SheetFormat::Json => response.json(json),
        SheetFormat::Csv => {
            let file = format!("attachment; filename=\"{}-{week}.csv\"", sheet.file_stem());
            response
                .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
                .insert_header((header::CONTENT_DISPOSITION, file))
                .body(sheets::to_csv(sheet, &found.plans))
        }
        SheetFormat::Html => {
            let time_zone = found.week.time_zone.clone();
            let heading = Heading { tenant: tenant.to_owned(), week, time_zone };
            let page = sheets::to_html(sheet, &heading, &found.plans).map_err(Problem::internal)?;
            response
                .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
                .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_CSP.as_str()))
                .body(page)
        }
    })
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
    fn without_a_wish_the_answer_is_json_and_the_query_beats_the_header() {
        let request = TestRequest::get().to_http_request();
        assert_eq!(SheetQuery { format: None }.format(&request), SheetFormat::Json);
        assert_eq!(
            SheetQuery { format: Some(SheetFormat::Csv) }.format(&request),
            SheetFormat::Csv
        );
    }
}
