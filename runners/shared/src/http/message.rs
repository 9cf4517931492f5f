//! Requests and responses.

use std::io::{Cursor, Read};

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// The target of the request line, not decoded.
    pub target: String,
    pub body: Vec<u8>,
    headers: Vec<(String, String)>,
    /// Whether the version's connections stay open unless a header says otherwise.
    is_persistent: bool,
}

impl Request {
    /// Parses the head of a request, without the empty line that ends it. `None` if it is malformed.
    pub fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !version.starts_with("HTTP/1.") {
            return None;
        }
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        };
        Some(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            body: Vec::new(),
            headers: lines.map(header).collect::<Option<_>>()?,
            is_persistent: version != "HTTP/1.0",
        })
    }

    /// The value of a header; its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The path of the target without its query, not decoded.
    pub fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// Whether the client may send another request on the same connection.
    pub fn keeps_connection(&self) -> bool {
        self.is_persistent && !self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// A response.
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Box<dyn Read + Send>,
    /// The length of the body in bytes.
    pub size: u64,
}

impl Response {
    /// A response with its whole body in memory.
    pub fn new(status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Self {
        let size = body.len() as u64;
        Self { status, headers, body: Box::new(Cursor::new(body)), size }
    }

    /// The status line and the headers, with the empty line that ends them.
    pub(super) fn head(&self, keep: bool) -> String {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        // These two have no body, and a length would announce one.
        if !matches!(self.status, 204 | 304) {
            head += &format!("Content-Length: {}\r\n", self.size);
        }
        head += if keep { "\r\n" } else { "Connection: close\r\n\r\n" };
        head
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        205 => "Reset Content",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        411 => "Length Required",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_request_is_parsed() {
        let request = Request::parse("GET /a%20b?c HTTP/1.1\r\nHost: x\r\nIF-None-Match:  \"1\" ").unwrap();
        assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/a%20b?c"));
        assert_eq!(request.path(), "/a%20b");
        assert_eq!(request.header("if-none-match"), Some("\"1\""));
        for wrong in ["", "GET /", "GET / HTTP/2", "GET / a HTTP/1.1", "GET / HTTP/1.1\r\nno colon"] {
            assert_eq!(Request::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_connection_stays_open_unless_the_client_closes_it() {
        let keeps = |head: &str| Request::parse(head).unwrap().keeps_connection();
        assert!(keeps("GET / HTTP/1.1"));
        assert!(!keeps("GET / HTTP/1.1\r\nConnection: Close"));
        assert!(!keeps("GET / HTTP/1.0"));
    }

    #[test]
    fn an_unchanged_file_has_no_length() {
        let unchanged = Response::new(304, vec![("ETag", "\"1\"".to_owned())], Vec::new());
        assert_eq!(unchanged.head(true), "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
    }
}
