//! The guest's stdout and stderr, straight to the file descriptors of this process.
//!
//! wasmtime-wasi's own streams for them are buffered by lines and turn a closed pipe into EIO.
//! Its streams for files write through and keep every error as it is, so that Python raises `BrokenPipeError` as it does
//! anywhere; they only do not know terminals, which is what this adds.
//! Stdin is wasmtime-wasi's: only that one can be waited for with a time limit.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, OutputFile, StdoutStream};
use wasmtime_wasi::p2::OutputStream;

/// Stdout or stderr of this process.
pub struct Output {
    file: OutputFile,
    is_terminal: bool,
}

impl Output {
    /// Duplicates the file descriptor of `stream`.
    pub fn of(stream: impl AsFd + io::IsTerminal) -> io::Result<Self> {
        let file = File::from(stream.as_fd().try_clone_to_owned()?);
        Ok(Output { file: OutputFile::new(file), is_terminal: stream.is_terminal() })
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        self.is_terminal
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        self.file.async_stream()
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        self.file.p2_stream()
    }
}
