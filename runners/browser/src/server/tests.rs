//! Asks the server over the network, as a page does, and as an attacker might.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use super::{Exchange, Server};
use runner_shared::arguments::Directory;

/// The status, the head and the body of an answer.
fn ask(server: &Server, method: &str, path: &str, host: Option<&str>, body: &str) -> (u16, String, String) {
    let address = server.address.strip_prefix("http://").unwrap();
    let (own_host, _) = address.split_once('/').unwrap();
    let mut stream = TcpStream::connect(own_host).unwrap();
    let host = host.unwrap_or(own_host);
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_ascii_lowercase(), body.to_owned())
}

fn root(server: &Server) -> String {
    let (_, path) = server.address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    format!("/{path}")
}

fn package() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("package")).unwrap();
    std::fs::write(folder.path().join("package/python.mjs"), "export {};").unwrap();
    std::fs::write(folder.path().join("secret"), "secret").unwrap();
    folder
}

fn exchange(directory: &Path, output: &Path) -> Exchange {
    Exchange {
        directories: vec![Directory { host: directory.to_owned(), guest: "/d".to_owned(), read_only: true }],
        outputs: vec![File::create(output).unwrap()],
        has_stdin: false,
    }
}

#[test]
fn who_does_not_know_the_token_gets_nothing() {
    let folder = package();
    let server = Server::start(&folder.path().join("package")).unwrap();
    let root = root(&server);
    assert_eq!(ask(&server, "GET", &root, None, "").0, 200);
    assert_eq!(ask(&server, "GET", &format!("{root}package/python.mjs"), None, "").2, "export {};");
    for path in ["/", "/package/python.mjs", "/0123456789abcdef0123456789abcdef/package/python.mjs"] {
        assert_eq!(ask(&server, "GET", path, None, "").0, 403, "{path}");
    }
    // A page of another site whose name resolves to this machine.
    assert_eq!(ask(&server, "GET", &root, Some("example.org"), "").0, 403);
}

#[test]
fn types_and_isolation_are_what_browsers_want() {
    let folder = package();
    let server = Server::start(&folder.path().join("package")).unwrap();
    let (_, head, _) = ask(&server, "GET", &format!("{}package/python.mjs", root(&server)), None, "");
    for line in ["content-type: text/javascript", "cross-origin-embedder-policy: require-corp", "content-length: 10"] {
        assert!(head.contains(line), "{line} in {head}");
    }
}

#[test]
fn nothing_outside_of_the_folders_is_served() {
    let folder = package();
    let server = Server::start(&folder.path().join("package")).unwrap();
    server.open(1, exchange(&folder.path().join("package"), &folder.path().join("out")));
    let root = root(&server);
    assert_eq!(ask(&server, "GET", &format!("{root}directory/1/0/file/python.mjs"), None, "").2, "export {};");
    for path in
        ["package/../secret", "package/%2e%2e/secret", "directory/1/0/file/..%2fsecret", "directory/1/0/list/.."]
    {
        let (status, _, body) = ask(&server, "GET", &format!("{root}{path}"), None, "");
        assert!(status == 403 || status == 404, "{path}: {status}");
        assert!(!body.contains("secret"), "{path}");
    }
    for path in ["directory/2/0/file/python.mjs", "directory/1/1/file/python.mjs", "package/none", "pack/0/index"] {
        assert_eq!(ask(&server, "GET", &format!("{root}{path}"), None, "").0, 404, "{path}");
    }
}

#[test]
fn output_is_written_at_once_and_a_run_that_is_over_writes_no_more() {
    let folder = package();
    let server = Server::start(&folder.path().join("package")).unwrap();
    let output = folder.path().join("out");
    server.open(7, exchange(folder.path(), &output));
    let path = format!("{}output/7/0", root(&server));
    assert_eq!(ask(&server, "POST", &path, None, "hello").0, 200);
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "hello");
    server.close(7);
    assert_eq!(ask(&server, "POST", &path, None, "again").0, 404);
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "hello");
}
