//! Sources that fail for good, sources that fail in a way that passes, and disks that fail.

use std::net::TcpListener;

use xtask::fetch::Presence;

use super::*;

/// A URL where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/x.tar.gz", listener.local_addr().unwrap())
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    let whole = Reply::file(&content());
    for code in [408, 429, 500, 502, 503, 504] {
        let case = Case::new([Reply::status(code), Reply::status(code), whole.clone()]);
        assert_eq!(case.succeed(&case.artifact()).retries, 2, "{code}");
    }
}

#[test]
fn a_server_that_does_not_recover_is_asked_four_times() {
    let case = Case::new([Reply::status(500)]);
    let error = case.fail(&case.artifact());
    assert!(!error.unreachable() && !error.mismatch());
    assert_eq!(failures(error), [status(500)]);
    assert_eq!(case.server.requests(PATH).len(), 4);
    assert!(!case.partial().exists());
}

#[test]
fn a_server_may_say_when_to_ask_again() {
    let hour = Duration::from_secs(3600);
    let client = Client::new(Settings { retry_delay: hour, ..client(Proxies::Never).settings().clone() });
    let case = Case::new([Reply::status(429).header("Retry-After", "0"), Reply::file(&content())]);
    let case = Case { client, ..case };
    // That this ends shows that the server's word counts, not the setting.
    assert_eq!(case.succeed(&case.artifact()).retries, 1);

    let case = Case::new([Reply::status(503).header("Retry-After", "3600")]);
    let failure = Failure::Status { code: 503, retry_after: Some(hour) };
    assert_eq!(failures(case.fail(&case.artifact())), [failure]);
    assert_eq!(case.server.requests(PATH).len(), 1);
}

#[test]
fn the_next_source_is_asked_at_once_when_one_has_no_such_file() {
    for (code, failure) in [(404, Failure::NotFound), (410, Failure::NotFound), (403, status(403)), (501, status(501))]
    {
        let case = Case::new([Reply::file(&content())]);
        case.server.script("/old", [Reply::status(code)]);
        let artifact = Artifact { urls: vec![case.server.url("/old"), case.server.url(PATH)], ..case.artifact() };
        assert_eq!(case.succeed(&artifact).from, Some(case.server.url(PATH)));
        assert_eq!(case.server.requests("/old").len(), 1, "{code}");

        let case = Case::new([Reply::status(code)]);
        assert_eq!(failures(case.fail(&case.artifact())), [failure]);
    }
}

#[test]
fn a_next_source_continues_what_another_began() {
    let case = Case::new([Reply::file(&content())]);
    case.server.script("/flaky", [Reply::file(&content()).truncated_after(1000), Reply::status(404)]);
    let artifact = Artifact { urls: vec![case.server.url("/flaky"), case.server.url(PATH)], ..case.artifact() };
    let fetched = case.succeed(&artifact);
    assert_eq!((fetched.from, fetched.resumed_at, fetched.retries), (Some(case.server.url(PATH)), 1000, 1));
}

#[test]
fn nobody_listening_is_unreachable_and_not_asked_again() {
    let case = Case::new([]);
    let urls = vec![nobody(), case.server.url("/nothing"), nobody()];
    let error = case.fail(&Artifact { urls, ..case.artifact() });
    assert!(error.unreachable());
    let text = error.to_string();
    assert!(text.contains("Connection refused"), "{text}");
    assert!(text.contains("hint: set `HTTPS_PROXY`"), "{text}");
    let failures = failures(error);
    assert!(matches!(failures[0], Failure::Unreachable { timed_out: false, .. }));
    assert_eq!(failures[1], Failure::NotFound);
    assert_eq!(failures.len(), 3);
    // A file that no server has is missing, not unreachable.
    assert!(!case.fail(&Artifact { urls: vec![case.server.url("/nothing")], ..case.artifact() }).unreachable());
}

#[test]
fn wrong_bytes_are_named_and_removed() {
    let mut wrong = content();
    wrong[100] ^= 1;
    let case = Case::new([Reply::file(&wrong)]);
    let error = case.fail(&case.artifact());
    assert!(error.mismatch() && !error.unreachable());
    let text = error.to_string();
    for part in [Sha256::of(&wrong).to_string(), Sha256::of(&case.bytes).to_string(), case.server.url(PATH)] {
        assert!(text.contains(&part), "{part} is not in: {text}");
    }
    assert_eq!(text.matches("(240000 bytes)").count(), 2, "{text}");
    assert!(
        text.contains(&format!("put a file with sha256 {} at `{}`", Sha256::of(&case.bytes), case.destination())),
        "{text}"
    );
    assert!(!case.partial().exists());
    assert_eq!(case.server.requests(PATH).len(), 1);

    // The next source may still be right.
    case.server.script("/right", [Reply::file(&content())]);
    let urls = vec![case.server.url(PATH), case.server.url("/right")];
    assert_eq!(case.succeed(&Artifact { urls, ..case.artifact() }).from, Some(case.server.url("/right")));
}

