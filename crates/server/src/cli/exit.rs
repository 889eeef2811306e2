//! How the process ends.

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;

/// An end other than success: a code, and what to tell the user.
#[derive(Debug)]
pub struct Exit {
    code: u8,
    message: Option<String>,
    usage: Option<Box<clap::Error>>,
    /// What is wrong, for machines, if the server said so.
    reason: Option<String>,
    is_json: bool,
}

impl Exit {
    fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: Some(message.into()),
            usage: None,
            reason: None,
            is_json: false,
        }
    }

    /// The command line does not make sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(2, message)
    }

    /// The operation failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(1, message)
    }

    /// The server does not know it.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(3, message)
    }

    /// The server does not let this client.
    pub fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(4, message)
    }

    /// The server can't be reached.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(5, message)
    }

    /// It is not in a state for that, or a limit is reached.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(6, message)
    }

    /// Some of many things worked.
    pub fn partial(message: impl Into<String>) -> Self {
        Self::new(7, message)
    }

    /// The run that was waited for failed.
    pub fn run_failed(message: impl Into<String>) -> Self {
        Self::new(10, message)
    }

    /// The run that was waited for was cancelled.
    pub fn run_cancelled(message: impl Into<String>) -> Self {
        Self::new(11, message)
    }

    /// Waited for in vain.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self::new(8, message)
    }

    /// The port or the store is not available.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(69, message)
    }

    /// Data can't be created.
    pub fn cannot_create(message: impl Into<String>) -> Self {
        Self::new(73, message)
    }

    /// The configuration is wrong.
    pub fn bad_config(message: impl Into<String>) -> Self {
        Self::new(78, message)
    }

    /// Ended by a signal (SIGINT 2, SIGTERM 15) before work in progress was finished.
    pub fn signalled(number: u8) -> Self {
        Self {
            code: 128 + number,
            message: None,
            usage: None,
            reason: None,
            is_json: false,
        }
    }

    /// With the server's own code.
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Told as `{"error": {"code", "message"}}`.
    pub fn into_json(mut self) -> Self {
        self.is_json = true;
        self
    }

    fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or(match self.code {
            2 => "usage",
            3 => "not_found",
            4 => "not_allowed",
            5 => "unreachable",
            6 => "conflict",
            7 => "partial",
            8 => "timed_out",
            10 => "run_failed",
            11 => "run_cancelled",
            78 => "bad_config",
            _ => "failed",
        })
    }

    pub fn is_unreachable(&self) -> bool {
        self.code == 5
    }

    pub fn code(&self) -> u8 {
        self.code
    }

    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Tells the user, and gives the code for the operating system.
    pub fn report(&self) -> ExitCode {
        if let Some(usage) = &self.usage {
            // Help and version go to stdout, errors to stderr.
            let _ = usage.print();
        }
        if let Some(message) = &self.message {
            let text = match self.is_json {
                true => {
                    json!({ "error": { "code": self.reason(), "message": message } }).to_string()
                }
                false => format!("error: {message}"),
            };
            let _ = writeln!(std::io::stderr(), "{text}");
        }
        ExitCode::from(self.code)
    }
}

impl From<clap::Error> for Exit {
    fn from(error: clap::Error) -> Self {
        let code = u8::try_from(error.exit_code()).unwrap_or(2);
        Self {
            code,
            message: None,
            usage: Some(Box::new(error)),
            reason: None,
            is_json: false,
        }
    }
}
