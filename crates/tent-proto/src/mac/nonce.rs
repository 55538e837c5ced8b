//! Nonces.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tent_flow::Seed;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes nonces: a random prefix of more than 64 bits and a counter that all clones share. So no two
/// are alike, neither within a process nor across processes, and none needs the system's generator.
///
/// Source: `docs/protocol.md` §5.3.
#[derive(Debug, Clone)]
pub struct Nonces {
    prefix: [u8; 11],
    counter: Arc<AtomicU64>,
}

/// A nonce: letters and digits, on the stack.
#[derive(Debug, Clone, Copy)]
pub struct Nonce {
    text: [u8; 22],
    length: usize,
}

impl Nonces {
    /// Nonces from this seed.
    pub fn new(seed: Seed) -> Self {
        let bytes = seed.into_bytes();
        let (number, _) = bytes.split_at(16);
        let mut number = number
            .iter()
            .fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        let prefix = [0; 11].map(|_: u8| {
            let digit = (number % 62) as usize;
            number /= 62;
            ALPHABET[digit] // below 62
        });
        Self {
            prefix,
            counter: Arc::default(),
        }
    }

    /// The next nonce.
    pub fn next(&self) -> Nonce {
        let mut count = self.counter.fetch_add(1, Ordering::Relaxed);
        let mut text = [0; 22];
        text[..11].copy_from_slice(&self.prefix);
        let mut length = 11;
        loop {
            // A u64 has at most eleven digits to the base 62.
            text[length] = ALPHABET[(count % 62) as usize];
            length += 1;
            count /= 62;
            if count == 0 {
                break;
            }
        }
        Nonce { text, length }
    }
}

impl Nonce {
    /// The text.
    pub fn as_str(&self) -> &str {
        // The alphabet is ASCII, so this is never the default.
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn clones_share_the_counter() {
        let nonces = Nonces::new(Seed::new([7; 32]));
        let others = nonces.clone();
        let all: BTreeSet<String> = (0..5000)
            .flat_map(|_| [nonces.next(), others.next()])
            .map(|nonce| nonce.as_str().to_owned())
            .collect();
        assert_eq!(all.len(), 10_000);
        assert!(
            all.iter()
                .all(|nonce| nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        );
    }

    #[test]
    fn another_seed_is_another_prefix_and_the_last_count_fits() {
        let one = Nonces::new(Seed::new([1; 32]));
        let two = Nonces::new(Seed::new([2; 32]));
        assert_ne!(one.next().as_str(), two.next().as_str());
        one.counter.store(u64::MAX, Ordering::Relaxed);
        assert_eq!(one.next().as_str().len(), 22);
    }
}
