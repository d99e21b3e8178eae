//! Dependencies point one way and every room speaks only its own language (architecture page, "Map"
//! and "Inside a domain crate").

use std::collections::{BTreeMap, BTreeSet};

use bk_tests::tree::{TextFile, files, shipped_code};

/// A package of the workspace.
struct Package {
    /// Its folder: `domains/kitchen`.
    folder: String,
    name: String,
    /// Ours that it is built from.
    needs: BTreeSet<String>,
    /// Ours that its tests need besides.
    tests_need: BTreeSet<String>,
}

fn packages() -> Vec<Package> {
    let manifests = files("", &["Cargo.toml"]).unwrap();
    let parsed: Vec<(String, toml::Table)> = manifests
        .iter()
        .filter_map(|file| {
            let folder = file.path.strip_suffix("/Cargo.toml")?;
            Some((folder.to_owned(), file.text.parse().unwrap()))
        })
        .collect();
    parsed.into_iter().map(|(folder, manifest)| package(folder, &manifest)).collect()
}

fn package(folder: String, manifest: &toml::Table) -> Package {
    let ours = |section: &str| -> BTreeSet<String> {
        let table = manifest.get(section).and_then(toml::Value::as_table);
        table
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .filter(|n| n.starts_with("bk-"))
            .collect()
    };
    let name = manifest["package"]["name"].as_str().unwrap().to_owned();
    let needs = ours("dependencies").into_iter().chain(ours("build-dependencies")).collect();
    Package { folder, name, needs, tests_need: ours("dev-dependencies") }
}

/// What a package may be built from.
fn may_need(from: &Package, to: &Package) -> bool {
    let (layer, other) = (layer(&from.folder), layer(&to.folder));
    match layer {
        // Nothing is built from the last two.
        "apps" | "tests" | "benches" => true,
        "domains" => [
            "shared/contracts",
            "shared/guard",
            "shared/persistence",
            "shared/audit",
            "shared/kernel",
        ]
        .contains(&to.folder.as_str()),
        "shared" if from.folder == "shared/kernel" || from.folder == "shared/telemetry" => false,
        "shared" if from.folder == "shared/testing" => matches!(other, "shared" | "migrations"),
        "shared" if from.folder == "shared/persistence" => to.folder == "shared/kernel",
        "shared" => other == "shared" && to.folder != "shared/testing",
        "migrations" => to.folder == "shared/persistence" || to.folder == "shared/kernel",
        _ => panic!("{} is in no layer of the map", from.folder),
    }
}

fn layer(folder: &str) -> &str {
    folder.split('/').next().unwrap_or(folder)
}

