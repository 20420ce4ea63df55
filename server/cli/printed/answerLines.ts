/** Command lines that answer a question, with values of the kinds it asks for: whoever reads them changes the values, not the form. */
import {
  type Field,
  type Fields,
  givenFields,
  isFromServer,
  isSecret,
  sourceWords,
} from "../../../shared/fields/fields.js";
import { shellWord } from "../../../shared/text/shellWord.js";

/** A choice among more than these is shown by its first. */
const MOST_CHOICES = 4;

/** A line for each way to decide where one thing is to be decided, one line otherwise. `answer` is the command without values. */
export function answerLines(answer: string, fields: Fields): string[] {
  const asked = Object.entries(fields);
  const needed = asked.filter(([, field]) => field.required === true);
  const shown = needed.length > 0 ? needed : asked;
  const [only] = shown;
  const choices = shown.length === 1 && only ? choicesOf(only[1]) : [];
  if (only && choices.length > 0 && choices.length <= MOST_CHOICES) {
    return choices.map((value) => `${answer} ${shellWord(`${only[0]}=${value}`)}`);
  }
  return [[answer, ...shown.map(([name, field]) => pair(name, field))].join(" ")];
}

/** The options that give a start each input it needs. */
export function inputWords(inputs: Fields): string[] {
  return Object.entries(givenFields(inputs)).flatMap(([name, field]) => {
    if (field.required !== true) return [];
    if (isSecret(field)) return ["--secret", name];
    return ["--input", `${name}=${sampleOf(field)}`];
  });
}

/** Each field with what it takes. */
export function fieldLines(fields: Fields): string[] {
  const names = Object.keys(fields);
  const width = Math.max(0, ...names.map((name) => name.length));
  return Object.entries(fields).map(([name, field]) => {
    const isNeeded = field.required || isFromServer(field);
    const how = isNeeded ? kindOf(field) : `${kindOf(field)}; may be left out`;
    return `${name.padEnd(width)}  ${how}`;
  });
}

function choicesOf(field: Field): readonly string[] {
  if (field.type === "boolean") return ["yes", "no"];
  return field.type === "choice" ? field.options : [];
}

function pair(name: string, field: Field): string {
  // A printed line ends up in the shell's history, so it names a variable in place of a secret.
  if (isSecret(field)) return `${name}="$${name.toUpperCase()}"`;
  return shellWord(`${name}=${sampleOf(field)}`);
}

function sampleOf(field: Exclude<Field, { type: "secret" }>): string {
  if (field.default !== undefined) {
    return typeof field.default === "boolean" ? (field.default ? "yes" : "no") : `${field.default}`;
  }
  switch (field.type) {
    case "boolean":
      return "yes";
    case "choice":
      return field.options[0] ?? "";
    case "number":
      return String(field.min ?? field.max ?? 1);
    case "ssh":
      return "ssh -p 22 user@host";
    case "string":
      return "some text";
  }
}

function kindOf(field: Field): string {
  switch (field.type) {
    case "boolean":
      return "yes or no";
    case "choice":
      return field.options.length === 1 ? field.options[0]! : `one of ${field.options.join(", ")}`;
    case "number":
      return "a number";
    case "ssh":
      return "a connection, as ssh takes it";
    case "secret": {
      const source = sourceWords(field);
      return source === null ? "a secret" : `a secret, taken from ${source}`;
    }
    case "string":
      return "text";
  }
}
