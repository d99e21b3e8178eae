//! Importing a list of ingredients: all of it or nothing.
//!
//! A file adds and updates, and never forgets: what it leaves empty stays as it was, and what a
//! person confirmed is never replaced by a proposal.

use std::collections::{BTreeMap, BTreeSet};

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, IngredientId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use serde_json::json;
use thiserror::Error;

use super::{
    AllergenInfo, Nutrition, Unit,
    allergen::Allergen,
    import::{ImportPlan, ImportRow, RowError},
    ingredient::{AllergenKnowledge, Ingredient, IngredientContent, Measures},
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_ingredient::{SaveIngredientError, check_uses, reweigh},
    snapshot::CatalogueSnapshot,
    store,
};

/// Whether to change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// Only report what would happen.
    DryRun,
    /// Create and change ingredients.
    Apply,
}

/// A proposal that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllergenProposal {
    /// The row of the file.
    pub row: u32,
    /// The ingredient of the allergen proposal.
    pub key: String,
    /// What the table proposes; empty is "none of itself".
    pub allergens: BTreeSet<Allergen>,
    /// The entry of the table that matched.
    pub entry: String,
}

/// What an import did or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows read without an error.
    pub rows: usize,
    /// Ingredients that are new.
    pub created: usize,
    /// Ingredients that change.
    pub updated: usize,
    /// Ingredients that stay as they were.
    pub unchanged: usize,
    /// What was refused; then nothing is changed.
    pub errors: Vec<RowError>,
    /// What is doubtful.
    pub warnings: Vec<RowError>,
    /// Allergens for a person to confirm.
    pub allergen_proposals: Vec<AllergenProposal>,
}

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// Rows have errors; the report says which.
    #[error("{} errors", .0.errors.len())]
    Refused(Box<ImportReport>),
    /// The ingredients could not be stored.
    #[error("the ingredients could not be stored")]
    Db(#[from] DbError),
}

/// What to write.
#[derive(Default)]
struct Work {
    report: ImportReport,
    created: Vec<Ingredient>,
    updated: Vec<Ingredient>,
}

