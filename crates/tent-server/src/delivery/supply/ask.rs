//! What is asked of the database for the supply.

use super::{Lease, Rest};
use crate::delivery::Context;
use crate::delivery::worker::Answer;
use crate::storage::{DatabaseError, Delivery, DeliveryKey, Outgoing, StorageError};

/// Leases what is due, up to so many. Whether anything is may be sure.
pub(super) async fn lease(
    context: &Context,
    room: usize,
    crowded: Vec<String>,
    is_sure: bool,
) -> Result<Lease, StorageError> {
    let none = (Vec::new(), Rest::Nothing);
    let now = context.now();
    if !is_sure {
        let next = match context.storage.upgrade() {
            Some(storage) => storage.next_delivery(now),
            None => return Ok(none),
        };
        match next.await? {
            None => return Ok(none),
            Some(at) if at > now => return Ok((Vec::new(), Rest::Later(at))),
            Some(_) => {}
        }
    }
    let leased = match context.storage.upgrade() {
        Some(storage) => storage.lease_deliveries(now, room, crowded.clone()),
        None => return Ok(none),
    };
    let leased = leased.await?;
    let rest = match leased.len() {
        0 if is_sure => Rest::Unknown,
        0 => Rest::Crowded(crowded),
        count if count < room => Rest::Unknown,
        _ => Rest::More,
    };
    Ok((leased, rest))
}

/// Reads what these come to. When something stored cannot be read back each is read by itself: one is not
/// to hold up the others. When the database fails none is.
pub(super) async fn read(context: Context, deliveries: Vec<Delivery>) -> Answer {
    let all = deliveries.iter().map(|delivery| delivery.key).collect();
    let error = match outgoing(&context, all).await {
        Ok(outgoing) => return Answer::Read(deliveries.into_iter().zip(outgoing).collect()),
        Err(error) => error,
    };
    let mut read = Vec::new();
    let mut goes_on = is_of_value(&error);
    for delivery in deliveries {
        if !goes_on {
            break;
        }
        match outgoing(&context, vec![delivery.key]).await {
            Ok(outgoing) => read.extend(outgoing.into_iter().map(|one| (delivery.clone(), one))),
            Err(error) => goes_on = is_of_value(&error),
        }
    }
    Answer::ReadInPart(read)
}

/// Logs why something was not read, and says whether that is what is stored, and not the database.
fn is_of_value(error: &StorageError) -> bool {
    tracing::error!(%error, "what is to be delivered cannot be read");
    matches!(error, StorageError::Value(_))
}

async fn outgoing(
    context: &Context,
    keys: Vec<DeliveryKey>,
) -> Result<Vec<Option<Outgoing>>, StorageError> {
    let outgoing = match context.storage.upgrade() {
        Some(storage) => storage.outgoing(keys, context.now()),
        None => return Err(DatabaseError::Closed.into()),
    };
    outgoing.await
}
