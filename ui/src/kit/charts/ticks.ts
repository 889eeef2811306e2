/** The words below the time axis: in the zone that is shown, with the date where it changes. */

const DAY_S = 86_400;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `times` in Unix seconds, `step` seconds apart. */
export function tickWords(times: readonly number[], step: number, options: { utc: boolean }): string[] {
  let before = "";
  return times.map((time) => {
    const date = new Date(time * 1000);
    const [month, day, hours, minutes, seconds] = options.utc
      ? [
          date.getUTCMonth(),
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
        ]
      : [date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
    const today = `${MONTHS[month]} ${day}`;
    if (step >= DAY_S) return today;
    const clock = `${pad(hours)}:${pad(minutes)}${step < 60 ? `:${pad(seconds)}` : ""}`;
    const isNew = before !== "" && before !== today;
    before = today;
    return isNew ? today : clock;
  });
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
