//! `bk import`: imports a file into a tenant's catalogue. A dry run comes first; the import itself is one
//! transaction, so it changes everything or nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use bk_kernel::{Clock, OperationContext, RequestId, TenantId};
use bk_kitchen::{
    ImportError, ImportFormat, ImportMode, ImportPlan, ImportReport, ImportRowError,
    MAX_IMPORT_BYTES, import_ingredients, parse_ingredients,
};
use bk_persistence::Database;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{Outcome, directory, resources::Resources};

/// Exit code for a file with errors.
const INVALID_FILE: u8 = 2;

/// Import data from files.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Import ingredients from a CSV file (with the columns of the export) or an Open Tandoor Data
    /// JSON file. Without `--apply`, or when the file has errors, nothing is changed.
    Ingredients(Ingredients),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ingredients {
    /// Slug of the tenant.
    #[arg(long)]
    tenant: String,
    /// Path of the file; `.json` is Open Tandoor Data, anything else is CSV.
    #[arg(long)]
    file: PathBuf,
    /// Apply the import when the dry run finds no errors.
    #[arg(long)]
    apply: bool,
}

impl Import {
    pub(crate) async fn run(self) -> Outcome {
        let Self::Ingredients(arguments) = self;
        // The file is read first, because an unreadable one needs no database.
        let plan = parse_file(&arguments.file)?;
        let resources = Resources::open().await?;
        let outcome = arguments.import(&resources, plan).await;
        resources.close().await;
        outcome
    }
}

impl Ingredients {
    async fn import(&self, resources: &Resources, plan: ImportPlan) -> Outcome {
        let Some(tenant) = directory::find(&resources.platform, &self.tenant).await? else {
            let slug = &self.tenant;
            return Err(format!("there is no tenant {slug}; `bk tenant list` shows them").into());
        };
        let app = &resources.app;
        let dry_run = import(app, tenant.id, plan.clone(), ImportMode::DryRun).await?;
        print_report(&dry_run);
        if !dry_run.errors.is_empty() {
            println!("Nothing was changed; errors: {}.", dry_run.errors.len());
            return Ok(ExitCode::from(INVALID_FILE));
        }
        if !self.apply {
            println!("This was a dry run: nothing was changed. Import it with --apply.");
            return Ok(ExitCode::SUCCESS);
        }
        match import(app, tenant.id, plan, ImportMode::Apply).await {
            Ok(report) => {
                println!("Imported: {} new, {} updated.", report.created, report.updated);
                Ok(ExitCode::SUCCESS)
            }
            // The catalogue was changed after the dry run.
            Err(ImportError::Refused(report)) => {
                print_report(&report);
                println!("Nothing was changed; errors: {}.", report.errors.len());
                Ok(ExitCode::from(INVALID_FILE))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Parses the file. Fails when it cannot be read or is too large; errors in its rows are part of the plan.
fn parse_file(path: &Path) -> Result<ImportPlan, String> {
    let unreadable = |reason: String| format!("{}: {reason}", path.display());
    let size = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if size > MAX_IMPORT_BYTES as u64 {
        return Err(unreadable(format!("a file has at most {MAX_IMPORT_BYTES} bytes")));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let format = if is_json { ImportFormat::OpenFood } else { ImportFormat::Csv };
    Ok(parse_ingredients(format, &bytes))
}

/// Runs the import in one transaction, with a progress bar when the output is a terminal.
#[expect(clippy::disallowed_methods, reason = "the command line acts for the product")]
async fn import(
    database: &Database,
    tenant: TenantId,
    plan: ImportPlan,
    mode: ImportMode,
) -> Result<ImportReport, ImportError> {
    let ctx = OperationContext::system(tenant, RequestId::new(), Clock::system().now());
    let bar = progress_bar(mode);
    let input = (ctx.clone(), Arc::new(plan), mode, bar.clone());
    let work = async |tx, (ctx, plan, mode, bar): (_, Arc<ImportPlan>, _, ProgressBar)| {
        let mut progress = |done: usize, total: usize| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        };
        import_ingredients(&ctx, &tx, &plan, mode, &mut progress).await
    };
    let result = match mode {
        ImportMode::DryRun => database.read(&ctx, input, work).await,
        ImportMode::Apply => database.transaction(&ctx, input, work).await,
    };
    bar.finish_and_clear();
    result
}

fn progress_bar(mode: ImportMode) -> ProgressBar {
    let message = match mode {
        ImportMode::DryRun => "checking",
        ImportMode::Apply => "importing",
    };
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len}");
    ProgressBar::new(0)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(message)
}

fn print_report(report: &ImportReport) {
    for error in &report.errors {
        println!("{}", format_row_error("error", error));
    }
    for warning in &report.warnings {
        println!("{}", format_row_error("warning", warning));
    }
    for proposal in &report.allergen_proposals {
        let allergens: Vec<String> = proposal.allergens.iter().map(ToString::to_string).collect();
        let allergens =
            if allergens.is_empty() { "none of itself".to_owned() } else { allergens.join(", ") };
        println!("row {}: {}: to be confirmed: {allergens}", proposal.row, proposal.key);
    }
    println!(
        "{} rows: {} new, {} to update, {} unchanged; {} allergens to be confirmed by a person.",
        report.rows,
        report.created,
        report.updated,
        report.unchanged,
        report.allergen_proposals.len(),
    );
}

/// Formats an error or a warning. Row 0 stands for the whole file.
fn format_row_error(kind: &str, error: &ImportRowError) -> String {
    match error.row {
        0 => format!("{kind}: {}: {}", error.field, error.message),
        row => format!("row {row}: {kind}: {}: {}", error.field, error.message),
    }
}
