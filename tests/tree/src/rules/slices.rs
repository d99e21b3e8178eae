//! The slices of a crate have one direction: what a slice needs does not need it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Violation,
    room::{Placed, Slice, domain_modules, is_domain, slice_of},
};
use crate::rust::Workspace;

/// From a slice to what it names, with the file and line of one place that does.
type Arrows = BTreeMap<Slice, BTreeMap<Slice, (String, usize, String)>>;

/// No two slices of a crate need each other, directly or through others.
#[must_use]
pub fn slices_have_one_direction(workspace: &Workspace) -> Vec<Violation> {
    let arrows = arrows(workspace, &domain_modules(workspace));
    let mut wrong = Vec::new();
    for (from, targets) in &arrows {
        for (to, (file, line, path)) in targets {
            if reaches(&arrows, to, from) {
                let what =
                    format!("{} needs {} for {path}, which needs it in turn", from.name, to.name);
                wrong.push(Violation::new(file, *line, what));
            }
        }
    }
    wrong
}

fn arrows(workspace: &Workspace, modules: &[Placed<'_>]) -> Arrows {
    let mut arrows = Arrows::new();
    for placed in modules.iter().filter(|placed| is_slice(workspace, &placed.slice)) {
        for named in &placed.named {
            let domain = named.target.first().is_some_and(|name| is_domain(workspace, name));
            let Some(home) = workspace.home(&named.target).filter(|_| domain) else { continue };
            let Some(to) = slice_of(&home.path) else { continue };
            let other = to != placed.slice && to.package == placed.slice.package;
            if other && is_slice(workspace, &to) {
                let place = (placed.module.file.clone(), named.line, named.path());
                arrows.entry(placed.slice.clone()).or_default().entry(to).or_insert(place);
            }
        }
    }
    arrows
}

/// A slice is a folder: single files of a crate serve all its slices.
fn is_slice(workspace: &Workspace, slice: &Slice) -> bool {
    let face = workspace.module(&[slice.package.clone(), slice.name.clone()]);
    !slice.name.is_empty() && face.is_some_and(|face| face.children.len() > 1)
}

fn reaches(arrows: &Arrows, from: &Slice, to: &Slice) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut next = vec![from];
    while let Some(slice) = next.pop() {
        if slice == to {
            return true;
        }
        let further = arrows.get(slice).into_iter().flat_map(BTreeMap::keys);
        next.extend(further.filter(|further| seen.insert(*further)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{assert_sound, with_line};

    #[test]
    fn two_slices_that_need_each_other_are_found() {
        assert_sound(slices_have_one_direction);
        let knot =
            with_line("domains/food/src/menu/read_menu.rs", "use crate::orders::order::Order;");
        let found = slices_have_one_direction(&knot);
        assert_eq!(found.len(), 2, "both arrows are named: {found:#?}");
        assert!(found.iter().all(|one| one.what.contains("in turn")), "{found:#?}");
    }
}
