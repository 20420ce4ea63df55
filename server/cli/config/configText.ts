/** Reads the text of an `instep.yaml`: it gives a value for each setting, and each problem with its line. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair } from "yaml";
import { printable } from "../../../shared/text/printable.js";
import { readYaml } from "../../runner/definition/yaml/yamlText.js";
import {
  type ConfigFile,
  type FileEntry,
  inCommas,
  resolve,
} from "../../settings/resolveSettings.js";
import {
  ALL_SETTINGS,
  keyOf,
  SETTING_NAMES,
  type Setting,
  type SettingName,
} from "../../settings/settings.js";
import { settingHint } from "./settingHint.js";

interface Place extends Pick<ConfigFile, "path" | "shown" | "isNamed"> {
  readonly home?: string | undefined;
  readonly isOpenToOthers: boolean;
}

const MOST_PROBLEMS = 50;
const MOST_WORDS = 300;
const SETTINGS_BY_KEY: ReadonlyMap<string, SettingName> = new Map(
  SETTING_NAMES.map((name) => [keyOf(name), name]),
);

/** Never throws for what stands in the text. A problem is `file:line:column: key: what is wrong`; the first 50, where there are more. */
export function readConfigText(
  text: string,
  place: Place,
): { entries: ConfigFile["entries"]; problems: readonly string[] } {
  const { document, problems: broken, at } = readYaml(text);
  const entries = new Map<SettingName, FileEntry>();
  const found: Found[] = [];
  const wrong = (offset: number, message: string) => {
    const { line, column } = at(offset);
    const said = printable(message, MOST_WORDS);
    found.push({ line, text: `${place.shown}:${line}:${column}: ${said}` });
  };
  for (const { offset, message } of broken) wrong(offset, message);
  const pairs = broken.length > 0 ? [] : pairsOf(document, (message) => wrong(0, message));
  for (const pair of pairs) {
    const offset = offsetOf(pair.key);
    const read = readPair(pair, document, place);
    if (typeof read === "string") wrong(offset, read);
    else if (read !== null) entries.set(read.name, { texts: read.texts, ...at(offset) });
  }
  // Well-formed values are also read as the server will read them, so that all problems are told at once.
  const given = { flags: {}, env: {}, file: { ...place, entries }, cwd: "/", home: place.home };
  for (const [name, { line }] of entries) {
    const value = resolve(name, given);
    if (!value.ok) found.push({ line, text: value.problem });
  }
  const all = found.sort((one, other) => one.line - other.line).map(({ text }) => text);
  const left = all.length - MOST_PROBLEMS;
  if (left <= 0) return { entries, problems: all };
  return { entries, problems: [...all.slice(0, MOST_PROBLEMS), `and ${left} more problems`] };
}

interface Found {
  readonly line: number;
  readonly text: string;
}

function pairsOf(document: Document, wrong: (message: string) => void): readonly Pair[] {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  if (isMap(contents)) return contents.items;
  wrong("must be settings, one a line, such as `port: 8080`");
  return [];
}

/** Null where nothing is said, as an empty variable says nothing; the problem as text. */
function readPair(
  { key, value }: Pair,
  document: Document,
  { isOpenToOthers }: Place,
): { name: SettingName; texts: string[] } | string | null {
  const word = isScalar(key) ? String(key.value) : "";
  const name = SETTINGS_BY_KEY.get(word);
  if (name === undefined) return unknown(word);
  const setting: Setting = ALL_SETTINGS[name];
  if (setting.isSecret && isOpenToOthers)
    return `${word}: the file is open to other users of this machine: chmod 600`;
  const plain = isAlias(value) ? value.resolve(document) : value;
  if (plain == null || (isScalar(plain) && plain.value === null)) return null;
  if (setting.isList && isSeq(plain))
    return { name, texts: [JSON.stringify(plain.toJS(document))] };
  if (isSeq(plain)) {
    if (!setting.repeatable) return `${word}: must be one value, not a list`;
    const texts = plain.items.map((item) => textOf(isAlias(item) ? item.resolve(document) : item));
    if (texts.includes(null)) return `${word}: must be a list of plain values`;
    return { name, texts: texts as string[] };
  }
  const text = textOf(plain);
  if (text === null) return `${word}: must be one value`;
  return { name, texts: setting.repeatable ? inCommas(text) : [text] };
}

/** A number as it was written: what is read from it decides what it means. Null for what is no plain value. */
function textOf(node: unknown): string | null {
  if (!isScalar(node)) return null;
  const { value, source } = node;
  if (typeof value === "number" || typeof value === "bigint") return source ?? String(value);
  if (typeof value === "boolean") return String(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no flag and no variable can hold these, or nobody could tell
  return typeof value === "string" && !/[\u0000-\u001f\u007f]/.test(value) ? value : null;
}

/** Also for a flag or a variable that stands where its key belongs. */
function unknown(word: string): string {
  const bare = word.replace(/^-+/, "").replace(/^INSTEP_/i, "");
  const snake = keyOf(bare === bare.toUpperCase() ? bare.toLowerCase() : bare).replace(/-/g, "_");
  return `${word === "" ? "" : `${printable(word, 60)}: `}no such setting; ${settingHint(snake)}`;
}

function offsetOf(node: unknown): number {
  return (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
}
