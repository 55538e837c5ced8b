//! Variables that mean a setting and do not name it.

/// Those that are no settings, and are read by this program.
const OTHERS: [&str; 4] = [
    "TENT_CONFIG_DIR",
    "TENT_MAC_KEY",
    "TENT_PASSPHRASE",
    "TENT_SETTINGS",
];

/// The one that a variable was meant to be, if it differs from that in a letter or two. Any other
/// variable may be somebody else's, as those are that Kubernetes sets for a service called `tent`.
pub(super) fn meant(variable: &str, settings: &[String]) -> Option<String> {
    let known = settings.iter().map(String::as_str).chain(OTHERS);
    let name = |variable: &str| variable.strip_prefix("TENT_").map(str::to_owned);
    let typed = name(variable)?;
    let near = known.filter_map(|known| {
        let differs = distance(&typed, &name(known)?);
        let at_most = if typed.len() > 4 { 2 } else { 1 };
        (differs <= at_most).then_some((differs, known))
    });
    let (differs, nearest) = near.min()?;
    (differs > 0).then(|| nearest.to_owned())
}

/// How many letters have to be changed, added or removed to make one of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, c) in one.chars().enumerate() {
        let mut last = above + 1;
        let mut next = vec![last];
        for (pair, d) in row.windows(2).zip(&other) {
            if let [diagonal, up] = pair {
                last = (diagonal + usize::from(c != *d)).min(up + 1).min(last + 1);
                next.push(last);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant_by(variable: &str) -> Option<String> {
        let settings = ["LIMIT", "LIMIT_ADDRESS", "DATA", "LOG", "PROXY"];
        meant(variable, &settings.map(|name| format!("TENT_{name}")))
    }

    #[test]
    fn a_letter_or_two_are_a_mistake() {
        for (variable, known) in [
            ("TENT_LIMTI", "TENT_LIMIT"),
            ("TENT_LIMITS", "TENT_LIMIT"),
            ("TENT_LIMIT_ADRESS", "TENT_LIMIT_ADDRESS"),
            ("TENT_LIMITADDRES", "TENT_LIMIT_ADDRESS"),
            ("TENT_DATE", "TENT_DATA"),
            ("TENT_LOGS", "TENT_LOG"),
            ("TENT_PASPHRASE", "TENT_PASSPHRASE"),
            ("TENT_SETTING", "TENT_SETTINGS"),
        ] {
            assert_eq!(meant_by(variable).as_deref(), Some(known), "{variable}");
        }
    }

    #[test]
    fn what_is_known_or_like_nothing_is_no_mistake() {
        for variable in [
            "TENT_LIMIT",
            "TENT_MAC_KEY",
            "TENT_PORT",
            "TENT_PORT_7878_TCP_ADDR",
            "TENT_SERVICE_HOST",
            "TENT_TAG",
            "TENT_KILLS",
            "TENT_SEED",
            "TENT_REQUIRE_POSTGRES",
            "TENT_",
            "LIMITS",
        ] {
            assert_eq!(meant_by(variable), None, "{variable}");
        }
    }
}
