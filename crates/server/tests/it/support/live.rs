//! Clients of the live feed: over a WebSocket, and with server-sent events.

use futures::{SinkExt as _, StreamExt as _};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{PATIENCE, Server};

/// A WebSocket.
pub(crate) struct Live(WebSocketStream<TcpStream>);

impl Live {
    pub(crate) async fn connect(server: &Server) -> Self {
        let live = Self::connect_from(server, None).await;
        live.unwrap_or_else(|status| panic!("the server answers {status}"))
    }

    /// As a page of that origin does.
    pub(crate) async fn connect_from(
        server: &Server,
        origin: Option<&str>,
    ) -> Result<Self, StatusCode> {
        let stream = TcpStream::connect(("127.0.0.1", server.dev.port)).await;
        let url = format!("ws://localhost:{}/v2/live", server.dev.port);
        let mut request = url.into_client_request().unwrap();
        if let Some(origin) = origin {
            let origin = origin.parse().unwrap();
            request.headers_mut().insert(http::header::ORIGIN, origin);
        }
        match tokio_tungstenite::client_async(request, stream.unwrap()).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn say(&mut self, message: impl Into<Message>) {
        self.0.send(message.into()).await.unwrap();
    }

    /// Follows a topic, and gives the first message of it.
    pub(crate) async fn follow(&mut self, topic: &str, cursor: Option<&Value>) -> Value {
        let request = match cursor {
            Some(cursor) => json!({ "sub": topic, "cursor": cursor }),
            None => json!({ "sub": topic }),
        };
        self.say(request.to_string()).await;
        self.until(|message| message["topic"] == topic).await
    }

    /// The next message that is no sign of life.
    pub(crate) async fn next(&mut self) -> Value {
        self.until(|_| true).await
    }

    /// The next message that is like this. Others are passed over.
    pub(crate) async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = match self.frame().await {
                Some(Message::Text(text)) => serde_json::from_str::<Value>(&text).unwrap(),
                Some(Message::Ping(_) | Message::Pong(_)) => continue,
                other => panic!("{other:?}"),
            };
            if message["kind"] != "heartbeat" && is_it(&message) {
                return message;
            }
        }
    }

    /// How the server closes the connection; `None` if it just ends.
    pub(crate) async fn closed(&mut self) -> Option<CloseFrame> {
        loop {
            match self.frame().await {
                Some(Message::Close(frame)) => return frame,
                Some(_) => {}
                None => return None,
            }
        }
    }

    /// The first message at all.
    pub(crate) async fn frame(&mut self) -> Option<Message> {
        let frame = tokio::time::timeout(PATIENCE, self.0.next()).await;
        frame.expect("the server says something")?.ok()
    }
}

/// Server-sent events, read off a socket.
pub(crate) struct Events {
    stream: BufReader<TcpStream>,
}

/// One of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) data: Value,
}

impl Events {
    /// Asks for a path with a header of the client's own, and reads the head of the answer.
    pub(crate) async fn open(server: &Server, path: &str, header: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", server.dev.port))
            .await
            .unwrap();
        // Of HTTP/1.0, so that there are no chunks.
        let head = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n{header}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut events = Self {
            stream: BufReader::new(stream),
        };
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push_str(&events.line().await);
        }
        assert!(head.contains("200 OK"), "{head}");
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        events
    }

    /// The next event. Comments are passed over.
    pub(crate) async fn next(&mut self) -> Sent {
        let mut sent = Sent::default();
        loop {
            let line = self.line().await;
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => sent.id = id.to_owned(),
                Some(("event", event)) => sent.event = event.to_owned(),
                Some(("data", data)) => sent.data = serde_json::from_str(data).unwrap(),
                _ if line == "\n" && sent != Sent::default() => return sent,
                _ => {}
            }
        }
    }

    /// What is left until the server ends the stream.
    pub(crate) async fn rest(&mut self) -> String {
        let mut rest = String::new();
        let reading = self.stream.read_to_string(&mut rest);
        let read = tokio::time::timeout(PATIENCE, reading).await;
        read.expect("the stream ends").unwrap();
        rest
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let reading = self.stream.read_line(&mut line);
        let read = tokio::time::timeout(PATIENCE, reading).await;
        assert_ne!(
            read.expect("there is a line").unwrap(),
            0,
            "the stream ended"
        );
        line
    }
}
