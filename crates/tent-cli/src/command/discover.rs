//! `tent discover`

use clap::Args;
use serde_json::json;
use tent_discovery::Trace;
use tent_proto::{Dialect, DiscoverEntity, Discovery};

use crate::failure::Outcome;
use crate::output;
use crate::plain::{plain, plain_lines};
use crate::program::Program;

/// Find an entity's profile and servers
#[derive(Debug, Args)]
pub(crate) struct Discover {
    /// A person's URL; https:// may be left out
    entity: String,
    /// Tell step by step what was asked, found and refused
    #[arg(long)]
    trace: bool,
}

impl Discover {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let flow = DiscoverEntity::typed(&self.entity)?.with_scheme_rule(program.scheme());
        let found = program.run(flow)?;
        if self.trace {
            let trace = match &found {
                Ok(discovery) => Some(&discovery.trace),
                Err(error) => error.trace(),
            };
            tell(trace);
        }
        show(&found?, program.json())
    }
}

fn tell(trace: Option<&Trace>) {
    if let Some(trace) = trace {
        output::tell(&plain_lines(&trace.to_string()));
    }
}

fn show(discovery: &Discovery, json: bool) -> Outcome {
    if json {
        return output::json(&json!({
            "entity": discovery.entity,
            "servers": discovery.servers,
            "profile_url": discovery.profile_url.as_str(),
            "tent_version": discovery.tent_version,
            "dialect": discovery.dialect,
            "via": discovery.via.to_string(),
        }));
    }
    let servers = discovery.servers.iter();
    let servers: Vec<_> = servers.map(|server| server.as_str()).collect();
    let version = discovery.tent_version.as_deref().unwrap_or("not told");
    let dialect = match discovery.dialect {
        Dialect::Draft => "the draft before v0.1",
        _ => "v0.1 and v0.2",
    };
    for (name, value) in [
        ("entity", discovery.entity.as_str()),
        ("servers", &servers.join("  ")),
        ("profile", discovery.profile_url.as_str()),
        ("version", version),
        ("dialect", dialect),
        ("via", &discovery.via.to_string()),
    ] {
        output::line(&plain(&format!("{name:8} {value}")))?;
    }
    Ok(())
}
