//! The time of a request as API Gateway writes it.

use crate::time::UnixTime;

/// Writes `12/Mar/2020:19:03:58 +0000`. Source: `$context.requestTime` in "Variables for access logging for API
/// Gateway".
pub(super) fn request_time(at: UnixTime) -> String {
    let secs = at.as_millis() / 1000;
    let (year, month, day) = date(secs / 86_400);
    let (hour, minute, second) = (secs / 3600 % 24, secs / 60 % 60, secs % 60);
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// The date of a day that is counted from 1970-01-01, reckoned in years that begin in March: then the leap day is the
/// last, and the months before it have 153 days in every five.
fn date(days: u64) -> (u64, &'static str, u64) {
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days / DAYS_OF_ERA, days % DAYS_OF_ERA);
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era + u64::from(month >= 10);
    let name = usize::try_from(month).ok().and_then(|month| MONTHS.get(month)).copied();
    (year, name.unwrap_or_default(), day)
}

/// 400 years.
const DAYS_OF_ERA: u64 = 146_097;

/// From the first of March of the year 0.
const DAYS_TO_1970: u64 = 719_468;

const MONTHS: [&str; 12] = ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_the_common_log_format_has_it() {
        for (secs, written) in [
            (0, "01/Jan/1970:00:00:00 +0000"),
            (951_782_399, "28/Feb/2000:23:59:59 +0000"),
            (951_782_400, "29/Feb/2000:00:00:00 +0000"),
            (951_868_800, "01/Mar/2000:00:00:00 +0000"),
            (1_583_348_638, "04/Mar/2020:19:03:58 +0000"),
            (1_798_761_599, "31/Dec/2026:23:59:59 +0000"),
            (4_107_542_400, "01/Mar/2100:00:00:00 +0000"),
        ] {
            assert_eq!(request_time(UnixTime::from_secs(secs)), written);
        }
        assert!(request_time(UnixTime::from_millis(u64::MAX)).ends_with(" +0000"));
    }
}
