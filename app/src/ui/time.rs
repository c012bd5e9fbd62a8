//! Times for people: how long ago, how long left, and exactly when.
//!
//! The server doesn't know the reader's time zone, so it writes UTC. `public/times.js` turns elements with `data-ago`
//! or `data-clock` into local time and keeps them current.

use foundation::{lang, tr};
use leptos::prelude::*;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

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

/// The time before a request's end at which its page warns, in milliseconds.
pub const LAST_MINUTE: i64 = MINUTE;

const MONATE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// How long ago `then` was, or how far ahead it is, both in milliseconds since 1970: `36 seconds ago`, `in 5 minutes`.
/// From 30 days on, the date.
pub fn ago(now: i64, then: i64) -> String {
    let apart = (now - then).abs();
    let count = match apart {
        ..SECOND => return tr!("just now", "gerade eben").into(),
        SECOND..MINUTE => lang::count(apart / SECOND, tr!("second", "Sekunde"), tr!("seconds", "Sekunden")),
        MINUTE..HOUR => lang::count(apart / MINUTE, tr!("minute", "Minute"), tr!("minutes", "Minuten")),
        HOUR..DAY => lang::count(apart / HOUR, tr!("hour", "Stunde"), tr!("hours", "Stunden")),
        // German: vor 2 Tagen.
        _ if apart < 30 * DAY => lang::count(apart / DAY, tr!("day", "Tag"), tr!("days", "Tagen")),
        _ => return date(then),
    };
    if then > now { format!("in {count}") } else { tr!(format!("{count} ago"), format!("vor {count}")) }
}

/// The remaining time in minutes and seconds (`3:24`), or in hours or days (`5 h 12 min`).
pub fn left(now: i64, end: i64) -> String {
    let left = (end - now).max(0);
    match left {
        ..HOUR => format!("{}:{:02}", left / MINUTE, left % MINUTE / SECOND),
        HOUR..DAY => format!("{} h {} min", left / HOUR, left % HOUR / MINUTE),
        _ => format!("{} {} {} h", left / DAY, tr!("d", "Tg."), left % DAY / HOUR),
    }
}

/// `24 November 2026`.
pub fn date(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY));
    tr!(format!("{day} {} {year}", MONTHS[month - 1]), format!("{day}. {} {year}", MONATE[month - 1]))
}

/// `November 2026`.
pub fn month(ms: i64) -> String {
    let (year, month, _) = civil(ms.div_euclid(DAY));
    format!("{} {year}", tr!(MONTHS, MONATE)[month - 1])
}

/// `08:06`, UTC.
pub fn clock(ms: i64) -> String {
    let of_day = ms.rem_euclid(DAY);
    format!("{:02}:{:02}", of_day / HOUR, of_day % HOUR / MINUTE)
}

/// `24 November 2026, 08:06:42 UTC`.
pub fn exact(ms: i64) -> String {
    let seconds = ms.rem_euclid(MINUTE) / SECOND;
    format!("{}, {}:{seconds:02} UTC", date(ms), clock(ms))
}

/// `2026-11-24T08:06:42Z`, for `datetime`.
pub fn iso(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY));
    let seconds = ms.rem_euclid(MINUTE) / SECOND;
    format!("{year:04}-{month:02}-{day:02}T{}:{seconds:02}Z", clock(ms))
}

/// Milliseconds since 1970 of a time in the API's format (`2026-11-24T08:06:42.123Z`, UTC). `None` for any other text.
pub fn parse(text: &str) -> Option<i64> {
    let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let mut day = day.split('-').map(number);
    let (year, month, date) = (day.next()??, day.next()??, day.next()??);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.split(':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let thousandths = number(&format!("{fraction:0<3}")[..3])?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&date) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days(year, month, date) * DAY + hour * HOUR + minute * MINUTE + second * SECOND + thousandths)
}

/// How long ago, with the exact time on hover.
pub fn ago_view(now: i64, then: i64) -> AnyView {
    view! { <time datetime=iso(then) title=exact(then) data-ago="">{ago(now, then)}</time> }.into_any()
}

/// The time of day, with the exact time on hover. On a day other than `now`'s, the date.
pub fn clock_view(now: i64, then: i64) -> AnyView {
    let text = if now.div_euclid(DAY) == then.div_euclid(DAY) { format!("{} UTC", clock(then)) } else { date(then) };
    view! { <time datetime=iso(then) title=exact(then) data-clock="">{text}</time> }.into_any()
}

/// The time left until `end`, which the page's script counts down.
pub fn left_view(now: i64, end: i64) -> AnyView {
    view! { <time datetime=iso(end) title=tr!(format!("until {}", exact(end)), format!("bis {}", exact(end))) data-left=end.to_string() data-words="{}" data-over="0:00">{left(now, end)}</time> }
        .into_any()
}

/// Year, month and day of a number of days since 1970 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, usize, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), of_year - (153 * shifted + 2) / 5 + 1)
}

/// Days since 1970 of a date: the inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_507_602_123;

    #[test]
    fn times_are_relative_until_a_month_has_gone() {
        for (apart, text) in [
            (0, "just now"),
            (1_000, "1 second ago"),
            (36_500, "36 seconds ago"),
            (60_000, "1 minute ago"),
            (59 * MINUTE, "59 minutes ago"),
            (2 * HOUR, "2 hours ago"),
            (25 * HOUR, "1 day ago"),
            (-90_000, "in 1 minute"),
            (31 * DAY, "24 October 2026"),
        ] {
            assert_eq!(ago(AT, AT - apart), text);
        }
    }

    #[test]
    fn german_times_have_their_own_forms() {
        lang::within(lang::Lang::De, || {
            for (apart, text) in [
                (0, "gerade eben"),
                (1_000, "vor 1 Sekunde"),
                (36_500, "vor 36 Sekunden"),
                (2 * HOUR, "vor 2 Stunden"),
                (25 * HOUR, "vor 1 Tag"),
                (3 * DAY, "vor 3 Tagen"),
                (-90_000, "in 1 Minute"),
                (31 * DAY, "24. Oktober 2026"),
            ] {
                assert_eq!(ago(AT, AT - apart), text);
            }
            assert_eq!(
                (left(AT, AT + 3 * DAY).as_str(), exact(AT).as_str()),
                ("3 Tg. 0 h", "24. November 2026, 08:06:42 UTC")
            );
        });
    }

    #[test]
    fn remaining_time_is_never_negative() {
        for (left_ms, text) in
            [(204_900, "3:24"), (0, "0:00"), (-5, "0:00"), (5 * HOUR + 12 * MINUTE, "5 h 12 min"), (3 * DAY, "3 d 0 h")]
        {
            assert_eq!(left(AT, AT + left_ms), text);
        }
    }

    #[test]
    fn a_time_is_written_and_read_to_the_day_and_second() {
        assert_eq!(exact(AT), "24 November 2026, 08:06:42 UTC");
        assert_eq!(iso(AT), "2026-11-24T08:06:42Z");
        assert_eq!(parse("2026-11-24T08:06:42.123Z"), Some(AT));
        assert_eq!(parse("2026-11-24T08:06:42Z"), Some(AT - 123));
        for day in [-719_468, -1, 0, 59, 11_016, 20_781, 1_000_000] {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, i64::try_from(month).expect("a month"), date), day);
        }
        for wrong in
            ["", "yesterday", "2026-11-24", "2026-13-24T08:06:42Z", "2026-11-24T08:06:42+01:00", "2026-11-24TxZ"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
