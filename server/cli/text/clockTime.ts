/** A moment as the clock of whoever reads it shows it. */

/** `09:41:07`, and with the day where it is another one than `now`. */
export function clockTime(at: number, now: number): string {
  const [time, today] = [new Date(at), new Date(now)];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  if (time.toDateString() === today.toDateString()) return clock;
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(two).join("-");
  return `${day} ${clock}`;
}

const two = (number: number): string => String(number).padStart(2, "0");
