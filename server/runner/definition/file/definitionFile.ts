/** A definition file: YAML in, a checked definition out. Errors name file, line and field. */

import path from "node:path";
import type * as z from "zod";
import { issueWords } from "../../../../shared/schema/issueWords.js";
import { counted } from "../../../../shared/text/counted.js";
import { hint } from "../../../../shared/text/nearest.js";
import { begun } from "../../../../shared/text/shortened.js";
import type { DefinitionProblem } from "../../../../shared/wire/rest.js";
import { FIELD_KEYS_BY_TYPE } from "../../../fields/fieldSchema.js";
import { WebhookFile } from "../../../webhooks/webhookFile.js";
import { terminalProblem } from "../../programs/terminalProgram.js";
import type { WorkflowDefinition } from "../definition.js";
import { joinReferences } from "../yaml/joined.js";
import { lossyNumbers } from "../yaml/lossyNumbers.js";
import { type Offsets, offsetsIn } from "../yaml/offsets.js";
import { protoKeys } from "../yaml/protoKeys.js";
import { readYaml } from "../yaml/yamlText.js";
import { DEFINITION_BYTES, DefinitionError } from "./definitionError.js";
import { DefinitionFile, definitionOf, QuestionFile, StepFile } from "./definitionSchema.js";
import { doubtfulValues } from "./doubtfulValues.js";
import { fieldPlace } from "./fieldPlace.js";
import { HookFile } from "./hookFile.js";
import { oldNames } from "./oldNames.js";
import { type RepeatedAction, repeatedActions, repeatedWords } from "./sameActions.js";
import { stepsWithPaths } from "./writtenSteps.js";

export { DEFINITION_BYTES, DefinitionError };

const MOST_PROBLEMS = 50;
const MOST_WORDS = 300;

/** From 1. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

export interface PlacedDefinition {
  readonly definition: WorkflowDefinition;
  /** Where its name stands. */
  readonly nameAt: LineColumn;
  /** Values that can be used, but are hardly meant. */
  readonly warnings: readonly DefinitionProblem[];
}

/** As `parsePlaced`, the definition alone. */
export const parseDefinition = (
  source: string,
  file: string,
  folder?: string,
): WorkflowDefinition => parsePlaced(source, file, folder).definition;

/** `file` as it is shown; relative paths in it start at its folder. Throws DefinitionError with its problems, the first 50 where there are more. */
export function parsePlaced(
  source: string,
  file: string,
  folder = path.dirname(path.resolve(file)),
): PlacedDefinition {
  const wrong = (message: string) => new DefinitionError([{ ...nowhere(file), message }]);
  if (Buffer.byteLength(source) > DEFINITION_BYTES)
    throw wrong(`is larger than ${DEFINITION_BYTES} bytes`);
  const { document, problems: broken, at } = readYaml(source);
  const problems = broken.length > 0 ? broken : joinReferences(document);
  if (problems.length > 0) {
    throw new DefinitionError(
      firstOf(file, problems, (some) =>
        some.map(({ offset, message }) => ({ file, ...at(offset), field: null, message })),
      ),
    );
  }

  const raw: unknown = document.toJS();
  const parsed = DefinitionFile.safeParse(raw, { error: issueWords });
  const offsetOf = offsetsIn(document);
  const said = [...lossyNumbers(document), ...protoKeys(document)].map(({ path, message }) => ({
    path,
    about: message,
    words: () => message,
  }));
  const unseen = [
    ...said,
    ...repeatedActions(raw).map((one) => repeatedProblem(one, offsetOf, at)),
  ];
  if (parsed.success && unseen.length === 0) {
    const definition = definitionOf(parsed.data, { folder, file, source: raw });
    const placeOf = (path: readonly PropertyKey[]) => at(offsetOf(path));
    const doubtful = [
      ...doubtfulValues(definition),
      ...withoutTerminal(definition),
      ...oldNames(raw),
    ];
    const warnings = doubtful.map(({ path, message }) => ({
      ...{ file, ...placeOf(path), ...fieldPlace(path, raw) },
      message,
    }));
    return { definition, nameAt: placeOf(["name"]), warnings: warnings.slice(0, MOST_PROBLEMS) };
  }
  throw new DefinitionError(
    firstOf(
      file,
      eachOnce([...(parsed.error?.issues ?? []).flatMap(describe), ...unseen], offsetOf),
      (some) =>
        [...some]
          .sort((one, other) => one.offset - other.offset)
          .map(({ offset, path, words }) => ({
            ...{ file, ...at(offset), ...fieldPlace(path, raw) },
            message: words(),
          })),
    ),
  );
}

