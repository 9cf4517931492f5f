//! What the environment decides about the network: proxies, and whom to trust.
//!
//! A process cannot change its own environment safely, so each test runs this binary again as a child with the
//! environment that it is about. The child gets what to fetch, and prints the result.

use std::env;
use std::process::Command;

use super::*;
use crate::kit::authority::private_authority;

const SOURCE: &str = "XTASK_TEST_FETCH_SOURCE";
const DESTINATION: &str = "XTASK_TEST_FETCH_DESTINATION";
/// The test that is run again: where `SOURCE` is set, it is the child of whichever test set it.
const CHILD: &str = "fetch::network::a_plain_request_goes_through_the_proxy_of_the_environment";

/// Fetches from a mirror in a child process with only these variables, and gives what the child printed.
#[allow(clippy::disallowed_methods, reason = "the environment is what is tested")]
fn fetch_in_child(case: &Case, mirror: &str, variables: &[(&str, &str)]) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", CHILD, "--nocapture"])
        .env_clear()
        .env(SOURCE, mirror)
        .env(DESTINATION, case.destination())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The child's side.
#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "the environment is what is tested")]
fn be_the_child(source: String) {
    let destination = Utf8PathBuf::from(env::var(DESTINATION).unwrap());
    let bytes = content();
    let artifact = Artifact {
        file_name: "x".to_owned(),
        size: Some(bytes.len() as u64),
        sha256: Sha256::of(&bytes),
        mirrors: vec![source],
        urls: Vec::new(),
    };
    let client = client(Proxies::FromEnvironment);
    match fetch::fetch(&client, &artifact, &destination, &Cancel::default(), &Silent) {
        Ok(fetched) => println!("fetched {} bytes", fetched.bytes),
        Err(error) => println!("unreachable: {}\n{error}", error.unreachable()),
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the environment is what is tested")]
fn a_plain_request_goes_through_the_proxy_of_the_environment() {
    if let Ok(source) = env::var(SOURCE) {
        return be_the_child(source);
    }
    let case = Case::new([]);
    let target = "http://files.invalid/x";
    case.server.script(target, [Reply::file(&content())]);
    let proxy = case.server.url("");
    let output = fetch_in_child(&case, target, &[("HTTP_PROXY", &proxy)]);
    assert!(output.contains("fetched 240000 bytes"), "{output}");
    assert_eq!(case.server.requests(target).len(), 1);

    fs::remove_file(case.destination()).unwrap();
    let output = fetch_in_child(&case, target, &[("HTTP_PROXY", &proxy), ("NO_PROXY", "files.invalid")]);
    assert!(output.contains("unreachable: true"), "{output}");
    assert_eq!(case.server.requests(target).len(), 1);
}

#[test]
fn what_a_proxy_does_not_let_through_is_unreachable() {
    let case = Case::new([]);
    case.server.script("files.invalid:443", [Reply::status(403)]);
    let output = fetch_in_child(&case, "https://files.invalid/x", &[("https_proxy", &case.server.url(""))]);
    assert!(output.contains("unreachable: true"), "{output}");
    let requests = case.server.all_requests();
    assert_eq!(requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), ["CONNECT"]);
}

/// A certificate authority of our own in PEM form, and a server whom it vouches for.
fn vouched_for() -> (String, Server) {
    let (pem, config) = private_authority(["127.0.0.1".to_owned()]);
    (pem, Server::start_tls(config))
}

#[test]
fn a_private_authority_is_trusted_where_the_environment_names_it() {
    let case = Case::new([]);
    let (pem, server) = vouched_for();
    server.script(PATH, [Reply::file(&content()).truncated_after(1000), Reply::file(&content())]);
    case.leave(&case.path("authority.pem"), pem.as_bytes());
    let authority = case.path("authority.pem");

    // The second: a machine that trusts nobody can still use what needs no trust.
    let empty = case.path("nobody.pem");
    case.leave(&empty, b"");
    for variables in [&[][..], &[("SSL_CERT_FILE", empty.as_str())]] {
        let output = fetch_in_child(&case, &server.url(PATH), variables);
        assert!(output.contains("is not trusted: invalid peer certificate: UnknownIssuer"), "{output}");
        assert!(output.contains("hint: set `SSL_CERT_FILE`"), "{output}");
        assert_eq!(server.all_requests().len(), 0);
    }
    case.server.script(PATH, [Reply::file(&content())]);
    let output = fetch_in_child(&case, &case.server.url(PATH), &[("SSL_CERT_FILE", empty.as_str())]);
    assert!(output.contains("fetched 240000 bytes"), "{output}");
    fs::remove_file(case.destination()).unwrap();

    let output = fetch_in_child(&case, &server.url(PATH), &[("SSL_CERT_FILE", authority.as_str())]);
    assert!(output.contains("fetched 240000 bytes"), "{output}");
    assert_eq!(server.requests(PATH).len(), 2);
}

#[test]
fn a_redirect_from_https_to_http_is_refused() {
    let case = Case::new([Reply::file(&content())]);
    let (pem, server) = vouched_for();
    server.script("/moved", [Reply::redirect(&case.server.url(PATH))]);
    case.leave(&case.path("authority.pem"), pem.as_bytes());
    let authority = case.path("authority.pem");
    let output = fetch_in_child(&case, &server.url("/moved"), &[("SSL_CERT_FILE", authority.as_str())]);
    assert!(output.contains("redirects to a URL that is not allowed: from `https://`"), "{output}");
    assert_eq!((server.all_requests().len(), case.server.all_requests().len()), (1, 0));
}

#[test]
fn a_download_is_continued_behind_a_tunnel_and_a_redirect() {
    let case = Case::new([]);
    let (pem, config) = private_authority(["files.invalid", "assets.invalid"].map(str::to_owned));
    let proxy = Server::start_proxy(config, |_| ());
    for name in ["files.invalid:443", "assets.invalid:443"] {
        proxy.script(name, [Reply::status(200)]);
    }
    let (target, asset) = ("https://files.invalid/x", "https://assets.invalid/x");
    proxy.script(target, [Reply::redirect(asset)]);
    proxy.script(asset, [Reply::file(&content()).truncated_after(1000), Reply::file(&content())]);
    case.leave(&case.path("authority.pem"), pem.as_bytes());
    let authority = case.path("authority.pem");
    let variables = [("HTTPS_PROXY", proxy.url("")), ("SSL_CERT_FILE", authority.into_string())];
    let output = fetch_in_child(&case, target, &variables.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert!(output.contains("fetched 240000 bytes"), "{output}");
    let ranges: Vec<_> = proxy.requests(asset).iter().map(|r| r.header("Range").map(str::to_owned)).collect();
    assert_eq!(ranges, [None, Some("bytes=1000-".to_owned())]);
}
