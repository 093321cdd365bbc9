//! A made-up AWS on the loopback interface, which remembers all that it is asked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// Method, path and headers, as they came.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A status and a body.
    Answer(u16, String),
    /// Nothing; the connection is closed.
    Close,
    /// Nothing, for longer than anyone waits.
    Silence,
}

/// Listens until it is dropped.
pub(crate) struct Aws {
    port: u16,
    asked: Arc<Mutex<Vec<Request>>>,
    done: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Request {
    /// The value of a parameter of the query protocol, as it was sent.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// The operation; the path where it is none of the query protocol.
    pub(crate) fn action(&self) -> &str {
        self.parameter("Action").unwrap_or_else(|| self.head.split(' ').nth(1).unwrap_or_default())
    }

    /// The ID of the key that it is signed with.
    pub(crate) fn signer(&self) -> Option<&str> {
        self.head.split("Credential=").nth(1)?.split('/').next()
    }
}

impl Aws {
    /// Answers each request as `reply` says.
    pub(crate) fn new(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, done) = (Arc::<Mutex<Vec<Request>>>::default(), Arc::<AtomicBool>::default());
        let (all, is_done, reply) = (Arc::clone(&asked), Arc::clone(&done), Arc::new(reply));
        let listener = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if is_done.load(Ordering::Relaxed) {
                    return;
                }
                let (all, reply) = (Arc::clone(&all), Arc::clone(&reply));
                std::thread::spawn(move || serve(stream.unwrap(), &all, &*reply));
            }
        });
        Self { port, asked, done, listener: Some(listener) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All that was asked so far, in order of arrival.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn actions(&self) -> Vec<String> {
        self.asked().iter().map(|request| request.action().to_owned()).collect()
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        drop(self.listener.take().map(JoinHandle::join));
    }
}

fn serve(mut stream: TcpStream, asked: &Mutex<Vec<Request>>, reply: &dyn Fn(&Request) -> Reply) {
    let Some(request) = read(&mut stream) else { return };
    asked.lock().unwrap().push(request.clone());
    match reply(&request) {
        Reply::Answer(status, body) => {
            let answer = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: text/xml\r\nx-amzn-RequestId: r-1\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
            drop(stream.write_all(answer.as_bytes()));
        }
        Reply::Close => {}
        Reply::Silence => std::thread::sleep(Duration::from_secs(20)),
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(Request { head: head.to_owned(), body: body.to_owned() });
            }
        }
        let len = stream.read(&mut buffer).ok().filter(|&len| len > 0)?;
        bytes.extend_from_slice(&buffer[..len]);
    }
}

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// An error of AWS.
pub(crate) fn error(status: u16, code: &str) -> Reply {
    Reply::Answer(
        status,
        format!(
            "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>no \
             {code}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        ),
    )
}

fn success(action: &str, result: &str) -> Reply {
    Reply::Answer(
        200,
        format!(
            "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result></{action}Response>"
        ),
    )
}

/// The answer to GetCallerIdentity.
pub(crate) fn identity(arn: &str) -> Reply {
    let account = arn.split(':').nth(4).unwrap();
    success("GetCallerIdentity", &format!("<Arn>{arn}</Arn><UserId>X</UserId><Account>{account}</Account>"))
}

/// The answer to GetAccessKeyInfo.
pub(crate) fn account(account: &str) -> Reply {
    success("GetAccessKeyInfo", &format!("<Account>{account}</Account>"))
}

/// The answer to AssumeRole.
pub(crate) fn credentials(key: &akid::aws::fake::Fake) -> Reply {
    success(
        "AssumeRole",
        &format!(
            "<Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}\
             </SessionToken><Expiration>2035-01-01T00:00:00Z</Expiration></Credentials>",
            key.id_text(),
            key.secret_text(),
            key.token_text()
        ),
    )
}
