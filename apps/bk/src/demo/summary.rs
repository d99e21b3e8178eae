//! What is printed at the end: the ids of what was created, the logins, and links.

use std::fmt;

use super::{
    server::DevServer,
    steps::{
        customer::Customer, menu::Menu, order::Order, production::Production, purchase::Purchase,
        tenant::Tenant,
    },
    user::User,
};

/// Ids, logins and links of a demo.
#[derive(Debug)]
pub(super) struct Summary {
    api: String,
    slug: String,
    ids: Vec<(&'static str, String)>,
    logins: Vec<(&'static str, String)>,
    /// The user who may open the sheets.
    cook: User,
    checkout_url: String,
    /// Paths of the sheets below `/api/v1`.
    sheets: Vec<String>,
}

impl Summary {
    pub(super) fn new(
        server: &DevServer,
        tenant: &Tenant,
        menu: &Menu,
        customer: &Customer,
        purchase: &Purchase,
        order: &Order,
        production: Production,
    ) -> Self {
        let account = format!("{} ({})", customer.account_id, customer.reference);
        Self {
            api: server.api.clone(),
            slug: tenant.slug.clone(),
            ids: vec![
                ("tenant", tenant.id.clone()),
                ("week", menu.week.clone()),
                ("dishes", menu.dish_ids.join(", ")),
                ("account", account),
                ("purchase", purchase.id.clone()),
                ("pack", purchase.pack.id.clone()),
                ("order", order.id.clone()),
            ],
            logins: vec![
                ("owner", tenant.owner.email.clone()),
                ("kitchen", production.cook.email.clone()),
                ("customer", customer.user.email.clone()),
            ],
            cook: production.cook,
            checkout_url: purchase.checkout_url.clone(),
            sheets: production.sheets,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, slug, .. } = self;
        writeln!(f, "\n  The week of {slug}\n")?;
        for (name, id) in &self.ids {
            writeln!(f, "    {name:<10} {id}")?;
        }
        writeln!(f, "\n  Logins, with tenant {slug} and the demo password\n")?;
        for (name, email) in &self.logins {
            writeln!(f, "    {name:<10} {email}")?;
        }
        writeln!(f, "\n  To look at\n")?;
        writeln!(f, "    checkout   {}", self.checkout_url)?;
        writeln!(f, "    docs       {api}/docs/")?;
        writeln!(f, "    mailbox    {api}/dev/mail")?;
        writeln!(f, "\n  Printable sheets. In the docs, log in first in the same browser: POST")?;
        writeln!(f, "  /api/v1/admin/auth/login with {} of {slug}.\n", self.cook.email)?;
        for sheet in &self.sheets {
            writeln!(f, "    {api}/api/v1{sheet}?format=html")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_every_id_login_and_link() {
        let summary = Summary {
            api: "http://127.0.0.1:8080".to_owned(),
            slug: "demo-1".to_owned(),
            ids: vec![("order", "019a".to_owned())],
            logins: vec![("owner", "owner@demo-1.test".to_owned())],
            cook: User::staff("demo-1", "cook@demo-1.test".to_owned()),
            checkout_url: "http://127.0.0.1:8090/c/pay/cs_1".to_owned(),
            sheets: vec!["/admin/weeks/2026-W48/labels".to_owned()],
        };
        let text = summary.to_string();
        for part in [
            "order      019a",
            "owner@demo-1.test",
            "cook@demo-1.test of demo-1",
            "http://127.0.0.1:8090/c/pay/cs_1",
            "http://127.0.0.1:8080/docs/",
            "http://127.0.0.1:8080/api/v1/admin/weeks/2026-W48/labels?format=html",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
