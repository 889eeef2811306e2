//! The app: it answers each call with the next step's result at once and does nothing else.
//!
//! Single-threaded, so that it takes at most one core. To its parent it writes its port in a line, and
//! from then on one byte for each run that has ended. It ends when its standard input does.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};

use crate::shape::{self, Program, Sequence};
use crate::waiter;

/// `GET`: [`Counters`].
pub(crate) const COUNTERS_PATH: &str = "/control/counters";
/// `POST`: start recording. `GET`: stop, and answer with the [`Recording`].
pub(crate) const RECORDING_PATH: &str = "/control/recording";

/// What the worker has done since its start.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Counters {
    /// The worker's clock, in seconds.
    pub(crate) at: f64,
    pub(crate) steps: u64,
    pub(crate) runs: u64,
}

/// Times seen from the worker. They mean something only while a single run is under way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Recording {
    /// From a reply to the arrival of the next call of the run.
    pub(crate) gaps: Vec<Duration>,
    /// When the first calls of runs arrived, since the Unix epoch.
    pub(crate) first_calls: Vec<Duration>,
    /// When calls arrived that bring what was waited for, since the Unix epoch.
    pub(crate) resumptions: Vec<Duration>,
    /// The same of the first calls of runs whose event has a number, with that.
    pub(crate) samples: Vec<(u32, Duration)>,
}

pub(crate) fn run() -> anyhow::Result<()> {
    // Ends with its parent, even if that is killed.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, serve())
}

async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    let worker = Rc::new(RefCell::new(Worker::new(tell_parent)));
    loop {
        let (stream, _) = listener
            .accept()
            .await
            .context("can't accept a connection")?;
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(serve_connection(stream, Rc::clone(&worker)));
    }
}

async fn serve_connection(stream: TcpStream, worker: Rc<RefCell<Worker>>) {
    let service = service_fn(move |request| answer(request, Rc::clone(&worker)));
    let connection = hyper::server::conn::http1::Builder::new();
    // A caller that goes away is no concern of the worker.
    let _ = connection
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

type Answer = Response<Full<Bytes>>;

async fn answer(
    request: Request<Incoming>,
    worker: Rc<RefCell<Worker>>,
) -> Result<Answer, Infallible> {
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(plain(StatusCode::BAD_REQUEST, "incomplete body"));
    };
    let body = body.to_bytes();
    let query = parts.uri.query().unwrap_or_default();
    if let Some(Program::Tenant(tenant)) = Program::of_query(query)
        && !tenant.work().is_zero()
    {
        worker.borrow_mut().record_sample(&body, arrived);
        tokio::time::sleep(tenant.work()).await;
    }
    let mut worker = worker.borrow_mut();
    Ok(match (parts.method, parts.uri.path()) {
        (Method::POST, shape::SERVE_PATH) => worker.call(query, &body, arrived),
        // A sync: the parent has registered the functions already.
        (Method::PUT, shape::SERVE_PATH) => {
            sdk_reply(StatusCode::OK, Bytes::from_static(b"{\"modified\":false}"))
        }
        (Method::GET, COUNTERS_PATH) => json(&worker.counters()),
        (Method::POST, RECORDING_PATH) => {
            worker.recording = Some(Recording::default());
            plain(StatusCode::OK, "recording")
        }
        (Method::GET, RECORDING_PATH) => json(&worker.recording.take().unwrap_or_default()),
        _ => plain(StatusCode::NOT_FOUND, "not found"),
    })
}

struct Worker {
    started: Instant,
    steps: u64,
    runs: u64,
    recording: Option<Recording>,
    last_reply: Instant,
    /// By index of the step.
    replies: Vec<Bytes>,
    result: Bytes,
    run_ended: fn(),
}

impl Worker {
    fn new(run_ended: fn()) -> Self {
        Self {
            started: Instant::now(),
            steps: 0,
            runs: 0,
            recording: None,
            last_reply: Instant::now(),
            replies: (0..Sequence::LONG.steps).map(shape::step_reply).collect(),
            result: Bytes::from_static(b"{\"ok\":true}"),
            run_ended,
        }
    }

    fn counters(&self) -> Counters {
        Counters {
            at: self.started.elapsed().as_secs_f64(),
            steps: self.steps,
            runs: self.runs,
        }
    }

    fn record_sample(&mut self, body: &[u8], arrived: Instant) {
        if let Some(recording) = &mut self.recording
            && let Ok(call) = serde_json::from_slice::<SampledCall>(body)
        {
            let sample = (call.event.data.sample, since_epoch(arrived));
            recording.samples.push(sample);
        }
    }

