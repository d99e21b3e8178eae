//! Tests stand in one layout: pure ones beside the model, those with a database in one binary per
//! crate, `tests/it/main.rs`; with one client and one set of fakes, in `shared/testing`.

use syn::{Item, visit::Visit};

use super::Violation;
use crate::{TextFile, rust::ReadError};

/// The ports whose stand-ins are in `shared/testing`.
const PORTS: &[&str] = &[
    "AccountDirectory",
    "Checkout",
    "Mailer",
    "RoleCatalogue",
    "SessionAuthority",
    "Tenants",
    "UserDirectory",
];

/// Where a browser may be written besides `shared/testing`, and why.
const BROWSERS: &[(&str, &str)] = &[(
    "apps/bk/src/demo/",
    "the product's own demonstration, which ships without what tests stand on",
)];

/// A crate's integration tests are one binary.
#[must_use]
pub fn integration_tests_are_one_binary(files: &[TextFile]) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is("rs") && !file.path.starts_with("tests/")) {
        let Some((_, below)) = file.path.split_once("/tests/") else { continue };
        if file.path.contains("/src/tests/") || below.starts_with("it/") {
            continue;
        }
        let what = "is a test binary of its own; a crate has one, tests/it/main.rs";
        wrong.push(Violation::new(&file.path, 0, what));
    }
    wrong
}

/// What is beside the model needs no database.
#[must_use]
pub fn tests_with_a_database_are_integration_tests(files: &[TextFile]) -> Vec<Violation> {
    let mut wrong = Vec::new();
    let sources = files.iter().filter(|file| {
        file.is("rs")
            && file.path.contains("/src/")
            && !file.path.starts_with("shared/testing/")
            && !file.path.starts_with("tests/")
    });
    for file in sources {
        for (number, line) in file.text.lines().enumerate() {
            if line.contains("TestDb") && !line.trim_start().starts_with("//") {
                let what = "needs a database; such a test stands in tests/it";
                wrong.push(Violation::new(&file.path, number + 1, what));
            }
        }
    }
    wrong
}

/// No test writes a browser or a stand-in of a port of its own.
///
/// # Errors
/// Fails when a file is not Rust.
pub fn one_client_and_one_set_of_fakes(files: &[TextFile]) -> Result<Vec<Violation>, ReadError> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is("rs")) {
        if file.path.starts_with("shared/testing/") {
            continue;
        }
        let parsed = syn::parse_file(&file.text)
            .map_err(|source| ReadError::Rust { file: file.path.clone(), source })?;
        let mut own = Own::default();
        own.visit_file(&parsed);
        let may_browse = BROWSERS.iter().any(|(path, _)| file.path.starts_with(path));
        for line in own.browsers.into_iter().filter(|_| !may_browse) {
            let what = "declares a browser; use the one of bk-testing";
            wrong.push(Violation::new(&file.path, line, what));
        }
        let test = file.path.contains("/tests/") || file.path.starts_with("tests/");
        for (port, line) in own.ports.into_iter().filter(|_| test) {
            let what = format!("stands in for {port}; use the fake of bk-testing");
            wrong.push(Violation::new(&file.path, line, what));
        }
    }
    Ok(wrong)
}

/// Browsers and stand-ins that a file declares, by line.
#[derive(Default)]
struct Own {
    browsers: Vec<usize>,
    ports: Vec<(String, usize)>,
}

impl<'ast> Visit<'ast> for Own {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Struct(it) if it.ident == "Browser" => {
                self.browsers.push(it.ident.span().start().line);
            }
            Item::Impl(it) => {
                let of = it.trait_.as_ref().and_then(|(of, _)| of.segments.last());
                if let Some(port) = of.filter(|port| PORTS.iter().any(|name| port.ident == name)) {
                    self.ports.push((port.ident.to_string(), port.ident.span().start().line));
                }
            }
            _ => {}
        }
        syn::visit::visit_item(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(path: &str, text: &str) -> Vec<TextFile> {
        vec![TextFile::new(path, text)]
    }

    #[test]
    fn a_second_test_binary_is_found() {
        for path in ["domains/a/tests/login.rs", "shared/b/tests/pipeline/main.rs"] {
            assert_eq!(integration_tests_are_one_binary(&tree(path, "")).len(), 1, "{path}");
        }
        for path in ["domains/a/tests/it/main.rs", "tests/gates/main.rs", "domains/a/src/tests.rs"]
        {
            assert_eq!(integration_tests_are_one_binary(&tree(path, "")).len(), 0, "{path}");
        }
    }

    #[test]
    fn a_database_beside_the_model_is_found() {
        let text = "#[cfg(test)]\nmod tests { use bk_testing::TestDb; }";
        let found = tests_with_a_database_are_integration_tests(&tree("domains/a/src/b.rs", text));
        assert_eq!(found.len(), 1);
        let found =
            tests_with_a_database_are_integration_tests(&tree("domains/a/tests/it/b.rs", text));
        assert_eq!(found.len(), 0);
    }

    #[test]
    fn a_second_browser_and_a_second_fake_are_found() {
        let found = |path: &str, text: &str| {
            one_client_and_one_set_of_fakes(&tree(path, text)).unwrap().len()
        };
        assert_eq!(found("domains/a/tests/it/b.rs", "mod x { struct Browser; }"), 1);
        assert_eq!(found("domains/a/src/tests/b.rs", "impl contracts::Tenants for One {}"), 1);
        assert_eq!(found("domains/admin/src/ports.rs", "impl Tenants for AdminPorts {}"), 0);
        assert_eq!(found("apps/bk/src/demo/browser.rs", "struct Browser;"), 0);
        assert_eq!(
            found("shared/testing/src/fakes/tenants.rs", "impl Tenants for F {} struct Browser;"),
            0
        );
    }
}
