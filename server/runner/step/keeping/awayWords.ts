/** The sentence that says that nobody watched a command for a while. */

/** In the time zone of this machine, as the log of a machine has it. */
export function awayWords(from: number, to: number, endedAt: number | null): string {
  const isOneDay = dayOf(from) === dayOf(to);
  const words = (at: number) => (isOneDay ? timeOf(at) : `${dayOf(at)} ${timeOf(at)}`);
  const away = `The server was away from ${words(from)} to ${words(to)}`;
  if (endedAt === null) return `${away}; the command kept running`;
  return `${away}; the command ended at ${words(endedAt)}`;
}

const two = (number: number): string => String(number).padStart(2, "0");

function timeOf(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
}

function dayOf(at: number): string {
  const time = new Date(at);
  return [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
}