    fn call(&mut self, query: &str, body: &[u8], arrived: Instant) -> Answer {
        let (Some(program), Ok(call)) = (
            Program::of_query(query),
            serde_json::from_slice::<Call>(body),
        ) else {
            return plain(StatusCode::BAD_REQUEST, "not a call");
        };
        let done = call.ctx.stack.stack.len();
        let gap = arrived.saturating_duration_since(self.last_reply);
        if let Some(recording) = &mut self.recording {
            match program {
                Program::Tenant(_) => {}
                _ if done == 0 => recording.first_calls.push(since_epoch(arrived)),
                Program::Sequence(_) => recording.gaps.push(gap),
                Program::Waiter => recording.resumptions.push(since_epoch(arrived)),
            }
        }
        let reply = match program {
            Program::Sequence(sequence) if done < sequence.steps => {
                self.steps += 1;
                let step = self.replies.get(done).cloned().unwrap_or_default();
                sdk_reply(StatusCode::PARTIAL_CONTENT, step)
            }
            Program::Waiter if done == 0 => sdk_reply(StatusCode::PARTIAL_CONTENT, waiter::reply()),
            Program::Sequence(_) | Program::Waiter | Program::Tenant(_) => {
                self.runs += 1;
                (self.run_ended)();
                sdk_reply(StatusCode::OK, self.result.clone())
            }
        };
        self.last_reply = Instant::now();
        reply
    }
}

fn since_epoch(moment: Instant) -> Duration {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    now.saturating_sub(moment.elapsed())
}

/// One more run has ended.
fn tell_parent() {
    let mut stdout = std::io::stdout().lock();
    // If the parent is gone, standard input ends, and with it this process.
    let _ = stdout.write_all(b".").and_then(|()| stdout.flush());
}

/// What the worker reads of a call: how many steps are memoized.
#[derive(Deserialize)]
struct Call {
    ctx: CallContext,
}

#[derive(Deserialize)]
struct CallContext {
    stack: Stack,
}

#[derive(Deserialize)]
struct Stack {
    stack: Vec<IgnoredAny>,
}

/// A call of a run whose event has a number.
#[derive(Deserialize)]
struct SampledCall {
    event: SampledEvent,
}

#[derive(Deserialize)]
struct SampledEvent {
    data: SampledData,
}

#[derive(Deserialize)]
struct SampledData {
    sample: u32,
}

fn sdk_reply(status: StatusCode, body: Bytes) -> Answer {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        everstep_protocol::headers::SDK,
        HeaderValue::from_static("bench:v1"),
    );
    headers.insert(
        everstep_protocol::headers::REQUEST_VERSION,
        HeaderValue::from_static("2"),
    );
    response
}

fn json(value: &impl Serialize) -> Answer {
    match serde_json::to_vec(value) {
        Ok(body) => Response::new(Full::new(body.into())),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn plain(status: StatusCode, text: &str) -> Answer {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(text.as_bytes())));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_answered_step_by_step() {
        let mut worker = Worker::new(|| {});
        let statuses: Vec<u16> = Sequence::SHORT
            .calls()
            .iter()
            .map(|(_, body)| {
                worker
                    .call("fnId=bench-seq-20&stepId=step", body, Instant::now())
                    .status()
                    .as_u16()
            })
            .collect();
        assert_eq!(statuses.len(), 21);
        assert!(statuses[..20].iter().all(|status| *status == 206));
        assert_eq!(statuses[20], 200);
        assert_eq!((worker.steps, worker.runs), (20, 1));
    }

    #[test]
    fn a_waiter_ends_with_the_call_after_its_wait() {
        let mut worker = Worker::new(|| {});
        worker.recording = Some(Recording::default());
        for stack in ["[]", "[\"await\"]"] {
            let body = format!("{{\"ctx\":{{\"stack\":{{\"stack\":{stack}}}}}}}");
            worker.call("fnId=bench-waiter", body.as_bytes(), Instant::now());
        }
        let recording = worker.recording.unwrap();
        assert_eq!(
            (recording.first_calls.len(), recording.resumptions.len()),
            (1, 1)
        );
        assert_eq!(worker.runs, 1);
    }

    #[test]
    fn what_has_a_number_is_recorded_by_it() {
        let mut worker = Worker::new(|| {});
        worker.recording = Some(Recording::default());
        for data in [r#"{"tenant":"t"}"#, r#"{"sample":7,"tenant":"t"}"#] {
            let body = format!(r#"{{"event":{{"data":{data}}}}}"#);
            worker.record_sample(body.as_bytes(), Instant::now());
        }
        let samples = worker.recording.unwrap().samples;
        assert_eq!(
            samples
                .iter()
                .map(|(number, _)| *number)
                .collect::<Vec<_>>(),
            [7]
        );
    }

    #[test]
    fn gaps_lie_between_the_calls_of_a_run() {
        let mut worker = Worker::new(|| {});
        worker.recording = Some(Recording::default());
        for (_, body) in Sequence::SHORT.calls() {
            worker.call("fnId=bench-seq-20&stepId=step", &body, Instant::now());
        }
        let recording = worker.recording.unwrap();
        assert_eq!((recording.first_calls.len(), recording.gaps.len()), (1, 20));
    }
}
