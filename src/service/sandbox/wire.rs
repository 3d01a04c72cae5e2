//! The connection under HTTP: a socket that can be made to break on cue.
//!
//! A handler sees only requests and answers. To reset a connection, or to send what is no HTTP, it
//! leaves a [`Cue`] with its [`Wire`]; the socket obeys it in place of the answer.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What the connection does instead of sending the answer.
#[derive(Debug)]
pub(super) enum Cue {
    /// Ends with a TCP reset.
    Reset,
    /// Sends these bytes, if any, and closes.
    Send(Vec<u8>),
}

/// The handler's end of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire(Arc<Mutex<Option<Cue>>>);

impl Wire {
    /// From now on the connection follows the cue.
    pub(super) fn cue(&self, cue: Cue) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(cue);
    }
}

impl Connected<IncomingStream<'_, Lines>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().wire.clone()
    }
}

/// Accepts connections that can break on cue.
pub(super) struct Lines(pub(super) TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        // Small answers must not wait for the client's acknowledgement; without it they only come later.
        stream.set_nodelay(true).ok();
        let wire = Wire::default();
        (Line { stream, wire }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A socket with its cue.
pub(super) struct Line {
    stream: TcpStream,
    wire: Wire,
}

impl Line {
    /// Follows the cue, if there is one: always ends in an error, upon which the server drops the socket.
    fn follow(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut cue = self.wire.0.lock().unwrap_or_else(PoisonError::into_inner);
        match cue.as_mut() {
            None => return Poll::Ready(Ok(())),
            // Closing with linger 0 is what makes the kernel send a reset rather than an orderly end.
            Some(Cue::Reset) => self.stream.set_zero_linger()?,
            Some(Cue::Send(bytes)) => {
                while !bytes.is_empty() {
                    let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
                    bytes.drain(..sent);
                }
            }
        }
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.follow(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.follow(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
