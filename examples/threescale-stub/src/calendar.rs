use std::fmt;

/// A calendar period in UTC over which usage is limited. Weeks start on Monday.
///
/// Ordered as usage reports are: the longest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// All time; has neither start nor end.
    Eternity,
    /// A calendar year.
    Year,
    /// A calendar month.
    Month,
    /// Monday to Sunday.
    Week,
    /// A day, from midnight UTC.
    Day,
    /// A clock hour.
    Hour,
    /// A clock minute.
    Minute,
}

impl Period {
    /// Every period, the longest first.
    pub const ALL: [Period; 7] =
        [Period::Eternity, Period::Year, Period::Month, Period::Week, Period::Day, Period::Hour, Period::Minute];

    /// Returns the name used in answers.
    pub fn name(self) -> &'static str {
        match self {
            Period::Eternity => "eternity",
            Period::Year => "year",
            Period::Month => "month",
            Period::Week => "week",
            Period::Day => "day",
            Period::Hour => "hour",
            Period::Minute => "minute",
        }
    }

    /// Returns the first second of the period that holds `at_secs`, and the first second after it; `None` for eternity.
    pub(crate) fn bounds(self, at_secs: i64) -> Option<(i64, i64)> {
        let days = at_secs.div_euclid(DAY_SECS);
        let (year, month, _) = date_of(days);
        let fixed = |start: i64, length: i64| Some((start, start + length));
        let from_days = |start: i64, end: i64| Some((start * DAY_SECS, end * DAY_SECS));
        match self {
            Period::Eternity => None,
            Period::Year => from_days(days_before_year(year), days_before_year(year + 1)),
            Period::Month => {
                let start = days_before_year(year) + days_before_month(year, month);
                from_days(start, start + month_length(year, month))
            }
            // Day 0, 1970-01-01, was a Thursday.
            Period::Week => fixed((days - (days + 3).rem_euclid(7)) * DAY_SECS, 7 * DAY_SECS),
            Period::Day => fixed(days * DAY_SECS, DAY_SECS),
            Period::Hour => fixed(at_secs - at_secs.rem_euclid(3_600), 3_600),
            Period::Minute => fixed(at_secs - at_secs.rem_euclid(60), 60),
        }
    }
}

/// Shows Unix seconds as usage reports do: `2026-07-20 10:30:15 +0000`.
pub(crate) struct Moment(pub(crate) i64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0.div_euclid(DAY_SECS));
        let second = self.0.rem_euclid(DAY_SECS);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} +0000")
    }
}

/// Reads a transaction's time stamp as Unix seconds; `None` if it is in no known form.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| parse_date_time(text))
}

fn parse_date_time(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked("YYYY-MM-DD".len())?;
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    let clock_length = rest.find(|c: char| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(clock_length);
    Some(parse_date(date)? * DAY_SECS + parse_clock(clock)? - parse_offset(zone.trim())?)
}

fn parse_date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next()?.parse().ok()?;
    let day: i64 = parts.next()?.parse().ok()?;
    let real = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
    real.then(|| days_before_year(year) + days_before_month(year, month) + day - 1)
}

fn parse_clock(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let whole_seconds = text.split('.').next()?;
    let mut parts = whole_seconds.split(':').map(str::parse::<i64>);
    let hour = parts.next()?.ok()?;
    let minute = parts.next()?.ok()?;
    let second = parts.next().transpose().ok()?.unwrap_or(0);
    let real = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    real.then_some(hour * 3_600 + minute * 60 + second)
}

fn parse_offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits.replace(':', "")),
        ("-", digits) => (-1, digits.replace(':', "")),
        _ => return None,
    };
    let hours: i64 = digits.get(0..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
    Some(sign * (hours * 3_600 + minutes * 60))
}

/// Returns year, month (1-12) and day (1-31) of a day counted from 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    // 146097 days are exactly 400 years, so the first guess is at most a year off.
    let mut year = 1970 + days.div_euclid(146_097) * 400 + days.rem_euclid(146_097) * 400 / 146_097;
    while days_before_year(year) > days {
        year -= 1;
    }
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    let day_of_year = days - days_before_year(year);
    let month = (1..=12).rev().find(|&month| days_before_month(year, month) <= day_of_year).unwrap_or(1);
    (year, month, day_of_year - days_before_month(year, month) + 1)
}

