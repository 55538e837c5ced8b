//! Logging in: from a discovered entity to a credential that signs on its behalf.
//!
//! The steps are values that are handed on, and each can be stored until the next, as a web app needs
//! to while the person is away approving:
//!
//! ```text
//! Discovery ──register──▶ Registration ──authorize──▶ approval URL, PendingApproval
//!                              │                             │ the person approves
//!                              │                             ▼
//!                              │                   redirect ──accept──▶ Code
//!                              └──────exchange(code)──────▶ Account ──prove──▶ it works
//!                                                             │ ▲
//!                                                             └─┘ refresh, before it expires
//! ```
//!
//! ```
//! use tent_flow::script::{Answer, Script};
//! use tent_flow::Seed;
//! use tent_proto::login::{ApprovalRequest, Registration};
//! use tent_proto::{App, Scope, TypeUri};
//!
//! # let registration = Registration::new(
//! #     "https://alice.example".parse()?,
//! #     vec!["https://tent.alice.example".parse()?],
//! #     "Hk3pQz9v".into(),
//! #     tent_proto::mac::Credentials::new("a:Yw2m8", "5f0c2e8a", Default::default())?,
//! # );
//! // The app is registered: `let registration = client.run(register(&discovery, app))?`
//! let asked = ApprovalRequest::new("https://app.example/callback")
//!     .scope(Scope::ReadPosts)
//!     .scope(Scope::WritePosts)
//!     .post_type(TypeUri::all());
//! let (url, pending) = registration.authorize(asked, Seed::new([7; 32]))?;
//! assert!(url.as_str().starts_with("https://tent.alice.example/oauth/authorize?client_id=Hk3pQz9v&"));
//!
//! // The person approves, and their browser comes back:
//! # let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1;
//! let redirect = format!("https://app.example/callback?code=9b1f0c&state={state}");
//! let code = pending.accept(&redirect)?;
//!
//! # let mut server = Script::new()
//! #     .on("POST", "https://tent.alice.example/apps/Hk3pQz9v/authorizations",
//! #         Answer::json(r#"{"access_token":"u:7nC2","mac_key":"0f1e2d3c","token_type":"mac"}"#))
//! #     .on("GET", "https://tent.alice.example/groups?limit=1", Answer::json("[]"));
//! # struct Client<'a>(std::cell::RefCell<&'a mut Script>);
//! # impl Client<'_> {
//! #     fn run<F: tent_flow::Flow>(&self, flow: F) -> F::Output { self.0.borrow_mut().run(flow) }
//! #     fn seed(&self) -> Seed { Seed::new([8; 32]) }
//! # }
//! # let client = Client(std::cell::RefCell::new(&mut server));
//! let account = client.run(registration.exchange(code, client.seed())?)?;
//! let session = account.session(client.seed());
//! client.run(session.prove())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod approval;
mod exchange;
mod prove;
mod redirect;
mod refresh;
mod register;
mod registration;
mod spoken;

pub use self::account::Account;
pub use self::approval::{ApprovalRequest, PendingApproval};
pub use self::exchange::{CodeExchange, OtherEntity};
pub use self::prove::{Proof, Prove};
pub use self::redirect::{Code, RedirectError};
pub use self::refresh::NoRefreshToken;
pub use self::register::{Register, register};
pub use self::registration::Registration;
