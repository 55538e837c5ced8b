//! Requests that arrive late.

/// Requests that are under way, each with the number of requests that overtake it.
#[derive(Debug)]
pub(super) struct Held<T>(Vec<(usize, T)>);

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Held<T> {
    /// Keeps one back while so many requests more go by.
    pub(super) fn keep(&mut self, requests: usize, held: T) {
        self.0.push((requests, held));
    }

    /// Another request goes by: what arrives before it.
    pub(super) fn overtake(&mut self) -> Vec<T> {
        let (due, mut rest): (Vec<_>, Vec<_>) =
            self.0.drain(..).partition(|(requests, _)| *requests == 0);
        for (requests, _) in &mut rest {
            *requests -= 1;
        }
        self.0 = rest;
        due.into_iter().map(|(_, held)| held).collect()
    }

    /// All that is under way, in the order in which it was sent.
    pub(super) fn all(&mut self) -> Vec<T> {
        self.0.drain(..).map(|(_, held)| held).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_overtaken_as_often_as_it_was_said() {
        let mut held = Held::default();
        held.keep(1, "b");
        held.keep(0, "a");
        held.keep(5, "c");
        assert_eq!(held.overtake(), ["a"]);
        assert_eq!(held.overtake(), ["b"]);
        assert!(held.overtake().is_empty());
        assert_eq!(held.all(), ["c"]);
        assert!(held.all().is_empty());
    }
}
