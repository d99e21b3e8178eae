//! Which room of which slice a module is (ARCHITECTURE.md, "Inside a domain crate").

use super::arrows;
use crate::{
    manifest::Package,
    rust::{Module, Named, Workspace},
};

/// What a module of a domain is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Speaks HTTP: `http.rs`, `http/`, and `http_….rs`.
    Http,
    /// Speaks SQL: `store.rs`, `store/`.
    Store,
    /// Rows: `entity/`.
    Entity,
    /// What a slice or a crate shows: `mod.rs`, `lib.rs`, and the own files of the crate that the host
    /// sees of a domain.
    Face,
    /// Works with the database.
    UseCase,
    /// Pure: names neither the database nor HTTP. It may take proof of a permission, as a
    /// precondition.
    Model,
}

/// Where a module, or what a path names, lies in the domains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice {
    /// The crate, by the name of its code.
    pub package: String,
    /// The name of the slice; empty for the crate's own files.
    pub name: String,
}

/// Crates that only what works with the database, or behind the guard, names.
const IMPURE: &[&str] = &["bk_audit", "bk_guard", "bk_persistence"];

/// The room that the names of modules say, if they say one.
#[must_use]
pub fn room_of_path(path: &[String]) -> Option<Room> {
    path.iter().skip(1).find_map(|name| match name.as_str() {
        "store" => Some(Room::Store),
        "entity" => Some(Room::Entity),
        "http" => Some(Room::Http),
        other if other.starts_with("http_") => Some(Room::Http),
        _ => None,
    })
}

/// The room of a module that names `named`.
#[must_use]
pub fn room_of(workspace: &Workspace, module: &Module, named: &[Named]) -> Room {
    if let Some(room) = room_of_path(&module.path) {
        return room;
    }
    let file = module.file.rsplit('/').next().unwrap_or_default();
    if !module.inline && matches!(file, "mod.rs" | "lib.rs" | "main.rs") {
        return Room::Face;
    }
    // The crate's own files put its slices together.
    let package = workspace.package(&module.path);
    if module.path.len() == 2 && module.children.is_empty() && package.is_some_and(is_facade) {
        return Room::Face;
    }
    let impure = named.iter().any(|named| {
        named.target.first().is_some_and(|package| IMPURE.contains(&package.as_str()))
    });
    if impure { Room::UseCase } else { Room::Model }
}

fn is_facade(package: &Package) -> bool {
    package.layer() == "domains" && arrows::is_facade(&package.folder)
}

/// The slice that a path of modules lies in.
#[must_use]
pub fn slice_of(path: &[String]) -> Option<Slice> {
    let package = path.first()?.clone();
    let name = match path.get(1) {
        Some(name) if room_of_path(path.get(..2)?).is_none() => name.clone(),
        _ => String::new(),
    };
    Some(Slice { package, name })
}

/// Whether the package with this code name is a domain's.
#[must_use]
pub fn is_domain(workspace: &Workspace, package: &str) -> bool {
    workspace.packages.get(package).is_some_and(|package| package.layer() == "domains")
}

/// A module of a domain with all that is known of it.
pub struct Placed<'w> {
    /// The module as it was read.
    pub module: &'w Module,
    /// What it names.
    pub named: Vec<Named>,
    /// What the module is for.
    pub room: Room,
    /// Where it lies.
    pub slice: Slice,
}

/// Every module of the domains.
#[must_use]
pub fn domain_modules(workspace: &Workspace) -> Vec<Placed<'_>> {
    let modules = workspace.modules_below(&["domains/"]);
    modules
        .filter_map(|module| {
            let named = workspace.named_by(module);
            let room = room_of(workspace, module, &named);
            let slice = slice_of(&module.path)?;
            Some(Placed { module, named, room, slice })
        })
        .collect()
}

/// The room of what a module names, when it lies in a domain.
#[must_use]
pub fn room_named(workspace: &Workspace, target: &[String]) -> Option<Room> {
    if !is_domain(workspace, target.first()?) {
        return None;
    }
    let home = workspace.home(target)?;
    // A module named as such is in the room that its own name says.
    room_of_path(&home.path)
}
