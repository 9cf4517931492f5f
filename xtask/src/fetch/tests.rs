//! The parts of `fetch` that need no server; `tests/it/fetch.rs` has the others.

use std::io;
use std::time::Duration;

use reqwest::Url;

use super::body::{content_range, without_credentials};
use super::client::{is_loopback, objection};
use super::{Failure, FetchError, mirror_urls};
use crate::digest::Sha256;

fn urls(texts: &[&str]) -> Vec<Url> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn redirects_never_lose_encryption() {
    let follow = |previous: &[&str], next: &str| objection(&urls(previous), &next.parse().unwrap()).is_none();
    assert!(follow(&["https://a.example/x"], "https://b.example/x"));
    assert!(follow(&["http://a.example/x"], "http://b.example/x"));
    assert!(follow(&["http://a.example/x"], "https://b.example/x"));
    assert!(!follow(&["https://a.example/x"], "http://a.example/x"));
    assert!(!follow(&["http://a.example/x", "https://a.example/x"], "http://a.example/x"));
}

#[test]
fn redirects_end() {
    let visited = |count| vec!["https://a.example/x".parse().unwrap(); count];
    let next = "https://a.example/x".parse().unwrap();
    assert_eq!(objection(&visited(10), &next), None);
    assert_eq!(objection(&visited(11), &next), Some("too many redirects"));
}

#[test]
fn only_this_machine_is_loopback() {
    for url in ["http://127.0.0.1:80/x", "http://127.1.2.3/x", "http://[::1]/x", "http://localhost:9/x"] {
        assert!(is_loopback(&url.parse().unwrap()), "{url}");
    }
    for url in ["http://localhost.example/x", "http://128.0.0.1/x", "http://[::2]/x"] {
        assert!(!is_loopback(&url.parse().unwrap()), "{url}");
    }
}

#[test]
fn content_ranges_are_read() {
    assert_eq!(content_range("bytes 100-199/200"), Some((100, Some(200))));
    assert_eq!(content_range("bytes 100-199/*"), Some((100, None)));
    for text in ["", "bytes", "bytes */200", "bytes 100-199", "bytes 100-199/x", "items 1-2/3"] {
        assert_eq!(content_range(text), None, "{text}");
    }
}

#[test]
fn credentials_are_not_shown() {
    assert_eq!(without_credentials("https://user:secret@a.example/x?y"), "https://a.example/x?y");
    assert_eq!(without_credentials("https://token@a.example/x"), "https://a.example/x");
    for plain in ["https://a.example/x%20y", "/srv/mirror/x@y:z", "mirror/x"] {
        assert_eq!(without_credentials(plain), plain);
    }
}

#[test]
fn a_mirror_is_flat_or_sorted_by_hash() {
    let sha256 = Sha256::of(b"x");
    for mirror in ["https://a.example/m", "https://a.example/m/"] {
        let urls = mirror_urls(mirror, &sha256, "x.tar.gz");
        let expected = ["https://a.example/m/x.tar.gz".to_owned(), format!("https://a.example/m/{sha256}/x.tar.gz")];
        assert_eq!(urls, expected);
    }
}

#[test]
fn only_what_passes_is_tried_again() {
    let base = Duration::from_millis(500);
    let delays = |failure: Failure| (1..=4).map(|tries| failure.retry_delay(tries, base)).collect::<Vec<_>>();
    let doubling = vec![Some(base), Some(base * 2), Some(base * 4), None];
    for code in [408, 429, 500, 502, 503, 504] {
        assert_eq!(delays(Failure::Status { code, retry_after: None }), doubling, "{code}");
    }
    assert_eq!(delays(Failure::Broken(String::new())), doubling);
    assert_eq!(delays(Failure::Stalled(base)), doubling);
    for code in [400, 401, 403, 501] {
        assert_eq!(delays(Failure::Status { code, retry_after: None }), [None; 4], "{code}");
    }
    assert_eq!(delays(Failure::NotFound), [None; 4]);
    let unreachable = |timed_out| Failure::Unreachable { reason: String::new(), timed_out };
    assert_eq!(delays(unreachable(false)), [None; 4]);
    assert_eq!(delays(unreachable(true)), [Some(base), None, None, None]);
}

#[test]
fn a_server_may_ask_for_patience_but_not_for_much() {
    let asked = |seconds| {
        let wait = Duration::from_secs(seconds);
        Failure::Status { code: 429, retry_after: Some(wait) }.retry_delay(1, Duration::from_millis(1))
    };
    assert_eq!(asked(30), Some(Duration::from_secs(30)));
    assert_eq!(asked(31), None);
}

#[test]
fn errors_of_the_disk_say_what_to_do() {
    let text = |errno| FetchError::from(io::Error::from_raw_os_error(errno)).to_string();
    let (no_space, access_denied, read_only) = (28, 13, 30);
    assert!(text(no_space).contains("hint: free some space on that disk"), "{}", text(no_space));
    assert!(text(access_denied).contains("hint: make that path writable"));
    assert!(text(read_only).contains("hint: make that path writable"));
}
