//! A small, sound workspace in which tests plant breaches.

use crate::{TextFile, Violation, rust::Workspace};

/// Two slices, `menu` and `orders`, in one crate of a domain, and the crates below.
const SOUND: &[(&str, &str)] = &[
    (
        "domains/food/Cargo.toml",
        "[package]\nname = \"bk-food\"\n[dependencies]\nbk-kernel.workspace = true\n",
    ),
    ("domains/food/src/lib.rs", "mod menu;\nmod orders;\nmod ports;\npub use ports::Food;\n"),
    ("domains/food/src/ports.rs", "pub struct Food(bk_persistence::Database);\n"),
    (
        "domains/food/src/menu/mod.rs",
        "mod entity;\nmod http;\nmod menu;\nmod read_menu;\nmod store;\npub(crate) use menu::Menu;\npub(crate) use read_menu::read_menu;\n",
    ),
    (
        "domains/food/src/menu/entity/mod.rs",
        "use sea_orm::entity::prelude::*;\npub(super) struct Row;\n",
    ),
    ("domains/food/src/menu/menu.rs", "pub(crate) struct Menu;\n"),
    ("domains/food/src/menu/http.rs", "use actix_web::web;\nuse super::read_menu;\n"),
    (
        "domains/food/src/menu/read_menu.rs",
        "use bk_persistence::TenantTx;\nuse super::{Menu, store};\npub(crate) async fn read_menu(tx: &TenantTx) -> Menu { store::load(tx).await }\n",
    ),
    (
        "domains/food/src/menu/store.rs",
        "use bk_persistence::store::*;\nuse super::{Menu, entity::Row};\npub(super) async fn load(tx: &bk_persistence::TenantTx) -> Menu { Menu }\n",
    ),
    ("domains/food/src/orders/mod.rs", "mod confirm_order;\nmod http;\nmod order;\nmod store;\n"),
    ("domains/food/src/orders/order.rs", "pub struct Order;\n"),
    (
        "domains/food/src/orders/http.rs",
        "use utoipa::ToSchema;\nuse super::confirm_order::confirm_order;\n",
    ),
    (
        "domains/food/src/orders/confirm_order.rs",
        "use bk_kernel::Authorized;\nuse bk_persistence::TenantTx;\nuse super::{order::Order, store};\nuse crate::menu::{Menu, read_menu};\npub struct ConfirmOrder;\npub async fn confirm_order(by: &Authorized<()>, _: &TenantTx) -> Order { store::save().await }\n",
    ),
    (
        "domains/food/src/orders/store.rs",
        "use sea_orm::Select;\nuse super::order::Order;\npub(super) async fn save() -> Order { Order }\n",
    ),
    ("shared/kernel/Cargo.toml", "[package]\nname = \"bk-kernel\"\n"),
    (
        "shared/kernel/src/lib.rs",
        "mod clock;\npub use clock::Clock;\npub struct Authorized<P>(P);\n",
    ),
    ("shared/kernel/src/clock.rs", "pub struct Clock;\n"),
    ("shared/persistence/Cargo.toml", "[package]\nname = \"bk-persistence\"\n"),
    (
        "shared/persistence/src/lib.rs",
        "pub use sea_orm;\npub mod store;\npub struct TenantTx;\npub struct Database;\n",
    ),
    ("shared/persistence/src/store.rs", "pub use sea_orm::Select;\npub fn sql() {}\n"),
];

/// The sound workspace with some files replaced, or added.
pub(crate) fn with(planted: &[(&str, &str)]) -> Workspace {
    let mut files: Vec<TextFile> =
        SOUND.iter().map(|(path, text)| TextFile::new(*path, *text)).collect();
    for (path, text) in planted {
        files.retain(|file| file.path != *path);
        files.push(TextFile::new(*path, *text));
    }
    Workspace::read(&files).unwrap()
}

/// The sound workspace with a line more at the end of one of its files.
pub(crate) fn with_line(path: &str, line: &str) -> Workspace {
    let (_, text) = SOUND.iter().find(|(sound, _)| *sound == path).unwrap();
    with(&[(path, &format!("{text}{line}\n"))])
}

/// Asserts that exactly one violation is found, in the file, and that it says so.
#[track_caller]
pub(crate) fn assert_found(found: &[Violation], file: &str, says: &str) {
    let right = found.iter().all(|one| one.file == file && one.what.contains(says));
    assert!(
        !found.is_empty() && right,
        "{says:?} was to be found in {file} alone, but: {found:#?}"
    );
}

/// Asserts that the rule finds nothing in the sound workspace.
#[track_caller]
pub(crate) fn assert_sound(rule: fn(&Workspace) -> Vec<Violation>) {
    assert_eq!(rule(&with(&[])), Vec::new());
}
