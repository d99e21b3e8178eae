//! The Rust of the workspace, read with `syn`: every module with its imports, and what a name means.
//!
//! It knows as much of Rust's name resolution as the gates need: nested groups, `self`, `super`,
//! `crate`, other crates of ours, renames, globs and chains of re-exports. A name leads to where it
//! is declared, however many modules hand it on.

pub mod names;
mod parse;
mod resolve;

use std::collections::BTreeMap;

pub use parse::{Child, Declared, Import, Mention, Module, ModulePath, is_test_only};
pub use resolve::Named;

use crate::{
    TextFile,
    manifest::{Package, packages},
};

/// Why the sources cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file is not Rust.
    #[error("{file} is not Rust: {source}")]
    Rust {
        /// Where the file is, below the root.
        file: String,
        /// What `syn` says.
        source: syn::Error,
    },
    /// A manifest is not a package's.
    #[error("{file} is no manifest: {why}")]
    Manifest {
        /// Where the file is, below the root.
        file: String,
        /// What is missing.
        why: String,
    },
    /// A file of the tree cannot be read.
    #[error("the tree cannot be read")]
    Io(#[from] std::io::Error),
}

/// All packages and their modules, as they are shipped: without what only tests see.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The packages, by the name their code has: `bk_kernel`.
    pub packages: BTreeMap<String, Package>,
    /// The modules by path.
    pub modules: BTreeMap<ModulePath, Module>,
}

impl Workspace {
    /// Reads manifests and sources. Files that no module declares are left out.
    ///
    /// # Errors
    /// Fails when a manifest or a source cannot be parsed.
    pub fn read(files: &[TextFile]) -> Result<Self, ReadError> {
        let packages = packages(files)?;
        let by_path: BTreeMap<&str, &TextFile> =
            files.iter().map(|file| (file.path.as_str(), file)).collect();
        let mut workspace = Self::default();
        for package in packages {
            let name = package.code_name();
            for root in ["lib.rs", "main.rs"] {
                let file = format!("{}/src/{root}", package.folder);
                workspace.read_module(&by_path, &file, vec![name.clone()])?;
            }
            workspace.packages.insert(name, package);
        }
        Ok(workspace)
    }

    /// Reads the file of a module and the files of the modules it declares.
    fn read_module(
        &mut self,
        files: &BTreeMap<&str, &TextFile>,
        path: &str,
        module: ModulePath,
    ) -> Result<(), ReadError> {
        let Some(file) = files.get(path) else { return Ok(()) };
        let found = parse::parse(path, &file.text, module)
            .map_err(|source| ReadError::Rust { file: path.to_owned(), source })?;
        for module in found {
            let children: Vec<String> = module.children.keys().cloned().collect();
            let at = module.path.clone();
            // The library and the program of one package share their crate's name.
            self.modules.entry(at.clone()).or_insert(module);
            for child in children {
                let mut below = at.clone();
                below.push(child);
                for candidate in places(path, &at, &below) {
                    self.read_module(files, &candidate, below.clone())?;
                }
            }
        }
        Ok(())
    }

    /// The module, if there is one of this path.
    #[must_use]
    pub fn module(&self, path: &[String]) -> Option<&Module> {
        self.modules.get(path)
    }

    /// The package a module belongs to.
    #[must_use]
    pub fn package(&self, module: &[String]) -> Option<&Package> {
        self.packages.get(module.first()?)
    }

    /// The modules of the packages whose folder is below one of `folders`.
    pub fn modules_below<'a>(&'a self, folders: &'a [&str]) -> impl Iterator<Item = &'a Module> {
        self.modules.values().filter(move |module| {
            let package = self.package(&module.path);
            package.is_some_and(|package| {
                folders.iter().any(|folder| package.folder.starts_with(folder))
            })
        })
    }
}

/// Where the file of a module can be: beside the file of the module above it, or in its folder.
fn places(file: &str, above: &[String], module: &[String]) -> Vec<String> {
    let Some(name) = module.last() else { return Vec::new() };
    let Some((source, _)) = file.split_once("/src/") else { return Vec::new() };
    let folder =
        above.iter().skip(1).fold(format!("{source}/src"), |at, part| format!("{at}/{part}"));
    vec![format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")]
}
