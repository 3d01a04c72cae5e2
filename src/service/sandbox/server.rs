//! The model behind an address: started and stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::{io, thread};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::http;
use super::state::Sandbox;
use crate::base::crash;

impl Sandbox {
    /// Serves HTTP/1.1 until the future is dropped.
    pub(crate) async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        http::serve(self.clone(), listener).await
    }

    /// Serves on a free port of 127.0.0.1 from a thread of its own.
    ///
    /// # Errors
    /// When no port can be had, or no thread.
    pub fn spawn(self) -> io::Result<Running> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let sandbox = self.clone();
        let serve = async move {
            let listener = TcpListener::from_std(listener)?;
            let served = pin!(self.serve(listener));
            // Whichever ends first ends the other: `stopped` does when `Running` is dropped.
            futures_util::future::select(served, stopped).await;
            io::Result::Ok(())
        };
        crash::fail_point("spawn")?;
        let thread = thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || runtime.block_on(serve))?;
        Ok(Running {
            addr,
            sandbox,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

/// A sandbox that is being served; dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The stand-in's state.
    pub sandbox: Sandbox,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<io::Result<()>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server was shown when it happened; a second one in `drop` would abort.
            thread.join().ok();
        }
    }
}
