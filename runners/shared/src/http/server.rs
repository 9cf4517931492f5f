//! The part of HTTP/1.1 that browsers on this machine need: one thread for each connection, and connections that stay open.
//!
//! A pool of threads is not enough: browsers open six connections at once and keep them,
//! and a handler may wait for as long as it likes without delaying another request.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::message::{Request, Response};

/// The longest head of a request that is read, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// How often a waiting thread checks whether the server should stop.
const POLL: Duration = Duration::from_millis(200);

/// How long a client may accept no byte of a response before its connection is closed.
const WRITE_TIMEOUT: Duration = Duration::from_secs(120);

/// What a server does with requests.
pub struct Service<'a> {
    /// The longest body of a request that is read, in bytes; a longer one gets status 413.
    pub longest_body: u64,
    /// Whether to stop: to accept no more connections, and to close those that wait for a request or for the client.
    pub is_stopped: &'a (dyn Fn() -> bool + Sync),
    /// Answers one request.
    pub answer: &'a (dyn Fn(&Request) -> Response + Sync),
}

/// Why the next request cannot be read.
enum ReadError {
    /// It gets this status, and the connection is closed.
    Status(u16),
    Connection(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Connection(error)
    }
}

impl Service<'_> {
    /// Answers every client until the service is stopped. The listener must be in non-blocking mode.
    pub fn run(&self, listener: &TcpListener) {
        let tick = Timespec { tv_sec: 0, tv_nsec: POLL.subsec_nanos().into() };
        thread::scope(|scope| {
            while !(self.is_stopped)() {
                if !matches!(poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&tick)), Ok(1)) {
                    continue;
                }
                // An error of one connection, such as a client that has gone, does not concern the others.
                if let Ok((stream, _)) = listener.accept() {
                    scope.spawn(move || self.converse(&stream));
                }
            }
        });
    }

    fn converse(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(POLL))?;
        stream.set_write_timeout(Some(POLL))?;
        let mut unread = Vec::new();
        loop {
            let request = match self.next_request(stream, &mut unread) {
                Ok(Some(request)) => request,
                Ok(None) => return Ok(()),
                Err(ReadError::Status(status)) => {
                    return self.write(stream, Response::new(status, Vec::new(), Vec::new()), false, false);
                }
                Err(ReadError::Connection(error)) => return Err(error),
            };
            let keep = request.keeps_connection();
            self.write(stream, (self.answer)(&request), request.method == "HEAD", keep)?;
            if !keep {
                return Ok(());
            }
        }
    }

    /// The next request; `None` at the end of the connection, or if the service is stopped.
    /// `unread` has the bytes that were received and belong to no request yet.
    fn next_request(&self, stream: &TcpStream, unread: &mut Vec<u8>) -> Result<Option<Request>, ReadError> {
        let end = loop {
            if let Some(end) = unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end;
            }
            if unread.len() > LONGEST_HEAD {
                return Err(ReadError::Status(431));
            }
            if !self.receive(stream, unread)? {
                return Ok(None);
            }
        };
        let head = str::from_utf8(&unread[..end]).ok().and_then(Request::parse);
        let mut request = head.ok_or(ReadError::Status(400))?;
        if request.header("transfer-encoding").is_some() {
            return Err(ReadError::Status(411));
        }
        let length: u64 = match request.header("content-length").map(str::parse) {
            None => 0,
            Some(Ok(length)) => length,
            Some(Err(_)) => return Err(ReadError::Status(400)),
        };
        if length > self.longest_body {
            return Err(ReadError::Status(413));
        }
        unread.drain(..end + 4);
        while (unread.len() as u64) < length {
            if !self.receive(stream, unread)? {
                return Ok(None);
            }
        }
        let rest = unread.split_off(usize::try_from(length).expect("it was received"));
        request.body = std::mem::replace(unread, rest);
        Ok(Some(request))
    }

    /// Waits for bytes and appends them; `false` at the end of the connection, or if the service is stopped.
    fn receive(&self, mut stream: &TcpStream, unread: &mut Vec<u8>) -> io::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        loop {
            match stream.read(&mut buffer) {
                Ok(length) => {
                    unread.extend_from_slice(&buffer[..length]);
                    return Ok(length > 0);
                }
                Err(error) if is_timeout(&error) => {
                    if (self.is_stopped)() {
                        return Ok(false);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn write(&self, stream: &TcpStream, mut response: Response, head_only: bool, keep: bool) -> io::Result<()> {
        let client = Client { stream, is_stopped: self.is_stopped };
        let mut writer = io::BufWriter::with_capacity(64 * 1024, client);
        writer.write_all(response.head(keep).as_bytes())?;
        if !head_only {
            let written = io::copy(&mut response.body, &mut writer)?;
            if written != response.size {
                // The client would take the next response for the rest of this one.
                return Err(io::Error::other("the body is shorter than its announced size"));
            }
        }
        writer.flush()
    }
}

/// The writing side of a connection, with [`WRITE_TIMEOUT`].
struct Client<'a> {
    stream: &'a TcpStream,
    is_stopped: &'a (dyn Fn() -> bool + Sync),
}

impl Write for Client<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let start = Instant::now();
        loop {
            match (&mut &*self.stream).write(bytes) {
                Err(error) if is_timeout(&error) && start.elapsed() < WRITE_TIMEOUT && !(self.is_stopped)() => {}
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// Everything that a server sends for the bytes of one connection.
    fn converse(sent: &[u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = AtomicBool::new(false);
        let answer = |request: &Request| {
            let text = format!("{} {} {}", request.method, request.target, String::from_utf8_lossy(&request.body));
            Response::new(200, Vec::new(), text.into_bytes())
        };
        let is_stopped = || stopped.load(Ordering::Relaxed);
        let service = Service { longest_body: 8, is_stopped: &is_stopped, answer: &answer };
        thread::scope(|scope| {
            scope.spawn(|| service.run(&listener));
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(sent).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut received = Vec::new();
            let result = stream.read_to_end(&mut received);
            stopped.store(true, Ordering::Relaxed);
            result.unwrap();
            String::from_utf8(received).unwrap()
        })
    }

    #[test]
    fn requests_with_and_without_a_body_follow_each_other_on_a_connection() {
        let received = converse(
            b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\none\
              HEAD /b HTTP/1.1\r\n\r\n\
              GET /c HTTP/1.1\r\nConnection: close\r\n\r\n\
              GET /d HTTP/1.1\r\n\r\n",
        );
        let expected = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nPOST /a one\
                        HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\
                        HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nGET /c ";
        assert_eq!(received, expected);
    }

    #[test]
    fn a_request_that_cannot_be_read_gets_a_status_and_ends_the_connection() {
        for (request, status) in [
            ("nonsense\r\n\r\n".to_owned(), 400),
            ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_owned(), 400),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(), 411),
            ("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n".to_owned(), 413),
            (format!("GET / HTTP/1.1\r\nLong: {}", "x".repeat(LONGEST_HEAD - 21)), 431),
        ] {
            let received = converse(request.as_bytes());
            let start = format!("HTTP/1.1 {status} ");
            assert!(received.starts_with(&start) && received.contains("Connection: close"), "{status}: {received}");
        }
        assert_eq!(converse(b"POST / HTTP/1.1\r\nContent-Length: 8\r\n\r\nshort"), "");
        assert_eq!(converse(b""), "");
    }
}
