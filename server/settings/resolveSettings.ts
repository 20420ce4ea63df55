/** Finds the value of each setting: a flag counts more than a variable, a variable more than the file, and the file more than the default. */
import path from "node:path";
import { printable } from "../../shared/text/printable.js";
import { SettingError } from "./settingError.js";
import { ALL_SETTINGS, keyOf, type Setting, type SettingName } from "./settings.js";
import type { Environment } from "./variables.js";

/** The flags of the command line, by their long names in camel case; repeatable flags as lists, switches as booleans. */
export type Flags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** One setting as `instep.yaml` has it. */
export interface FileEntry {
  /** One, but for a setting that may be repeated. */
  readonly texts: readonly string[];
  /** The line of its key, from 1. */
  readonly line: number;
  readonly column: number;
}

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** As messages name it. */
  readonly shown: string;
  /** A flag or a variable named it: somebody chose it, it did not just lie in the folder. */
  readonly isNamed: boolean;
  readonly entries: ReadonlyMap<SettingName, FileEntry>;
}

/** Everything that may say what a setting is. */
export interface Given {
  readonly flags: Flags;
  readonly env: Environment;
  readonly file?: ConfigFile | null | undefined;
  /** Absolute. */
  readonly cwd: string;
  readonly home?: string | undefined;
  /** The name of this machine, where the system is not to be asked. */
  readonly machine?: string | undefined;
}

export type Origin =
  | { readonly from: "flag"; readonly name: string }
  | { readonly from: "variable"; readonly name: string }
  | { readonly from: "file"; readonly file: ConfigFile; readonly entry: FileEntry }
  | { readonly from: "default" };

/** `texts` as they were written; none, and no value, where nothing says any. */
export type Resolved<T = unknown> = {
  readonly origin: Origin;
  readonly texts: readonly string[];
} & ({ readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string });

type ReadOf<S extends Setting> = S extends { repeatable: true }
  ? readonly ReturnType<S["read"]>[]
  : S extends { fallback: string }
    ? ReturnType<S["read"]>
    : ReturnType<S["read"]> | undefined;
export type ValueOf<N extends SettingName> = ReadOf<(typeof ALL_SETTINGS)[N]>;

/** Throws SettingError where it cannot be used. */
export function readSetting<N extends SettingName>(name: N, given: Given): ValueOf<N> {
  const found = resolve(name, given);
  if (found.ok) return found.value;
  throw new SettingError(found.problem);
}

/** The value that counts for a setting, and where it comes from. */
export function resolve<N extends SettingName>(name: N, given: Given): Resolved<ValueOf<N>> {
  const setting: Setting = ALL_SETTINGS[name];
  const { origin, texts } = find(name, setting, given);
  const base =
    origin.from === "file"
      ? { folder: path.dirname(origin.file.path), isFile: true, home: given.home }
      : { folder: given.cwd };
  try {
    const values = texts.map((text) => setting.read(text, base));
    return { ok: true, origin, texts, value: (setting.repeatable ? values : values[0]) as never };
  } catch (error) {
    const why = printable((error as Error).message, 300);
    return { ok: false, origin, texts, problem: `${sourceOf(name, origin)}: ${why}` };
  }
}

/** The name that is to be mended where the value cannot be used. */
export function sourceOf(name: SettingName, origin: Origin): string {
  switch (origin.from) {
    case "flag":
    case "variable":
      return origin.name;
    case "file":
      return `${origin.file.shown}:${origin.entry.line}:${origin.entry.column}: ${keyOf(name)}`;
    case "default":
      return flagOf(ALL_SETTINGS[name]);
  }
}

/** Without what its value is called. */
export const flagOf = ({ flag }: Pick<Setting, "flag">): string => flag.split(" ")[0]!;

function find(
  name: SettingName,
  setting: Setting,
  { flags, env, file }: Given,
): { origin: Origin; texts: readonly string[] } {
  const flag = flagOf(setting);
  const given = flags[name];
  // A switch that was not given is what it is by itself.
  if (given !== undefined && given !== flag.startsWith("--no-"))
    return { origin: { from: "flag", name: flag }, texts: [given].flat().map(String) };
  // An empty variable counts as not set: that is how shells and unit files "unset" one.
  const variable = setting.env.find((candidate) => env[candidate]);
  if (variable) {
    const text = env[variable]!;
    const texts = setting.repeatable ? inCommas(text) : [text];
    return { origin: { from: "variable", name: variable }, texts };
  }
  const entry = file?.entries.get(name);
  if (file && entry) return { origin: { from: "file", file, entry }, texts: entry.texts };
  const { fallback } = setting;
  return { origin: { from: "default" }, texts: fallback === undefined ? [] : [fallback] };
}

/** As a setting that may be repeated is written in one text. */
export const inCommas = (text: string): string[] =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
