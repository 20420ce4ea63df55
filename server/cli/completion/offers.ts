/** Collects the words that can be typed at a position: from the program itself, from files, and from a server if one answers in time. */
import type { Command, Option } from "commander";
import { WORKFLOW_STATUSES } from "../../../shared/statuses.js";
import { ALL_SETTINGS, keyOf, SETTING_NAMES, type SettingName } from "../../settings/settings.js";
import type { CliContext } from "../process/context.js";
import { choicesOf, type Kind, kindOfArgument, kindOfOption } from "./kinds.js";
import { nameOf, type Position } from "./position.js";
import { SHELLS } from "./shells.js";

export interface Candidate {
  readonly value: string;
  readonly about?: string | undefined;
}

export interface Offer {
  readonly candidates: readonly Candidate[];
  /** The shell knows these itself. */
  readonly and?: "files" | "folders";
}

const NOTHING: Offer = { candidates: [] };

/** Not yet narrowed down to what fits what is typed. Rejects where a server or a file does not give what it should. */
export async function offerAt(
  position: Position,
  program: Command,
  context: CliContext,
): Promise<Offer> {
  switch (position.at) {
    case "nothing":
      return NOTHING;
    case "verb":
      return { candidates: verbsOf(program) };
    case "option":
      return { candidates: optionsAt(position) };
    case "value": {
      const choices = choicesOf(position.option);
      if (choices) return { candidates: choices.map((value) => ({ value })) };
      return offerOf(kindOfOption(position.option), position, program, context);
    }
    case "argument":
      return offerOf(kindOfArgument(position.argument), position, program, context);
  }
}

async function offerOf(
  kind: Kind,
  position: Position,
  program: Command,
  context: CliContext,
): Promise<Offer> {
  switch (kind) {
    case "text":
      return NOTHING;
    case "files":
    case "folders":
      return { candidates: [], and: kind };
    case "verbs":
      return { candidates: verbsOf(program) };
    case "shells":
      return { candidates: SHELLS.map((value) => ({ value })) };
    case "settings":
      return { candidates: SETTING_NAMES.map(settingOffered) };
    case "variables":
      return { candidates: Object.keys(context.env).map((value) => ({ value })) };
    case "statuses":
      return { candidates: listed(position.text, WORKFLOW_STATUSES) };
    case "own ids": {
      const { openIn } = await import("./openIn.js");
      return { candidates: await openIn(position, context) };
    }
    case "ids":
    case "definitions":
    case "inputs":
    case "secrets":
    case "steps":
    case "answers": {
      const { askedFor } = await import("./askedFor.js");
      return { candidates: await askedFor(kind, position, context) };
    }
  }
}

/** Several with commas, each once. */
function listed(text: string, all: readonly string[]): Candidate[] {
  const before = text.slice(0, text.lastIndexOf(",") + 1);
  const given = before.split(",");
  return all
    .filter((value) => !given.includes(value))
    .map((value) => ({ value: `${before}${value}` }));
}

const settingOffered = (name: SettingName): Candidate => ({
  value: keyOf(name),
  about: ALL_SETTINGS[name].about,
});

const verbsOf = (program: Command): Candidate[] =>
  program
    .createHelp()
    .visibleCommands(program)
    .map((verb) => ({ value: verb.name(), about: verb.description() }));

/** By their long names; one that was given is offered again only where it may be repeated. */
function optionsAt({ command, given }: Position): Candidate[] {
  const isOpen = (option: Option) => !given.has(nameOf(option)) || option.parseArg !== undefined;
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(isOpen)
    .map((option) => ({ value: nameOf(option), about: option.description }));
}
