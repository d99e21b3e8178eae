//! What handlers' answers look like on the wire.

use actix_web::{Responder, cookie::Cookie, test::TestRequest};
use bk_guard::{Created, ETag, Json, NoContent, Versioned, WithCookies};

use crate::fixture::{Fixture, get, json, post, post_json, send};

const THINGS: &str = "/api/v1/client/things";

#[actix_web::test]
async fn a_new_resource_says_where_it_is_and_which_version() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let made = send(&app, fixture.browser("clara", post_json(&format!("{THINGS}?x=1")))).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.header("location"), Some("/api/v1/client/things/1"));
    assert_eq!(made.header("etag"), Some("\"1\""));
    assert_eq!(made.json(), serde_json::json!({"name": "spoon", "number": 1}));
    let location = made.header("location").unwrap();
    let read = send(&app, fixture.browser("clara", get(location))).await;
    assert_eq!((read.status.as_u16(), read.header("etag")), (200, Some("\"7\"")));
}

#[actix_web::test]
async fn a_list_is_walked_by_its_cursor_with_the_filter_kept() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let first =
        send(&app, fixture.browser("clara", get(&format!("{THINGS}?purpose=COOKING")))).await;
    let first = first.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 25);
    assert_eq!(first["items"][0]["purpose"], "COOKING");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = format!("{THINGS}?cursor={cursor}&limit=4");
    let second = send(&app, fixture.browser("clara", get(&second))).await.json();
    let names: Vec<_> =
        second["items"].as_array().unwrap().iter().map(|thing| thing["name"].as_str()).collect();
    let expected = ["thing 26", "thing 27", "thing 28", "thing 29"].map(Some);
    assert_eq!(names, expected);
    let last = format!("{THINGS}?cursor={}", second["next_cursor"].as_str().unwrap());
    let last = send(&app, fixture.browser("clara", get(&last))).await.json();
    assert_eq!(last["items"].as_array().unwrap().len(), 1);
    assert_eq!(last["next_cursor"], serde_json::Value::Null);
}

#[actix_web::test]
async fn a_word_that_does_not_exist_is_refused_with_those_that_do() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let query =
        send(&app, fixture.browser("clara", get(&format!("{THINGS}?purpose=DIGGING")))).await;
    assert_eq!(query.code(), "INPUT_INVALID");
    let error = &query.json()["errors"][0];
    assert_eq!(error["pointer"], "?purpose");
    let message = "unknown variant `DIGGING`, expected `EATING` or `COOKING`";
    assert_eq!(error["message"], message);
    let body =
        fixture.browser("clara", json(post("/api/v1/client/sort"), r#"{"purpose":"DIGGING"}"#));
    let body = send(&app, body).await;
    assert_eq!(body.code(), "INPUT_INVALID");
    let error = &body.json()["errors"][0];
    assert_eq!(
        (error["pointer"].as_str(), error["code"].as_str()),
        (Some("/purpose"), Some("choice"))
    );
    assert_eq!(error["message"], message);
    for wrong in [r#"{"purpose":7}"#, r#"{"purpose":{}}"#, r#"{"purpose":null}"#] {
        let wrong = fixture.browser("clara", json(post("/api/v1/client/sort"), wrong));
        let wrong = send(&app, wrong).await.json();
        assert_eq!(wrong["errors"][0]["code"], "type");
        let message = wrong["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("expected one of EATING, COOKING"), "{message}");
    }
}

#[actix_web::test]
async fn answers_carry_their_status_headers_and_cookies() {
    let req = TestRequest::with_uri("/api/v1/client/orders").to_http_request();
    let header = |answer: &actix_web::HttpResponse, name: &str| -> Vec<String> {
        answer.headers().get_all(name).map(|v| v.to_str().unwrap().to_owned()).collect()
    };
    let created = Created::at("/client/transactions/7", ETag(3), "paid").respond_to(&req);
    assert_eq!(created.status(), 201);
    assert_eq!(header(&created, "location"), ["/api/v1/client/transactions/7"]);
    assert_eq!(header(&created, "etag"), ["\"3\""]);
    let versioned = Versioned { etag: ETag(3), body: "paid" }.respond_to(&req);
    assert_eq!(
        (versioned.status().as_u16(), header(&versioned, "etag")),
        (200, vec!["\"3\"".to_owned()])
    );
    let cookies = vec![Cookie::new("a", "1"), Cookie::new("b", "2")];
    let gone = WithCookies { answer: NoContent, cookies: cookies.clone() }.respond_to(&req);
    assert_eq!(
        (gone.status().as_u16(), header(&gone, "set-cookie")),
        (204, vec!["a=1".to_owned(), "b=2".to_owned()])
    );
    let body = WithCookies { answer: Json("hello"), cookies }.respond_to(&req);
    assert_eq!(
        (body.status().as_u16(), header(&body, "content-type")),
        (200, vec!["application/json".to_owned()])
    );
}
