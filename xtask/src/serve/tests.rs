//! What the server serves, and what it does not.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use super::*;

#[test]
fn a_url_names_a_path_below_the_folder_or_none() {
    let path = |url: &str| local_path(url).map(Utf8PathBuf::into_string);
    assert_eq!(path("/"), Some(String::new()));
    assert_eq!(path("/page/main.mjs"), Some("page/main.mjs".to_owned()));
    assert_eq!(path("/a%20b%C3%A9"), Some("a b\u{e9}".to_owned()));
    for wrong in [
        "",
        "page",
        "/..",
        "/a/../b",
        "/%2e%2E/secret",
        "/a/%2e./b",
        "/a%2f..%2fb",
        "/a%00b",
        "/a%5c..",
        "/%",
        "/%4",
        "/%zz",
        "/%ff",
    ] {
        assert_eq!(path(wrong), None, "{wrong}");
    }
}

#[test]
fn a_compressed_copy_is_given_to_who_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    for name in ["a.wasm", "a.wasm.gz", "b.wasm"] {
        fs_err::write(folder.join(name), name).unwrap();
    }
    let given = |name: &str, accepted: &str| {
        let (path, encoding) = compressed(&folder.join(name), accepted);
        (path.file_name().unwrap().to_owned(), encoding)
    };
    assert_eq!(given("a.wasm", "gzip, deflate, br"), ("a.wasm.gz".to_owned(), Some("gzip")));
    assert_eq!(given("a.wasm", "gzip;q=0, br"), ("a.wasm".to_owned(), None));
    assert_eq!(given("a.wasm", ""), ("a.wasm".to_owned(), None));
    assert_eq!(given("b.wasm", "gzip"), ("b.wasm".to_owned(), None));
    fs_err::write(folder.join("a.wasm.br"), "").unwrap();
    assert_eq!(given("a.wasm", "gzip, deflate, br"), ("a.wasm.br".to_owned(), Some("br")));
}

/// Sends a request as it stands, and gives the whole answer.
fn ask(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(stream, "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn files_are_served_with_their_types_and_nothing_else_is() {
    let outside = tempfile::tempdir().unwrap();
    let outside = Utf8Path::from_path(outside.path()).unwrap();
    let folder = outside.join("folder");
    fs_err::create_dir_all(folder.join("page")).unwrap();
    fs_err::write(outside.join("secret"), "secret").unwrap();
    fs_err::write(folder.join("index.html"), "<!doctype html>").unwrap();
    fs_err::write(folder.join("page/main.mjs"), "export {};").unwrap();
    fs_err::write(folder.join("python.wasm"), b"\0asm").unwrap();
    fs_err::os::unix::fs::symlink("../secret", folder.join("link")).unwrap();
    fs_err::write(outside.join("other.wasm"), "other").unwrap();
    let mut server = Server::bind(&folder, 0).unwrap();
    server.add("wasi/python.wasm", outside.join("other.wasm"));
    server.add("python.wasm", outside.join("secret"));
    let cancel = Cancel::default();
    let log = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        scope.spawn(|| server.run(&cancel, &|answered| log.lock().unwrap().push((answered.url, answered.status))));
        let page = ask(&server, "GET /");
        assert!(page.starts_with("HTTP/1.1 200 ") && page.ends_with("\r\n\r\n<!doctype html>"), "{page}");
        for header in [
            "Cross-Origin-Opener-Policy: same-origin",
            "Cross-Origin-Embedder-Policy: require-corp",
            "Content-Type: text/html; charset=utf-8",
            "Content-Length: 15",
            "Cache-Control: no-cache",
        ] {
            assert!(page.contains(header), "{header}: {page}");
        }
        assert!(ask(&server, "GET /page/main.mjs?x").contains("Content-Type: text/javascript; charset=utf-8"));
        assert!(ask(&server, "GET /python.wasm").contains("Content-Type: application/wasm"));
        let other = ask(&server, "GET /wasi/python.wasm");
        assert!(other.contains("Content-Type: application/wasm") && other.ends_with("\r\n\r\nother"), "{other}");
        let head = ask(&server, "HEAD /index.html");
        assert!(head.contains("200") && !head.contains("doctype"), "{head}");
        let tag = page.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap().to_owned();
        let again = ask(&server, &format!("GET / HTTP/1.1\r\nIf-None-Match: {tag}\r\nX-Rest:"));
        assert!(again.starts_with("HTTP/1.1 304 "), "{again}");
        for (request, status) in [
            ("GET /page", 404),
            ("GET /nothing", 404),
            ("GET /../secret", 400),
            ("GET /%2e%2e/secret", 400),
            ("GET /link", 404),
            ("POST /", 405),
        ] {
            let answer = ask(&server, request);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")) && !answer.contains("\r\nsecret"),
                "{request}: {answer}"
            );
        }
        cancel.cancel();
    });
    assert!(log.lock().unwrap().contains(&("/../secret".to_owned(), 400)));
}

/// Browsers open six connections at once, keep all of them, and ask on any: none may have to wait for another.
#[test]
fn connections_that_stay_open_keep_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    fs_err::write(folder.join("index.html"), "<!doctype html>").unwrap();
    let server = Server::bind(folder, 0).unwrap();
    let cancel = Cancel::default();
    thread::scope(|scope| {
        scope.spawn(|| server.run(&cancel, &|_| ()));
        let mut streams: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(server.address).unwrap()).collect();
        for _ in 0..2 {
            for stream in &mut streams {
                stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
                write!(stream, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
                let mut answer = Vec::new();
                while !answer.ends_with(b"<!doctype html>") {
                    let mut buffer = [0; 1024];
                    let length = stream.read(&mut buffer).unwrap();
                    assert_ne!(length, 0, "the connection stays open");
                    answer.extend_from_slice(&buffer[..length]);
                }
            }
        }
        cancel.cancel();
    });
}
