//! The crate that the host sees of a domain exports its registration and its ports, nothing else.

use super::{
    Violation,
    arrows::is_facade,
    room::{is_domain, room_of_path},
};
use crate::rust::{Module, Workspace};

/// No module of a domain is public to the host, and nothing that a slice declares is exported: what
/// the host needs is declared by the crate's own files.
#[must_use]
pub fn a_domain_exports_its_registration_and_ports(workspace: &Workspace) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for package in workspace.packages.values() {
        let domain = package.layer() == "domains" && is_facade(&package.folder);
        let Some(face) = workspace.module(&[package.code_name()]).filter(|_| domain) else {
            continue;
        };
        for (name, child) in face.children.iter().filter(|(_, child)| child.exported) {
            let what = format!("opens the module `{name}` to the host");
            wrong.push(Violation::new(&face.file, child.line, what));
        }
        for import in face.imports.iter().filter(|import| import.public) {
            for target in workspace.imported(face, import) {
                if is_of_a_slice(workspace, face, &target) {
                    let what = format!("exports {}, which is a slice's own", target.join("::"));
                    wrong.push(Violation::new(&face.file, import.line, what));
                }
            }
        }
    }
    wrong
}

/// Whether what is exported is declared below a module that has modules, or in another crate of the
/// domain.
fn is_of_a_slice(workspace: &Workspace, face: &Module, target: &[String]) -> bool {
    let Some(package) = target.first() else { return false };
    if !is_domain(workspace, package) {
        return false;
    }
    if Some(package) != face.path.first() {
        return true;
    }
    let Some(home) = workspace.home(target) else { return false };
    home.path.len() > 2
        || room_of_path(&home.path).is_some()
        || !home.children.is_empty() && home.path.len() == 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{assert_found, assert_sound, with};

    const FACE: &str = "domains/food/src/lib.rs";

    #[test]
    fn an_open_module_and_an_exported_slice_are_found() {
        assert_sound(a_domain_exports_its_registration_and_ports);
        for (face, says) in [
            ("pub mod menu;\nmod orders;\nmod ports;\n", "opens the module"),
            ("mod menu;\nmod orders;\nmod ports;\npub use menu::Menu;\n", "a slice's own"),
            (
                "mod menu;\nmod orders;\nmod ports;\npub use orders::order::Order;\n",
                "a slice's own",
            ),
        ] {
            let found = a_domain_exports_its_registration_and_ports(&with(&[(FACE, face)]));
            assert_found(&found, FACE, says);
        }
    }
}
