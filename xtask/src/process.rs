//! Child processes that never outlive this one.
//!
//! **Invariant:** every child leads a process group of its own, and the group is listed in [`LIVE`] from
//! the moment it exists until nothing of it runs any more. Whatever ends this process (the end of a
//! command, an error, Ctrl-C, SIGTERM) first ends every group in the list, grandchildren included.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::workspace;

/// How long a process may take to stop once it was asked to.
const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(10);

static LIVE: Mutex<Live> = Mutex::new(Live {
    groups: Vec::new(),
    folders: Vec::new(),
});
static EXIT_CODE_ON_SIGNAL: AtomicI32 = AtomicI32::new(130);

struct Live {
    groups: Vec<Pid>,
    folders: Vec<PathBuf>,
}

fn live() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ctrl-C, SIGTERM and a closed terminal stop the children, and then this process.
pub(crate) fn stop_children_on_signals() -> anyhow::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            // Held until the end: no child can be started any more, and the main thread, whose child
            // has just died, can't get further than this lock and report that as a failure.
            let live = live();
            stop_all(&live.groups);
            for folder in &live.folders {
                let _ = std::fs::remove_dir_all(folder);
            }
            std::process::exit(EXIT_CODE_ON_SIGNAL.load(Ordering::Relaxed));
        }
    });
    Ok(())
}

/// From now on Ctrl-C is the proper end of this command, not an interruption.
pub(crate) fn end_on_signal() {
    EXIT_CODE_ON_SIGNAL.store(0, Ordering::Relaxed);
}

fn stop_all(groups: &[Pid]) {
    for group in groups {
        let _ = kill_process_group(*group, Signal::TERM);
    }
    let deadline = Instant::now() + GRACE;
    while Instant::now() < deadline && groups.iter().any(|group| is_running(*group)) {
        std::thread::sleep(POLL);
    }
    for group in groups.iter().filter(|group| is_running(**group)) {
        let _ = kill_process_group(*group, Signal::KILL);
    }
}

/// Whether anything of the group is left. Reaps its leader: a zombie would count as running.
fn is_running(group: Pid) -> bool {
    let _ = waitid(
        WaitId::Pid(group),
        WaitIdOptions::EXITED | WaitIdOptions::NOHANG,
    );
    test_kill_process_group(group).is_ok()
}

/// A command to run: at the root of the repository, without input, in an environment in which nothing
/// asks questions and nothing that `cargo run` told *us* leaks into builds.
pub(crate) struct Run {
    command: Command,
    shown: String,
}

impl Run {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(workspace::root()).stdin(Stdio::null());
        command.process_group(0);
        for (name, _) in std::env::vars_os() {
            if is_set_by_cargo_run(&name) {
                command.env_remove(name);
            }
        }
        let shown = Path::new(program)
            .file_name()
            .unwrap_or(program)
            .to_string_lossy()
            .into_owned();
        Self { command, shown }
    }

    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    pub(crate) fn arguments<'a>(self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        arguments.into_iter().fold(self, Self::argument)
    }

    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Drop every variable whose name starts so, that the shell may have set for something else.
    pub(crate) fn without_env(mut self, prefix: &str) -> Self {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with(prefix) {
                self.command.env_remove(name);
            }
        }
        self
    }

    /// Both streams of output go to `file`.
    pub(crate) fn log(mut self, file: &Path) -> anyhow::Result<Self> {
        let out = File::create(file).with_context(|| format!("can't create {}", file.display()))?;
        self.command.stderr(out.try_clone()?).stdout(out);
        Ok(self)
    }

    pub(crate) fn spawn(mut self) -> anyhow::Result<Group> {
        // Under the lock, so that a signal finds the child in the list or keeps it from starting.
        let mut live = live();
        let child = self
            .command
            .spawn()
            .with_context(|| format!("can't start `{}`", self.shown))?;
        let group = Pid::from_child(&child);
        live.groups.push(group);
        Ok(Group {
            child,
            group,
            shown: self.shown,
            ended: false,
        })
    }
}

/// Cargo sets these for the program that it runs. Build scripts that declare an interest in one of them
/// would be run again, and what depends on them rebuilt, every time a build starts from another place.
fn is_set_by_cargo_run(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO"
}

/// Run to its end, with its output on ours; an error unless it succeeds.
pub(crate) fn run(run: Run) -> anyhow::Result<()> {
    println!("$ {}", run.shown);
    run_quiet(run)
}

/// As [`run`], without saying so.
pub(crate) fn run_quiet(run: Run) -> anyhow::Result<()> {
    let mut group = run.spawn()?;
    let status = group.wait()?;
    if !status.success() {
        bail!("`{}` failed: {status}", group.shown);
    }
    Ok(())
}

/// Run to its end and return what it wrote to standard output.
pub(crate) fn capture(mut run: Run) -> anyhow::Result<String> {
    run.command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut group = run.spawn()?;
    let stdout = group
        .child
        .stdout
        .take()
        .context("standard output is piped")?;
    let stderr = group
        .child
        .stderr
        .take()
        .context("standard error is piped")?;
    let errors = std::thread::spawn(move || std::io::read_to_string(stderr).unwrap_or_default());
    let output = std::io::read_to_string(stdout)
        .with_context(|| format!("the output of `{}` is not text", group.shown))?;
    let status = group.wait()?;
    if !status.success() {
        let errors = errors.join().unwrap_or_default();
        bail!("`{}` failed: {status}\n{}", group.shown, errors.trim_end());
    }
    Ok(output)
}

/// A running child and everything that it started. Dropping it stops them all.
pub(crate) struct Group {
    child: Child,
    group: Pid,
    shown: String,
    ended: bool,
}

impl Group {
    /// Wait for the child; what it left running in its group is killed.
    pub(crate) fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        // Not reaped yet, so that its number can't be given to another group before we signal it.
        waitid(
            WaitId::Pid(self.group),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        )
        .with_context(|| format!("can't wait for `{}`", self.shown))?;
        self.reap()
    }

    /// Its exit status, if it has ended.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        match waitid(WaitId::Pid(self.group), options) {
            Ok(None) => Ok(None),
            Ok(Some(_)) => self.reap().map(Some),
            Err(error) => Err(error).with_context(|| format!("can't wait for `{}`", self.shown)),
        }
    }

    fn reap(&mut self) -> anyhow::Result<ExitStatus> {
        let mut live = live();
        let _ = kill_process_group(self.group, Signal::KILL);
        let status = self.child.wait()?;
        live.groups.retain(|group| *group != self.group);
        self.ended = true;
        Ok(status)
    }

    fn stop_now(&mut self) {
        if self.ended {
            return;
        }
        let mut live = live();
        stop_all(&[self.group]);
        let _ = self.child.wait();
        live.groups.retain(|group| *group != self.group);
        self.ended = true;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop_now();
    }
}

/// A new folder for temporary files, removed when dropped and when a signal ends this process.
pub(crate) struct TempFolder(PathBuf);

impl TempFolder {
    pub(crate) fn new(purpose: &str) -> anyhow::Result<Self> {
        let parent = std::env::temp_dir();
        for number in 0..100 {
            let path = parent.join(format!(
                "everstep-{purpose}-{}-{number}",
                std::process::id()
            ));
            match std::fs::create_dir(&path) {
                Ok(()) => {
                    live().folders.push(path.clone());
                    return Ok(Self(path));
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("can't create {}", path.display()));
                }
            }
        }
        bail!(
            "no free name for a temporary folder in {}",
            parent.display()
        )
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        live().folders.retain(|folder| *folder != self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
