/** The server's log on stderr: JSON for programs, one readable line where a person looks. */
import { type Logger, pino, stdTimeFunctions } from "pino";
import { printable } from "../../../shared/text/printable.js";
import type { LogLevel } from "../../settings/settings.js";
import { type Colors, colorsFor } from "../display/stepLine.js";
import type { CliContext, Output } from "../process/context.js";

export function createLogger(
  level: LogLevel,
  { env, stderr }: CliContext,
  isJson = !stderr.isTTY,
): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime };
  if (isJson || !stderr.isTTY) return pino(options, { write: (line) => stderr.write(line) });
  const colors = colorsFor({ env, stdout: stderr });
  return pino(options, { write: (line) => stderr.write(readable(line, stderr, colors)) });
}

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

function readable(line: string, { columns }: Output, colors: Colors): string {
  const { level, time, msg, err, ...details } = JSON.parse(line) as Record<string, unknown>;
  const name = LEVEL_NAMES[Number(level)] ?? String(level);
  const paint = Number(level) >= 50 ? colors.red : Number(level) >= 40 ? colors.yellow : colors.dim;
  const more = Object.entries(details).map(([name, value]) => ` ${name}=${shown(value)}`);
  const why = err === undefined ? "" : `: ${causeIn(err)}`;
  const head = `${String(time).slice(11, 19)} ${paint(name.padEnd(5))} `;
  const text = `${String(msg)}${why}${more.join("")}`;
  return `${head}${printable(text, Math.max(80, columns * 4))}\n`;
}

/** A word as it is, anything else as JSON. */
const shown = (value: unknown): string =>
  typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);

/** Without the stack, which is for the JSON. */
function causeIn(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(error);
}
