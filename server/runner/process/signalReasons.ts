/** The signals that end programs: their names by exit code, and in a few words what usually sends each. */
import { constants } from "node:os";

/** From here on shells count the signals that ended a command (POSIX, 2.8.2). */
const SIGNALLED = 128;
const FIRST_REALTIME = 34;
const LAST_SIGNAL = 64;

const NAMES: ReadonlyMap<number, string> = new Map(
  // Where two names have one number the first is the usual one: SIGABRT, SIGIO.
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

const REASONS: Readonly<Record<string, string>> = {
  SIGKILL: "often by the kernel for lack of memory",
  SIGTERM: "which something sent to end it",
  SIGINT: "as by Ctrl-C",
  SIGQUIT: "as by Ctrl-\\",
  SIGHUP: "as when a terminal is closed",
  SIGSEGV: "a fault in the program (memory that is not its own)",
  SIGBUS: "a fault in the program, or a file that was cut while it was read",
  SIGABRT: "which a program sends itself when it finds a fault",
  SIGILL: "it has an instruction that this processor does not have",
  SIGFPE: "a fault in its arithmetic, often a division by zero",
  SIGPIPE: "as nobody read its output any more",
  SIGXCPU: "at its limit of processor time",
  SIGXFSZ: "at its limit for the size of a file",
  SIGSYS: "it used a system call that is not allowed here",
  SIGTRAP: "it stopped itself for a debugger, or found a fault",
};

/** Programs give this code also to say something else: git's 129 is wrong usage. */
const ALSO_OTHERWISE: ReadonlySet<string> = new Set(["SIGHUP"]);

/** `ended by SIGKILL, often by the kernel for lack of memory`; null for a code that no signal has. */
export function signalOfCode(code: number, isMemoryShort: boolean): string | null {
  const number = code - SIGNALLED;
  if (number < 1 || number > LAST_SIGNAL) return null;
  const name = NAMES.get(number) ?? (number >= FIRST_REALTIME ? `signal ${number}` : null);
  if (name === null) return null;
  // Only what faults and other programs send is told as a fact.
  if (REASONS[name] === undefined || ALSO_OTHERWISE.has(name)) return `as after ${name}`;
  return `ended by ${signalWords(name, isMemoryShort)}`;
}

/** `SIGKILL, often by the kernel for lack of memory`. */
export function signalWords(name: string, isMemoryShort: boolean): string {
  if (name === "SIGKILL" && isMemoryShort) return "SIGKILL, by the kernel for lack of memory";
  const reason = REASONS[name];
  return reason === undefined ? name : `${name}, ${reason}`;
}
