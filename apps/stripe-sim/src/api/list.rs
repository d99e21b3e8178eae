//! Lists: newest first, by cursor, at most a hundred at a time.

use serde_json::{Value, json};

use super::ApiError;
use super::form::Params;
use crate::book::{Book, Resource, Shelf};

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: i64 = 100;

/// One page of the objects that `wanted` keeps. Takes the paging and `created` parameters and refuses
/// any other that is left.
pub(super) fn list<T: Resource>(
    book: &Book,
    shelf: &Shelf<T>,
    mut params: Params,
    url: &str,
    wanted: impl Fn(&T) -> bool,
) -> Result<Value, ApiError> {
    let created = Created::take(&mut params)?;
    let page = Page::take(&mut params)?;
    params.finish()?;
    for (param, cursor) in [("starting_after", &page.after), ("ending_before", &page.before)] {
        if let Some(id) = cursor.as_ref().filter(|id| shelf.get(id).is_none()) {
            return Err(ApiError::missing(T::NAME, id, param, 400));
        }
    }
    let rows: Vec<&T> = shelf
        .iter()
        .rev()
        .filter(|object| wanted(object) && created.contains(object.created()))
        .collect();
    // A cursor stands where its object is on the shelf, even when the filter leaves that object out.
    let place = |id: &str| shelf.iter().rev().position(|object| object.id() == id);
    let rows = page.cut(rows, |row, cursor| place(row.id()).cmp(&place(cursor)));
    let data: Vec<Value> = rows.rows.iter().map(|row| book.render(*row)).collect();
    Ok(envelope(&data, rows.has_more, url))
}

/// One page of values that have no shelf of their own, in the order given.
pub(super) fn page_of(rows: Vec<Value>, mut params: Params, url: &str) -> Result<Value, ApiError> {
    let page = Page::take(&mut params)?;
    params.finish()?;
    let ids: Vec<String> =
        rows.iter().filter_map(|row| row.get("id")?.as_str().map(ToOwned::to_owned)).collect();
    let place = |id: &str| ids.iter().position(|known| known == id);
    let rows = page.cut(rows, |row, cursor| {
        place(row.get("id").and_then(Value::as_str).unwrap_or_default()).cmp(&place(cursor))
    });
    Ok(envelope(&rows.rows, rows.has_more, url))
}

/// The list object around some rows.
pub(super) fn envelope(data: &[Value], has_more: bool, url: &str) -> Value {
    json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}

struct Page {
    limit: usize,
    after: Option<String>,
    before: Option<String>,
}

struct Cut<R> {
    rows: Vec<R>,
    has_more: bool,
}

impl Page {
    fn take(params: &mut Params) -> Result<Self, ApiError> {
        let limit = params.integer("limit")?;
        if limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
            let message = format!("This value must be between 1 and {MAX_LIMIT}.");
            return Err(ApiError::parameter("parameter_invalid_integer", "limit", message));
        }
        let (after, before) = (params.text("starting_after")?, params.text("ending_before")?);
        if after.is_some() && before.is_some() {
            let message = "You may not specify both starting_after and ending_before.";
            return Err(ApiError::invalid("ending_before", message));
        }
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
        Ok(Self { limit, after, before })
    }

    /// `order` says on which side of a cursor a row stands.
    fn cut<R>(self, rows: Vec<R>, order: impl Fn(&R, &str) -> std::cmp::Ordering) -> Cut<R> {
        let mut rows = rows;
        if let Some(cursor) = &self.before {
            rows.retain(|row| order(row, cursor).is_lt());
            let surplus = rows.len().saturating_sub(self.limit);
            return Cut { rows: rows.split_off(surplus), has_more: surplus > 0 };
        }
        if let Some(cursor) = &self.after {
            rows.retain(|row| order(row, cursor).is_gt());
        }
        let has_more = rows.len() > self.limit;
        rows.truncate(self.limit);
        Cut { rows, has_more }
    }
}

/// The `created` filter: an exact second or bounds.
#[derive(Default)]
struct Created {
    from: Option<i64>,
    to: Option<i64>,
}

impl Created {
    fn take(params: &mut Params) -> Result<Self, ApiError> {
        if !params.has("created") {
            return Ok(Self::default());
        }
        if let Ok(Some(exact)) = params.clone().integer("created") {
            params.integer("created")?;
            return Ok(Self { from: Some(exact), to: Some(exact) });
        }
        let Some(mut bounds) = params.branch("created")? else { return Ok(Self::default()) };
        let after = bounds.integer("gt")?.map(|bound| bound.saturating_add(1));
        let from = bounds.integer("gte")?;
        let before = bounds.integer("lt")?.map(|bound| bound.saturating_sub(1));
        let to = bounds.integer("lte")?;
        bounds.finish()?;
        Ok(Self { from: after.max(from), to: before.into_iter().chain(to).min() })
    }

    fn contains(&self, created: i64) -> bool {
        self.from.is_none_or(|from| created >= from) && self.to.is_none_or(|to| created <= to)
    }
}
