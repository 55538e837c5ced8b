//! Where the table is played.

use std::sync::{Arc, Mutex};

use tent_flow::Flow;

use super::{Schedule, World};

/// A place with some servers, to which things happen as a schedule says.
pub trait Ground: Sized {
    /// Builds it, for a client whose clock is so many seconds ahead.
    fn build(schedule: &Arc<Mutex<Schedule>>, world: &Arc<Mutex<World>>, ahead: i64) -> Self;

    /// The entity. Its page is the world's.
    fn entity(&self) -> String;

    /// The roots of the entity's servers.
    fn servers(&self) -> Vec<String>;

    /// Runs a flow to its end.
    fn run<F: Flow>(&mut self, flow: F) -> F::Output;

    /// Lets requests arrive that are late, and says how many were answered.
    fn deliver(&mut self) -> usize;
}
