//! The calendar, and the `Date` header, from the server's own clock, so that a client can mend its own
//! by it.

use std::fmt;

use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use http::header::DATE;

use crate::server::Shared;

pub(crate) async fn stamp(
    server: &Shared,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let mut response = next(request).await;
    let date = HeaderValue::try_from(imf_fixdate(server.now()));
    response
        .headers_mut()
        .extend(date.ok().map(|date| (DATE, date)));
    response
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day of the calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    year: i64,
    /// From 1.
    month: i64,
    day: i64,
    /// From Thursday, 0.
    weekday: i64,
}

/// A time in epoch seconds, as HTTP writes it (RFC 9110 §5.6.7).
fn imf_fixdate(time: i64) -> String {
    let at = Day::of(time);
    let second = time.rem_euclid(86_400);
    let weekday = DAYS[at.weekday as usize]; // within the array, as is the month
    let month = &at.month()[..3];
    let (year, day) = (at.year, at.day);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

impl Day {
    /// The day of a time in epoch seconds.
    pub(crate) fn of(time: i64) -> Self {
        let days = time.div_euclid(86_400);
        // Years begin in March, so that the day of a leap year comes last; eras have 400 years.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12;
        let year = year_of_era + era * 400 + i64::from(month < 2);
        Self {
            year,
            month: month + 1,
            day,
            weekday: days.rem_euclid(7),
        }
    }

    fn month(self) -> &'static str {
        MONTHS[self.month as usize - 1]
    }

    /// As programs read it: `2013-01-01`.
    pub(crate) fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// As people read it: `1 January 2013`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.day, self.month(), self.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (time, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_356_998_400, "Tue, 01 Jan 2013 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] {
            assert_eq!(imf_fixdate(time), text);
        }
    }

    #[test]
    fn days_are_written_for_people_and_for_programs() {
        let day = Day::of(951_868_799);
        assert_eq!(day.to_string(), "29 February 2000");
        assert_eq!(day.iso(), "2000-02-29");
    }
}
