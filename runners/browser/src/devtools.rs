//! The DevTools protocol over two pipes: JSON messages, each followed by a NUL. Knows nothing of pages or of Python.

use std::fs::File;
use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A message from the browser, or a request to stop it.
pub enum Message {
    Protocol(Value),
    /// SIGINT.
    Interrupt,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Problem {
    /// The browser refuses: its words.
    Refused(String),
    /// The process of the page ended: the signal, and the browser's word for it.
    Crashed { signal: i32, status: String },
    /// Nothing came in time.
    TimedOut,
    /// The browser is gone.
    Gone,
}

pub struct DevTools {
    questions: PipeWriter,
    answers: Receiver<Message>,
    sender: Sender<Message>,
    last: u64,
    /// Says on stderr what the page writes to its console.
    pub verbose: bool,
}

impl DevTools {
    pub fn new(questions: PipeWriter, answers: PipeReader) -> Self {
        let (sender, receiver) = channel();
        let to_us = sender.clone();
        let mut answers = BufReader::new(File::from(OwnedFd::from(answers)));
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while matches!(answers.read_until(0, &mut message), Ok(length) if length > 0) {
                if message.pop() != Some(0) {
                    break;
                }
                if let Ok(value) = serde_json::from_slice(&message)
                    && to_us.send(Message::Protocol(value)).is_err()
                {
                    break;
                }
                message.clear();
            }
            // Nothing will come any more.
            let _ = to_us.send(Message::Protocol(Value::Null));
        });
        Self { questions, answers: receiver, sender, last: 0, verbose: false }
    }

    /// Where other threads report an interrupt.
    pub fn sender(&self) -> Sender<Message> {
        self.sender.clone()
    }

    /// Sends a command, and gives the number of its answer.
    pub fn send(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Result<u64, Problem> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.questions.write_all(&bytes).map_err(|_| Problem::Gone)?;
        Ok(self.last)
    }

    /// Sends a command and waits for its answer.
    pub fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
        limit: Duration,
    ) -> Result<Value, Problem> {
        let number = self.send(session, method, parameters)?;
        self.wait(session, |message| is_answer(message, number), Some(limit), |_| Ok(()))
    }

    /// Waits for a message, and gives its result. `interrupted` is called whenever SIGINT comes meanwhile.
    pub fn wait(
        &mut self,
        session: Option<&str>,
        wanted: impl Fn(&Value) -> bool,
        limit: Option<Duration>,
        mut interrupted: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<Value, Problem> {
        let began = Instant::now();
        loop {
            let left = limit.map_or(Duration::from_secs(3600), |limit| limit.saturating_sub(began.elapsed()));
            let message = match self.answers.recv_timeout(left) {
                Ok(Message::Protocol(Value::Null)) => return Err(Problem::Gone),
                Ok(Message::Protocol(message)) => message,
                Ok(Message::Interrupt) => {
                    interrupted(self)?;
                    continue;
                }
                Err(RecvTimeoutError::Timeout) if limit.is_none() => continue,
                Err(RecvTimeoutError::Timeout) => return Err(Problem::TimedOut),
                Err(RecvTimeoutError::Disconnected) => return Err(Problem::Gone),
            };
            if self.verbose {
                tell(&message);
            }
            if wanted(&message) {
                return match message.get("error") {
                    Some(error) => Err(Problem::Refused(error["message"].as_str().unwrap_or_default().to_owned())),
                    None => Ok(message["result"].clone()),
                };
            }
            // Both sessions receive it; only that of the page knows which one crashed.
            if session.is_some() && message["method"] == "Target.targetCrashed" {
                return Err(Problem::Crashed {
                    signal: message["params"]["errorCode"].as_i64().unwrap_or_default() as i32,
                    status: message["params"]["status"].as_str().unwrap_or_default().to_owned(),
                });
            }
        }
    }
}

pub fn is_answer(message: &Value, number: u64) -> bool {
    message["id"].as_u64() == Some(number)
}

/// What a page writes to its console, and exceptions that it does not catch.
fn tell(message: &Value) {
    let parameters = &message["params"];
    match message["method"].as_str() {
        Some("Runtime.consoleAPICalled") => {
            let words = parameters["args"].as_array().into_iter().flatten();
            let words = words.filter_map(|word| word["value"].as_str().or(word["description"].as_str()));
            crate::say(&format!("console: {}", words.collect::<Vec<_>>().join(" ")));
        }
        Some("Runtime.exceptionThrown") => {
            crate::say(&format!("exception: {}", parameters["exceptionDetails"]));
        }
        _ => {}
    }
}
