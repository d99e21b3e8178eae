//! `bk import`: files into a tenant's catalogue, first as a rehearsal, then all of it or nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use bk_kernel::{Authorized, Clock, OperationContext, RequestId, TenantId};
use bk_kitchen::catalogue::{
    ImportError, ImportMode, ImportReport,
    import::{self, ImportPlan, RowError},
    import_ingredients,
};
use bk_persistence::{Database, DbError};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{Outcome, directory, ground::Ground};

/// The file has errors.
const WRONG_FILE: u8 = 2;

/// Bring data in from files.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Ingredients, from our CSV (the columns of the export) or an Open Tandoor Data JSON file.
    /// Says what would happen; changes something only with `--apply` and without errors.
    Ingredients(Ingredients),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ingredients {
    /// The tenant's slug.
    #[arg(long)]
    tenant: String,
    /// The file; `.json` is Open Tandoor Data, everything else our CSV.
    #[arg(long)]
    file: PathBuf,
    /// Import it, if the rehearsal finds no errors.
    #[arg(long)]
    apply: bool,
}

impl Import {
    pub(crate) async fn run(self) -> Outcome {
        let Self::Ingredients(wanted) = self;
        // The file first: a wrong one needs no database.
        let plan = read(&wanted.file)?;
        let ground = Ground::open().await?;
        let outcome = wanted.import(&ground, plan).await;
        ground.leave().await;
        outcome
    }
}

impl Ingredients {
    async fn import(&self, ground: &Ground, plan: ImportPlan) -> Outcome {
        let Some(tenant) = directory::find(&ground.platform, &self.tenant).await? else {
            let slug = &self.tenant;
            return Err(format!("there is no tenant {slug}; `bk tenant list` shows them").into());
        };
        let db = &ground.app;
        let rehearsal = import(db, tenant.id, plan.clone(), ImportMode::DryRun).await?;
        tell(&rehearsal);
        if !rehearsal.errors.is_empty() {
            println!("Nothing was changed; errors: {}.", rehearsal.errors.len());
            return Ok(ExitCode::from(WRONG_FILE));
        }
        if !self.apply {
            println!("This was a rehearsal: nothing was changed. Import it with --apply.");
            return Ok(ExitCode::SUCCESS);
        }
        match import(db, tenant.id, plan, ImportMode::Apply).await {
            Ok(done) => {
                println!("Imported: {} new, {} updated.", done.created, done.updated);
                Ok(ExitCode::SUCCESS)
            }
            // Somebody changed the catalogue since the rehearsal.
            Err(ImportError::Refused(report)) => {
                tell(&report);
                println!("Nothing was changed; errors: {}.", report.errors.len());
                Ok(ExitCode::from(WRONG_FILE))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn read(path: &Path) -> Result<ImportPlan, String> {
    let refused = |why: String| format!("{}: {why}", path.display());
    let size = fs::metadata(path).map_err(|error| refused(error.to_string()))?.len();
    if size > import::MAX_BYTES as u64 {
        return Err(refused(format!("a file has at most {} bytes", import::MAX_BYTES)));
    }
    let bytes = fs::read(path).map_err(|error| refused(error.to_string()))?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    Ok(if is_json { import::open_food::parse(&bytes) } else { import::csv::parse(&bytes) })
}

/// One transaction, with a bar on a terminal.
async fn import(
    db: &Database,
    tenant: TenantId,
    plan: ImportPlan,
    mode: ImportMode,
) -> Result<ImportReport, ImportError> {
    let ctx = OperationContext::system(tenant, RequestId::new(), Clock::system().now());
    let who = Authorized::check(ctx).map_err(|code| DbError::other(code.as_str()))?;
    let bar = bar(mode);
    let command = (who.clone(), Arc::new(plan), mode, bar.clone());
    let work = async |tx, (who, plan, mode, bar): (_, Arc<ImportPlan>, _, ProgressBar)| {
        let mut progress = |done: usize, total: usize| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        };
        import_ingredients(&who, &tx, &plan, mode, &mut progress).await
    };
    let outcome = match mode {
        ImportMode::DryRun => db.read(&who, command, work).await,
        ImportMode::Apply => db.transaction(&who, command, work).await,
    };
    bar.finish_and_clear();
    outcome
}

fn bar(mode: ImportMode) -> ProgressBar {
    let what = match mode {
        ImportMode::DryRun => "rehearsing",
        ImportMode::Apply => "importing",
    };
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len}");
    ProgressBar::new(0)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(what)
}

fn tell(report: &ImportReport) {
    for error in &report.errors {
        println!("{}", line("error", error));
    }
    for warning in &report.warnings {
        println!("{}", line("warning", warning));
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

fn line(kind: &str, remark: &RowError) -> String {
    match remark.row {
        0 => format!("{kind}: {}: {}", remark.field, remark.message),
        row => format!("row {row}: {kind}: {}: {}", remark.field, remark.message),
    }
}
