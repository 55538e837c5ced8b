//! Load for a Tent server.
//!
//! `fill` makes a database of entities, posts and followers. `run` sends signed requests to the servers that
//! serve it, at a steady rate, whether or not they keep up, and tells how long answers took. `report`
//! does both over and over, to show how cost grows, and `chart` draws what it found.

mod account;
mod arrivals;
mod chart;
mod cost;
mod fill;
mod latency;
mod report;
mod run;
mod sink;
mod store;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Load for a Tent server: signed traffic of many entities at a steady rate, and how cost grows
#[derive(Debug, Parser)]
#[command(name = "tent-load", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fill(fill::Fill),
    Run(run::Run),
    Report(report::Report),
    Chart(chart::Chart),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    match Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(start(command)))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let causes = std::iter::successors(error.source(), |&error| error.source());
            causes.for_each(|cause| eprintln!("  because: {cause}"));
            ExitCode::FAILURE
        }
    }
}

async fn start(command: Command) -> Outcome {
    match command {
        Command::Fill(fill) => fill.run().await,
        Command::Run(run) => run.run().await,
        Command::Report(report) => report.run().await,
        Command::Chart(chart) => chart.run(),
    }
}
