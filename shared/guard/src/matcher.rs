//! Which route a request is for. It follows actix: the first route, in the order of mounting, whose
//! method and pattern match. Paths are compared after actix's own percent-decoding, so the guard and
//! the router cannot disagree; a path with a trailing slash, another case or a doubled slash matches
//! nothing.

use std::{collections::HashMap, sync::Arc};

use actix_web::{dev::ResourceDef, http::Method};
use bk_kernel::Surface;

use crate::{Policy, RouteTable};

/// One route, ready to be matched.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) pattern: Arc<str>,
    pub(crate) policy: Policy,
    /// What a path must begin with; compared before the regular expression is tried.
    literal: String,
    definition: ResourceDef,
}

impl Route {
    fn matches(&self, path: &str) -> bool {
        path.starts_with(&self.literal) && self.definition.is_match(path)
    }

    fn is_static(&self) -> bool {
        self.literal.len() == self.pattern.len()
    }
}

/// All routes of a table.
pub(crate) struct Matcher {
    routes: Vec<Route>,
    /// The matching routes of every path that is a pattern without parameters: one lookup in the common
    /// case.
    fixed: HashMap<String, Vec<usize>>,
}

impl Matcher {
    /// Prepares a table.
    pub(crate) fn new(table: &RouteTable) -> Self {
        let routes: Vec<Route> = table
            .entries()
            .iter()
            .map(|entry| Route {
                method: entry.method.clone(),
                pattern: Arc::from(entry.pattern.as_str()),
                policy: entry.policy,
                literal: entry.pattern.split('{').next().unwrap_or_default().to_owned(),
                definition: ResourceDef::new(entry.pattern.as_str()),
            })
            .collect();
        let fixed = routes
            .iter()
            .filter(|route| route.is_static())
            .map(|route| (route.pattern.to_string(), matching(&routes, &route.pattern).collect()))
            .collect();
        Self { routes, fixed }
    }

    /// The index of the route that a request is for.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<usize> {
        if let Some(matching) = self.fixed.get(path) {
            return matching.iter().copied().find(|index| self.has_method(*index, method));
        }
        self.routes.iter().position(|route| route.method == *method && route.matches(path))
    }

    /// The routes of all methods on a path.
    pub(crate) fn on_path(&self, path: &str) -> Vec<&Route> {
        matching(&self.routes, path).filter_map(|index| self.routes.get(index)).collect()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Route> {
        self.routes.get(index)
    }

    pub(crate) fn len(&self) -> usize {
        self.routes.len()
    }

    fn has_method(&self, index: usize, method: &Method) -> bool {
        self.routes.get(index).is_some_and(|route| route.method == *method)
    }

    /// What is wrong with the table, in sentences; an application with such a table must not start.
    pub(crate) fn defects(&self) -> Vec<String> {
        let mut defects = Vec::new();
        for (index, route) in self.routes.iter().enumerate() {
            let name = format!("{} {}", route.method, route.pattern);
            let sample = sample_path(&route.pattern);
            match self
                .find(&route.method, &sample)
                .and_then(|found| self.get(found).zip(Some(found)))
            {
                Some((_, found)) if found == index => {}
                Some((earlier, _)) => defects.push(format!(
                    "{name} is never reached: {} is mounted before it",
                    earlier.pattern
                )),
                None => defects.push(format!("{name} does not match its own path {sample}")),
            }
            if let Some(surface) = surface_of_path(&route.pattern)
                && surface != route.policy.surface
            {
                defects.push(format!(
                    "{name} lies on the {surface} surface but its policy says {}",
                    route.policy.surface
                ));
            }
            if matches!(route.method, Method::HEAD | Method::OPTIONS | Method::TRACE) {
                defects.push(format!("{name}: this method is answered by the guard alone"));
            }
        }
        defects
    }
}

fn matching<'r>(routes: &'r [Route], path: &'r str) -> impl Iterator<Item = usize> + 'r {
    routes.iter().enumerate().filter(move |(_, route)| route.matches(path)).map(|(index, _)| index)
}

/// A path that the pattern matches and that no pattern without parameters is likely to match.
fn sample_path(pattern: &str) -> String {
    let mut path = String::with_capacity(pattern.len());
    let mut depth = 0_u32;
    for character in pattern.chars() {
        match character {
            '{' => {
                if depth == 0 {
                    path.push_str("00000000-0000-7000-8000-000000000000");
                }
                depth += 1;
            }
            '}' => depth = depth.saturating_sub(1),
            other if depth == 0 => path.push(other),
            _ => {}
        }
    }
    path
}

/// The surface that a path below `/api/v1` or `/ws` names.
fn surface_of_path(pattern: &str) -> Option<Surface> {
    let rest = pattern.strip_prefix("/api/v1/").or_else(|| pattern.strip_prefix("/ws/"))?;
    match rest.split('/').next()? {
        "site" => Some(Surface::Site),
        "client" => Some(Surface::Client),
        "admin" => Some(Surface::Admin),
        "platform" => Some(Surface::Platform),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(routes: &[(Method, &str, Policy)]) -> Matcher {
        let mut table = RouteTable::default();
        for (method, pattern, policy) in routes {
            table.insert(method.clone(), (*pattern).to_owned(), *policy);
        }
        Matcher::new(&table)
    }

    #[test]
    fn the_first_mounted_route_of_the_method_wins() {
        let open = Policy::public();
        let routes = matcher(&[
            (Method::GET, "/a/{id}", open),
            (Method::POST, "/a/b", open),
            (Method::POST, "/a/{id}", open),
        ]);
        assert_eq!(routes.find(&Method::POST, "/a/b"), Some(1));
        assert_eq!(routes.find(&Method::POST, "/a/c"), Some(2));
        assert_eq!(routes.find(&Method::GET, "/a/b"), Some(0));
        assert_eq!(routes.find(&Method::DELETE, "/a/b"), None);
        assert_eq!(routes.on_path("/a/b").len(), 3);
        assert!(routes.defects().is_empty(), "{:?}", routes.defects());
    }

    #[test]
    fn other_spellings_of_a_path_match_nothing() {
        let routes = matcher(&[(Method::GET, "/api/a/{id}", Policy::public())]);
        for path in ["/api/a/1/", "/API/a/1", "//api/a/1", "/api//a/1", "/api/a/"] {
            assert_eq!(routes.find(&Method::GET, path), None, "{path}");
        }
    }

    #[test]
    fn a_shadowed_or_doubled_or_misplaced_route_is_a_defect() {
        let open = Policy::public();
        let shadowed = matcher(&[(Method::GET, "/a/{id}", open), (Method::GET, "/a/b", open)]);
        assert_eq!(shadowed.defects(), ["GET /a/b is never reached: /a/{id} is mounted before it"]);
        let doubled = matcher(&[(Method::GET, "/a", open), (Method::GET, "/a", open)]);
        assert_eq!(doubled.defects().len(), 1);
        let misplaced = matcher(&[(Method::GET, "/api/v1/admin/x", open)]);
        assert_eq!(misplaced.defects().len(), 1);
    }
}
