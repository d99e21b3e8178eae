//! Dependencies between crates point one way (ARCHITECTURE.md, "Map").

use std::collections::BTreeMap;

use super::Violation;
use crate::manifest::Package;

/// The crates of a domain that is a folder of crates, each built from those before it; the last is
/// the facade, which is all that others see.
const FOLDERS: &[(&str, &[&str])] = &[(
    "domains/kitchen",
    &[
        "core",
        "catalogue",
        "accounts",
        "wallet",
        "ordering",
        "production",
        "delivery",
        "demo",
        "kitchen",
    ],
)];

/// What domains are built from.
const BELOW_DOMAINS: &[&str] =
    &["shared/audit", "shared/contracts", "shared/guard", "shared/kernel", "shared/persistence"];

/// What each shared crate is built from.
const SHARED: &[(&str, &[&str])] = &[
    ("shared/kernel", &[]),
    ("shared/telemetry", &[]),
    ("shared/persistence", &["shared/kernel"]),
    ("shared/audit", &["shared/kernel", "shared/persistence"]),
    ("shared/contracts", &["shared/kernel", "shared/persistence"]),
    (
        "shared/guard",
        &["shared/contracts", "shared/kernel", "shared/persistence", "shared/telemetry"],
    ),
    (
        "shared/testing",
        &["migrations", "shared/audit", "shared/contracts", "shared/kernel", "shared/persistence"],
    ),
    ("migrations", &["shared/kernel", "shared/persistence"]),
    ("tests/tree", &[]),
];

/// Every dependency follows the arrows of the map; a crate the map does not know is a breach.
#[must_use]
pub fn dependencies_point_one_way(packages: &[Package]) -> Vec<Violation> {
    let by_name: BTreeMap<&str, &Package> = packages.iter().map(|p| (p.name.as_str(), p)).collect();
    let mut wrong = Vec::new();
    for package in packages {
        let mut say = |what: String| {
            wrong.push(Violation::new(&format!("{}/Cargo.toml", package.folder), 0, what));
        };
        if !on_the_map(package) {
            say("the map of the architecture has no place for this crate".to_owned());
        }
        for need in &package.needs {
            match by_name.get(need.as_str()) {
                Some(to) if may_need(package, to) => {}
                Some(to) => say(format!("must not be built from {}", to.folder)),
                None => say(format!("is built from {need}, which is not there")),
            }
        }
        for need in &package.tests_need {
            match by_name.get(need.as_str()) {
                Some(to) if tests_may_need(package, to) => {}
                Some(to) => say(format!("its tests must not need {}", to.folder)),
                None => say(format!("its tests need {need}, which is not there")),
            }
        }
    }
    wrong
}

fn on_the_map(package: &Package) -> bool {
    match package.layer() {
        "apps" | "benches" | "tests" => true,
        "domains" => match crate_of_folder(&package.folder) {
            Some((_, name, order)) => order.contains(&name),
            // A small domain is one crate.
            None => package.folder.matches('/').count() == 1,
        },
        _ => SHARED.iter().any(|(folder, _)| *folder == package.folder),
    }
}

fn may_need(from: &Package, to: &Package) -> bool {
    if let Some((_, below)) = SHARED.iter().find(|(folder, _)| *folder == from.folder) {
        return below.contains(&to.folder.as_str());
    }
    match from.layer() {
        // The host sees a domain's facade, tests look inside.
        "apps" => match to.layer() {
            "domains" => is_facade(&to.folder),
            "tests" | "benches" => false,
            _ => to.folder != "shared/testing",
        },
        "tests" | "benches" => to.layer() != "benches",
        "domains" => BELOW_DOMAINS.contains(&to.folder.as_str()) || earlier_crate(from, to),
        _ => false,
    }
}

fn tests_may_need(from: &Package, to: &Package) -> bool {
    let for_tests = ["shared/testing", "apps/stripe-sim", "migrations"];
    match from.layer() {
        "domains" | "shared" | "migrations" => {
            for_tests.contains(&to.folder.as_str())
                || may_need(from, to)
                || (to.layer() == "shared" && from.layer() == "shared")
        }
        _ => true,
    }
}

