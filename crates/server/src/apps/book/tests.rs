use everstep_core::record::AppMethod;
use everstep_protocol::sync::RegisterRequest;
use serde_json::json;

use super::*;
use crate::apps::ProblemCode;

pub(in crate::apps) fn app(name: &str, url: &str) -> AppSync {
    let body = json!({ "url": url, "appName": name, "sdk": "js:v4.24.0", "functions": [] });
    RegisterRequest::parse(body.to_string().as_bytes())
        .unwrap()
        .into_app_sync()
        .unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

const A: &str = "http://localhost:3000/api/inngest";
const B: &str = "http://localhost:3001/api/inngest";

fn unreachable() -> Problem {
    Problem::new(ProblemCode::Unreachable, "nothing listens")
}

/// Each entry as `url name state`.
fn summary(book: &AppBook) -> Vec<String> {
    book.entries()
        .iter()
        .map(|entry| {
            let state = match &entry.state {
                State::New => "new",
                State::Ok => "ok",
                State::Failing(problem) => problem.code.as_str(),
            };
            format!(
                "{} {} {state}",
                entry.url.port().unwrap_or(0),
                entry.name().unwrap_or("-")
            )
        })
        .collect()
}

fn record(name: &str, url: &str) -> AppRecord {
    AppRecord {
        id: AppId::derive(name),
        name: name.to_owned(),
        method: AppMethod::Serve,
        url: url.to_owned(),
        sdk: "js:v4.24.0".to_owned(),
        framework: None,
        app_version: None,
        checksum: String::new(),
        synced_at: at(0),
        archived_at: None,
    }
}

#[test]
fn turns_are_told_once() {
    let book = AppBook::default();
    book.add(url(A), Origin::Flag, at(0));
    assert!(book.failed(&url(A), unreachable(), at(1)).is_some());
    assert!(
        book.failed(&url(A), unreachable(), at(2)).is_none(),
        "the same problem is no news"
    );
    assert!(
        book.failed(&url(A), Problem::new(ProblemCode::Unauthorized, "x"), at(3))
            .is_some()
    );
    assert_eq!(
        book.synced(&app("shop", A), true, Some(&url(A)), at(4)),
        Turn::New
    );
    assert_eq!(
        book.synced(&app("shop", A), false, Some(&url(A)), at(5)),
        Turn::Same
    );
    assert_eq!(
        book.synced(&app("shop", A), true, Some(&url(A)), at(6)),
        Turn::Changed
    );
    assert!(book.failed(&url(A), unreachable(), at(7)).is_some());
    assert_eq!(
        book.synced(&app("shop", A), false, Some(&url(A)), at(8)),
        Turn::Back
    );
    assert_eq!(summary(&book), ["3000 shop ok"]);
}

#[test]
fn an_app_that_registers_itself_is_remembered() {
    let book = AppBook::default();
    assert_eq!(book.synced(&app("shop", A), true, None, at(0)), Turn::New);
    assert_eq!(summary(&book), ["3000 shop ok"]);
    assert!(book.has_live_app());
    // Where it says that it is now does not matter while it answers where it was.
    assert_eq!(book.synced(&app("shop", B), false, None, at(1)), Turn::Same);
    assert_eq!(summary(&book), ["3000 shop ok"]);
    // But when it does not, it has moved.
    book.failed(&url(A), unreachable(), at(2));
    assert_eq!(book.synced(&app("shop", B), false, None, at(3)), Turn::Back);
    assert_eq!(summary(&book), ["3001 shop ok"]);
}

#[test]
fn an_app_of_an_earlier_process_can_come_back_elsewhere() {
    let book = AppBook::default();
    book.restore(&record("shop", A), 3, at(0));
    assert!(!book.has_live_app());
    book.add(url(B), Origin::Flag, at(0));
    assert_eq!(
        book.synced(&app("shop", B), false, Some(&url(B)), at(1)),
        Turn::New
    );
    assert_eq!(summary(&book), ["3001 shop ok"]);
}

#[test]
fn two_apps_are_two_entries() {
    let book = AppBook::default();
    book.synced(&app("shop", A), true, None, at(0));
    book.synced(&app("mail", B), true, None, at(0));
    assert_eq!(summary(&book), ["3000 shop ok", "3001 mail ok"]);
}

#[test]
fn an_app_may_register_another_url_than_it_was_asked_at() {
    let public = "https://shop.test:444/api/inngest";
    let book = AppBook::default();
    book.add(url(A), Origin::Flag, at(0));
    book.synced(&app("shop", public), true, None, at(1));
    assert_eq!(summary(&book), ["3000 - new", "444 shop ok"]);
    assert!(!book.confirmed(&url(A), at(0), at(1)));
    assert_eq!(summary(&book), ["3000 shop ok"]);
    assert_eq!(
        book.synced(&app("shop", public), false, None, at(5)),
        Turn::Same
    );
    assert_eq!(summary(&book), ["3000 shop ok"]);
}

#[test]
fn apps_that_connect_by_themselves_are_not_asked() {
    let book = AppBook::default();
    book.synced(&app("worker", "ws://connect"), true, None, at(0));
    assert_eq!(summary(&book), [""; 0]);
}

#[test]
fn one_missed_knock_is_no_outage() {
    let book = AppBook::default();
    book.synced(&app("shop", A), true, None, at(0));
    assert!(!book.heard(&url(A)));
    assert!(!book.missed(&url(A)));
    assert!(book.heard(&url(A)), "it was restarted");
    assert!(!book.missed(&url(A)));
    assert!(book.missed(&url(A)));
}

#[test]
fn what_an_app_says_of_itself_is_compared() {
    let book = AppBook::default();
    book.synced(&app("shop", A), true, None, at(0));
    let said = |count| Introspection {
        function_count: Some(count),
        ..Introspection::default()
    };
    assert!(
        !book.introspected(&url(A), &said(3)),
        "there is nothing to compare with yet"
    );
    assert!(!book.introspected(&url(A), &said(3)));
    assert!(book.introspected(&url(A), &said(4)));
}

#[test]
fn the_book_has_an_end() {
    let book = AppBook::default();
    for n in 0..ENTRIES_MAX + 10 {
        book.synced(
            &app(
                &format!("app-{n}"),
                &format!("http://localhost:{}/", 10_000 + n),
            ),
            true,
            None,
            at(0),
        );
    }
    assert_eq!(book.entries().len(), ENTRIES_MAX);
}

#[test]
fn an_app_that_was_removed_is_not_discovered_again() {
    let book = AppBook::default();
    book.add(url(A), Origin::Discovered, at(0));
    book.synced(&app("shop", A), true, Some(&url(A)), at(0));
    assert_eq!(book.remove(|entry| entry.name() == Some("shop")), 1);
    book.add(url(A), Origin::Discovered, at(1));
    assert_eq!(summary(&book), [""; 0]);
    // Someone names it, or it registers.
    book.add(url(A), Origin::Flag, at(2));
    assert_eq!(summary(&book), ["3000 - new"]);
    book.remove(|_| true);
    book.synced(&app("shop", A), true, None, at(3));
    assert_eq!(summary(&book), ["3000 shop ok"]);
}
