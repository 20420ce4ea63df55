/** `$NAME` in the values of `env`: each is replaced by what the command would find under that name. No shell has a part in it. Pure. */
import { shortened } from "../../../shared/text/shortened.js";
import type { Environment } from "./environment.js";

export type Expanded =
  | { readonly ok: true; readonly env: Readonly<Record<string, string>> }
  | {
      readonly ok: false;
      /** The variable whose value cannot be made. */
      readonly name: string;
      /** A sentence without its end. */
      readonly why: string;
    };

const NAME = "[A-Za-z_][A-Za-z0-9_]*";
/** `$$`, `$NAME`, `${NAME}` and `${NAME:-text}`. */
const SIGNS = new RegExp(
  `\\$(?:\\$|(?<bare>${NAME})|\\{(?<braced>${NAME})(?::-(?<otherwise>[^{}$]*))?\\})`,
  "g",
);
const NOT_UNDERSTOOD = /\$\{[^{}$]{0,20}\}?/;
/** The longest value: Linux takes no longer one (MAX_ARG_STRLEN, execve(2)). */
const MOST_CHARACTERS = 131_071;
/** The most that all values of one `env` may be: each may repeat those above it. */
const MOST_TOGETHER = 1024 * 1024;
/** The most of a name that is said back. */
const MOST_NAME_CHARACTERS = 100;

/** The sign in a value that cannot be understood, as a predicate; null where all can. */
export function valueProblem(value: string): string | null {
  const sign = NOT_UNDERSTOOD.exec(value.replace(SIGNS, ""))?.[0];
  if (sign === undefined) return null;
  return `\`${sign}\` is not understood: there are $NAME, \${NAME} and \${NAME:-text}; for a dollar sign write $$`;
}

/** The names that a value asks for and has nothing else in place of, each once. */
export function namesIn(value: string): readonly string[] {
  const signs = [...value.matchAll(SIGNS)].map(({ groups = {} }) => groups);
  const asked = signs
    .filter(({ otherwise }) => otherwise === undefined)
    .map(({ bare, braced }) => bare ?? braced);
  return [...new Set(asked.filter((name) => name !== undefined))];
}

/**
 * The values of `written` over those `below`, in the order in which they are written: a name that stands above is meant by its new
 * value, its own and those that stand below by the value they had. What nobody set is empty where `mayBeUnset` says so.
 */
export function expandVariables(
  written: Readonly<Record<string, string>>,
  below: Environment,
  mayBeUnset: (name: string) => boolean,
): Expanded {
  const env: Record<string, string> = {};
  let together = 0;
  for (const [name, value] of Object.entries(written)) {
    const lookUp = (asked: string) =>
      Object.hasOwn(env, asked)
        ? env[asked]
        : Object.hasOwn(below, asked)
          ? below[asked]
          : undefined;
    const unset = namesIn(value).find(
      (asked) => asked !== name && lookUp(asked) === undefined && !mayBeUnset(asked),
    );
    if (unset !== undefined) return { ok: false, name, why: whyUnset(unset, written) };
    const expanded = replaced(value, lookUp);
    together += expanded?.length ?? 0;
    if (expanded === null) {
      const why = `its value is too long, more than the ${MOST_CHARACTERS} characters that one may have`;
      return { ok: false, name, why };
    }
    if (together > MOST_TOGETHER) {
      const why = `the values up to it are too long together, more than ${MOST_TOGETHER} characters`;
      return { ok: false, name, why };
    }
    env[name] = expanded;
  }
  return { ok: true, env };
}

/** Null where it becomes too long. */
function replaced(value: string, lookUp: (name: string) => string | undefined): string | null {
  const parts: string[] = [];
  let characters = 0;
  let from = 0;
  for (const match of value.matchAll(SIGNS)) {
    const { bare, braced, otherwise = "" } = match.groups ?? {};
    const asked = bare ?? braced;
    const part = value.slice(from, match.index);
    const found = asked === undefined ? "$" : lookUp(asked) || otherwise;
    from = match.index + match[0].length;
    characters += part.length + found.length;
    if (characters > MOST_CHARACTERS) return null;
    parts.push(part, found);
  }
  const whole = parts.join("") + value.slice(from);
  return whole.length > MOST_CHARACTERS ? null : whole;
}

/** The problem of a name that nothing sets, as a sentence. */
export function whyUnset(name: string, written: Readonly<Record<string, string>>): string {
  const shown = shortened(name, MOST_NAME_CHARACTERS);
  return Object.hasOwn(written, name)
    ? `${shown} is set below it and has to stand above`
    : `there is no variable ${shown}; a dollar sign is written $$, and --pass-env ${shown} passes on the server's`;
}
