/** Finds the position of the word that is being typed in the program's tree of commands: a verb, an option, the value of one, or an argument. Pure. */
import type { Argument, Command, Option } from "commander";

/** The command, options and arguments before the word that is being typed. */
export interface Before {
  readonly command: Command;
  /** Values by the long names of their options: `--server`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Long names, whether they take values or not. */
  readonly given: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

export type Position = Before & {
  /** The part of the word that is matched. */
  readonly text: string;
  /** The part of the word in front of it, which stays: `--status=`. */
  readonly prefix: string;
} & (
    | { readonly at: "verb" }
    | { readonly at: "option" }
    | { readonly at: "value"; readonly option: Option }
    | { readonly at: "argument"; readonly argument: Argument }
    | { readonly at: "nothing" }
  );

/** `words` behind the program's name, without quotes; the last one is being typed. */
export function positionIn(program: Command, words: readonly string[]): Position {
  const { before, pending, isRaw } = walk(program, words.slice(0, -1));
  const text = words.at(-1) ?? "";
  const here = { ...before, text, prefix: "" };
  if (pending) return { ...here, at: "value", option: pending };
  if (!isRaw && text.startsWith("-")) {
    const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) return { ...here, at: "option" };
    const option = optionNamed(before.command, name);
    if (!option || !takesValue(option)) return { ...here, at: "nothing" };
    return { ...here, at: "value", option, text: value!, prefix: `${name}=` };
  }
  if (before.command === program) return { ...here, at: "verb" };
  const { registeredArguments: all } = before.command;
  const next = all[before.positionals.length] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  return next ? { ...here, at: "argument", argument: next } : { ...here, at: "nothing" };
}

/** A verb is named by its name or by another that it has. */
export const verbNamed = (program: Command, word: string): Command | undefined =>
  program.commands.find((verb) => verb.name() === word || verb.aliases().includes(word));

interface Walk {
  readonly before: Before;
  /** The option that the next word is the value of. */
  readonly pending: Option | null;
  /** Behind `--`, where nothing is an option. */
  readonly isRaw: boolean;
}

function walk(program: Command, words: readonly string[]): Walk {
  let command = program;
  let pending: Option | null = null;
  let isRaw = false;
  const values = new Map<string, string[]>();
  const given = new Set<string>();
  const positionals: string[] = [];
  const take = (option: Option, value: string) => {
    const name = nameOf(option);
    values.set(name, [...(values.get(name) ?? []), value]);
  };
  for (const word of words) {
    if (pending) {
      take(pending, word);
      pending = null;
    } else if (!isRaw && word === "--") isRaw = true;
    else if (!isRaw && /^-./.test(word)) {
      const [name = "", ...rest] = word.split("=");
      const option = optionNamed(command, name);
      if (!option) continue;
      given.add(nameOf(option));
      if (!takesValue(option)) continue;
      if (rest.length > 0) take(option, rest.join("="));
      else pending = option;
    } else if (command === program && positionals.length === 0) {
      const verb = verbNamed(program, word);
      if (verb) command = verb;
      else positionals.push(word);
    } else positionals.push(word);
  }
  return { before: { command, values, given, positionals }, pending, isRaw };
}

const optionNamed = (command: Command, name: string): Option | undefined =>
  command
    .createHelp()
    .visibleOptions(command)
    .find(({ short, long }) => short === name || long === name);

export const nameOf = ({ long, short }: Option): string => long ?? short ?? "";

export const takesValue = ({ required, optional }: Option): boolean => required || optional;
