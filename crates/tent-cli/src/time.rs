//! Times as people write and read them.

use jiff::Timestamp as Instant;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use tent_proto::Timestamp;

/// Reads epoch seconds, a time with its zone as in RFC 3339, or a date with or without a time, which
/// are those of this computer's time zone.
pub(crate) fn parse(text: &str) -> Result<Timestamp, String> {
    parse_in(text, &TimeZone::system())
}

fn parse_in(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Ok(Timestamp::from_epoch_seconds(seconds));
    }
    let local = || {
        let time = text.parse::<DateTime>();
        let time = time.or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
        time.and_then(|time| time.to_zoned(zone.clone()))
    };
    let instant = text
        .parse::<Instant>()
        .or_else(|_| local().map(|time| time.timestamp()))
        .map_err(|_| {
            "neither epoch seconds nor a date such as 2026-11-24 or 2026-11-24T09:30".to_owned()
        })?;
    Ok(Timestamp::from_epoch_seconds(instant.as_second()))
}

/// A time to the minute, in this computer's time zone.
pub(crate) fn show(time: Timestamp) -> String {
    show_in(time, TimeZone::system())
}

fn show_in(time: Timestamp, zone: TimeZone) -> String {
    match Instant::from_second(time.epoch_seconds()) {
        Ok(instant) => instant
            .to_zoned(zone)
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
        Err(_) => time.to_string(), // beyond the year 9999
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        for (text, seconds) in [
            ("1356998400", 1_356_998_400),
            (" -5 ", -5),
            ("2013-01-01T00:00:00Z", 1_356_998_400),
            ("2013-01-01T01:00:00+01:00", 1_356_998_400),
            ("2013-01-01", 1_356_998_400 - 7200),
            ("2013-01-01 02:00", 1_356_998_400),
            ("2013-01-01T02:00:01", 1_356_998_401),
        ] {
            let time = parse_in(text, &zone).unwrap();
            assert_eq!(time.epoch_seconds(), seconds, "{text}");
        }
        for text in ["", "soon", "2013-13-01", "99999999999999999999"] {
            assert!(parse_in(text, &zone).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_shown_to_the_minute() {
        let zone = TimeZone::fixed(jiff::tz::offset(-1));
        let show = |seconds| show_in(Timestamp::from_epoch_seconds(seconds), zone.clone());
        assert_eq!(show(1_356_998_400), "2012-12-31 23:00");
        assert_eq!(show(i64::MAX), i64::MAX.to_string());
    }
}
