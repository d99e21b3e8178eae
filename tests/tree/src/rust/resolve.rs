//! From a path as it is written to where its name is declared.

use std::collections::BTreeSet;

use super::{Import, Mention, Module, ModulePath, Workspace};

/// Steps through imports after which a name leads nowhere: longer than any honest chain.
const MAX_STEPS: usize = 64;

/// A place and a name looked for there, while it is looked for: globs lead in circles.
type Seen = BTreeSet<(ModulePath, String)>;

impl Workspace {
    /// Every place that `path`, written in `from`, names: there can be several, since a module and
    /// a function may have one name. Each begins with the name of a crate; what is declared outside
    /// the workspace keeps the path it is reached by.
    #[must_use]
    pub fn resolve(&self, from: &Module, path: &[String]) -> BTreeSet<Vec<String>> {
        self.resolve_in(&from.path, path, MAX_STEPS, &mut Seen::new())
    }

    /// The same of what an import of the module names.
    #[must_use]
    pub fn imported(&self, module: &Module, import: &Import) -> BTreeSet<Vec<String>> {
        self.resolve_import(&module.path, import, MAX_STEPS, &mut Seen::new())
    }

    fn resolve_in(
        &self,
        from: &[String],
        path: &[String],
        steps: usize,
        seen: &mut Seen,
    ) -> BTreeSet<Vec<String>> {
        let Some((first, rest)) = path.split_first() else { return BTreeSet::new() };
        let Some(steps) = steps.checked_sub(1) else { return BTreeSet::new() };
        match first.as_str() {
            "Self" => BTreeSet::new(),
            "crate" => self.walk(from.get(..1).unwrap_or_default(), rest, steps, seen),
            "self" => self.walk(from, rest, steps, seen),
            "super" => {
                let mut above = from.to_vec();
                above.pop();
                let mut rest = rest;
                while let Some(("super", after)) =
                    rest.split_first().map(|(word, after)| (word.as_str(), after))
                {
                    above.pop();
                    rest = after;
                }
                self.walk(&above, rest, steps, seen)
            }
            name if self.binds(from, name) => self.walk(from, path, steps, seen),
            name if self.packages.contains_key(name) => {
                self.walk(std::slice::from_ref(first), rest, steps, seen)
            }
            _ => {
                let through_globs = self.through_globs(from, first, rest, steps, seen);
                if through_globs.is_empty() {
                    BTreeSet::from([path.to_vec()])
                } else {
                    through_globs
                }
            }
        }
    }

    /// What an import leads to. `use sea_orm;` names a crate: no import is its own origin.
    fn resolve_import(
        &self,
        at: &[String],
        import: &Import,
        steps: usize,
        seen: &mut Seen,
    ) -> BTreeSet<Vec<String>> {
        let own = import.name.is_some() && import.path.first() == import.name.as_ref();
        let declared = self.module(at).is_some_and(|module| {
            let name = import.name.as_deref().unwrap_or_default();
            module.children.contains_key(name) || module.items.contains_key(name)
        });
        if own && !declared {
            let Some((first, rest)) = import.path.split_first() else { return BTreeSet::new() };
            return if self.packages.contains_key(first) {
                self.walk(std::slice::from_ref(first), rest, steps, seen)
            } else {
                BTreeSet::from([import.path.clone()])
            };
        }
        self.resolve_in(at, &import.path, steps, seen)
    }

    /// Whether the module itself declares or imports the name.
    fn binds(&self, module: &[String], name: &str) -> bool {
        self.module(module).is_some_and(|module| {
            module.children.contains_key(name)
                || module.items.contains_key(name)
                || module.imports.iter().any(|import| import.name.as_deref() == Some(name))
        })
    }

