//! Buckets of tokens that several processes share.
//!
//! A bucket is a line of time, of which a token takes a step, and whoever takes tokens takes a piece of
//! the line that nobody else has. A process takes an eighth of what there is, so it asks the database
//! now and then, and not for each request. It may spend a piece for as long as that lies ahead; what time
//! has overtaken would be in the bucket again, and is lost. So all processes together spend no more than
//! one bucket holds: all that is spent within a time are steps of that time and of the limit's after it,
//! and no two are the same. While the database is out of room, each process goes by what it knows.

use std::array;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::generations::Generations;
use super::line::{Empty, Line, Standing};
use super::{Limit, Payer};
use crate::storage::{DatabaseError, Piece, Processes, StorageError};

/// How many ask the database at a time.
const ASKING: usize = 16;

#[derive(Debug)]
pub(super) struct SharedBuckets {
    limit: Limit,
    name: &'static str,
    processes: Arc<dyn Processes>,
    hasher: RandomState,
    shares: Mutex<Generations<Share>>,
    /// Of those who pay from one bucket one asks, and the others wait for what comes.
    asking: [tokio::sync::Mutex<()>; ASKING],
}

/// What this process has of a bucket.
#[derive(Debug, Default)]
struct Share {
    /// What is left to spend.
    piece: Piece,
    /// When the bucket is full again, as far as it is known here. It may be later.
    full_at: i64,
}

impl Share {
    /// Spends a step of the piece. None when the database has to be asked.
    fn spend(&mut self, line: &Line) -> Option<Result<Standing, Empty>> {
        let piece = &mut self.piece;
        piece.from = piece.from.max(line.now);
        let full_at = line.full_at(self.full_at);
        let to = piece.to.min(line.latest);
        let spent = piece.from.saturating_add(line.step);
        if spent <= to {
            piece.from = spent;
            return Some(Ok(line.standing(full_at - (to - spent))));
        }
        let is_empty = full_at + line.step > line.latest;
        // When the clock was set back, the database has to know that, too.
        (is_empty && self.full_at <= line.latest).then(|| Err(line.empty(full_at)))
    }

    /// All that nobody has taken, as far as it is known here: what there is to spend when the database
    /// cannot keep what was taken.
    fn rest(&self, line: &Line) -> Piece {
        Piece {
            from: line.full_at(self.full_at),
            to: line.latest,
        }
    }

    fn add(&mut self, piece: Piece) {
        match piece.from == self.piece.to {
            true => self.piece.to = piece.to,
            false => self.piece = piece,
        }
        self.full_at = piece.to;
    }
}

impl SharedBuckets {
    pub(super) fn of(limit: Limit, name: &'static str, processes: Arc<dyn Processes>) -> Self {
        Self {
            limit,
            name,
            processes,
            hasher: RandomState::new(),
            shares: Mutex::default(),
            asking: array::from_fn(|_| tokio::sync::Mutex::default()),
        }
    }

    /// Takes a token out of the caller's bucket, or says that it is empty.
    pub(super) async fn take(
        &self,
        payer: &Payer<'_>,
        now: i64,
    ) -> Result<Result<Standing, Empty>, StorageError> {
        let line = Line::of(self.limit, now);
        let key = self.hasher.hash_one(payer);
        if let Some(taken) = self.spend(key, now, &line) {
            return Ok(taken);
        }
        let _asking = self.asking[key as usize % ASKING].lock().await;
        loop {
            if let Some(taken) = self.spend(key, now, &line) {
                return Ok(taken);
            }
            let piece = match self.processes.take(self.bucket(payer), line.span()).await {
                // It could still be read what is asked for.
                Err(StorageError::Database(DatabaseError::Full)) => None,
                piece => Some(piece?),
            };
            let mut shares = self.shares();
            let share = self.share(&mut shares, key, now);
            share.add(piece.unwrap_or_else(|| share.rest(&line)));
        }
    }

    fn spend(&self, key: u64, now: i64, line: &Line) -> Option<Result<Standing, Empty>> {
        self.share(&mut self.shares(), key, now).spend(line)
    }

    fn share<'a>(&self, of: &'a mut Generations<Share>, key: u64, now: i64) -> &'a mut Share {
        of.of(key, now, self.limit.seconds.into())
    }

    fn shares(&self) -> MutexGuard<'_, Generations<Share>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name in the database. Those of another limit are others: their lines have other steps.
    fn bucket(&self, payer: &Payer<'_>) -> [u8; 32] {
        let Limit { requests, seconds } = self.limit;
        let name = format!("{} {requests}/{seconds} {payer}", self.name);
        Sha256::digest(name).into()
    }
}

#[cfg(test)]
mod tests;
