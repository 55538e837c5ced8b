//! An attempt: what is sent, and what becomes of it.

use tokio::sync::OwnedSemaphorePermit;

use super::errand::Errand;
use super::transmit::{Failure, transmit};
use super::{Context, schedule};
use crate::secret;
use crate::storage::{Attempt, Delivery, Outgoing};

/// What became of an attempt.
pub(super) struct Ended {
    pub(super) delivery: Delivery,
    pub(super) attempt: Attempt,
    /// What is to be caught up with, when the server of somebody answers again.
    pub(super) errand: Option<Errand>,
}

/// Makes one attempt.
pub(super) async fn attempt(
    context: Context,
    delivery: Delivery,
    outgoing: Outgoing,
    _place: OwnedSemaphorePermit,
) -> Ended {
    let now = context.now();
    let peers = context.reach.of(&outgoing.owner.entity);
    let (attempt, errand) = match transmit(peers, &outgoing, now).await {
        Ok(()) => {
            let Outgoing {
                owner, recipient, ..
            } = outgoing;
            let recovered = recipient.filter(|_| delivery.attempts > 0);
            let errand = recovered.map(|entity| Errand::CatchUp(owner, entity, delivery.queued_at));
            (Attempt::Delivered { now }, errand)
        }
        Err(failure) => (failed(&delivery, failure, context.now()), None),
    };
    Ended {
        delivery,
        attempt,
        errand,
    }
}

fn failed(delivery: &Delivery, failure: Failure, now: i64) -> Attempt {
    let Failure {
        error,
        may_pass,
        silent,
        asked,
    } = failure;
    let random = secret::random().map_or(0, u64::from_le_bytes);
    let at = schedule::next(delivery.queued_at, now, delivery.attempts, asked, random);
    tracing::debug!(origin = delivery.origin, error, again = ?at, "a post was not delivered");
    match at.filter(|_| may_pass) {
        Some(at) => Attempt::Again { at, error, silent },
        None => Attempt::GivenUp { now, error },
    }
}