#[test]
fn a_continued_file_that_stays_wrong_is_asked_for_twice() {
    let case = Case::new([Reply::file(&content().iter().map(|byte| !byte).collect::<Vec<_>>())]);
    case.leave(&case.partial(), &case.bytes[..1000]);
    assert!(case.fail(&case.artifact()).mismatch());
    assert_eq!(case.ranges(), ["bytes=1000-", ""]);
}

#[test]
fn an_announced_size_that_is_not_the_pinned_one_ends_it_before_the_body() {
    let case = Case::new([Reply::file(&content()).header("Content-Length", "250000").stalled_after(10)]);
    let failure = Failure::WrongSize { pinned: 240_000, announced: Some(250_000) };
    assert_eq!(failures(case.fail(&case.artifact())), [failure]);
    assert!(!case.partial().exists());
}

#[test]
fn a_body_that_is_too_long_ends_it_at_once() {
    let endless = Reply::file(&content().repeat(2)).without_length().stalled_after(300_000);
    let case = Case::new([endless]);
    let error = case.fail(&case.artifact());
    assert!(error.mismatch());
    assert_eq!(failures(error), [Failure::WrongSize { pinned: 240_000, announced: None }]);
    assert!(!case.partial().exists());
}

#[test]
fn a_mirror_may_be_a_folder() {
    let case = Case::new([Reply::file(&content())]);
    let artifact = case.artifact();
    let mirrors = fetch::mirror_urls(case.path("mirror").as_str(), &artifact.sha256, &artifact.file_name);
    let artifact = Artifact { mirrors: mirrors.clone(), ..artifact };
    // Not there yet: upstream has it.
    assert_eq!(case.succeed(&artifact).from, Some(case.server.url(PATH)));
    for place in &mirrors {
        fs::remove_file(case.destination()).unwrap();
        case.leave(Utf8Path::new(place), &case.bytes);
        assert_eq!(case.succeed(&artifact).from.as_ref(), Some(place));
        fs::remove_file(place).unwrap();
    }
    assert_eq!(case.server.all_requests().len(), 1);
    // As a URL; and what a mirror has is checked like anything else.
    fs::remove_file(case.destination()).unwrap();
    case.leave(Utf8Path::new(&mirrors[0]), &[0; 240_000]);
    case.leave(Utf8Path::new(&mirrors[1]), &case.bytes);
    let mirrors = mirrors.iter().map(|path| format!("file://{path}")).collect::<Vec<_>>();
    let artifact = Artifact { mirrors: mirrors.clone(), ..artifact };
    assert_eq!(case.succeed(&artifact).from.as_ref(), Some(&mirrors[1]));
}

#[test]
fn upstream_is_neither_a_folder_nor_plain_http() {
    let case = Case::new([]);
    case.leave(&case.path("x"), &case.bytes);
    let path = case.path("x").into_string();
    let urls =
        vec![path.clone(), format!("file://{path}"), "http://files.invalid/x".to_owned(), "ftp://a/x".to_owned()];
    let error = case.fail(&Artifact { urls, ..case.artifact() });
    assert!(!error.unreachable());
    assert!(failures(error).iter().all(|failure| matches!(failure, Failure::Refused(_))));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let case = Case::new([Reply::file(&content())]);
    // Not writable for the superuser either.
    let read_only = Utf8Path::new("/sys/xtask/x.tar.gz");
    // A file stands where a folder is needed.
    case.leave(&case.path("file"), b"");
    for (destination, named) in [(read_only, "/sys/xtask".into()), (&case.path("file/x"), case.path("file"))] {
        let error = fetch::fetch(&case.client, &case.artifact(), destination, &Cancel::default(), &Silent).unwrap_err();
        assert!(matches!(error, FetchError::Io { .. }), "{error}");
        assert!(error.to_string().contains(named.as_str()), "{error}");
        assert_eq!(error.to_string().contains("hint: make that path writable"), destination == read_only, "{error}");
    }
    assert_eq!(case.server.all_requests().len(), 0);
}

#[test]
fn a_probe_tells_what_has_a_file_from_what_has_not_and_what_does_not_answer() {
    let case = Case::new([Reply::file(b"bytes")]);
    let probe = |source: &str| fetch::probe(&case.client, source, &Cancel::default()).unwrap();
    assert_eq!(probe(&case.server.url(PATH)), Presence::Has);
    assert_eq!(probe(&case.server.url("/nothing")), Presence::HasNot);
    assert_eq!(case.server.requests(PATH)[0].method, "HEAD");
    assert_eq!(probe(&nobody()), Presence::Unreachable);
    assert_eq!(probe(case.path("nothing").as_str()), Presence::HasNot);
    case.leave(&case.path("file"), b"");
    assert_eq!(probe(case.path("file").as_str()), Presence::Has);
    case.server.script(PATH, [Reply::silence()]);
    let answer = fetch::probe(&client_with_stall_timeout(50), &case.server.url(PATH), &Cancel::default());
    assert_eq!(answer, Ok(Presence::Unreachable));
}