function repeatedProblem(
  repeated: RepeatedAction,
  offsetOf: Offsets,
  at: (offset: number) => LineColumn,
): FieldProblem {
  const { path, firstPath } = repeated;
  // One shared piece, used twice as it is, stands in one place only.
  const isShared = offsetOf(path) === offsetOf(firstPath);
  const line = () => (isShared ? null : at(offsetOf(firstPath)).line);
  return { path, about: "action", words: () => repeatedWords(repeated, line()) };
}

/** A machine may get what opens terminals later. */
function withoutTerminal(definition: WorkflowDefinition) {
  const wanting = stepsWithPaths(definition).filter(({ step }) => step.tty);
  const message = wanting.length === 0 ? null : terminalProblem();
  return message === null ? [] : wanting.map(({ path }) => ({ path: [...path, "tty"], message }));
}

/** Only those that are shown are worked out: a file may be wrong in every line. */
function firstOf<T>(
  file: string,
  all: readonly T[],
  shown: (some: readonly T[]) => DefinitionProblem[],
): DefinitionProblem[] {
  const first = shown(all.slice(0, MOST_PROBLEMS)).map((problem) => ({
    ...problem,
    message: shortened(problem.message),
  }));
  const left = all.length - first.length;
  return left <= 0
    ? first
    : [...first, { ...nowhere(file), message: `and ${counted(left, "more problem")}` }];
}

const shortened = (text: string): string => begun(text, MOST_WORDS);

const nowhere = (file: string) => ({ file, line: null, column: null, field: null });

interface FieldProblem {
  readonly path: readonly PropertyKey[];
  /** Two problems of one field are the same where this is the same. */
  readonly about: string;
  readonly words: () => string;
}

function describe(issue: z.core.$ZodIssue): FieldProblem[] {
  const { message } = issue;
  if (issue.code !== "unrecognized_keys")
    return [{ path: issue.path, about: message, words: () => message }];
  const known = knownAt(issue.path);
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    about: issue.code,
    words: () => whyUnknown(key, known),
  }));
}

/** A mistake in a shared piece is one wherever the piece is used, and is told once. */
function eachOnce(problems: readonly FieldProblem[], offsetOf: Offsets) {
  const seen = new Set<string>();
  return problems.flatMap((problem) => {
    const offset = offsetOf(problem.path);
    const key = `${offset} ${String(problem.path.at(-1))} ${problem.about}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ ...problem, offset }];
  });
}

function whyUnknown(key: string, known: readonly string[]): string {
  // There is one, only not here: `default` of a secret, `min` of a text.
  if (known.includes(key)) return "is no field of this type";
  return `no such field; ${known.length > 0 ? hint(key, known, "known are") : "it does not belong here"}`;
}

/** The fields there are at a place in a definition. */
function knownAt(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(DefinitionFile.out.shape);
  const isStep = path[0] === "steps" && (path.length === 2 || path.at(-2) === "parallel");
  if (isStep) return Object.keys(StepFile.shape);
  if (path.at(-1) === "ask") return Object.keys(QuestionFile.shape);
  if (path[0] === "steps" && path.at(-1) === "on") return ["ssh", "identity_file"];
  if (path.length === 1 && path[0] === "concurrency") return ["group", "limit", "when_busy"];
  const isHook = path.length === 1 && (path[0] === "on_end" || path[0] === "on_blocked");
  if (isHook) return Object.keys(HookFile.shape);
  if (path.length === 2 && path[0] === "webhooks") return Object.keys(WebhookFile.shape);
  const isField = path.at(-2) === "inputs" || path.at(-2) === "fields";
  return isField ? FIELD_KEYS : [];
}

const FIELD_KEYS = [...new Set([...FIELD_KEYS_BY_TYPE.values()].flat())];
