//! The form of an answer: what the caller accepts, or says in the query.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, http::header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bk_guard::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::production::{
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
        let accept = request.headers().get(header::ACCEPT);
        let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or("*/*");
        self.format.unwrap_or_else(|| accepted(accept))
    }
}

/// The best form by quality; the earlier among equals; JSON when nothing fits.
fn accepted(accept: &str) -> SheetFormat {
    let forms = [
        (SheetFormat::Json, "application", "json"),
        (SheetFormat::Csv, "text", "csv"),
        (SheetFormat::Html, "text", "html"),
    ];
    let mut best = (0, SheetFormat::Json);
    for (form, kind, subtype) in forms {
        let quality = quality(accept, kind, subtype);
        if quality > best.0 {
            best = (quality, form);
        }
    }
    best.1
}

/// The quality of a media type in thousandths: what the most specific matching range says
/// (RFC 9110, 12.5.1).
fn quality(accept: &str, kind: &str, subtype: &str) -> u16 {
    let mut found = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let specificity = match parts.next().and_then(|name| name.split_once('/')) {
            Some((k, s)) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(subtype) => 3,
            Some((k, "*")) if k.eq_ignore_ascii_case(kind) => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        if specificity > found.0 {
            let q = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            found = (specificity, q.map_or(1000, thousandths));
        }
    }
    found.1
}

/// `0.8` is 800; what is no quality counts as 0.
fn thousandths(q: &str) -> u16 {
    let (whole, part) = q.split_once('.').unwrap_or((q, ""));
    let digits = format!("{part:0<3}");
    match (whole, digits.len(), digits.parse::<u16>()) {
        ("1", 3, Ok(0)) => 1000,
        ("0", 3, Ok(part)) => part,
        _ => 0,
    }
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
    let week = found.week.week.name.to_string();
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
    use super::*;

    #[test]
    fn programs_get_json_browsers_a_page_and_spreadsheets_their_file() {
        assert_eq!(accepted("*/*"), SheetFormat::Json);
        assert_eq!(accepted("application/json"), SheetFormat::Json);
        assert_eq!(accepted("text/csv"), SheetFormat::Csv);
        assert_eq!(accepted("text/html,application/xhtml+xml,*/*;q=0.8"), SheetFormat::Html);
        assert_eq!(accepted("text/*"), SheetFormat::Csv);
        assert_eq!(accepted("text/csv;q=0.5, text/html;q=0.501"), SheetFormat::Html);
        assert_eq!(accepted("application/json;q=0, text/*;q=0.1"), SheetFormat::Csv);
        assert_eq!(accepted("image/png"), SheetFormat::Json);
        assert_eq!(accepted("text/html;q=banana, text/csv;q=0.1"), SheetFormat::Csv);
    }
}
