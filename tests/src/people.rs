//! How people come in.

use bk_testing::Call;
use serde_json::Value;

use crate::TestServer;

/// The token of the invitation that was mailed to an address, once the background work has sent it.
/// Fails the test when there is no such mail.
pub async fn invitation_token(server: &TestServer, email: &str) -> String {
    server.work().await;
    let browser = server.visitor(bk_kernel::Surface::Client);
    let mails = browser.send(Call::get("/dev/mail.json")).await.ok();
    let mails: Vec<&Value> = mails.as_array().into_iter().flatten().collect();
    let mail = mails.iter().find(|mail| mail["to"] == email);
    let text = mail.unwrap_or_else(|| panic!("no mail to {email}"))["text"].as_str();
    let token = text.unwrap_or_default().lines().find_map(|line| line.strip_prefix("Token: "));
    token.unwrap_or_else(|| panic!("no token in the mail to {email}")).to_owned()
}
