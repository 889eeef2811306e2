//! A scripted app for tests: what arrives is recorded, what it answers is up to the test, byte by
//! byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a scripted app does with one request.
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Then {
    KeepOpen,
    Close,
    Hang,
}

/// One request as the app saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) connection: usize,
    pub(crate) head: String,
    pub(crate) body: String,
}

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    pub(crate) fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }
}

/// Something that says `words` to whoever connects, and then nothing.
pub(crate) async fn greeter(words: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    });
    address
}

/// An app that answers each request with what `answer` makes of it.
pub(crate) async fn app_at(
    address: &str,
    answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
) -> (SocketAddr, Log) {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let log = Log::default();
    let (answer, seen) = (Arc::new(answer), log.clone());
    tokio::spawn(async move {
        for connection in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, connection, Arc::clone(&answer), seen.clone()));
        }
    });
    (address, log)
}

pub(crate) async fn app(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> (String, Log) {
    let (address, log) = app_at("127.0.0.1:0", answer).await;
    (
        format!("http://{address}/api/inngest?fnId=f&stepId=step"),
        log,
    )
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    answer: Arc<impl Fn(&Seen) -> Answer>,
    log: Log,
) {
    let mut buffer = Vec::new();
    loop {
        let Some(seen) = read_request(&mut stream, &mut buffer, connection).await else {
            return;
        };
        log.0.lock().unwrap().push(seen.clone());
        let Answer { bytes, then } = answer(&seen);
        stream.write_all(&bytes).await.unwrap();
        match then {
            Then::KeepOpen => {}
            Then::Close => return,
            Then::Hang => std::future::pending().await,
        }
    }
}

async fn read_request(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    connection: usize,
) -> Option<Seen> {
    loop {
        let text = String::from_utf8_lossy(buffer).into_owned();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if rest.len() >= length {
                buffer.drain(..head.len() + 4 + length);
                return Some(Seen {
                    connection,
                    head: head.to_owned(),
                    body: rest[..length].to_owned(),
                });
            }
        }
        if stream.read_buf(buffer).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

pub(crate) fn reply(status: &str, headers: &str, body: &[u8]) -> Answer {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    Answer {
        bytes,
        then: Then::KeepOpen,
    }
}

pub(crate) fn raw(text: &str, then: Then) -> Answer {
    Answer {
        bytes: text.as_bytes().to_vec(),
        then,
    }
}
