//! As much of HTTP/1.1 as browsers on this machine need: a thread for each connection, and connections that stay open.
//!
//! There is no pool of threads: browsers open six connections at once and keep them, so that whichever got no thread would wait
//! until another one closes, minutes later.

use std::io::{self, BufWriter, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::cancel::Cancel;

/// The longest head of a request that is read.
const LONGEST_HEAD: usize = 64 * 1024;

/// How often a thread that waits looks whether the server should end.
const POLL: Duration = Duration::from_millis(200);

/// How long a browser may take no byte of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request without its body, which nothing here has a use for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// As it was sent: percent signs and all.
    pub url: String,
    headers: Vec<(String, String)>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads the head of a request. `None` if it is none.
    fn read(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, url, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !version.starts_with("HTTP/1.") {
            return None;
        }
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers = lines.map(header).collect::<Option<_>>()?;
        Some(Self { method: method.to_owned(), url: url.to_owned(), headers })
    }

    /// Whether another request may follow on the same connection: not behind a body, which is not read.
    fn is_followed(&self) -> bool {
        let has_body = self.header("content-length").is_some_and(|length| length != "0")
            || self.header("transfer-encoding").is_some();
        !has_body && !self.header("connection").is_some_and(|word| word.eq_ignore_ascii_case("close"))
    }
}

/// Answers whoever connects, until it is cancelled.
pub fn serve(listener: &TcpListener, cancel: &Cancel, answer: &(dyn Fn(&Request) -> Response + Sync)) {
    let tick = Timespec { tv_sec: 0, tv_nsec: POLL.subsec_nanos().into() };
    thread::scope(|scope| {
        while !cancel.is_cancelled() {
            if !matches!(poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&tick)), Ok(1)) {
                continue;
            }
            // A connection that broke is the browser's affair.
            if let Ok((stream, _)) = listener.accept() {
                scope.spawn(move || converse(&stream, cancel, answer));
            }
        }
    });
}

fn converse(stream: &TcpStream, cancel: &Cancel, answer: &dyn Fn(&Request) -> Response) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(POLL))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut unread = Vec::new();
    while let Some(head) = next_head(stream, &mut unread, cancel)? {
        let Some(request) = String::from_utf8(head).ok().and_then(|head| Request::read(&head)) else {
            return write(stream, &Response { status: 400, headers: Vec::new(), body: Vec::new() }, false, false);
        };
        let followed = request.is_followed();
        write(stream, &answer(&request), request.method == "HEAD", followed)?;
        if !followed {
            break;
        }
    }
    Ok(())
}

/// The next head, without the empty line behind it; `None` at the end of the connection. `unread` has what came already.
fn next_head(mut stream: &TcpStream, unread: &mut Vec<u8>, cancel: &Cancel) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = memchr::memmem::find(unread, b"\r\n\r\n") {
            let rest = unread.split_off(end + 4);
            let mut head = std::mem::replace(unread, rest);
            head.truncate(end);
            return Ok(Some(head));
        }
        if unread.len() > LONGEST_HEAD {
            return Err(io::Error::other("the head of a request has no end"));
        }
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(None),
            Ok(length) => unread.extend_from_slice(&buffer[..length]),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                if cancel.is_cancelled() {
                    return Ok(None);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn write(stream: &TcpStream, response: &Response, head_only: bool, followed: bool) -> io::Result<()> {
    let Response { status, headers, body } = response;
    let mut head = format!("HTTP/1.1 {status} {}\r\n", in_words(*status));
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    // An answer that says that nothing changed has no body, whatever its length would be.
    if *status != 304 {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    head += if followed { "\r\n" } else { "Connection: close\r\n\r\n" };
    let mut writer = BufWriter::new(stream);
    writer.write_all(head.as_bytes())?;
    if !head_only {
        writer.write_all(body)?;
    }
    writer.flush()
}

fn in_words(status: u16) -> &'static str {
    match status {
        200 => "OK",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_request_is_read() {
        let request = Request::read("GET /a%20b?c HTTP/1.1\r\nHost: x\r\nIF-None-Match:  \"1\" ").unwrap();
        assert_eq!((request.method.as_str(), request.url.as_str()), ("GET", "/a%20b?c"));
        assert_eq!(request.header("if-none-match"), Some("\"1\""));
        assert!(request.is_followed());
        for wrong in ["", "GET /", "GET / HTTP/2", "GET / a HTTP/1.1", "GET / HTTP/1.1\r\nno colon"] {
            assert_eq!(Request::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_follows_a_body_or_a_wish_to_close() {
        for header in ["Connection: close", "Content-Length: 3", "Transfer-Encoding: chunked"] {
            let request = Request::read(&format!("POST / HTTP/1.1\r\n{header}")).unwrap();
            assert!(!request.is_followed(), "{header}");
        }
        assert!(Request::read("GET / HTTP/1.1\r\nContent-Length: 0").unwrap().is_followed());
    }
}
