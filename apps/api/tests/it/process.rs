//! The real binary on a folder of its own: how fast it answers, what survives a kill, what is left
//! behind. It uses the embedded server, whatever `TEST_DATABASE_URL` says.

use std::time::{Duration, Instant};

use crate::support::{
    Account, Collector, Folder, Host, ORDINARY_ACCOUNT, am_root, postgres_processes,
};

/// The promise for an empty folder.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// The promise for an existing one.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Test machines run other tests at the same time; the promises are for one that does not.
const BUSY: u32 = 6;

/// Accounts that the tests can run the product as.
fn accounts() -> Vec<Option<Account>> {
    if am_root() { vec![None, Some(ORDINARY_ACCOUNT)] } else { vec![None] }
}

#[test]
fn a_fresh_directory_serves_within_its_time_and_stops_cleanly() {
    for account in accounts() {
        let folder = Folder::new(account);
        let started = Instant::now();
        let host = Host::start(&folder);
        host.until_ready();
        let first = started.elapsed();
        assert_eq!(postgres_processes(&folder), 1);
        let stopped = host.interrupt();
        assert!(stopped.success(), "{stopped}");
        assert_eq!(postgres_processes(&folder), 0, "the database outlived the product");

        let started = Instant::now();
        let host = Host::start(&folder);
        host.until_ready();
        let second = started.elapsed();
        host.interrupt();
        println!("first answer after {first:?}, on existing data after {second:?}");
        assert!(first < FIRST_ANSWER_WITHIN * BUSY, "{first:?}");
        assert!(second < ANSWER_WITHIN * BUSY, "{second:?}");
    }
}

#[test]
fn after_a_kill_the_next_start_has_every_acknowledged_write_and_one_database() {
    for account in accounts() {
        let folder = Folder::new(account);
        let host = Host::start(&folder);
        host.until_ready();
        let session = host.log_in("client1@greenfork.test", "greenfork");
        assert_eq!(host.who_am_i(&session), Some("client1@greenfork.test".to_owned()));
        host.kill();

        let host = Host::start(&folder);
        host.until_ready();
        assert_eq!(postgres_processes(&folder), 1);
        assert_eq!(
            host.who_am_i(&session),
            Some("client1@greenfork.test".to_owned()),
            "the login was acknowledged before the kill"
        );
        assert!(host.interrupt().success());
        assert_eq!(postgres_processes(&folder), 0);
    }
}

#[test]
fn a_second_instance_on_the_same_folder_is_refused_and_harms_nothing() {
    let folder = Folder::new(None);
    let host = Host::start(&folder);
    host.until_ready();
    let second = Host::start(&folder).until_it_ends();
    assert_eq!(second.code, Some(1));
    assert!(second.stderr.contains("already running"), "{}", second.stderr);
    host.until_ready();
    assert_eq!(postgres_processes(&folder), 1);
    assert!(host.interrupt().success());
}

#[test]
fn a_second_instance_on_the_same_port_is_refused_before_it_starts_anything() {
    let (folder, other) = (Folder::new(None), Folder::new(None));
    let host = Host::start(&folder);
    let addr = host.until_ready();
    let second = Host::start_with(&other, &[("BK_HTTP_ADDR", &addr)]).until_it_ends();
    assert_eq!(second.code, Some(1));
    assert!(
        second.stderr.contains("is taken") && second.stderr.contains("BK_HTTP_ADDR"),
        "{}",
        second.stderr
    );
    assert_eq!(postgres_processes(&other), 0);
    assert!(host.interrupt().success());
}

#[test]
fn a_start_that_is_interrupted_leaves_nothing_running() {
    let folder = Folder::new(None);
    let mut host = Host::start(&folder);
    host.until(|| postgres_processes(&folder) == 1);
    let ended = host.interrupt();
    assert!(ended.success(), "{ended}");
    assert_eq!(postgres_processes(&folder), 0);
}

#[test]
fn the_block_it_prints_last_says_where_everything_is() {
    let folder = Folder::new(None);
    let host = Host::start(&folder);
    let block = host.banner();
    for word in [
        "API",
        "/api/v1",
        "/docs",
        "/dev/mail",
        "Stripe",
        "greenfork",
        "northside",
        "operator@platform.test",
        "client8@",
        "demo-kitchen-please-change",
        "BK_CLOCK=",
        "Control-C",
    ] {
        assert!(block.contains(word), "{word} is missing in:\n{block}");
    }
    assert!(host.interrupt().success());
}

#[test]
fn traces_reach_their_collector_and_the_last_ones_are_sent_at_the_end() {
    let collector = Collector::start();
    let folder = Folder::new(None);
    let settings =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url), ("OTEL_SERVICE_NAME", "test-kitchen")];
    let host = Host::start_with(&folder, &settings);
    host.until_ready();
    let stopped = host.interrupt();
    assert!(stopped.success(), "{stopped}");
    // The first ones may have been sent before the request.
    loop {
        let (line, spans) = collector.next();
        assert_eq!(line, "post /v1/traces http/1.1");
        let says = |text: &str| spans.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(says("test-kitchen"));
        if says("request_id") {
            break;
        }
    }
}
