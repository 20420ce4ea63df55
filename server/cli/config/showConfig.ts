/** `instep config`: every setting with its value, and who said so: a flag, a variable, a line of the file, or nobody. */

import { printable } from "../../../shared/text/printable.js";
import { readServeSettings } from "../../settings/config.js";
import { type Flags, type Given, type Origin, resolve } from "../../settings/resolveSettings.js";
import { SettingError } from "../../settings/settingError.js";
import {
  ALL_SETTINGS,
  keyOf,
  SETTING_NAMES,
  type Setting,
  type SettingName,
} from "../../settings/settings.js";
import { givenTo, usualServer } from "../connecting/whichServer.js";
import { colorsFor } from "../display/stepLine.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { jsonLine } from "../text/jsonLine.js";
import { settingHint } from "./settingHint.js";

/** As `--json` prints it. */
interface Line {
  readonly setting: string;
  /** Null where nothing is set, where it cannot be used, and of a secret. */
  readonly value: string | number | boolean | readonly string[] | null;
  /** `--port`, `INSTEP_PORT`, `instep.yaml:3` or `default`. */
  readonly from: string;
  readonly isSecret?: true;
  readonly problem?: string;
}

/** Prints to stdout. Throws SettingError afterwards where something cannot be used. */
export function showConfig(
  wanted: string | undefined,
  { isJson }: { readonly isJson: boolean },
  flags: Flags,
  context: CliContext,
): number {
  const given = givenTo(flags, context);
  const names = wanted === undefined ? SETTING_NAMES : [settingNamed(wanted)];
  const lines = names.map((name) => lineOf(name, given, context));
  const text = () => (wanted === undefined ? table(lines, context) : `${valueText(lines[0]!)}\n`);
  context.stdout.write(isJson ? lines.map(jsonLine).join("") : text());

  const problems = lines.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw new SettingError(problems.join("\n  "));
  // Some problems show only when all settings are put together, such as a host that needs a token.
  if (wanted === undefined) readServeSettings(given);
  return ExitCode.ok;
}

function settingNamed(wanted: string): SettingName {
  const found = SETTING_NAMES.find((name) => keyOf(name) === keyOf(wanted).replaceAll("-", "_"));
  if (found) return found;
  throw new SettingError(`There is no setting "${printable(wanted, 60)}"; ${settingHint(wanted)}`);
}

function lineOf(name: SettingName, given: Given, context: CliContext): Line {
  const { isSecret }: Setting = ALL_SETTINGS[name];
  const { origin, texts, ...found } = resolve(name, given);
  const said = { setting: keyOf(name), value: null, from: placeOf(origin) };
  if (!found.ok) return { ...said, problem: found.problem };
  if (isSecret) return { ...said, isSecret };
  if (name === "server" && found.value === undefined) return usual(said, context);
  return { ...said, value: shownValue(found.value, texts) };
}

/** Nobody named one: where `serve` would listen, which its own settings say. */
function usual(said: Line, context: CliContext): Line {
  const given = givenTo({}, context);
  const origin = (["port", "host", "basePath"] as const)
    .map((name) => resolve(name, given).origin)
    .find(({ from }) => from !== "default");
  try {
    const value = usualServer({}, context);
    return { ...said, value, ...(origin && { from: placeOf(origin) }) };
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return { ...said, problem: error.message };
  }
}

/** A time and a size as they were written, as they are written again. */
function shownValue(value: unknown, texts: readonly string[]): Line["value"] {
  if (Array.isArray(value)) return value.map(String);
  if (value === undefined) return null;
  if (typeof value === "number" && String(value) !== texts[0]) return texts[0] ?? null;
  return value as string | number | boolean;
}

function placeOf(origin: Origin): string {
  switch (origin.from) {
    case "flag":
    case "variable":
      return origin.name;
    case "file":
      return `${origin.file.shown}:${origin.entry.line}`;
    case "default":
      return "default";
  }
}

function valueText({ value, from, isSecret, problem }: Line): string {
  if (problem !== undefined) return "(cannot be used)";
  if (isSecret && from !== "default") return "(not shown)";
  const text = value === null ? "" : [value].flat().join(", ");
  return printable(text, 1_000);
}

function table(lines: readonly Line[], context: CliContext): string {
  const colors = colorsFor(context);
  const rows = [
    ["SETTING", "VALUE", "FROM"],
    ...lines.map((line) => [line.setting, valueText(line) || "-", printable(line.from, 300)]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const shown = rows.map(([setting, value, from], index) => {
    const line = `${setting!.padEnd(widths[0]!)}  ${value!.padEnd(widths[1]!)}  ${from}`;
    return index === 0 || from === "default" ? colors.dim(line) : line;
  });
  const file = context.config?.path;
  const where = file === undefined ? `No instep.yaml in ${context.cwd}` : `Read from ${file}`;
  return `${shown.join("\n")}\n\n${colors.dim(printable(where, 1_000))}\n`;
}