/// Imports a plan. A dry run reports all errors and changes nothing; a real run with an error changes
/// nothing and fails with [`ImportError::Refused`]. `progress` is called with the rows done and the
/// rows in all.
pub async fn import_ingredients(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    plan: &ImportPlan,
    mode: ImportMode,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<ImportReport, ImportError> {
    if mode == ImportMode::Apply {
        bump_version_and_notify(tx).await?;
    }
    let existing = store::all_ingredients(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let work = prepare(plan, existing, &snapshot, ctx.at());
    if mode == ImportMode::DryRun {
        progress(plan.rows.len(), plan.rows.len());
        return Ok(work.report);
    }
    if !work.report.errors.is_empty() {
        return Err(ImportError::Refused(Box::new(work.report)));
    }
    let total = work.created.len() + work.updated.len();
    store::insert_ingredients(tx, &work.created, ctx.at()).await?;
    progress(work.created.len(), total);
    for (done, ingredient) in (work.created.len() + 1..).zip(&work.updated) {
        if !store::update_ingredient(tx, ingredient, ctx.at()).await? {
            return Err(DbError::Serialization.into());
        }
        progress(done, total);
    }
    reweigh(ctx, tx, &snapshot, &work.updated).await?;
    let entry =
        AuditEntry::of(ctx, "ingredients.imported", "ingredient", "import").details(json!({
            "rows": work.report.rows,
            "created": work.report.created,
            "updated": work.report.updated,
            "proposals": work.report.allergen_proposals.len(),
        }));
    bk_audit::append(tx, entry).await?;
    Ok(work.report)
}

fn prepare(
    plan: &ImportPlan,
    existing: Vec<Ingredient>,
    snapshot: &CatalogueSnapshot,
    now: DateTime<Utc>,
) -> Work {
    let mut work = Work {
        report: ImportReport {
            rows: plan.rows.len(),
            errors: plan.errors.clone(),
            warnings: plan.warnings.clone(),
            ..ImportReport::default()
        },
        ..Work::default()
    };
    let mut known: BTreeMap<_, _> =
        existing.into_iter().map(|ingredient| (ingredient.key.clone(), ingredient)).collect();
    for row in &plan.rows {
        let before = known.remove(&row.ingredient.key);
        let is_new = before.is_none();
        let start = before.clone().unwrap_or_else(|| blank(row, now));
        let after = merge(&start, row, &mut work.report);
        if is_new {
            work.report.created += 1;
            work.created.push(after);
        } else if before.as_ref() == Some(&after) {
            work.report.unchanged += 1;
        } else {
            if let Err(error) = check_uses(snapshot, &after) {
                work.report.errors.push(conflict(row.row, &error));
            }
            work.report.updated += 1;
            work.updated.push(after);
        }
    }
    work
}

/// An ingredient of which nothing is known yet.
fn blank(row: &ImportRow, now: DateTime<Utc>) -> Ingredient {
    Ingredient {
        id: IngredientId::new(),
        key: row.ingredient.key.clone(),
        content: IngredientContent {
            name: row.ingredient.name.clone(),
            category: String::new(),
            nutrition: Nutrition::UNKNOWN,
            purchase_unit: Unit::G,
            measures: Measures::default(),
        },
        allergens: AllergenKnowledge::Unknown,
        active: true,
        version: 1,
        created_at: now,
    }
}

/// The ingredient with everything that the file knows.
fn merge(before: &Ingredient, row: &ImportRow, report: &mut ImportReport) -> Ingredient {
    let file = &row.ingredient;
    let (measures, left_out) = before.content.measures.updated(&file.conversions);
    for conversion in left_out {
        report.warnings.push(RowError {
            row: row.row,
            field: "conversions".into(),
            code: "duplicate",
            message: format!(
                "{} = {} is left out: an earlier conversion compares the same units",
                conversion.from(),
                conversion.to(),
            ),
        });
    }
    let content = IngredientContent {
        name: file.name.clone(),
        category: file.category.clone().unwrap_or_else(|| before.content.category.clone()),
        nutrition: known_facts(file.nutrition, before.content.nutrition),
        purchase_unit: file.default_unit.unwrap_or(before.content.purchase_unit),
        measures,
    };
    Ingredient { content, allergens: allergens(before, row, report), ..before.clone() }
}

/// The file's facts, and those there were where the file has none.
fn known_facts(file: Nutrition, before: Nutrition) -> Nutrition {
    Nutrition {
        energy_kj: file.energy_kj.or(before.energy_kj),
        protein_g: file.protein_g.or(before.protein_g),
        fat_g: file.fat_g.or(before.fat_g),
        saturated_fat_g: file.saturated_fat_g.or(before.saturated_fat_g),
        carbohydrate_g: file.carbohydrate_g.or(before.carbohydrate_g),
        sugars_g: file.sugars_g.or(before.sugars_g),
        sodium_mg: file.sodium_mg.or(before.sodium_mg),
    }
}

/// What a file declares is a person's word; what the table proposes is not.
fn allergens(before: &Ingredient, row: &ImportRow, report: &mut ImportReport) -> AllergenKnowledge {
    if let AllergenInfo::Declared(declared) = &row.ingredient.allergens {
        if before.allergens.confirmed().is_some_and(|confirmed| confirmed != declared) {
            report.warnings.push(RowError {
                row: row.row,
                field: "allergens".into(),
                code: "changed",
                message: "the file declares other allergens than were confirmed".to_owned(),
            });
        }
        return AllergenKnowledge::Confirmed(declared.clone());
    }
    match (&before.allergens, &row.allergen_proposal) {
        (AllergenKnowledge::Unknown | AllergenKnowledge::Proposed(_), Some(proposal)) => {
            report.allergen_proposals.push(AllergenProposal {
                row: row.row,
                key: row.ingredient.key.to_string(),
                allergens: proposal.allergens.clone(),
                entry: proposal.entry.clone(),
            });
            AllergenKnowledge::Proposed(proposal.allergens.clone())
        }
        (stays, _) => stays.clone(),
    }
}

fn conflict(row: u32, error: &SaveIngredientError) -> RowError {
    RowError {
        row,
        field: "conversions".into(),
        code: "reference",
        message: format!("a recipe could no longer be cooked: {error}"),
    }
}
