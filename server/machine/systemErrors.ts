/** Names errors of the operating system, also where Node knows no name for the number. */
import { constants } from "node:os";

/** Linux's own, in neither Node's table nor POSIX; an example of what Node says then: https://github.com/nodejs/node/issues/19455. */
const BEYOND_POSIX: readonly (readonly [number, string])[] = [
  [117, "EUCLEAN"],
  [121, "EREMOTEIO"],
  [123, "ENOMEDIUM"],
  [124, "EMEDIUMTYPE"],
  [133, "EHWPOISON"],
];

const NAMES: ReadonlyMap<number, string> = new Map([
  ...(process.platform === "linux" ? BEYOND_POSIX : []),
  ...Object.entries(constants.errno).map(([name, number]) => [number, name] as const),
]);

/**
 * `ENOSPC`, `EIO`, …; undefined where it is no error of the system. Node says `Unknown system error -122` for a quota that is used up.
 */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const code = String(error.code);
  const [, number] = /^Unknown system error -(\d+)/.exec(code) ?? [];
  if (number !== undefined) return NAMES.get(Number(number)) ?? `E${number}`;
  // Node names mistakes in the use of its own API ERR_…: those are bugs of ours.
  return /^E(?!RR_)[A-Z0-9]+$/.test(code) ? code : undefined;
}
