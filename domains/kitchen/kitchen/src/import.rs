//! Importing ingredients from files, as the command line does it.

use bk_kernel::{Authorized, OperationContext};
use bk_kitchen_catalogue::import;
use bk_persistence::{DbError, TenantTx};

/// What an import would do, row by row.
pub type ImportPlan = import::ImportPlan;
/// What is wrong with a row, or doubtful.
pub type ImportRowError = import::RowError;
/// Whether an import is a dry run.
pub type ImportMode = bk_kitchen_catalogue::ImportMode;
/// What an import did, or would do.
pub type ImportReport = bk_kitchen_catalogue::ImportReport;
/// Why nothing was imported.
pub type ImportError = bk_kitchen_catalogue::ImportError;

/// The largest file, in bytes.
pub const MAX_IMPORT_BYTES: usize = import::MAX_BYTES;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// Comma-separated values, in the columns of the export.
    Csv,
    /// Open Tandoor Data, in JSON.
    OpenFood,
}

/// Reads a file. Whatever is wrong with it is in the plan.
#[must_use]
pub fn parse_ingredients(format: ImportFormat, file: &[u8]) -> ImportPlan {
    match format {
        ImportFormat::Csv => import::csv::parse(file),
        ImportFormat::OpenFood => import::open_food::parse(file),
    }
}

/// Imports ingredients, all of them or none. `progress` is called with the rows done and the rows in
/// all. Fails when a row is wrong, and when the principal may not change the catalogue.
pub async fn import_ingredients(
    ctx: &OperationContext,
    tx: &TenantTx,
    plan: &ImportPlan,
    mode: ImportMode,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<ImportReport, ImportError> {
    let ctx = Authorized::check(ctx.clone()).map_err(|code| DbError::other(code.as_str()))?;
    bk_kitchen_catalogue::import_ingredients(&ctx, tx, plan, mode, progress).await
}
