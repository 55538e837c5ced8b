//! A server for the tests of apps.

use std::fmt;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tent_proto::mac::Credentials;
use tent_proto::{Entity, Server, Session};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::limit::Limits;
use crate::secret;
use crate::server::TentServer;
use crate::storage::{Database, DatabaseError};

/// A server in memory, on a free port of the loopback interface, with an app that its owner has
/// approved for everything, and without limits. It runs on a thread of its own, for blocking and async tests alike, and
/// ends when it is dropped.
///
/// ```
/// use tent_async::Client;
/// use tent_proto::Post;
/// use tent_server::TestServer;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let server = TestServer::start()?;
/// let (client, session) = (Client::new()?, server.session());
///
/// let hello = Post::status("Hello").public();
/// let post = client.run(session.create_post(&hello)).await?;
/// assert_eq!(post.entity.as_ref(), Some(server.entity()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TestServer {
    server: TentServer,
    known: Known,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What a test knows of a server.
struct Known {
    passphrase: String,
    credentials: Credentials,
}

/// Why a [`TestServer`] does not start: what the system or the server says.
#[derive(Debug, thiserror::Error)]
#[error("the test server does not start")]
pub struct TestServerError(#[source] Failure);

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl TestServer {
    /// Starts a server. It answers when this returns.
    ///
    /// # Errors
    ///
    /// When there is no port, no thread or no randomness to be had.
    pub fn start() -> Result<Self, TestServerError> {
        Self::start_on(async || Database::in_memory())
    }

    /// Starts a server on the database that this makes.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and when there is no database.
    ///
    /// ```
    /// use tent_server::{Database, TestServer};
    ///
    /// let server = TestServer::start_on(async || Database::in_memory())?;
    /// # Ok::<(), tent_server::TestServerError>(())
    /// ```
    pub fn start_on<F>(make: impl FnOnce() -> F + Send + 'static) -> Result<Self, TestServerError>
    where
        F: Future<Output = Result<Database, DatabaseError>>,
    {
        Self::try_start(make).map_err(TestServerError)
    }

    fn try_start<F>(make: impl FnOnce() -> F + Send + 'static) -> Result<Self, Failure>
    where
        F: Future<Output = Result<Database, DatabaseError>>,
    {
        let (report, started) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        // Within a runtime no other may be waited for, so all of it is on the thread.
        let thread = thread::Builder::new().name("tent-test-server".to_owned());
        let thread = thread.spawn(move || match begin(make) {
            Ok((runtime, listener, server, known)) => {
                let _ = report.send(Ok((server.clone(), known)));
                let stopped = async { drop(stopped.await) };
                let _ = runtime.block_on(server.serve(listener, stopped));
            }
            Err(error) => drop(report.send(Err(error))),
        })?;
        let (server, known) = started.recv()??;
        Ok(Self {
            server,
            known,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The entity.
    pub fn entity(&self) -> &Entity {
        self.server.entity()
    }

    /// The API root.
    pub fn root(&self) -> &Server {
        self.server.root()
    }

    /// The credential of the app that is approved for everything.
    pub const fn credentials(&self) -> &Credentials {
        &self.known.credentials
    }

    /// The passphrase of the owner, for tests that sign in and approve by the forms of the pages.
    pub fn passphrase(&self) -> &str {
        &self.known.passphrase
    }

    /// A session of that app.
    ///
    /// # Panics
    ///
    /// When the system has no randomness.
    #[expect(clippy::expect_used, reason = "a test has nothing better to do")]
    pub fn session(&self) -> Session {
        let seed = secret::random().expect("randomness");
        let servers = vec![self.root().clone()];
        Session::new(
            self.entity().clone(),
            servers,
            self.known.credentials.clone(),
            tent_flow::Seed::new(seed),
        )
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop = None; // which the server takes for its signal to end
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestServer")
            .field("entity", self.entity())
            .finish_non_exhaustive()
    }
}

fn begin<F>(make: impl FnOnce() -> F) -> Result<(Runtime, TcpListener, TentServer, Known), Failure>
where
    F: Future<Output = Result<Database, DatabaseError>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (listener, server, known) = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let passphrase = secret::token()?;
        let server = TentServer::builder()
            .database(make().await?)
            .entity(format!("http://{}", listener.local_addr()?).parse()?)
            .passphrase(passphrase.clone())
            .limits(Limits::none())
            .build()
            .await?;
        let known = Known {
            credentials: server.own_app("Test").await?,
            passphrase,
        };
        Ok::<_, Failure>((listener, server, known))
    })?;
    Ok((runtime, listener, server, known))
}
