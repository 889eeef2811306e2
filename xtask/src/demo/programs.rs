//! The programs of a demo: started, watched, their logs shown.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::process::{Group, Run};

const POLL: Duration = Duration::from_millis(25);
/// Lines of each log that are shown when something went wrong.
const TAIL_LINES: usize = 40;

/// Programs that run together: one that ends by itself is an error.
pub(super) struct Programs {
    folder: PathBuf,
    programs: Vec<Program>,
}

struct Program {
    name: &'static str,
    log: PathBuf,
    /// Bytes of the log that were shown already.
    shown: usize,
    group: Group,
}

impl Programs {
    /// None yet; their logs will be in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            programs: Vec::new(),
        }
    }

    pub(super) fn start(&mut self, name: &'static str, run: Run) -> anyhow::Result<()> {
        let log = self.folder.join(format!("{name}.log"));
        let group = run.log(&log)?.spawn()?;
        self.programs.push(Program {
            name,
            log,
            shown: 0,
            group,
        });
        Ok(())
    }

    /// Ask again and again until there is an answer, and show what the programs say meanwhile.
    pub(super) fn wait_for<T>(
        &mut self,
        what: &str,
        timeout: Duration,
        ask: impl Fn() -> Option<T>,
    ) -> anyhow::Result<T> {
        let start = Instant::now();
        loop {
            let answer = ask();
            self.show_news();
            if let Some(answer) = answer {
                return Ok(answer);
            }
            self.check()
                .map_err(|error| error.context(format!("waiting for {what}")))?;
            if start.elapsed() > timeout {
                bail!("waited {} s for {what}", timeout.as_secs());
            }
            std::thread::sleep(POLL);
        }
    }

    /// Show what the programs say until one of them ends.
    pub(super) fn watch(&mut self) -> anyhow::Error {
        loop {
            self.show_news();
            if let Err(error) = self.check() {
                return error;
            }
            std::thread::sleep(POLL);
        }
    }

    /// An error if one of them has ended.
    fn check(&mut self) -> anyhow::Result<()> {
        for program in &mut self.programs {
            if let Some(status) = program.group.ended()? {
                bail!("the {} ended: {status}", program.name);
            }
        }
        Ok(())
    }

    fn show_news(&mut self) {
        for program in &mut self.programs {
            let log = std::fs::read(&program.log).unwrap_or_default();
            let news = log.get(program.shown..).unwrap_or_default();
            let whole_lines = news.iter().rposition(|byte| *byte == b'\n');
            let news = &news[..whole_lines.map_or(0, |end| end + 1)];
            program.shown += news.len();
            for line in String::from_utf8_lossy(news).lines() {
                if !line.trim().is_empty() {
                    println!("{:>6} │ {line}", program.name);
                }
            }
        }
    }

    pub(super) fn show_tails(&self) {
        for program in &self.programs {
            let log = std::fs::read(&program.log).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(TAIL_LINES)..];
            println!(
                "\n── the {}'s log, last {} lines ──\n{}",
                program.name,
                tail.len(),
                tail.join("\n")
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::TempFolder;

    #[test]
    fn a_program_that_ends_by_itself_is_an_error() {
        let folder = TempFolder::new("test").unwrap();
        let mut programs = Programs::new(folder.path());
        let lasting = Run::new("sleep").arguments(["60"]);
        let ending = Run::new("sh").arguments(["-c", "echo going; exit 3"]);
        programs.start("server", lasting).unwrap();
        programs.start("app", ending).unwrap();
        let error = programs.watch().to_string();
        assert_eq!(error, "the app ended: exit status: 3");
    }

    #[test]
    fn waiting_ends_with_the_answer_or_with_the_time() {
        let folder = TempFolder::new("test").unwrap();
        let mut programs = Programs::new(folder.path());
        let second = Duration::from_secs(1);
        let answer = programs.wait_for("it", second, || Some(7)).unwrap();
        assert_eq!(answer, 7);
        let late = programs.wait_for("it", Duration::ZERO, || None::<()>);
        assert_eq!(late.unwrap_err().to_string(), "waited 0 s for it");
    }
}