    /// Follows the names of `path` down from the module `at`.
    fn walk(
        &self,
        at: &[String],
        path: &[String],
        steps: usize,
        seen: &mut Seen,
    ) -> BTreeSet<Vec<String>> {
        let Some((name, rest)) = path.split_first() else { return BTreeSet::from([at.to_vec()]) };
        let below: Vec<String> = at.iter().chain([name]).cloned().collect();
        let here = || -> Vec<String> { at.iter().chain(path).cloned().collect() };
        let Some(module) = self.module(at) else { return BTreeSet::from([here()]) };
        if !seen.insert((at.to_vec(), path.join("::"))) {
            return BTreeSet::new();
        }
        let mut found = BTreeSet::new();
        if module.children.contains_key(name) {
            found.extend(self.walk(&below, rest, steps, seen));
            // Only a module has something below it; a function of its name has not.
            if !rest.is_empty() {
                seen.remove(&(at.to_vec(), path.join("::")));
                return found;
            }
        }
        if module.items.contains_key(name) {
            found.insert(here());
        }
        for import in module.imports.iter().filter(|import| import.name.as_deref() == Some(name)) {
            // `use dishes::dishes` inside `dishes` would lead to itself.
            for target in self.resolve_import(at, import, steps, seen) {
                if target != below {
                    found.extend(self.walk(&target, rest, steps, seen));
                }
            }
        }
        if found.is_empty() {
            found = self.through_globs(at, name, rest, steps, seen);
        }
        if found.is_empty() {
            found.insert(here());
        }
        seen.remove(&(at.to_vec(), path.join("::")));
        found
    }

    /// Looks for the name in what the module imports whole.
    fn through_globs(
        &self,
        at: &[String],
        name: &str,
        rest: &[String],
        steps: usize,
        seen: &mut Seen,
    ) -> BTreeSet<Vec<String>> {
        let mut found = BTreeSet::new();
        let Some(module) = self.module(at) else { return found };
        if !seen.insert((at.to_vec(), format!("*{name}"))) {
            return found;
        }
        let Some(steps) = steps.checked_sub(1) else { return found };
        for glob in module.imports.iter().filter(|import| import.name.is_none()) {
            for target in self.resolve_import(at, glob, steps, seen) {
                if self.offers(&target, name, steps, seen) {
                    let path: Vec<String> =
                        std::iter::once(name.to_owned()).chain(rest.iter().cloned()).collect();
                    found.extend(self.walk(&target, &path, steps, seen));
                }
            }
        }
        seen.remove(&(at.to_vec(), format!("*{name}")));
        found
    }

    /// Whether a module has the name, itself or through a glob of its own.
    fn offers(&self, module: &[String], name: &str, steps: usize, seen: &mut Seen) -> bool {
        self.binds(module, name) || {
            let through = self.through_globs(module, name, &[], steps, seen);
            !through.is_empty()
        }
    }

    /// Everything that a module names, in its imports, its code and through its globs: where each
    /// is declared, and on which line it is named.
    #[must_use]
    pub fn named_by(&self, module: &Module) -> Vec<Named> {
        let mut named: Vec<Named> = Vec::new();
        for import in module.imports.iter().filter(|import| import.name.is_some()) {
            let targets = self.imported(module, import);
            named.extend(targets.into_iter().map(|target| Named { target, line: import.line }));
        }
        for Mention { path, line } in &module.mentions {
            let targets = self.resolve(module, path);
            named.extend(targets.into_iter().map(|target| Named { target, line: *line }));
        }
        for glob in module.imports.iter().filter(|import| import.name.is_none()) {
            for target in self.imported(module, glob) {
                named.extend(self.named_through(module, &target));
                named.push(Named { target, line: glob.line });
            }
        }
        named.sort();
        named.dedup();
        named
    }

    /// The words of a module's code that a glob of `target` gives a meaning.
    fn named_through(&self, module: &Module, target: &[String]) -> Vec<Named> {
        let mut named = Vec::new();
        for (word, line) in &module.words {
            if !self.binds(&module.path, word)
                && self.offers(target, word, MAX_STEPS, &mut Seen::new())
            {
                let found =
                    self.walk(target, std::slice::from_ref(word), MAX_STEPS, &mut Seen::new());
                named.extend(found.into_iter().map(|target| Named { target, line: *line }));
            }
        }
        named
    }

    /// The module an absolute path lies in: its longest beginning that is a module.
    #[must_use]
    pub fn home(&self, target: &[String]) -> Option<&Module> {
        (1..=target.len()).rev().find_map(|length| self.module(target.get(..length)?))
    }
}

/// Something a module names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Where it is declared, from its crate down.
    pub target: Vec<String>,
    /// The line that names it, from 1.
    pub line: usize,
}

impl Named {
    /// The path as Rust writes it.
    #[must_use]
    pub fn path(&self) -> String {
        self.target.join("::")
    }
}