#[test]
fn dependencies_point_one_way() {
    let packages = packages();
    let by_name: BTreeMap<&str, &Package> = packages.iter().map(|p| (p.name.as_str(), p)).collect();
    assert!(by_name.contains_key("bk-kitchen"), "the manifests were read");
    let mut wrong = Vec::new();
    for package in &packages {
        for need in &package.needs {
            let to = by_name[need.as_str()];
            let leaf = matches!(layer(&to.folder), "tests" | "benches");
            if leaf || !may_need(package, to) {
                wrong.push(format!("{} must not be built from {}", package.folder, to.folder));
            }
        }
        for need in &package.tests_need {
            let to = by_name[need.as_str()];
            if layer(&package.folder) == "domains" && layer(&to.folder) == "domains" {
                wrong.push(format!("tests of {} must not need {}", package.folder, to.folder));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_inherits_the_lints() {
    for file in files("", &["Cargo.toml"]).unwrap() {
        let manifest: toml::Table = file.text.parse().unwrap();
        if manifest.contains_key("package") {
            let inherited = manifest.get("lints").and_then(|lints| lints.get("workspace"));
            assert_eq!(inherited, Some(&toml::Value::Boolean(true)), "{}", file.path);
        }
    }
}

/// Words that only one kind of room may say.
const ROOMS: &[(&[&str], &[&str])] = &[
    (&["sea_orm", "sqlx"], &["store", "entity"]),
    (&["actix_web", "actix_http", "utoipa"], &["http"]),
];

#[test]
fn only_stores_speak_sql_and_only_http_rooms_speak_http() {
    let mut wrong = Vec::new();
    for file in domain_sources() {
        let code = shipped_code(&file.text);
        for (words, rooms) in ROOMS {
            let room =
                file.path.split('/').skip(3).any(|part| rooms.iter().any(|r| part.starts_with(r)));
            for word in words.iter().filter(|word| !room && names(&code, word)) {
                wrong.push(format!("{} names {word}; only {} may", file.path, rooms.join(" and ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A slice may call another slice's use cases, never its store or rows.
#[test]
fn a_slice_keeps_its_store_and_its_rows_to_itself() {
    let sources = domain_sources();
    // Domain and slice of a file: `domains/kitchen/src/menu/store.rs`.
    let place = |file: &TextFile| {
        let mut parts = file.path.split('/').skip(1);
        let (domain, slice) = (parts.next()?, parts.nth(1)?);
        Some((domain.to_owned(), slice.to_owned()))
    };
    let slices: BTreeSet<(String, String)> =
        sources.iter().filter_map(place).filter(|(_, slice)| !slice.contains('.')).collect();
    let mut wrong = Vec::new();
    for file in &sources {
        let Some((domain, slice)) = place(file) else { continue };
        let code = shipped_code(&file.text);
        for (_, other) in slices.iter().filter(|(of, other)| *of == domain && *other != slice) {
            for room in ["store", "entity"] {
                if names(&code, &format!("{other}::{room}")) {
                    wrong.push(format!("{} reaches into {other}::{room}", file.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where the machine's time may be read.
const CLOCK_READERS: &[(&str, &str)] = &[
    ("shared/kernel/src/clock.rs", "the product's clock itself"),
    ("shared/telemetry/", "log lines carry the machine's time"),
    ("shared/persistence/src/jobs/runner.rs", "compares the product's clock with the queue's"),
    ("apps/stripe-sim/", "another program, with a time of its own"),
    ("apps/bk/src/demo/", "plays people against a running server, in the machine's time"),
];

#[test]
fn time_comes_from_the_clock_of_the_product() {
    let mut wrong = Vec::new();
    for file in files("", &[".rs"]).unwrap() {
        let reader = CLOCK_READERS.iter().any(|(path, _)| file.path.starts_with(path));
        let test = file.path.contains("/tests/")
            || file.path.starts_with("tests/")
            || file.path.starts_with("benches/");
        if reader || test {
            continue;
        }
        let code = shipped_code(&file.text);
        for call in ["Utc::now", "Local::now", "SystemTime::now"] {
            if names(&code, call) {
                wrong.push(format!("{} reads the machine's time: {call}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn exceptions_to_lints_have_reasons_and_no_test_is_switched_off() {
    let mut wrong = Vec::new();
    // Assembled, so that this file does not name them.
    let banned = [concat!("#[al", "low("), concat!("#![al", "low("), concat!("#[ig", "nore")];
    for file in files("", &[".rs"]).unwrap() {
        for word in banned.iter().filter(|word| file.text.contains(**word)) {
            wrong.push(format!("{} contains {word}", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_names_a_machine_of_its_makers() {
    let mut wrong = Vec::new();
    for file in files("", &[]).unwrap() {
        for folder in ["work", "root", "home", "Users"] {
            let path = format!("/{folder}/");
            if file.text.lines().any(|line| begins_a_path(line, &path)) {
                wrong.push(format!("{} names {path}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// True of an absolute path, not of the middle of a relative one or of an address.
fn begins_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`=(<>:".contains(c))
    })
}

/// The shipped sources of the domains.
fn domain_sources() -> Vec<TextFile> {
    let mut sources = files("domains", &[".rs"]).unwrap();
    sources.retain(|file| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        !file.path.contains("/tests/") && name != "tests.rs" && !name.ends_with("_tests.rs")
    });
    sources
}

/// Whether the code says the word, not merely a longer one around it.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        !code[..at].chars().next_back().is_some_and(part)
            && !code[at + word.len()..].chars().next().is_some_and(part)
    })
}
