//! A loopback HTTP/1.1 server that behaves as a test requests, including in ways that no server should.
//!
//! It is not a web server: it serves one request per connection, and only replies that were scripted for its target.
//!
//! ```
//! let server = Server::start();
//! server.script("/x.tar.gz", [Reply::status(503), Reply::file(b"...").truncated_after(10), Reply::file(b"...")]);
//! // ... fetch server.url("/x.tar.gz") ...
//! assert_eq!(server.requests("/x.tar.gz").len(), 3);
//! ```
//!
//! A target's replies are given in order, and the last one again and again; a target without a script is a 404.
//! A `HEAD` takes no reply away: it is answered like the last one.
//! A target is the one in the request line, so that the server can play a proxy as well: script
//! `http://files.example/x` for a plain request through it, and `files.example:443` for a `CONNECT`.
//! One that was started as a proxy plays what is behind a tunnel too: script `https://files.example/x` for it.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

pub use runner_shared::http::Request;

/// A server on a port of its own. It stops when it is dropped, and drops its connections.
pub struct Server {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What to answer, and how to fail at it.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Arc<[u8]>,
    ranges: bool,
    end: End,
}

/// How a reply ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Complete,
    /// After so many bytes of the body the connection is closed in good order.
    Truncated(usize),
    /// After so many bytes of the body nothing comes any more, until the client or the server goes away.
    Stalled(usize),
    /// After so many bytes of the body the connection is reset.
    Reset(usize),
    /// Not even a status line comes.
    Silent,
}

/// What the server speaks on a new connection.
enum Speech {
    Plain,
    Tls(Arc<rustls::ServerConfig>),
    /// Plain HTTP, and after a `CONNECT` that was answered with a script's reply, HTTPS.
    Tunnels(Arc<rustls::ServerConfig>),
}

struct Shared {
    address: SocketAddr,
    speech: Speech,
    /// Hears each request before it is answered.
    told: Box<dyn Fn(&Request) + Send + Sync>,
    stopping: AtomicBool,
    script: Mutex<HashMap<String, VecDeque<Reply>>>,
    requests: Mutex<Vec<Request>>,
    /// Second handles to the connections that are being served, by their other end.
    connections: Mutex<HashMap<SocketAddr, TcpStream>>,
}

impl Server {
    /// Starts a server that speaks plain HTTP.
    pub fn start() -> Self {
        Self::start_with(Speech::Plain, Box::new(|_| ()))
    }

    /// Starts a server that speaks HTTPS.
    pub fn start_tls(config: rustls::ServerConfig) -> Self {
        Self::start_with(Speech::Tls(Arc::new(config)), Box::new(|_| ()))
    }

    /// Starts a proxy that speaks plain HTTP, and plays the servers that it is asked for a tunnel to.
    pub fn start_proxy(config: rustls::ServerConfig, told: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        Self::start_with(Speech::Tunnels(Arc::new(config)), Box::new(told))
    }

