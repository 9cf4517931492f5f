//! HTTP for `cargo xtask serve`, the browser runner, the tests and the benchmarks:
//! the server, paths, content types, and headers for pages that share memory.

mod message;
mod server;

pub use message::{Request, Response};
pub use server::Service;

/// Browsers let a page share memory with its workers only if these keep other sites out (cross-origin isolation).
pub const ISOLATION: [(&str, &str); 3] = [
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
];

/// Content types by file extension. Browsers run modules, and compile WebAssembly while it loads, only if the type is right.
const TYPES: [(&str, &str); 12] = [
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("py", "text/x-python; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("ts", "text/plain; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("zip", "application/zip"),
];

/// The content type of a file.
pub fn content_type(file: &str) -> &'static str {
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    TYPES.iter().find(|(known, _)| *known == extension).map_or("application/octet-stream", |(_, found)| found)
}

/// Decodes a path of a URL. `None` if an escape is cut short, or the result is not UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: u8| (byte as char).to_digit(16);
                u8::try_from(digit(bytes.next()?)? * 16 + digit(bytes.next()?)?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

/// Decodes a value of a query, as `URLSearchParams` encodes it.
pub fn query_decode(text: &str) -> Option<String> {
    percent_decode(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(percent_decode("a%20b%C3%bc+").as_deref(), Some("a b\u{fc}+"));
        assert_eq!(query_decode("a+b%2B%0A").as_deref(), Some("a b+\n"));
        for wrong in ["%", "%4", "%zz", "%+1", "%ff"] {
            assert_eq!(percent_decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_content_type_follows_from_the_extension() {
        assert_eq!(content_type("a/python.wasm"), "application/wasm");
        assert_eq!(content_type("python.tar.gz"), "application/octet-stream");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }
}
