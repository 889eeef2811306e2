//! The two processes under this one: the worker and the server. Each ends when dropped.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use http::Uri;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::client::Connection;
use crate::shape;

/// How long a server may take to answer its first request before it counts as broken.
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// Where in its folder a server keeps its state, and how the file is called there.
const STATE: &str = "state";
const DATABASE: &str = "everstep.db";
/// Clock ticks per second in `/proc`: 100 on every Linux that is in use.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that is killed when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// CPU time used so far, in seconds: user and system.
    fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let path = format!("/proc/{}/stat", self.0.id());
        let stat = std::fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
        cpu_ticks(&stat)
            .map(|ticks| ticks / TICKS_PER_SECOND)
            .with_context(|| format!("can't understand {path}"))
    }

    /// A field of `/proc/<pid>/status` that is an amount of memory, in bytes.
    fn memory_bytes(&self, field: &str) -> anyhow::Result<f64> {
        let path = format!("/proc/{}/status", self.0.id());
        let status =
            std::fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kilobytes =
            line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        Ok(kilobytes.with_context(|| format!("there is no {field} in {path}"))? * 1024.0)
    }
}

/// User and system time in a line of `/proc/<pid>/stat`. The program's name, in parentheses, may contain
/// anything, so what counts is what follows it.
fn cpu_ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The app.
pub(crate) struct Worker {
    process: Process,
    pub(crate) port: u16,
    /// Numbers of runs that have just ended.
    pub(crate) ended_runs: UnboundedReceiver<usize>,
}

impl Worker {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("worker")
            // Held open: the worker ends when it closes.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("can't start the worker")?;
        let stdout = child.stdout.take().context("standard output is piped")?;
        let process = Process(child);
        let mut stdout = BufReader::new(stdout);
        let mut port = String::new();
        stdout.read_line(&mut port)?;
        let port = port.trim().parse().context("the worker named no port")?;

        let (sender, ended_runs) = unbounded_channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                if sender.send(count).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            process,
            port,
            ended_runs,
        })
    }

    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        self.process.cpu_seconds()
    }
}

/// The server under test, with its state in a folder of its own.
pub(crate) struct Server {
    process: Process,
    pub(crate) port: u16,
    /// From the start of the process to its first good answer.
    pub(crate) cold_start: Duration,
    log: PathBuf,
}

impl Server {
    pub(crate) fn start(binary: &Path, folder: &Path) -> anyhow::Result<Self> {
        Self::start_with(binary, folder, [])
    }

    /// With these arguments too.
    pub(crate) fn start_with<'a>(
        binary: &Path,
        folder: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> anyhow::Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let log = folder.join("server.log");
        let out = File::create(&log).with_context(|| format!("can't create {}", log.display()))?;
        let started = Instant::now();
        let child = Command::new(binary)
            .args([
                "dev",
                "--strict-port",
                "--no-discovery",
                "--no-poll",
                "--port",
                &port.to_string(),
            ])
            .arg("--sqlite-dir")
            .arg(folder.join(STATE))
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(out.try_clone()?)
            .stdout(out)
            .spawn()
            .with_context(|| format!("can't start {}", binary.display()))?;
        let mut process = Process(child);
        let cold_start = loop {
            if is_healthy(port) {
                break started.elapsed();
            }
            let ended = process.0.try_wait()?;
            if ended.is_some() || started.elapsed() > START_TIMEOUT {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                bail!("the server did not start ({ended:?}):\n{log}");
            }
            std::thread::sleep(Duration::from_micros(200));
        };
        Ok(Self {
            process,
            port,
            cold_start,
            log,
        })
    }

    /// The database of a server that was started with this folder.
    pub(crate) fn database(folder: &Path) -> PathBuf {
        folder.join(STATE).join(DATABASE)
    }

    /// Tell the server of the app.
    pub(crate) async fn register(&self, worker: &Worker) -> anyhow::Result<()> {
        let target = Uri::from_static("/fn/register");
        let body = shape::registration(worker.port);
        Connection::open(self.port).await?.post(&target, body).await
    }

    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        self.process.cpu_seconds()
    }

    /// Memory resident now.
    pub(crate) fn resident_bytes(&self) -> anyhow::Result<f64> {
        self.process.memory_bytes("VmRSS:")
    }

    /// The most memory that was resident since it started.
    pub(crate) fn peak_resident_bytes(&self) -> anyhow::Result<f64> {
        self.process.memory_bytes("VmHWM:")
    }

    /// The end of its log, for the message of an error.
    pub(crate) fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

fn is_healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.write_all(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        std::io::read_to_string(stream)
    };
    ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_read_behind_any_program_name() {
        let stat = "42 (a) S (b)) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 1 0 1 1 1";
        assert_eq!(cpu_ticks(stat), Some(300.0));
        assert_eq!(cpu_ticks("42"), None);
    }

    #[test]
    fn this_process_has_used_memory() {
        let child = Command::new("sleep").arg("5").spawn().unwrap();
        let process = Process(child);
        let resident = process.memory_bytes("VmRSS:").unwrap();
        assert!(resident > 0.0);
        assert!(process.memory_bytes("VmHWM:").unwrap() >= resident);
        let error = process.memory_bytes("VmNone:").unwrap_err().to_string();
        assert!(
            error.starts_with("there is no VmNone: in /proc/"),
            "{error}"
        );
        assert!(process.cpu_seconds().unwrap() < 5.0);
    }
}
