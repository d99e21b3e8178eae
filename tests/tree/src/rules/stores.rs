//! A slice's store is its own: other slices call its use cases. State changes through the slice that
//! owns it.

use std::collections::BTreeSet;

use super::{
    Violation,
    room::{Placed, Room, domain_modules, room_named, room_of_path, slice_of},
};
use crate::rust::{Import, Module, ModulePath, Named, Workspace};

/// No slice names another's store or rows, under whatever name they are handed on.
#[must_use]
pub fn a_slice_keeps_its_store(workspace: &Workspace) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for placed in domain_modules(workspace) {
        for named in &placed.named {
            if is_foreign_store(workspace, &placed, named) {
                let what =
                    format!("names {}, another slice's store; call its use case", named.path());
                wrong.push(Violation::new(&placed.module.file, named.line, what));
            }
        }
    }
    wrong
}

fn is_foreign_store(workspace: &Workspace, placed: &Placed<'_>, named: &Named) -> bool {
    let room = room_named(workspace, &named.target);
    if !matches!(room, Some(Room::Store | Room::Entity)) {
        return false;
    }
    let Some(home) = workspace.home(&named.target) else { return false };
    let Some(owner) = slice_of(&home.path) else { return false };
    if owner == placed.slice {
        return false;
    }
    // A store of the crate itself serves the stores of its slices and the crate's own files.
    let of_the_crate = owner.package == placed.slice.package && owner.name.is_empty();
    let may = matches!(placed.room, Room::Store | Room::Entity) || placed.module.path.len() <= 2;
    !(of_the_crate && may)
}

/// No module but the store itself hands its items on, directly or at the end of a chain, and none
/// opens the store's module.
#[must_use]
pub fn no_store_is_handed_on(workspace: &Workspace) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for placed in domain_modules(workspace) {
        let module = placed.module;
        if matches!(placed.room, Room::Store | Room::Entity) {
            continue;
        }
        let handed_on = module
            .imports
            .iter()
            .filter(|import| import.public && reaches_a_store(workspace, module, import));
        wrong.extend(handed_on.map(|import| {
            let what = format!("hands on {}, an item of a store", import.path.join("::"));
            Violation::new(&module.file, import.line, what)
        }));
        let aliases = module.items.values().filter(|item| item.alias && item.public);
        for alias in aliases {
            let of_store = alias.mentions.iter().any(|mention| {
                workspace.resolve(module, &mention.path).iter().any(|t| is_store(workspace, t))
            });
            if of_store {
                let what = "gives an item of a store another name";
                wrong.push(Violation::new(&module.file, alias.line, what));
            }
        }
        for (name, child) in &module.children {
            let room = matches!(name.as_str(), "store" | "entity");
            if room && child.public && room_of_path(&module.path).is_none() {
                let what = format!("opens `{name}` to others; it is private to its slice");
                wrong.push(Violation::new(&module.file, child.line, what));
            }
        }
    }
    wrong
}

fn reaches_a_store(workspace: &Workspace, module: &Module, import: &Import) -> bool {
    let targets = workspace.imported(module, import);
    targets.iter().any(|target| {
        is_store(workspace, target)
            || (import.name.is_none() && offers_a_store(workspace, target, &mut BTreeSet::new()))
    })
}

fn is_store(workspace: &Workspace, target: &[String]) -> bool {
    matches!(room_named(workspace, target), Some(Room::Store | Room::Entity))
}

/// Whether a module that is imported whole hands on something of a store, itself or at the end of a
/// chain of globs.
fn offers_a_store(
    workspace: &Workspace,
    target: &[String],
    seen: &mut BTreeSet<ModulePath>,
) -> bool {
    let Some(module) = workspace.module(target) else { return false };
    if !seen.insert(target.to_vec()) {
        return false;
    }
    module.imports.iter().filter(|import| import.public).any(|import| {
        workspace.imported(module, import).iter().any(|target| {
            is_store(workspace, target)
                || (import.name.is_none() && offers_a_store(workspace, target, seen))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{assert_found, assert_sound, with, with_line};

    const USE_CASE: &str = "domains/food/src/orders/confirm_order.rs";
    const FACE: &str = "domains/food/src/menu/mod.rs";

    #[test]
    fn another_slices_store_is_found_by_its_path() {
        assert_sound(a_slice_keeps_its_store);
        for line in [
            "use crate::menu::store;",
            "use crate::menu::store::load;",
            "use crate::{menu::{Menu as M, store::{load as read}}};",
            "use super::super::menu::store::load;",
            "use crate::menu; fn f() { menu::store::load(); }",
            "fn f() { crate::menu::entity::Row; }",
        ] {
            assert_found(
                &a_slice_keeps_its_store(&with_line(USE_CASE, line)),
                USE_CASE,
                "another slice's",
            );
        }
    }

    #[test]
    fn another_slices_store_is_found_behind_a_chain_of_reexports() {
        let sound = "mod entity;\nmod http;\nmod menu;\nmod read_menu;\nmod store;\npub(crate) use menu::Menu;\npub(crate) use read_menu::read_menu;\n";
        for (face, read) in [
            ("pub(crate) use store::load;\n", ""),
            ("pub use self::store::{load};\n", ""),
            ("pub(crate) use store::*;\n", ""),
            ("pub(crate) use read_menu::load;\n", "pub(crate) use super::store::load;\n"),
            ("pub(crate) use read_menu::*;\n", "pub(crate) use super::store::*;\n"),
        ] {
            let workspace = with(&[
                (FACE, &format!("{sound}{face}")),
                (
                    "domains/food/src/menu/read_menu.rs",
                    &format!(
                        "use bk_persistence::TenantTx;\nuse super::Menu;\npub(crate) async fn read_menu(_: &TenantTx) -> Menu {{ Menu }}\n{read}"
                    ),
                ),
                (USE_CASE, "use crate::menu::load as fetch;\n"),
            ]);
            assert_found(&a_slice_keeps_its_store(&workspace), USE_CASE, "menu::store::load");
            let handed_on = no_store_is_handed_on(&workspace);
            assert!(handed_on.iter().any(|one| one.file == FACE), "{face}: {handed_on:#?}");
        }
    }

    #[test]
    fn another_crates_store_is_found() {
        let workspace = with(&[
            ("domains/shop/Cargo.toml", "[package]\nname = \"bk-shop\"\n"),
            ("domains/shop/src/lib.rs", "mod sell;\n"),
            ("domains/shop/src/sell.rs", "use bk_food::menu::store::load;\n"),
        ]);
        assert_found(&a_slice_keeps_its_store(&workspace), "domains/shop/src/sell.rs", "bk_food");
    }

    #[test]
    fn a_store_that_is_opened_renamed_or_handed_on_is_found() {
        assert_sound(no_store_is_handed_on);
        for (line, says) in [
            ("pub use store::load;", "hands on"),
            ("pub(crate) use store::{load as read_it};", "hands on"),
            ("pub(super) use entity::Row;", "hands on"),
            ("pub(crate) type Rows = entity::Row;", "another name"),
        ] {
            assert_found(&no_store_is_handed_on(&with_line(FACE, line)), FACE, says);
        }
        let opened = with(&[(
            FACE,
            "mod entity;\nmod menu;\nmod read_menu;\npub(crate) mod store;\npub(crate) use menu::Menu;\npub(crate) use read_menu::read_menu;\n",
        )]);
        assert_found(&no_store_is_handed_on(&opened), FACE, "opens `store`");
    }
}
