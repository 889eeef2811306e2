//! What is refused, and what the user is told.

use everstep_protocol::Json;
use everstep_protocol::config::{ConfigErrorCode, FunctionConfig};
use everstep_protocol::limits::TRIGGER_TEXT_MAX;

use super::super::{CronSchedule, validate};
use super::check_same;

/// A text and its error, with `=>` between them.
const REFUSED: &str = r#"
* * * * => a schedule has five fields (minute, hour, day of month, month, weekday), or six with seconds first, not 4
* * * * * * * => a schedule has five fields (minute, hour, day of month, month, weekday), or six with seconds first, not 7
TZ=UTC => a schedule has five fields (minute, hour, day of month, month, weekday), or six with seconds first, not 0
 => a schedule has five fields (minute, hour, day of month, month, weekday), or six with seconds first, not 0
TZ=Mars/Olympus * * * * * => "Mars/Olympus" is not a time zone; name one of the IANA database, such as "Europe/Berlin", or leave it out for UTC
TZ= * * * * * => "" is not a time zone; name one of the IANA database, such as "Europe/Berlin", or leave it out for UTC
CRON_TZ=Local * * * * * => "Local" is not a time zone; name one of the IANA database, such as "Europe/Berlin", or leave it out for UTC
TZ=../../etc/passwd * * * * * => "../../etc/passwd" is not a time zone; name one of the IANA database, such as "Europe/Berlin", or leave it out for UTC
@daily => schedules by name such as "@daily" are not supported; write 0 0 * * *
TZ=Europe/Berlin @hourly => schedules by name such as "@hourly" are not supported; write 0 * * * *
@every 5m => schedules by name such as "@every" are not supported; write fields, such as */5 * * * * for every five minutes

60 * * * * => the minute field has "60", where 60 is not from 0 to 59
1,61 * * * * => the minute field has "61", where 61 is not from 0 to 59
99999999999999999999 * * * * => the minute field has "99999999999999999999", where 99999999999999999999 is not from 0 to 59
* 24 * * * => the hour field has "24", where 24 is not from 0 to 23
* * 0 * * => the day of month field has "0", where 0 is not from 1 to 31
* * 1-32 * * => the day of month field has "1-32", where 32 is not from 1 to 31
* * * 13 * => the month field has "13", where 13 is not from 1 to 12
* * * * 8 => the weekday field has "8", where 8 is not from 0 to 7
60 * * * * * => the second field has "60", where 60 is not from 0 to 59

a * * * * => the minute field has "a", where "a" is not a number
+5 * * * * => the minute field has "+5", where "+5" is not a number
-5 * * * * => the minute field has "-5", where "" is not a number
1-2-3 * * * * => the minute field has "1-2-3", where "2-3" is not a number
*-5 * * * * => the minute field has "*-5", where "*" is not a number
/5 * * * * => the minute field has "/5", where "" is not a number
٣ * * * * => the minute field has "٣", where "٣" is not a number
* * L * * => the day of month field has "L", where "L" is not a number
* * 5W * * => the day of month field has "5W", where "5W" is not a number
* * * FOO * => the month field has "FOO", where "FOO" is not a number or a name from JAN to DEC
* * * * MON#2 => the weekday field has "MON#2", where "MON#2" is not a number or a name from SUN to SAT
TZ=UTC TZ=UTC * * * * => the minute field has "TZ=UTC", where "TZ=UTC" is not a number

1,,2 * * * * => the minute field has "", an empty part; remove the comma
* 22-2 * * * => the hour field has "22-2", a range that ends before it starts; write 22-23,0-2
* * 25-5 * * => the day of month field has "25-5", a range that ends before it starts; write 25-31,1-5
* * * NOV-JAN * => the month field has "NOV-JAN", a range that ends before it starts; write 11-12,1-1
* * * * FRI-MON => the weekday field has "FRI-MON", a range that ends before it starts; write 5-6,0-1

*/0 * * * * => the minute field has "*/0", where the step "0" is not a whole number of at least 1
*/ * * * * => the minute field has "*/", where the step "" is not a whole number of at least 1
*/-1 * * * * => the minute field has "*/-1", where the step "-1" is not a whole number of at least 1
*/1/2 * * * * => the minute field has "*/1/2", where the step "1/2" is not a whole number of at least 1
"#;

fn refusal(text: &str) -> String {
    match CronSchedule::parse(text) {
        Ok(_) => panic!("{text:?} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn cr_1_cr_2_errors_say_where_and_why() {
    for line in REFUSED.lines().filter(|line| !line.is_empty()) {
        let (text, message) = line.split_once(" => ").unwrap();
        assert_eq!(refusal(text), message, "{text:?}");
    }
}

#[test]
fn cr_3_the_longest_schedule() {
    let longest = format!("{} * * * *", ["0"; 124].join(","));
    assert_eq!(longest.len(), TRIGGER_TEXT_MAX);
    check_same(&longest, "0 * * * *");
    let message = "a schedule has at most 255 characters, not 256";
    assert_eq!(refusal(&format!("{longest} ")), message);
}

#[test]
fn cr_3_sync_refuses_schedules_that_cannot_be_read() {
    let function = |triggers: &str| {
        let text = format!(
            r#"{{"id":"shop-report","name":"Report","triggers":{triggers},"steps":{{"step":{{"id":"step","name":"step","runtime":{{"type":"http","url":"http://localhost:3000/api/inngest"}}}}}}}}"#
        );
        let json = Json::parse(text.as_bytes()).unwrap();
        FunctionConfig::from_json(&json).unwrap()
    };
    let valid = function(
        r#"[{"event":"a"},{"cron":"TZ=Europe/Paris 0 12 * * FRI"},{"cron":"0 0 31 2 *"}]"#,
    );
    assert_eq!(validate(&valid), Ok(()));
    assert_eq!(validate(&function("[]")), Ok(()));

    let invalid = function(
        r#"[{"event":"a"},{"cron":"0 25 * * *"},{"cron":"* * * * *"},{"cron":"TZ=Nowhere * * * * *"}]"#,
    );
    let errors = validate(&invalid).unwrap_err();
    assert!(
        errors
            .iter()
            .all(|error| error.code == ConfigErrorCode::ScheduleInvalid)
    );
    let messages: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "function \"shop-report\": triggers[1]: schedule \"0 25 * * *\": the hour field has \"25\", where 25 is not from 0 to 23",
            "function \"shop-report\": triggers[3]: schedule \"TZ=Nowhere * * * * *\": \"Nowhere\" is not a time zone; name one of the IANA database, such as \"Europe/Berlin\", or leave it out for UTC",
        ]
    );
}
