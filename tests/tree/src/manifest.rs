//! The packages of the workspace, read from their manifests.

use std::collections::BTreeSet;

use crate::{TextFile, rust::ReadError};

/// A package of the workspace.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Its folder: `domains/kitchen/core`.
    pub folder: String,
    /// Its name: `bk-kitchen-core`.
    pub name: String,
    /// Ours that it is built from.
    pub needs: BTreeSet<String>,
    /// Ours that only its tests need.
    pub tests_need: BTreeSet<String>,
    /// Whether it takes the workspace's lints.
    pub inherits_lints: bool,
}

impl Package {
    /// The name its code has: `bk_kitchen_core`.
    #[must_use]
    pub fn code_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The first part of its folder: `domains`.
    #[must_use]
    pub fn layer(&self) -> &str {
        self.folder.split('/').next().unwrap_or_default()
    }
}

/// Reads every manifest that describes a package.
///
/// # Errors
/// Fails when a manifest is not TOML or a package has no name.
pub fn packages(files: &[TextFile]) -> Result<Vec<Package>, ReadError> {
    let manifests = files.iter().filter(|file| file.name() == "Cargo.toml");
    let mut packages = Vec::new();
    for file in manifests {
        let wrong = |why: String| ReadError::Manifest { file: file.path.clone(), why };
        let manifest: toml::Table = file.text.parse().map_err(|e| wrong(format!("{e}")))?;
        let Some(package) = manifest.get("package") else { continue };
        let name = package.get("name").and_then(toml::Value::as_str);
        let name = name.ok_or_else(|| wrong("it has no name".to_owned()))?;
        let folder = file.path.strip_suffix("/Cargo.toml").unwrap_or_default();
        let mut needs = ours(&manifest, "dependencies");
        needs.extend(ours(&manifest, "build-dependencies"));
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        packages.push(Package {
            folder: folder.to_owned(),
            name: name.to_owned(),
            needs,
            tests_need: ours(&manifest, "dev-dependencies"),
            inherits_lints: lints == Some(&toml::Value::Boolean(true)),
        });
    }
    Ok(packages)
}

/// The packages of ours that a section names.
fn ours(manifest: &toml::Table, section: &str) -> BTreeSet<String> {
    let table = manifest.get(section).and_then(toml::Value::as_table);
    let names = table.into_iter().flat_map(|table| table.iter()).map(|(key, how)| {
        // A renamed dependency says in `package` what it is.
        how.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
    });
    names.filter(|name| name == "bk" || name.starts_with("bk-")).collect()
}
