//! How the process ends.

use std::io::Write;
use std::process::ExitCode;

/// An end other than success: a code, and what to tell the user.
#[derive(Debug)]
pub struct Exit {
    code: u8,
    message: Option<String>,
    usage: Option<Box<clap::Error>>,
}

impl Exit {
    fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: Some(message.into()),
            usage: None,
        }
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
        }
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
            let _ = writeln!(std::io::stderr(), "error: {message}");
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
        }
    }
}
