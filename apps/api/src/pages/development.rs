//! Development only: the mailbox and the clock. Production does not mount these.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{HttpResponse, get, http::header, post, web};
use askama::Template;
use async_trait::async_trait;
use bk_contracts::mail::{Mail, MailError, Mailer};
use bk_guard::{BareResponse, Guarded, Json, Policy, Problem};
use bk_kernel::Clock;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Messages kept, the latest first.
const MAILBOX_CAPACITY: usize = 200;

const PAGE_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; \
     base-uri 'none'; form-action 'none'";

/// Mail that was not sent: it waits on the page `/dev/mail`.
#[derive(Clone, Default)]
pub struct Mailbox {
    messages: Arc<Mutex<VecDeque<MailboxMessage>>>,
    clock: Clock,
}

/// One message of the mailbox.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailboxMessage {
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// The recipient's address.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The body, plain text.
    pub text: String,
}

impl Mailbox {
    /// An empty mailbox.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { messages: Arc::default(), clock }
    }

    /// The messages, latest first.
    #[must_use]
    pub fn messages(&self) -> Vec<MailboxMessage> {
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.iter().cloned().collect()
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let message = MailboxMessage {
            sent_at: self.clock.now(),
            to: mail.to,
            subject: mail.subject,
            text: mail.text,
        };
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.push_front(message);
        messages.truncate(MAILBOX_CAPACITY);
        Ok(())
    }
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct MailboxPage {
    messages: Vec<MailboxMessage>,
}

/// The mailbox as a page.
#[utoipa::path()]
#[get("/dev/mail")]
pub(crate) async fn mail_page(mailbox: web::Data<Mailbox>) -> Result<BareResponse, Problem> {
    let page = MailboxPage { messages: mailbox.messages() };
    let html = page.render().map_err(Problem::internal)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_CSP));
    Ok(BareResponse(response.body(html)))
}

impl Guarded for mail_page {
    const POLICY: Policy = Policy::page();
}

/// The mailbox as JSON, for scripts.
#[utoipa::path()]
#[get("/dev/mail.json")]
pub(crate) async fn mail_json(mailbox: web::Data<Mailbox>) -> Json<Vec<MailboxMessage>> {
    Json(mailbox.messages())
}

impl Guarded for mail_json {
    const POLICY: Policy = Policy::page();
}

/// What the product's clock says.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockReading {
    /// The instant the product's clock shows.
    pub now: DateTime<Utc>,
}

/// Where to move the clock.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockForm {
    /// The instant the clock shows from now on.
    pub now: DateTime<Utc>,
}

/// Reads the product's clock.
#[utoipa::path()]
#[get("/dev/clock")]
pub(crate) async fn read_clock(clock: web::Data<Clock>) -> Json<ClockReading> {
    Json(ClockReading { now: clock.now() })
}

impl Guarded for read_clock {
    const POLICY: Policy = Policy::page();
}

/// Moves the product's clock.
#[utoipa::path()]
#[post("/dev/clock")]
pub(crate) async fn move_clock(clock: web::Data<Clock>, to: Json<ClockForm>) -> Json<ClockReading> {
    clock.move_to(to.0.now);
    tracing::info!(now = %clock.now(), "the clock was moved");
    Json(ClockReading { now: clock.now() })
}

impl Guarded for move_clock {
    const POLICY: Policy = Policy::page();
}