/// Days from 1970-01-01 to 1 January of `year`.
fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    let leap_days = past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400);
    past * 365 + leap_days - 719_162
}

fn days_before_month(year: i64, month: i64) -> i64 {
    (1..month).map(|earlier| month_length(year, earlier)).sum()
}

fn month_length(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const DAY_SECS: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY_MORNING: i64 = 1_784_543_415; // 2026-07-20 10:30:15

    fn shown(period: Period, at_secs: i64) -> String {
        let (start, end) = period.bounds(at_secs).expect("not eternity");
        format!("{} {}", Moment(start), Moment(end)).replace(" +0000", "").replace(" 00:00:00", "")
    }

    #[test]
    fn periods_follow_the_calendar() {
        assert_eq!(shown(Period::Year, MONDAY_MORNING), "2026-01-01 2027-01-01");
        assert_eq!(shown(Period::Month, MONDAY_MORNING), "2026-07-01 2026-08-01");
        assert_eq!(shown(Period::Week, MONDAY_MORNING), "2026-07-20 2026-07-27");
        assert_eq!(shown(Period::Day, MONDAY_MORNING), "2026-07-20 2026-07-21");
        assert_eq!(shown(Period::Hour, MONDAY_MORNING), "2026-07-20 10:00:00 2026-07-20 11:00:00");
        assert_eq!(shown(Period::Minute, MONDAY_MORNING), "2026-07-20 10:30:00 2026-07-20 10:31:00");
        assert_eq!(Period::Eternity.bounds(MONDAY_MORNING), None);
    }

    #[test]
    fn a_week_may_cross_a_year() {
        let friday = parse_timestamp("2027-01-01").expect("a date");
        assert_eq!(shown(Period::Week, friday), "2026-12-28 2027-01-04");
        assert_eq!(shown(Period::Week, friday - 5 * DAY_SECS), "2026-12-21 2026-12-28");
    }

    #[test]
    fn leap_years_have_a_29th_of_february() {
        let leap_day = parse_timestamp("2028-02-29 12:00:00").expect("a date");
        assert_eq!(shown(Period::Month, leap_day), "2028-02-01 2028-03-01");
        assert_eq!(shown(Period::Day, leap_day), "2028-02-29 2028-03-01");
        assert_eq!(parse_timestamp("2027-02-29"), None);
        assert_eq!(parse_timestamp("2100-02-29"), None);
        assert!(parse_timestamp("2000-02-29").is_some());
    }

    #[test]
    fn every_day_of_some_centuries_is_followed_by_the_next() {
        let mut before = date_of(-1);
        assert_eq!(before, (1969, 12, 31));
        for days in 0..150_000 {
            let (year, month, day) = date_of(days);
            let next_day = (year, month, day) == (before.0, before.1, before.2 + 1);
            let next_month = day == 1 && before.2 == month_length(before.0, before.1);
            assert!(next_day || next_month, "day {days}");
            before = (year, month, day);
        }
    }

    #[test]
    fn a_time_stamp_is_unix_seconds_or_a_date() {
        for same in [
            "1784543415",
            " 1784543415 ",
            "2026-07-20 10:30:15",
            "2026-07-20 10:30:15 +0000",
            "2026-07-20T10:30:15Z",
            "2026-07-20T10:30:15.999Z",
            "2026-07-20 12:30:15 +02:00",
            "2026-07-20 03:30:15 -0700",
        ] {
            assert_eq!(parse_timestamp(same), Some(MONDAY_MORNING), "{same}");
        }
        for unreadable in ["", "yesterday", "2026-07-20 25:00", "2026-13-01", "2026-07-20 10:30 Mars", "20.07.2026é"] {
            assert_eq!(parse_timestamp(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn far_times_are_read_without_a_panic() {
        let _ = Period::Week.bounds(i64::MAX / 1_000);
        let _ = Period::Year.bounds(i64::MIN / 1_000);
    }
}
