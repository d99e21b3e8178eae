//! `/admin/ingredients/import` and `/admin/ingredients/export`.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use bk_guard::{
    Allowed, Guarded, Json, Policy, Problem, Query, RateClass, Routes, extract::RawBody,
};
use bk_kernel::{Code, FieldError};
use bk_kitchen_core::permissions::{MenuRead, MenuWrite};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::words::AllergenWord;
use crate::{
    CatalogueState,
    import::{self, ImportPlan, RowError},
    import_ingredients::{ImportError, ImportMode, ImportReport},
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes.mount(import_ingredients).mount(export_ingredients);
}

const CSV: &str = "text/csv";
const JSON: &str = "application/json";
/// Refused rows that one answer names.
const REPORTED_ERRORS_MAX: usize = 100;

/// How to import.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Whether only to report what would happen.
    #[serde(default = "yes")]
    #[param(default = true, required = false)]
    dry_run: bool,
}

const fn yes() -> bool {
    true
}

/// Something about a row of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportRemark {
    /// The line of a CSV (the header is 1), the place in a JSON file from 1; 0 for the whole file.
    #[schema(example = 17)]
    row: u32,
    /// The column or property.
    #[schema(example = "energy_kj")]
    field: String,
    /// A word a program can act on.
    #[schema(example = "format")]
    code: &'static str,
    /// What to change.
    #[schema(example = "a number such as 12.5, or empty for unknown")]
    message: String,
}

/// A proposal for a person to confirm.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllergenProposal)]
pub(crate) struct ProposedAllergens {
    /// The row of the file.
    #[schema(example = 9)]
    row: u32,
    /// The key of the ingredient.
    #[schema(example = "coconut_milk")]
    key: String,
    /// What the table proposes; empty is "none of itself".
    allergens: Vec<AllergenWord>,
    /// The entry of the table that matched.
    #[schema(example = "coconut milk")]
    entry: String,
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub(crate) struct ImportOutcome {
    /// Whether nothing was changed.
    #[schema(example = true)]
    dry_run: bool,
    /// Rows read without an error.
    #[schema(example = 25)]
    rows: usize,
    /// Ingredients that are new.
    #[schema(example = 24)]
    created: usize,
    /// Ingredients that change.
    #[schema(example = 1)]
    updated: usize,
    /// Ingredients that stay as they were.
    #[schema(example = 0)]
    unchanged: usize,
    /// What must be corrected before the file can be imported.
    errors: Vec<ImportRemark>,
    /// What is doubtful.
    warnings: Vec<ImportRemark>,
    /// Allergens that the table proposes, for a person to confirm.
    allergen_proposals: Vec<ProposedAllergens>,
}

impl From<RowError> for ImportRemark {
    fn from(error: RowError) -> Self {
        let field = error.field.into_owned();
        Self { row: error.row, field, code: error.code, message: error.message }
    }
}

impl ImportOutcome {
    fn new(report: ImportReport, dry_run: bool) -> Self {
        let proposals = report.allergen_proposals.into_iter().map(|proposal| ProposedAllergens {
            row: proposal.row,
            key: proposal.key,
            allergens: proposal.allergens.into_iter().map(Into::into).collect(),
            entry: proposal.entry,
        });
        Self {
            dry_run,
            rows: report.rows,
            created: report.created,
            updated: report.updated,
            unchanged: report.unchanged,
            errors: report.errors.into_iter().map(Into::into).collect(),
            warnings: report.warnings.into_iter().map(Into::into).collect(),
            allergen_proposals: proposals.collect(),
        }
    }
}

/// Import ingredients
///
/// From our CSV (`text/csv`; the export has the same columns) or an Open Tandoor Data file
/// (`application/json`). All of it or nothing; a dry run reports what would happen. What a file leaves
/// empty stays as it was, and confirmed allergens are never replaced by proposals.
#[utoipa::path(
    tag = "ingredients",
    params(ImportQuery),
    request_body(content(
        (String = "text/csv", example = json!("name,category,allergens,energy_kj,protein_g,fat_g,saturated_fat_g,carbohydrate_g,sugars_g,sodium_mg,default_unit,conversions\nGarlic,vegetable,none,520,6.2,0.4,0.1,21,1.5,12,kg,clove=4g\n")),
        (serde_json::Value = "application/json", example = json!({"food": {}})),
    )),
    responses(Json<ImportOutcome>)
)]
#[post("/admin/ingredients/import")]
pub(crate) async fn import_ingredients(
    who: Allowed<MenuWrite>,
    query: Query<ImportQuery>,
    request: HttpRequest,
    body: RawBody,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<ImportOutcome>, Problem> {
    let plan = parse(&request, body.0).await?;
    let dry_run = query.0.dry_run;
    let mode = if dry_run { ImportMode::DryRun } else { ImportMode::Apply };
    let command = (who.clone(), Arc::new(plan), mode);
    let import = async |tx, (who, plan, mode): (Allowed<MenuWrite>, Arc<ImportPlan>, _)| {
        crate::import_ingredients(&who, &tx, &plan, mode, &mut |_, _| ()).await
    };
    let report = if dry_run {
        catalogue.db().read(&who, command, import).await?
    } else {
        catalogue.change(&who, command, import).await?
    };
    Ok(Json(ImportOutcome::new(report, dry_run)))
}

impl Guarded for import_ingredients {
    const POLICY: Policy = Policy::admin::<MenuWrite>()
        .writes()
        .rate(RateClass::Heavy)
        .reads(&[CSV, JSON])
        .body_limit(import::MAX_BYTES);
}

/// Reads the file aside from the threads that answer requests.
#[expect(
    clippy::disallowed_methods,
    reason = "a file of the largest size takes the processor for longer than a request may hold a thread"
)]
async fn parse(request: &HttpRequest, body: web::Bytes) -> Result<ImportPlan, Problem> {
    use actix_web::HttpMessage;
    let is_csv = request.content_type().eq_ignore_ascii_case(CSV);
    if body.is_empty() {
        return Err(Problem::new(Code::BodyMalformed).detail("The file is empty."));
    }
    let read = move || {
        if is_csv { import::csv::parse(&body) } else { import::open_food::parse(&body) }
    };
    tokio::task::spawn_blocking(read).await.map_err(Problem::internal)
}

/// Export ingredients
///
/// All of them, as CSV in the columns that the import reads. Proposed allergens are left empty: they are not confirmed.
#[utoipa::path(
    tag = "ingredients",
    responses((status = 200, description = "The ingredients", content_type = "text/csv", body = String))
)]
#[get("/admin/ingredients/export")]
pub(crate) async fn export_ingredients(
    who: Allowed<MenuRead>,
    catalogue: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let ingredients = catalogue
        .db()
        .read(&who, who.clone(), async |tx, who| crate::all_ingredients(&who, &tx).await)
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"ingredients.csv\""))
        .body(import::csv::write(&ingredients)))
}

impl Guarded for export_ingredients {
    const POLICY: Policy = Policy::admin::<MenuRead>().rate(RateClass::Heavy);
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Refused(report) => {
                let count = report.errors.len();
                let errors = report.errors.into_iter().take(REPORTED_ERRORS_MAX).map(|error| {
                    let pointer = format!("/rows/{}/{}", error.row, error.field);
                    FieldError::new(pointer, error.code, error.message)
                });
                Self::invalid(errors.collect()).detail(format!(
                    "Nothing was imported: {count} errors. A dry run lists all of them.",
                ))
            }
            ImportError::Db(error) => error.into(),
        }
    }
}
