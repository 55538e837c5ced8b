//! An attempt: what is sent, and what becomes of it.

use tokio::sync::OwnedSemaphorePermit;

use super::errand::Errand;
use super::transmit::{Failure, transmit};
use super::worker::Ended;
use super::{Context, schedule};
use crate::secret;
use crate::storage::{Attempt, Delivery};

/// Makes one attempt.
pub(super) async fn attempt(
    context: Context,
    delivery: Delivery,
    _place: OwnedSemaphorePermit,
) -> Ended {
    let now = context.now();
    let outgoing = match context.storage.upgrade() {
        Some(storage) => storage.outgoing(delivery.key, now),
        None => return Ended::Untried,
    };
    let outgoing = match outgoing.await {
        Ok(Some(outgoing)) => outgoing,
        Ok(None) => return Ended::Sent(delivery, Attempt::Done),
        Err(error) => {
            tracing::error!(%error, "a delivery cannot be read");
            return Ended::Untried;
        }
    };
    let (owner, recipient) = (outgoing.owner.clone(), outgoing.recipient.clone());
    let peers = context.reach.of(&owner.entity);
    match transmit(peers, outgoing, now).await {
        Ok(()) => {
            let delivered = Attempt::Delivered { now };
            match recipient.filter(|_| delivery.attempts > 0) {
                Some(entity) => {
                    let catch_up = Errand::CatchUp(owner, entity, delivery.queued_at);
                    Ended::Recovered(delivery, delivered, catch_up)
                }
                None => Ended::Sent(delivery, delivered),
            }
        }
        Err(failure) => {
            let attempt = failed(&delivery, failure, context.now());
            Ended::Sent(delivery, attempt)
        }
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
