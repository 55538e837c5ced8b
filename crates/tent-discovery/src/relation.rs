//! A set of link relations, as `rel` holds it.

use std::iter;

/// Whether a whitespace-separated set of relations has this one, in any ASCII case.
pub(crate) fn is_in(set: &[u8], relation: &str) -> bool {
    let relation = relation.as_bytes();
    // Mostly there is one.
    if set.len() <= relation.len() {
        return set.eq_ignore_ascii_case(relation) && is_relation(relation);
    }
    is_relation(relation)
        && set
            .split(u8::is_ascii_whitespace)
            .any(|one| one.eq_ignore_ascii_case(relation))
}

/// Whether this can be a member at all.
fn is_relation(relation: &[u8]) -> bool {
    !relation.is_empty() && !relation.iter().any(u8::is_ascii_whitespace)
}

/// The same for a set that arrives byte by byte, since its backslashes are taken out on the way.
pub(crate) fn is_among(set: impl Iterator<Item = u8>, relation: &str) -> bool {
    let relation = relation.as_bytes();
    if !is_relation(relation) {
        return false;
    }
    // How much of the relation the present member equals so far.
    let mut equal = Some(0);
    for byte in set.chain(iter::once(b' ')) {
        if byte.is_ascii_whitespace() {
            if equal == Some(relation.len()) {
                return true;
            }
            equal = Some(0);
        } else {
            equal = equal
                .filter(|&at| {
                    relation
                        .get(at)
                        .is_some_and(|next| next.eq_ignore_ascii_case(&byte))
                })
                .map(|at| at + 1);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_member_is_a_whole_member() {
        assert!(is_in(b"next", "next"));
        assert!(is_in(b" me\tNEXT  alternate ", "next"));
        assert!(!is_in(b"nextx xnext", "next"));
        assert!(!is_in(b"a b", "a b"));
        assert!(!is_in(b"", ""));
        assert!(!is_in(b"  ", ""));
    }

    proptest! {
        #[test]
        fn both_ways_agree(set in "[aAb ]{0,8}", relation in "[aAb ]{0,3}") {
            let among = is_among(set.bytes(), &relation);
            prop_assert_eq!(is_in(set.as_bytes(), &relation), among);
        }
    }
}
