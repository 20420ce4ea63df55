/** The kinds of values that options and arguments take, told by their names in the help: `<file>`, `<id>`, `<status>`. */
import type { Argument, Option } from "commander";
import { SETTINGS, type Setting } from "../../settings/settings.js";
import { nameOf } from "./position.js";

export type Kind =
  /** Nobody can guess it. */
  | "text"
  | "files"
  | "folders"
  | "ids"
  /** Of the data folder, where no server need be. */
  | "own ids"
  | "definitions"
  | "inputs"
  | "secrets"
  | "steps"
  | "answers"
  | "statuses"
  | "settings"
  | "shells"
  | "verbs"
  | "variables";

/** The kind of an option's value by the option's long name, where the name of the value does not tell. */
const OPTIONS: Readonly<Record<string, Kind>> = {
  "--definition": "definitions",
  "--input": "inputs",
  "--secret": "secrets",
  "--skip": "steps",
  "--enable": "steps",
  "--step": "steps",
  "--from": "steps",
  "--done": "steps",
  "--pass-env": "variables",
  "--take-up": "own ids",
};

/** The kind of an option's or an argument's value by the name of that value. */
const VALUES: Readonly<Record<string, Kind>> = {
  file: "files",
  files: "files",
  folder: "folders",
  // A data folder, or the address of a store.
  place: "folders",
  id: "ids",
  name: "definitions",
  values: "answers",
  status: "statuses",
  setting: "settings",
  shell: "shells",
  command: "verbs",
};

export function kindOfOption(option: Option): Kind {
  const [, value = ""] = /[<[]([^>]+)[>\]]/.exec(option.flags) ?? [];
  const named = OPTIONS[nameOf(option)];
  if (named) return named;
  // A new workflow's own id and name are nobody's yet.
  return value === "id" || value === "name" ? "text" : (VALUES[value] ?? "text");
}

export const kindOfArgument = (argument: Argument): Kind => VALUES[argument.name()] ?? "text";

/** Where only some values can be. */
export function choicesOf(option: Option): readonly string[] | undefined {
  const setting: Setting | undefined = Object.entries(SETTINGS).find(
    ([name]) => name === option.attributeName(),
  )?.[1];
  return option.argChoices ?? setting?.choices;
}
