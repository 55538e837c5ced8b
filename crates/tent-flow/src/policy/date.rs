//! Dates as servers write them.

/// The seconds since the Unix epoch of a date: one of HTTP's three formats, or ISO 8601 with a time
/// and an offset. A begun second counts as a whole one. `None` for anything else, and for dates
/// before the epoch.
///
/// Source: RFC 9110 §5.6.7; RFC 3339 §5.6.
///
/// ```
/// use tent_flow::policy::epoch_seconds;
///
/// for date in [
///     "Tue, 01 Jan 2013 00:00:00 GMT",
///     "Tuesday, 01-Jan-13 00:00:00 GMT",
///     "Tue Jan  1 00:00:00 2013",
///     "2013-01-01T00:00:00Z",
///     "2013-01-01T01:59:59.250+02:00",
/// ] {
///     let seconds = epoch_seconds(date).unwrap();
///     assert!(seconds == 1_356_998_400 || date.contains('+'), "{date}");
/// }
/// assert_eq!(epoch_seconds("soon"), None);
/// ```
pub fn epoch_seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        iso(text)
    } else {
        http(text)
    }
}

fn http(text: &str) -> Option<u64> {
    let mut parts = [""; 7];
    let mut count = 0;
    let text = text.split_once(", ").map_or(text, |(_, rest)| rest);
    for part in text.split([' ', '-', ':']).filter(|part| !part.is_empty()) {
        *parts.get_mut(count)? = part;
        count += 1;
    }
    match parts {
        [day, month, year, hour, minute, second, "GMT" | "UTC"]
        | [_, month, day, hour, minute, second, year]
            if count == 7 =>
        {
            let year = match (year.len(), number(year)?) {
                (2, year) if year < 70 => 2000 + year,
                (2, year) => 1900 + year,
                (_, year) => year,
            };
            let time = seconds_of_day(hour, minute, second)?;
            seconds(days(year, month_of(month)?, number(day)?)?, time)
        }
        _ => None,
    }
}

fn iso(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let at = time.find(['Z', 'z', '+', '-'])?;
    let (time, offset) = time.split_at_checked(at)?;
    let mut time = time.splitn(3, ':');
    let (hour, minute, second) = (time.next()?, time.next()?, time.next()?);
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    let begun = i64::from(fraction.bytes().any(|digit| digit != b'0'));
    let time = seconds_of_day(hour, minute, second)? + begun;
    let days = days(number(year)?, number(month)?, number(day)?)?;
    seconds(days, time - offset_seconds(offset)?)
}

/// `Z`, `+02:00` or `-0530`, in seconds.
fn offset_seconds(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, text) = text.split_at_checked(1)?;
    let (hours, minutes) = text
        .split_once(':')
        .or_else(|| text.split_at_checked(text.len().min(2)))?;
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let seconds = seconds_of_day(hours, minutes, "0")?;
    Some(if sign == "-" { -seconds } else { seconds })
}

fn seconds_of_day(hour: &str, minute: &str, second: &str) -> Option<i64> {
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    // A leap second is written as 60.
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

fn seconds(days: i64, time: i64) -> Option<u64> {
    u64::try_from(days * 86_400 + time).ok()
}

fn month_of(name: &str) -> Option<i64> {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let place = NAMES.iter().position(|known| *known == name)?;
    Some(place as i64 + 1)
}

/// Days since the epoch, in the Gregorian calendar. The year is counted from March, so that the day
/// that is there in some years only is its last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || year > 9999 {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + day_of_year - 719_468)
}

fn number(text: &str) -> Option<i64> {
    let is_short = (1..=4).contains(&text.len());
    (is_short && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_dates_are_read() {
        for (date, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
            ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("2024-02-29T23:59:59.001z", 1_709_251_200),
            ("2000-03-01 00:00:00+00:00", 951_868_800),
            ("2000-03-01T05:30:00+0530", 951_868_800),
            ("2000-02-29T22:00:00-02", 951_868_800),
        ] {
            assert_eq!(epoch_seconds(date), Some(seconds), "{date}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "0",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "06 Nov 1994 08:49:37 GMT more",
            "1994-11-06",
            "1994-11-06T08:49:37",
            "1994-13-06T08:49:37Z",
            "1969-12-31T23:59:59Z",
            "12345-01-01T00:00:00Z",
            "1994-11-06T08:49:37+é0",
        ] {
            assert_eq!(epoch_seconds(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9A-Za-z:+., é-]{0,40}") {
            let _ = epoch_seconds(&text);
        }

        #[test]
        fn a_day_later_is_a_day_later(day in 0_i64..2_000_000) {
            // The other way round, as calendars are made: by counting.
            let (mut year, mut rest) = (1970, day % 100_000);
            let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            while rest >= 365 + i64::from(leap(year)) {
                rest -= 365 + i64::from(leap(year));
                year += 1;
            }
            let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            let mut month = 1;
            for length in lengths {
                if rest < length {
                    break;
                }
                rest -= length;
                month += 1;
            }
            prop_assert_eq!(days(year, month, rest + 1), Some(day % 100_000));
        }
    }
}
