//! The HTML pages: the checkout page and the index. The templates escape what they show; the content security
//! policy allows the page's own style and nothing else.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use actix_web::{HttpResponse, web};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use sha2::{Digest as _, Sha256};

use crate::account::{
    self, Account, AttemptOutcome, CheckoutSession, EventRecord, RequestContext, SessionStatus,
};
use crate::app_state::AppState;
use crate::error::ApiError;
use crate::money;

/// Style sheet of every page. The content security policy allows it by its digest, so the templates must not
/// change it.
const STYLE: &str = include_str!("../templates/style.css");
/// Number of sessions and of events that the index shows.
const INDEX_MAX_ROWS: usize = 50;

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

async fn index(state: web::Data<AppState>) -> HttpResponse {
    let page = state.read(|locked| IndexPage {
        style: STYLE,
        merchant: state.settings.merchant.clone(),
        webhook: locked.outbox.target.as_ref().map(|target| target.url.clone()),
        sessions: newest_sessions(&locked.account),
        events: locked.account.events.iter().rev().take(INDEX_MAX_ROWS).map(event_view).collect(),
    });
    html(StatusCode::OK, &page, &[])
}

async fn checkout(state: web::Data<AppState>, id: web::Path<String>) -> HttpResponse {
    let session = state.read(|state| state.account.sessions.get(&id).cloned());
    let Some(session) = session else { return no_such_session() };
    let page = CheckoutPage {
        style: STYLE,
        merchant: state.settings.merchant.clone(),
        status: session.status.as_str(),
        amount: money::format_amount(session.amount_total, &session.currency),
        lines: session
            .line_items
            .iter()
            .map(|item| LineView {
                description: item.description.clone(),
                quantity: item.quantity,
                amount: money::format_amount(item.amount_total, &session.currency),
            })
            .collect(),
        url: session.page_url(&state.public_base),
        success_url: session.success_redirect(),
        cancel_url: session.cancel_url.clone(),
        declined: session.last_decline.clone(),
        expires: format_utc(session.expires_at),
    };
    // Browsers check form-action for the redirect after the form as well, so the seller's site must be listed.
    html(StatusCode::OK, &page, &[&state.public_base, &session.success_url])
}

async fn pay(state: web::Data<AppState>, id: web::Path<String>) -> HttpResponse {
    let result = state.update(|state, now| {
        account::pay(&mut state.account, &id, &RequestContext::checkout_page(now))?;
        Ok(state.account.sessions.get(&id).map(CheckoutSession::success_redirect))
    });
    redirect_or_explain(&state, &id, result)
}

async fn decline(state: web::Data<AppState>, id: web::Path<String>) -> HttpResponse {
    let result = state.update(|state, now| {
        let account = &mut state.account;
        account::decline(account, &id, &RequestContext::checkout_page(now))?;
        Ok(account.sessions.get(&id).map(|session| session.page_url(&account.public_base)))
    });
    redirect_or_explain(&state, &id, result)
}

/// Answers requests for addresses that do not exist.
pub(crate) async fn not_found() -> HttpResponse {
    message(StatusCode::NOT_FOUND, "Not found", "There is nothing at this address.".to_owned())
}

/// Redirects to the address in `result`, or shows a page that says why the session could not be changed.
fn redirect_or_explain(
    state: &AppState,
    session_id: &str,
    result: Result<Option<String>, ApiError>,
) -> HttpResponse {
    let error = match result {
        Ok(Some(location)) => return see_other(&location),
        Ok(None) => return no_such_session(),
        Err(error) => error,
    };
    let status =
        state.read(|state| state.account.sessions.get(session_id).map(|session| session.status));
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

fn see_other(location: &str) -> HttpResponse {
    // The address was valid when the session was created. Formatting it again encodes the characters that a
    // header cannot hold.
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
            .insert_header((CONTENT_SECURITY_POLICY, content_security_policy(form_targets)))
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

/// Returns the content security policy. `form_targets` are the addresses that forms may lead to.
fn content_security_policy(form_targets: &[&str]) -> String {
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

fn newest_sessions(account: &Account) -> Vec<SessionView> {
    account
        .sessions
        .iter()
        .rev()
        .take(INDEX_MAX_ROWS)
        .map(|session| SessionView {
            id: session.id.clone(),
            url: session.page_url(&account.public_base),
            what: session
                .line_items
                .iter()
                .map(|item| item.description.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            amount: money::format_amount(session.amount_total, &session.currency),
            status: session.status.as_str(),
            created: format_utc(session.created),
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
        created: format_utc(event.created),
        status: event.status.as_str(),
        attempts: event.attempts.len(),
        last,
    }
}

/// Formats a timestamp in UTC; an empty string for one outside the calendar.
fn format_utc(unix_secs: i64) -> String {
    DateTime::from_timestamp(unix_secs, 0)
        .map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_default()
}
