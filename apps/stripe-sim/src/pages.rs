//! Pages for people: the checkout page and the index. Escaping is the templates' (askama, `.html`); the
//! content security policy allows the page's own style and nothing else.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use actix_web::{HttpResponse, web};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use sha2::{Digest as _, Sha256};

use crate::book::{self, AttemptOutcome, Book, CheckoutSession, EventRecord, SessionStatus};
use crate::handle::by_a_person;
use crate::money;
use crate::sim::Sim;

/// The whole style of every page. Its digest is in the policy, so it must be used exactly as it is.
const STYLE: &str = include_str!("../templates/style.css");
/// How many sessions and events the index shows.
const SHOWN: usize = 50;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(index))
        .route("/c/pay/{id}", web::get().to(checkout))
        .route("/c/pay/{id}/pay", web::post().to(pay))
        .route("/c/pay/{id}/decline", web::post().to(decline));
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    style: &'static str,
    merchant: String,
    status: &'static str,
    amount: String,
    lines: Vec<LineView>,
    url: String,
    success_url: String,
    cancel_url: Option<String>,
    declined: Option<String>,
    expires: String,
}

struct LineView {
    description: String,
    quantity: i64,
    amount: String,
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage {
    style: &'static str,
    merchant: String,
    webhook: Option<String>,
    sessions: Vec<SessionView>,
    events: Vec<EventView>,
}

struct SessionView {
    id: String,
    url: String,
    what: String,
    amount: String,
    status: &'static str,
    created: String,
}

struct EventView {
    id: String,
    kind: String,
    created: String,
    status: &'static str,
    attempts: usize,
    last: String,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    style: &'static str,
    title: &'static str,
    message: String,
}

async fn index(sim: web::Data<Sim>) -> HttpResponse {
    let page = sim.look(|state| IndexPage {
        style: STYLE,
        merchant: sim.settings.merchant.clone(),
        webhook: state.outbox.target.as_ref().map(|target| target.url.clone()),
        sessions: newest_sessions(&state.book),
        events: state.book.events.iter().rev().take(SHOWN).map(event_view).collect(),
    });
    html(StatusCode::OK, &page, &[])
}

async fn checkout(sim: web::Data<Sim>, id: web::Path<String>) -> HttpResponse {
    let session = sim.look(|state| state.book.sessions.get(&id).cloned());
    let Some(session) = session else { return no_such_session() };
    let page = CheckoutPage {
        style: STYLE,
        merchant: sim.settings.merchant.clone(),
        status: session.status.as_str(),
        amount: money::human(session.amount_total, &session.currency),
        lines: session
            .line_items
            .iter()
            .map(|item| LineView {
                description: item.description.clone(),
                quantity: item.quantity,
                amount: money::human(item.amount_total, &session.currency),
            })
            .collect(),
        url: session.page(&sim.public_base),
        success_url: session.success_location(),
        cancel_url: session.cancel_url.clone(),
        declined: session.last_decline.clone(),
        expires: written(session.expires_at),
    };
    // Browsers apply form-action to the redirect after the form as well, so the shop must be named.
    html(StatusCode::OK, &page, &[&sim.public_base, &session.success_url])
}

async fn pay(sim: web::Data<Sim>, id: web::Path<String>) -> HttpResponse {
    let result = sim.act(|state, now| {
        book::pay(&mut state.book, &id, &by_a_person(now))?;
        Ok(state.book.sessions.get(&id).map(CheckoutSession::success_location))
    });
    answered(&sim, &id, result)
}

async fn decline(sim: web::Data<Sim>, id: web::Path<String>) -> HttpResponse {
    let result = sim.act(|state, now| {
        book::decline(&mut state.book, &id, &by_a_person(now))?;
        Ok(state.book.sessions.get(&id).map(|session| session.page(&sim.public_base)))
    });
    answered(&sim, &id, result)
}

/// Any address that leads nowhere.
pub(crate) async fn not_found() -> HttpResponse {
    message(StatusCode::NOT_FOUND, "Not found", "There is nothing at this address.".to_owned())
}

fn answered(
    sim: &Sim,
    id: &str,
    result: Result<Option<String>, crate::api::ApiError>,
) -> HttpResponse {
    match result {
        Ok(Some(location)) => see_other(&location),
        Ok(None) => no_such_session(),
        Err(error) => {
            let status =
                sim.look(|state| state.book.sessions.get(id).map(|session| session.status));
            match status {
                None => no_such_session(),
                Some(SessionStatus::Expired) => {
                    message(StatusCode::GONE, "This checkout has expired", error.message)
                }
                Some(SessionStatus::Open | SessionStatus::Complete) => {
                    message(StatusCode::CONFLICT, "That is not possible", error.message)
                }
            }
        }
    }
}

fn see_other(location: &str) -> HttpResponse {
    // Parsed when the session was made; writing it out again encodes what a header cannot carry.
    let location = reqwest::Url::parse(location).map_or_else(|_| "/".to_owned(), String::from);
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

fn no_such_session() -> HttpResponse {
    let text = "There is no checkout at this address. It may have been made by another simulator.";
    message(StatusCode::NOT_FOUND, "No such checkout", text.to_owned())
}

fn message(status: StatusCode, title: &'static str, message: String) -> HttpResponse {
    html(status, &MessagePage { style: STYLE, title, message }, &[])
}

fn html(status: StatusCode, page: &impl Template, form_targets: &[&str]) -> HttpResponse {
    match page.render() {
        Ok(body) => HttpResponse::build(status)
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((CONTENT_SECURITY_POLICY, policy(form_targets)))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header(("x-content-type-options", "nosniff"))
            .insert_header(("referrer-policy", "no-referrer"))
            .body(body),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}

fn policy(form_targets: &[&str]) -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let mut policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self'"
    );
    for target in form_targets {
        if let Ok(url) = reqwest::Url::parse(target) {
            policy.push(' ');
            policy.push_str(&url.origin().ascii_serialization());
        }
    }
    policy
}

fn newest_sessions(book: &Book) -> Vec<SessionView> {
    book.sessions
        .iter()
        .rev()
        .take(SHOWN)
        .map(|session| SessionView {
            id: session.id.clone(),
            url: session.page(&book.public_base),
            what: session
                .line_items
                .iter()
                .map(|item| item.description.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            amount: money::human(session.amount_total, &session.currency),
            status: session.status.as_str(),
            created: written(session.created),
        })
        .collect()
}

fn event_view(event: &EventRecord) -> EventView {
    let last = match event.attempts.last().map(|attempt| &attempt.outcome) {
        None => "never sent".to_owned(),
        Some(AttemptOutcome::Answered(status)) => format!("answered {status}"),
        Some(AttemptOutcome::Unreachable(reason)) => format!("no answer: {reason}"),
    };
    EventView {
        id: event.id.clone(),
        kind: event.kind.clone(),
        created: written(event.created),
        status: event.status.as_str(),
        attempts: event.attempts.len(),
        last,
    }
}

fn written(unix_secs: i64) -> String {
    DateTime::from_timestamp(unix_secs, 0)
        .map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_default()
}
