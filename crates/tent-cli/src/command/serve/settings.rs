//! What can be said of a server.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Deserialize;
use tent_proto::{Entity, Secret};
use tent_server::{AttachmentLimits, HostBuilder, Limit, Limits};

use super::entity::parse_served;
use super::layers::{address, list, secret, typed, value};
use crate::data::Data;

/// The settings of a server: on the command line, in the environment and in a file, under one name.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:7878]
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    #[serde(deserialize_with = "address")]
    pub(super) listen: Option<SocketAddr>,
    /// Where to keep everything, instead of the platform's folder for data
    #[arg(long, value_name = "DIR")]
    #[serde(deserialize_with = "value")]
    pub(super) data: Option<PathBuf>,
    /// Keep it in PostgreSQL instead, which many servers may use at once
    #[arg(long, value_name = "URL")]
    #[serde(deserialize_with = "secret")]
    pub(super) database: Option<Secret>,
    /// Keep the files of posts in this folder, instead of the one beside the database
    #[arg(long, value_name = "DIR")]
    #[serde(deserialize_with = "value")]
    pub(super) attachments: Option<PathBuf>,
    /// The person's URL; http and the address unless named
    #[arg(long, value_name = "URL", value_parser = parse_served)]
    #[serde(deserialize_with = "typed")]
    pub(super) entity: Option<Entity>,
    /// Read the passphrase from this file, instead of TENT_PASSPHRASE or making one up
    #[arg(long, value_name = "F")]
    #[serde(deserialize_with = "value")]
    pub(super) passphrase_file: Option<PathBuf>,
    /// Requests in how many seconds each app and each other server may send [default: 6000/300]
    #[arg(long, value_name = "N/S")]
    #[serde(deserialize_with = "value")]
    limit: Option<Limit>,
    /// What each address may read without being known [default: 3000/300]
    #[arg(long, value_name = "N/S")]
    #[serde(deserialize_with = "value")]
    limit_address: Option<Limit>,
    /// What each address may write without being known: register, follow, post, sign in [default: 120/300]
    #[arg(long, value_name = "N/S")]
    #[serde(deserialize_with = "value")]
    limit_stranger: Option<Limit>,
    /// Take whatever comes
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    #[serde(deserialize_with = "value")]
    no_limits: Option<bool>,
    /// How many bytes a file of a post has at most [default: 4 GiB]
    #[arg(long, value_name = "BYTES")]
    #[serde(deserialize_with = "value")]
    file_size: Option<u64>,
    /// How many bytes a post and its files have at most [default: 8 GiB]
    #[arg(long, value_name = "BYTES")]
    #[serde(deserialize_with = "value")]
    post_size: Option<u64>,
    /// Believe what a proxy at this address says of requests, in X-Forwarded-For and X-Forwarded-Host
    #[arg(long, value_name = "IP")]
    #[serde(deserialize_with = "list")]
    proxy: Vec<IpAddr>,
    /// Let others name servers in this computer's own network, and ask them by plain http
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_name = "BOOL", hide_possible_values = true)]
    #[serde(deserialize_with = "value")]
    own_network: Option<bool>,
    /// Answer /healthz, /readyz and /metrics here, too
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    #[serde(deserialize_with = "address")]
    pub(super) monitor: Option<SocketAddr>,
    /// When told to stop, say for so many seconds that it is not ready, and serve on [default: 0]
    #[arg(long, value_name = "S")]
    #[serde(deserialize_with = "value")]
    drain: Option<u32>,
    /// How much to tell: error, warn, info or debug [default: warn]
    #[arg(long, value_name = "LEVEL")]
    #[serde(deserialize_with = "value")]
    pub(super) log: Option<tracing::Level>,
    /// How to tell it: text, for people, or json, an object on each line [default: text]
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    #[serde(deserialize_with = "value")]
    pub(super) log_format: Option<LogFormat>,
    /// As --insecure says it.
    #[arg(skip)]
    #[serde(deserialize_with = "value")]
    pub(super) insecure: Option<bool>,
}

/// Reads an address to listen at.
pub(super) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let wrong = |_| "it is an IP address and a port, such as 127.0.0.1:7878".to_owned();
    text.parse().map_err(wrong)
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// An object on each line
    Json,
}

impl std::str::FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        <Self as ValueEnum>::from_str(text, false)
    }
}

impl Settings {
    /// The names of all, as a file has them.
    pub(super) fn names() -> Vec<String> {
        let command = Self::augment_args(clap::Command::new("serve"));
        let named = command.get_arguments().filter_map(clap::Arg::get_long);
        named.chain(["insecure"]).map(str::to_owned).collect()
    }

    /// What is said here, and what is not, as it is said there.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            data: self.data.or(other.data),
            database: self.database.or(other.database),
            attachments: self.attachments.or(other.attachments),
            entity: self.entity.or(other.entity),
            passphrase_file: self.passphrase_file.or(other.passphrase_file),
            limit: self.limit.or(other.limit),
            limit_address: self.limit_address.or(other.limit_address),
            limit_stranger: self.limit_stranger.or(other.limit_stranger),
            no_limits: self.no_limits.or(other.no_limits),
            file_size: self.file_size.or(other.file_size),
            post_size: self.post_size.or(other.post_size),
            proxy: if self.proxy.is_empty() {
                other.proxy
            } else {
                self.proxy
            },
            own_network: self.own_network.or(other.own_network),
            monitor: self.monitor.or(other.monitor),
            drain: self.drain.or(other.drain),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
            insecure: self.insecure.or(other.insecure),
        }
    }

    /// Where everything is kept.
    pub(super) fn data(&self) -> Data {
        let (database, attachments) = (self.database.clone(), self.attachments.clone());
        Data::at(self.data.clone(), database, attachments)
    }

    /// Where to listen.
    pub(super) fn listen(&self) -> SocketAddr {
        self.listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7878)))
    }

    /// How long to serve on when told to stop.
    pub(super) fn drain(&self) -> Duration {
        Duration::from_secs(self.drain.unwrap_or_default().into())
    }

    /// Sets a host up.
    pub(super) fn apply(&self, host: HostBuilder) -> HostBuilder {
        let mut sizes = AttachmentLimits::default();
        sizes.file = self.file_size.unwrap_or(sizes.file);
        sizes.post = self.post_size.unwrap_or(sizes.post);
        let host = host
            .limits(self.limits())
            .attachment_limits(sizes)
            .own_network(self.own_network.unwrap_or_default());
        self.proxy.iter().copied().fold(host, HostBuilder::proxy)
    }

    fn limits(&self) -> Limits {
        if self.no_limits.unwrap_or_default() {
            return Limits::none();
        }
        let mut limits = Limits::default();
        if let Some(limit) = self.limit {
            limits = limits.credential(limit);
        }
        if let Some(limit) = self.limit_address {
            limits = limits.address(limit);
        }
        if let Some(limit) = self.limit_stranger {
            limits = limits.stranger(limit);
        }
        limits
    }
}
