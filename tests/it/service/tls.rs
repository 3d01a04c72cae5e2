//! TLS in front of the stand-in, with certificates made for the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use assert_cmd::Command;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::stage::Stage;
use crate::support::{Folder, KEY};

/// Who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, for `--ca-cert`.
    pub pem: String,
}

/// How a certificate is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Good,
    Expired,
    NotYetValid,
    OtherName,
}

/// What a connection is met with.
pub type Greeting = Arc<ServerConfig>;

impl Authority {
    /// Nobody else bears its name.
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        Self::named(&format!("Authority {number} of these tests"))
    }

    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    /// A server's side, with a new certificate for this machine's loopback names.
    pub fn greeting(&self, kind: Kind) -> Greeting {
        let names = match kind {
            Kind::OtherName => vec!["elsewhere.example".to_owned()],
            _ => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        };
        let mut params = CertificateParams::new(names).unwrap();
        let years = match kind {
            Kind::Expired => (2001, 2002),
            Kind::NotYetValid => (3001, 3002),
            Kind::Good | Kind::OtherName => (2001, 3001),
        };
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key);
        Arc::new(config.unwrap())
    }
}

/// What a connection does with what the service answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Sound,
    /// The request arrives; its answer comes as bytes that are no TLS.
    BreaksAtTheAnswer,
}

/// A server of TLS that passes everything on. It serves until the test's process ends.
pub struct Secure {
    pub address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

impl Secure {
    /// The n-th connection is met with the n-th greeting, further ones with the last.
    pub fn new(behind: SocketAddr, greetings: Vec<(Greeting, Line)>) -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let address = served(move |listener| async move {
            while let Ok((stream, _)) = listener.accept().await {
                let call = counted.fetch_add(1, Ordering::SeqCst);
                let (greeting, line) = greetings[call.min(greetings.len() - 1)].clone();
                tokio::spawn(pass_on(stream, greeting, line, behind));
            }
        });
        Self { address, calls }
    }

    /// How many connections came.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Runs a server on a thread of its own; its address.
pub fn served<F: Future<Output = ()>>(
    serve: impl FnOnce(TcpListener) -> F + Send + 'static,
) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            serve(TcpListener::from_std(listener).unwrap()).await;
        });
    });
    address
}

async fn pass_on(stream: TcpStream, greeting: Greeting, line: Line, behind: SocketAddr) {
    // A client that refuses the certificate ends its connection only.
    let Ok(mut near) = TlsAcceptor::from(greeting).accept(stream).await else {
        return;
    };
    let mut far = TcpStream::connect(behind).await.unwrap();
    if line == Line::Sound {
        let _ = copy_bidirectional(&mut near, &mut far).await;
        return;
    }
    let (mut bytes, mut first) = (vec![0; 1 << 16], [0]);
    loop {
        tokio::select! {
            read = near.read(&mut bytes) => match read {
                Ok(read @ 1..) => far.write_all(&bytes[..read]).await.unwrap(),
                _ => return,
            },
            read = far.read(&mut first) => {
                assert_eq!(read.unwrap(), 1);
                let (socket, _) = near.get_mut();
                let _ = socket.write_all(b"HTTP/1.1 400 plain\r\n\r\n").await;
                return;
            }
        }
    }
}

/// A folder with the authority's certificate in `ca.pem`, and a machine that trusts nobody else.
pub fn folder(stage: Stage, authority: &Authority) -> Stage {
    stage
        .file("ca.pem", &authority.pem)
        .file("others.pem", Authority::new().pem)
}

/// The program, pointed at an address, on a machine that trusts other authorities.
pub fn push(folder: &Folder, address: SocketAddr, line: &str) -> Command {
    let mut command = folder.push();
    command
        .env("QOBRA_API_KEY", KEY)
        .env("QOBRA_BASE_URL", format!("https://{address}"))
        .env("SSL_CERT_FILE", folder.path().join("others.pem"))
        .args(line.split_whitespace());
    command
}