    fn start_with(speech: Speech, told: Box<dyn Fn(&Request) + Send + Sync>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let shared = Arc::new(Shared {
            address: listener.local_addr().unwrap(),
            speech,
            told,
            stopping: AtomicBool::new(false),
            script: Mutex::default(),
            requests: Mutex::default(),
            connections: Mutex::default(),
        });
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.accept(&listener)
        });
        Self { shared, thread: Some(thread) }
    }

    /// The URL of a path, which begins with `/`.
    pub fn url(&self, path: &str) -> String {
        let scheme = if matches!(self.shared.speech, Speech::Tls(_)) { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.shared.address)
    }

    /// Scripts a target's replies, in place of those that it had.
    pub fn script(&self, target: &str, replies: impl IntoIterator<Item = Reply>) {
        self.shared.script.lock().unwrap().insert(target.to_owned(), replies.into_iter().collect());
    }

    /// What the server was asked for a target so far, in order.
    pub fn requests(&self, target: &str) -> Vec<Request> {
        self.all_requests().into_iter().filter(|request| request.target == target).collect()
    }

    /// Everything that the server was asked so far, in order.
    pub fn all_requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.shared.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // Wakes the threads that stall.
        for connection in self.shared.connections.lock().unwrap().values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Reply {
    /// A file: 200, or 206 and 416 for a request with a `Range`.
    pub fn file(body: &[u8]) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), ranges: true, end: End::Complete }
    }

    /// A status with an empty body.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::file(b"") }.without_ranges()
    }

    /// A 302 to an absolute URL, or to a path of this server.
    pub fn redirect(to: &str) -> Self {
        Self::status(302).header("Location", to)
    }

    /// No reply: the connection stays open and silent.
    pub fn silence() -> Self {
        Self { end: End::Silent, ..Self::status(200) }
    }

    /// Sets a header, also one that the server would compute (such as a `Content-Length` that is wrong).
    /// An empty value leaves the header out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Answers as if there were no `Range` in the request.
    pub fn without_ranges(self) -> Self {
        Self { ranges: false, ..self }
    }

    /// Does not announce the length: the body ends with the connection.
    pub fn without_length(self) -> Self {
        self.header("Content-Length", "")
    }

    /// Closes the connection after so many bytes of the body.
    pub fn truncated_after(self, bytes: usize) -> Self {
        Self { end: End::Truncated(bytes), ..self }
    }

    /// Sends nothing any more after so many bytes of the body.
    pub fn stalled_after(self, bytes: usize) -> Self {
        Self { end: End::Stalled(bytes), ..self }
    }

    /// Resets the connection after so many bytes of the body. Plain HTTP only.
    pub fn reset_after(self, bytes: usize) -> Self {
        Self { end: End::Reset(bytes), ..self }
    }

    /// The head of this reply to a request, and the body behind it.
    fn render(&self, request: &Request) -> (String, &[u8]) {
        let length = self.body.len();
        let range = request.header("Range").filter(|_| self.ranges);
        let start = range.map(|range| range.strip_prefix("bytes=").and_then(|r| r.strip_suffix('-')).unwrap());
        let mut headers = vec![("Connection".to_owned(), "close".to_owned())];
        let (status, body) = match start.map(|start| start.parse::<usize>().unwrap()) {
            None => (self.status, &self.body[..]),
            Some(start) if start < length => {
                headers.push(("Content-Range".to_owned(), format!("bytes {start}-{}/{length}", length - 1)));
                (206, &self.body[start..])
            }
            Some(_) => {
                headers.push(("Content-Range".to_owned(), format!("bytes */{length}")));
                (416, &b""[..])
            }
        };
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
        headers.retain(|(name, _)| !self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
        headers.extend(self.headers.iter().filter(|(_, value)| !value.is_empty()).cloned());
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        (format!("HTTP/1.1 {status} Scripted\r\n{headers}\r\n"), body)
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.stopping.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let Ok(baseline) = stream.peer_addr() else { continue };
            self.connections.lock().unwrap().insert(baseline, stream.try_clone().unwrap());
            let shared = Arc::clone(&self);
            thread::spawn(move || {
                // A client that goes away early is no news.
                let _ = shared.serve(&stream);
                // Closes the connection, together with the end of `stream`.
                shared.connections.lock().unwrap().remove(&baseline);
            });
        }
    }

    fn serve(&self, mut stream: &TcpStream) -> io::Result<()> {
        let (config, origin) = match &self.speech {
            Speech::Plain => return self.answer(&mut stream, "").map(drop),
            Speech::Tls(config) => (config, String::new()),
            Speech::Tunnels(config) => {
                let request = self.answer(&mut stream, "")?;
                if request.method != "CONNECT" || !self.script.lock().unwrap().contains_key(&request.target) {
                    return Ok(());
                }
                let name = request.target.strip_suffix(":443").unwrap_or(&request.target);
                (config, format!("https://{name}"))
            }
        };
        let session = rustls::ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        let mut tls = rustls::StreamOwned::new(session, stream);
        self.answer(&mut tls, &origin)?;
        tls.conn.send_close_notify();
        tls.flush()
    }

    /// Answers one request, whose target gets `origin` before it.
    fn answer(&self, stream: &mut (impl Read + Write), origin: &str) -> io::Result<Request> {
        let mut request = read_request(stream)?;
        request.target.insert_str(0, origin);
        (self.told)(&request);
        self.requests.lock().unwrap().push(request.clone());
        let reply = self.next_reply(&request);
        if !matches!(reply.end, End::Reset(_)) {
            // The last byte of the request: a connection that is closed before all was read is reset.
            stream.read_exact(&mut [0])?;
        }
        let (head, body) = reply.render(&request);
        let body = if request.method == "HEAD" { b"" } else { body };
        let length = match reply.end {
            End::Complete => body.len(),
            End::Truncated(length) | End::Stalled(length) | End::Reset(length) => length.min(body.len()),
            End::Silent => return wait_for_end(stream).map(|()| request),
        };
        stream.write_all(head.as_bytes())?;
        stream.write_all(&body[..length])?;
        stream.flush()?;
        if matches!(reply.end, End::Stalled(_)) {
            wait_for_end(stream)?;
        }
        Ok(request)
    }

    fn next_reply(&self, request: &Request) -> Reply {
        match self.script.lock().unwrap().get_mut(&request.target) {
            Some(replies) if replies.len() > 1 && request.method != "HEAD" => replies.pop_front().unwrap(),
            Some(replies) => replies.back().unwrap().clone(),
            None => Reply::status(404),
        }
    }
}

/// Reads a request without a body, up to but without its last byte.
fn read_request(stream: &mut impl Read) -> io::Result<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    Request::parse(head.trim_end()).ok_or_else(|| io::Error::other("malformed request"))
}

/// Waits until the client goes away, or the server stops.
fn wait_for_end(stream: &mut impl Read) -> io::Result<()> {
    stream.read(&mut [0]).map(drop)
}
