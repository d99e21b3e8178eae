//! The PostgreSQL server of a run: its own directory, every commit on the disk.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use bk_persistence::{DatabaseUrl, DbRole, embedded::Embedded};

use crate::Outcome;

/// The database's name.
const DATABASE: &str = "balance_kitchen";

/// A running server.
pub(crate) struct Ground {
    server: Embedded,
    programs: PathBuf,
}

impl Ground {
    /// Starts one in `folder`.
    pub(crate) fn start(folder: &Path) -> Outcome<Self> {
        let programs = programs()?;
        Ok(Self { server: Embedded::start(&folder.join("postgres"))?, programs })
    }

    /// Where the database is, as the superuser.
    pub(crate) fn superuser(&self) -> Outcome<DatabaseUrl> {
        Ok(self.server.url(DATABASE)?)
    }

    /// Where the database is, as the API sees it.
    pub(crate) fn api(&self) -> Outcome<DatabaseUrl> {
        Ok(self.superuser()?.with_role(DbRole::App))
    }

    /// Runs SQL as the superuser; what it selects, a line per row.
    pub(crate) fn sql(&self, text: &str) -> Outcome<Vec<String>> {
        let url = self.superuser()?;
        let mut psql = Command::new(self.program("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url.expose()]);
        let mut child =
            psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            let text = text.to_owned();
            // It may answer before it has read everything.
            std::thread::spawn(move || input.write_all(text.as_bytes()));
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            return Err("psql failed".into());
        }
        Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
    }

    /// A program of PostgreSQL.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// What writing to this disk costs: the line of `pg_test_fsync` for the server's own method.
    pub(crate) fn fsync_cost(&self, folder: &Path) -> Outcome<String> {
        let file = folder.join("fsync");
        let mut program = Command::new(self.program("pg_test_fsync"));
        let output = program.args(["-s", "2", "-f"]).arg(&file).output()?;
        // It removes its file itself, unless it failed.
        let _ = fs::remove_file(file);
        let text = String::from_utf8(output.stdout)?;
        let line = text.lines().find(|line| line.trim_start().starts_with("fdatasync"));
        let words: Vec<&str> =
            line.ok_or("pg_test_fsync said nothing")?.split_whitespace().collect();
        Ok(words.join(" "))
    }

    /// Which server it is and what it was told.
    pub(crate) fn describe(&self) -> Outcome<String> {
        let rows = self.sql(
            "SELECT 'PostgreSQL ' || current_setting('server_version') || ', shared_buffers '
                 || current_setting('shared_buffers') || ', fsync ' || current_setting('fsync')
                 || ', synchronous_commit ' || current_setting('synchronous_commit');",
        )?;
        Ok(rows.concat())
    }

    /// Writes everything out, so that no measurement pays for what was before it.
    pub(crate) fn settle(&self) -> Outcome<()> {
        self.sql("CHECKPOINT;").map(drop)
    }

    /// Stops it.
    pub(crate) fn stop(self) -> Outcome<()> {
        self.server.stop()?;
        Ok(())
    }
}

/// The folder with all of PostgreSQL's programs.
fn programs() -> Outcome<PathBuf> {
    let told = std::env::var_os("PG_BIN_DIR").map(PathBuf::from);
    let config = Command::new("pg_config").arg("--bindir").output().ok();
    let asked = config.map(|out| PathBuf::from(String::from_utf8_lossy(&out.stdout).trim()));
    let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort();
    told.into_iter()
        .chain(asked)
        .chain(packaged.into_iter().rev())
        .find(|folder| ["pgbench", "psql"].iter().all(|name| folder.join(name).is_file()))
        .ok_or_else(|| {
            "pgbench is not here; PG_BIN_DIR names the folder of PostgreSQL's programs".into()
        })
}
