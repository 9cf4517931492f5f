//! As much of HTTP/1.1 as one browser on this machine needs: a thread for each connection, and connections that stay open.
//!
//! A pool of threads is not enough here: a request may wait for stdin as long as it likes, and must not keep another one waiting.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// The longest head of a request that is read.
const LONGEST_HEAD: u64 = 65536;

/// A request, whole.
pub struct Request {
    pub method: String,
    /// As it was sent: percent signs and all.
    pub path: String,
    pub host: String,
    pub body: Vec<u8>,
}

/// What is answered.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Box<dyn Read + Send>,
    pub size: u64,
}

/// Answers whoever connects, as long as this process lives.
pub fn serve(listener: TcpListener, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) {
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // Whoever asked may be gone in the middle: a worker that was ended.
            std::thread::spawn(move || converse(&stream, &*answer));
        }
    });
}

fn converse(stream: &TcpStream, answer: &(impl Fn(&Request) -> Answer + ?Sized)) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some((request, again)) = read(&mut reader)? {
        let mut answer = answer(&request);
        let mut head = format!("HTTP/1.1 {} -\r\nContent-Length: {}\r\n", answer.status, answer.size);
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += if again { "\r\n" } else { "Connection: close\r\n\r\n" };
        let mut writer = io::BufWriter::with_capacity(65536, stream);
        writer.write_all(head.as_bytes())?;
        let written = io::copy(&mut answer.body, &mut writer)?;
        writer.flush()?;
        if !again || written != answer.size {
            break;
        }
    }
    Ok(())
}

/// The next request, and whether another may follow; `None` at the end of the connection.
fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<(Request, bool)>> {
    let bad = || io::Error::other("not a request");
    let mut head = reader.by_ref().take(LONGEST_HEAD);
    let mut line = String::new();
    if head.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_ascii_whitespace();
    let (method, path) = (words.next().ok_or_else(bad)?.to_owned(), words.next().ok_or_else(bad)?.to_owned());
    let (mut host, mut length, mut again) = (String::new(), 0, true);
    loop {
        line.clear();
        if head.read_line(&mut line)? == 0 {
            return Err(bad());
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            if line.trim_end().is_empty() { break } else { return Err(bad()) }
        };
        match (name.to_ascii_lowercase().as_str(), value.trim()) {
            ("host", value) => host = value.to_owned(),
            ("content-length", value) => length = value.parse().map_err(|_| bad())?,
            ("connection", value) => again = !value.eq_ignore_ascii_case("close"),
            ("transfer-encoding", _) => return Err(bad()),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if reader.by_ref().take(length).read_to_end(&mut body)? as u64 != length {
        return Err(bad());
    }
    Ok(Some((Request { method, path, host, body }, again)))
}