/// The folder of crates that a crate's folder is in, its name there, and the order of the crates.
fn crate_of_folder(folder: &str) -> Option<(&'static str, &str, &'static [&'static str])> {
    FOLDERS.iter().find_map(|(domain, order)| {
        let name = folder.strip_prefix(domain)?.strip_prefix('/')?;
        Some((*domain, name, *order))
    })
}

fn earlier_crate(from: &Package, to: &Package) -> bool {
    match (crate_of_folder(&from.folder), crate_of_folder(&to.folder)) {
        (Some((domain, from, order)), Some((other, to, _))) if domain == other => {
            let place = |name: &str| order.iter().position(|of| *of == name);
            place(to) < place(from) && place(to).is_some()
        }
        _ => false,
    }
}

/// Whether a domain's crate is the one that others see.
#[must_use]
pub fn is_facade(folder: &str) -> bool {
    match crate_of_folder(folder) {
        Some((_, name, order)) => order.last() == Some(&name),
        None => true,
    }
}

/// Every crate takes the workspace's lints.
#[must_use]
pub fn every_crate_inherits_the_lints(packages: &[Package]) -> Vec<Violation> {
    let without = packages.iter().filter(|package| !package.inherits_lints);
    without
        .map(|package| {
            let file = format!("{}/Cargo.toml", package.folder);
            Violation::new(&file, 0, "does not inherit the workspace's lints")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str, needs: &[&str]) -> Package {
        Package {
            folder: folder.to_owned(),
            name: folder.replace('/', "-"),
            needs: needs.iter().map(|need| need.replace('/', "-")).collect(),
            inherits_lints: true,
            ..Package::default()
        }
    }

    fn workspace() -> Vec<Package> {
        let domain = &["shared/kernel", "shared/guard"];
        vec![
            package("apps/api", &["domains/admin", "domains/kitchen/kitchen", "shared/guard"]),
            package("domains/admin", domain),
            package("domains/kitchen/core", domain),
            package("domains/kitchen/catalogue", &["domains/kitchen/core"]),
            package(
                "domains/kitchen/ordering",
                &["domains/kitchen/core", "domains/kitchen/catalogue"],
            ),
            package("domains/kitchen/kitchen", &["domains/kitchen/ordering"]),
            package("shared/kernel", &[]),
            package("shared/persistence", &["shared/kernel"]),
            package("shared/guard", &["shared/kernel"]),
            package("shared/testing", &["shared/persistence"]),
            package("migrations", &["shared/persistence"]),
            package("tests", &["apps/api", "domains/kitchen/ordering", "shared/testing"]),
        ]
    }

    #[test]
    fn a_sound_workspace_is_sound() {
        assert_eq!(dependencies_point_one_way(&workspace()), Vec::new());
    }

    #[test]
    fn every_arrow_that_points_back_is_found() {
        for (from, to) in [
            ("domains/admin", "domains/kitchen/kitchen"),
            ("domains/admin", "apps/api"),
            ("domains/admin", "migrations"),
            ("domains/admin", "shared/testing"),
            ("domains/kitchen/core", "domains/kitchen/catalogue"),
            ("domains/kitchen/catalogue", "domains/kitchen/ordering"),
            ("domains/kitchen/ordering", "domains/kitchen/kitchen"),
            ("domains/kitchen/ordering", "domains/admin"),
            ("shared/kernel", "shared/guard"),
            ("shared/persistence", "shared/guard"),
            ("shared/testing", "domains/admin"),
            ("shared/guard", "domains/admin"),
            ("migrations", "domains/admin"),
            ("apps/api", "domains/kitchen/ordering"),
            ("apps/api", "tests"),
            ("apps/api", "shared/testing"),
        ] {
            let mut packages = workspace();
            for package in packages.iter_mut().filter(|package| package.folder == from) {
                package.needs.insert(to.replace('/', "-"));
            }
            let found = dependencies_point_one_way(&packages);
            let [one] = found.as_slice() else { panic!("{from} -> {to}: {found:#?}") };
            assert!(one.file.starts_with(from) && one.what.contains(to), "{one}");
        }
    }

    #[test]
    fn a_test_that_needs_a_neighbour_is_found() {
        let mut packages = workspace();
        for package in packages.iter_mut().filter(|package| package.folder == "domains/admin") {
            package.tests_need.insert("domains-kitchen-kitchen".to_owned());
            package.tests_need.insert("shared-testing".to_owned());
        }
        let found = dependencies_point_one_way(&packages);
        let [one] = found.as_slice() else { panic!("{found:#?}") };
        assert!(one.what.contains("its tests must not need domains/kitchen/kitchen"), "{one}");
    }

    #[test]
    fn a_crate_that_is_not_on_the_map_and_one_without_lints_are_found() {
        let mut packages = workspace();
        packages.push(Package { inherits_lints: false, ..package("shared/utils", &[]) });
        packages.push(package("domains/kitchen/misc", &[]));
        let found = dependencies_point_one_way(&packages);
        assert_eq!(found.len(), 2, "{found:#?}");
        assert_eq!(every_crate_inherits_the_lints(&packages).len(), 1);
    }
}
