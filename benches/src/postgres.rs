//! The PostgreSQL server of a benchmark, in a directory of its own. Every commit is flushed to the disk.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use bk_persistence::{DatabaseUrl, DbRole, embedded::Embedded};

use crate::Outcome;

const DATABASE: &str = "balance_kitchen";

/// A running server.
pub(crate) struct Postgres {
    server: Embedded,
    /// Directory of PostgreSQL's programs.
    programs: PathBuf,
}

impl Postgres {
    /// Starts a server whose data is in `directory`. Fails when PostgreSQL's programs are not installed.
    pub(crate) fn start(directory: &Path) -> Outcome<Self> {
        let programs = find_programs()?;
        Ok(Self { server: Embedded::start(&directory.join("postgres"))?, programs })
    }

    /// Returns the database's URL for the superuser.
    pub(crate) fn superuser_url(&self) -> Outcome<DatabaseUrl> {
        Ok(self.server.url(DATABASE)?)
    }

    /// Returns the database's URL for the role of the API.
    pub(crate) fn app_url(&self) -> Outcome<DatabaseUrl> {
        Ok(self.superuser_url()?.with_role(DbRole::App))
    }

    /// Runs SQL as the superuser and returns what it selects, one line for each row.
    pub(crate) fn sql(&self, text: &str) -> Outcome<Vec<String>> {
        let url = self.superuser_url()?;
        let mut psql = Command::new(self.program("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url.expose()]);
        let mut child =
            psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            let text = text.to_owned();
            // On a thread of its own, because psql may write before it has read everything.
            std::thread::spawn(move || input.write_all(text.as_bytes()));
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            return Err("psql failed".into());
        }
        Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
    }

    /// Returns the path of one of PostgreSQL's programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// Measures a flush to the disk of `directory`, and returns the line of `pg_test_fsync` for the method that the
    /// server uses.
    pub(crate) fn fsync_cost(&self, directory: &Path) -> Outcome<String> {
        let file = directory.join("fsync");
        let mut program = Command::new(self.program("pg_test_fsync"));
        let output = program.args(["-s", "2", "-f"]).arg(&file).output()?;
        // The program removes its file itself, unless it failed.
        let _ = fs::remove_file(file);
        let text = String::from_utf8(output.stdout)?;
        let line = text.lines().find(|line| line.trim_start().starts_with("fdatasync"));
        let words: Vec<&str> =
            line.ok_or("pg_test_fsync printed no result")?.split_whitespace().collect();
        Ok(words.join(" "))
    }

    /// Returns the server's version and the settings that matter for the results.
    pub(crate) fn describe(&self) -> Outcome<String> {
        let rows = self.sql(
            "SELECT 'PostgreSQL ' || current_setting('server_version') || ', shared_buffers '
                 || current_setting('shared_buffers') || ', fsync ' || current_setting('fsync')
                 || ', synchronous_commit ' || current_setting('synchronous_commit');",
        )?;
        Ok(rows.concat())
    }

    /// Writes all dirty pages, so that no measurement pays for the writes before it.
    pub(crate) fn checkpoint(&self) -> Outcome<()> {
        self.sql("CHECKPOINT;").map(drop)
    }

    pub(crate) fn stop(self) -> Outcome<()> {
        self.server.stop()?;
        Ok(())
    }
}

/// Finds the directory of PostgreSQL's programs, pgbench among them: `PG_BIN_DIR`, what `pg_config` says, or the
/// newest of Debian's packages.
fn find_programs() -> Outcome<PathBuf> {
    let configured = std::env::var_os("PG_BIN_DIR").map(PathBuf::from);
    let pg_config = Command::new("pg_config").arg("--bindir").output().ok();
    let by_pg_config =
        pg_config.map(|out| PathBuf::from(String::from_utf8_lossy(&out.stdout).trim()));
    let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort();
    configured
        .into_iter()
        .chain(by_pg_config)
        .chain(packaged.into_iter().rev())
        .find(|directory| ["pgbench", "psql"].iter().all(|name| directory.join(name).is_file()))
        .ok_or_else(|| {
            "pgbench was not found; set PG_BIN_DIR to the directory of PostgreSQL's programs".into()
        })
}
