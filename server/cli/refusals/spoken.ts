/** The places of a request as a person typed them: what the server calls `skip.0` is `--skip cpy` in the terminal. */
import { fieldSentence, isPredicate } from "../../../shared/fields/fieldSentences.js";
import { type Field, type Fields, isFromServer, isSecret } from "../../../shared/fields/fields.js";
import { quotedName } from "../../../shared/text/nearest.js";
import { noSuchStep } from "./steps.js";

/** The words for one place of a request, `inputs.host`; those that are not known are missing. */
export interface TypedWord {
  /** As it was typed: `--skip cpy`, `--input host`. */
  readonly typed?: string;
  /** How what is missing there is given: `--input host=…`. */
  readonly give?: string;
  readonly field?: Field | undefined;
  readonly name?: string;
  /** In place of what the server says of it, as a predicate. */
  readonly why?: string | undefined;
}

/** Null for a place that nobody typed. */
export type Spoken = (path: string) => TypedWord | null;

/** A wrong place in the words of whoever typed it, as a sentence. */
export function placeSentence(path: string, message: string, spoken: Spoken): string {
  const { typed = path, give, field, name = path, why = message } = spoken(path) ?? {};
  if (message === "is required" && give !== undefined)
    return `${fieldSentence(field, name, message).replace(/\.$/, "")}: ${give}`;
  return isPredicate(why) ? `${typed} ${why}` : typed === "" ? why : `${typed}: ${why}`;
}

interface StartFlags {
  readonly input?: readonly string[];
  readonly secret?: readonly string[];
  readonly skip?: readonly string[];
  readonly enable?: readonly string[];
  readonly id?: string;
}

/** For `start` and `run`, from what the definition asks for, and its steps. */
export function spokenStart(flags: StartFlags, { inputs, steps }: Asked): Spoken {
  return (path) => {
    const [, list, rest = ""] = /^(\w+)(?:\.(.*))?$/s.exec(path) ?? [];
    switch (list) {
      case "inputs":
        return inputPlace(rest, flags, inputs);
      case "skip":
      case "enable": {
        const action = flags[list]?.[Number(rest)];
        if (rest === "" || action === undefined) return { typed: `--${list}` };
        return { typed: `--${list} ${quotedName(action)}`, why: noSuchStep(action, steps) };
      }
      case "workflow_id":
        return { typed: flags.id === undefined ? "--id" : `--id ${quotedName(flags.id)}` };
      case "name":
        return { typed: "the name of the definition" };
      default:
        return null;
    }
  };
}

interface Asked {
  readonly inputs: Fields;
  readonly steps: readonly { readonly action: string }[];
}

function inputPlace(name: string, { secret = [] }: StartFlags, fields: Fields): TypedWord {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (isFromServer(field)) return { typed: `the input ${name}`, field, name };
  if (secret.includes(name)) return { typed: `--secret ${name}`, field, name };
  const give = isSecret(field)
    ? `--secret ${name}, and a line of standard input`
    : `--input ${name}=…`;
  return { typed: `--input ${name}`, give, field, name };
}

/** For `answer`, from the fields of the question. */
export const spokenAnswer =
  (fields: Fields): Spoken =>
  (path) => {
    const [, name] = /^answer\.(.*)$/s.exec(path) ?? [];
    if (name === undefined) return null;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return { typed: name, give: `${name}=…`, field, name };
  };

/** For a command that one step is named to. */
export const spokenStep =
  (path: string, flag: string, typed: string | undefined): Spoken =>
  (place) =>
    place === path ? { typed: typed === undefined ? flag : `${flag} ${quotedName(typed)}` } : null;

/** For a command where each place is one flag: `status` is `--status`. */
export const spokenFlags =
  (flags: Readonly<Record<string, string>>): Spoken =>
  (path) =>
    Object.hasOwn(flags, path) ? { typed: flags[path]! } : null;
