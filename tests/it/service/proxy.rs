//! The proxies themselves: a small one of our own, and tinyproxy.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use super::tls::served;
use crate::rig::until;
use crate::support::{Folder, has};

/// What a proxy does with a CONNECT.
#[derive(Clone, Debug)]
pub enum Manner {
    Opens,
    /// Opens for these words of `Proxy-Authorization` only.
    OpensFor(&'static str),
    /// Opens the first time, and wants a login afterwards.
    OpensOnce,
    /// Answers so and closes.
    Says(&'static str),
    /// Never answers.
    Hangs,
    /// Neither reads nor answers, until the test's process ends.
    Silent,
    /// Answers in plain HTTP, whatever it is spoken to in.
    Plain,
    /// Leads to this address, whatever was asked for.
    LeadsTo(SocketAddr),
}

/// A proxy, and how often it opened a way.
pub struct Proxy {
    pub address: SocketAddr,
    pub opened: Box<dyn Fn() -> usize>,
    /// The heads of the requests that came, where they are known.
    pub asked: Arc<Mutex<Vec<String>>>,
    _process: Option<Process>,
}

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Proxy {
    pub fn new(manner: Manner) -> Self {
        let opened = Arc::new(AtomicUsize::new(0));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (counted, heads) = (Arc::clone(&opened), Arc::clone(&asked));
        let address = served(move |listener| async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counted, heads) = (Arc::clone(&counted), Arc::clone(&heads));
                tokio::spawn(connect(stream, manner.clone(), counted, heads));
            }
        });
        Self {
            address,
            opened: Box::new(move || opened.load(Ordering::SeqCst)),
            asked,
            _process: None,
        }
    }

    /// The distribution's tinyproxy, if it is there.
    pub fn tiny(folder: &Folder, login: &str) -> Option<Self> {
        if !has("tinyproxy") {
            return None;
        }
        let log = folder.path().join("log");
        let logged = move |words: &str| {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            text.matches(words).count()
        };
        // It ends at once where its port, which was free a moment ago, is another test's by now.
        let (address, process) = until(|| {
            let (address, mut process) = Self::tinyproxy(folder, login);
            until(|| match process.0.try_wait().unwrap() {
                Some(_) => Some(None),
                None => (logged("Accepting connections") > 0).then_some(Some(())),
            })
            .map(|()| (address, process))
        });
        let established = move || logged("Established connection to host");
        Some(Self {
            address,
            opened: Box::new(established),
            asked: Arc::default(),
            _process: Some(process),
        })
    }

    /// Its process, and the port that it is told to take: it takes none of the system's choice.
    fn tinyproxy(folder: &Folder, login: &str) -> (SocketAddr, Process) {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let (port, log) = (address.port(), folder.path().join("log"));
        let log = log.display();
        folder.write(
            "tinyproxy.conf",
            format!(
                "Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nAllow 127.0.0.1\n\
                 LogFile \"{log}\"\nLogLevel Info\n{login}\n"
            ),
        );
        let child = std::process::Command::new("tinyproxy")
            .args(["-d", "-c"])
            .arg(folder.path().join("tinyproxy.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        (address, Process(child.unwrap()))
    }
}

async fn connect(
    mut near: TcpStream,
    manner: Manner,
    counted: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    if let Manner::Silent = manner {
        std::future::pending::<()>().await;
    }
    if let Manner::Plain = manner {
        let _ = near.read_u8().await;
        let words = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        near.write_all(words).await.ok()?;
        return near.shutdown().await.ok();
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(near.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    let target = head.strip_prefix("CONNECT ")?.split(' ').next()?;
    let before = counted.load(Ordering::SeqCst);
    let no = "HTTP/1.1 407 Proxy Authentication Required\r\n\
              Proxy-Authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n";
    let refusal = match &manner {
        Manner::OpensFor(login) if !head.contains(login) => Some(no),
        Manner::OpensOnce if before > 0 => Some(no),
        Manner::Says(words) => Some(*words),
        Manner::Hangs => {
            // Until the client leaves.
            let _ = near.read_u8().await;
            return None;
        }
        _ => None,
    };
    if let Some(words) = refusal {
        near.write_all(words.as_bytes()).await.ok()?;
        return near.shutdown().await.ok();
    }
    counted.fetch_add(1, Ordering::SeqCst);
    let mut far = match manner {
        Manner::LeadsTo(address) => TcpStream::connect(address).await,
        _ => TcpStream::connect(target).await,
    }
    .unwrap();
    let opened = b"HTTP/1.1 200 Connection established\r\n\r\n";
    near.write_all(opened).await.ok()?;
    copy_bidirectional(&mut near, &mut far).await.ok().map(drop)
}
