/** A definition file: YAML in, a checked list of steps with their commands out. Errors name file, line and field. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import * as z from "zod";
import { LIMITS } from "../../shared/limits.js";
import { parseDuration } from "./duration.js";
import { nearest } from "./nearest.js";

export interface DefinedStep {
  readonly action: string;
  readonly title?: string | undefined;
  /** For `/bin/sh -c`. */
  readonly run: string;
  /** As written: relative to the file's folder. */
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number | undefined;
}

export interface WorkflowDefinition {
  readonly name: string;
  readonly title?: string | undefined;
  readonly steps: readonly DefinedStep[];
}

/** One line a problem: `file:line:column: field: what is wrong`. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
}

const MOST_CHARACTERS = LIMITS.stateBytes;

const text = z.string({
  error: ({ input }) =>
    input === undefined || input === null
      ? "is required"
      : typeof input === "object"
        ? "must be text"
        : `must be text: put it in quotes, "${input}"`,
});
const line = text
  .min(1, "must not be empty")
  .max(200, "must not be longer than 200 characters")
  .regex(/^\P{Cc}*$/u, "must be one line");

const Timeout = z
  .union([z.string(), z.number()], { error: "must be a time like 30s or 10m" })
  .transform((given, context) => {
    try {
      const ms = parseDuration(String(given));
      if (ms > 0) return ms;
      context.addIssue({ code: "custom", message: "must be longer than nothing" });
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
    return z.NEVER;
  });

const Variables = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    z.union([z.string(), z.number(), z.boolean()], { error: "must be text or a number" }),
    {
      error: (issue) =>
        issue.code === "invalid_key"
          ? "is not a name a variable can have"
          : "must be a list of NAME: value",
    },
  )
  .transform((variables) =>
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
  );

const StepFile = z.strictObject(
  {
    action: line,
    title: line.optional(),
    run: text
      .regex(/\S/, "must not be empty")
      .refine((command) => !command.includes("\0"), "must not contain NUL"),
    cwd: line.optional(),
    env: Variables.default({}),
    timeout: Timeout.optional(),
  },
  { error: "must have `action` and `run`" },
);

const DefinitionFile = z.strictObject(
  {
    name: line,
    title: line.optional(),
    steps: z
      .array(StepFile, {
        error: ({ input }) => (input === undefined ? "is required" : "must be a list of steps"),
      })
      .min(1, "must have at least one step")
      .max(LIMITS.steps, `must not have more than ${LIMITS.steps} steps`),
  },
  { error: "must be a definition: `name` and `steps`" },
);

/** `file` is only for the messages. Throws DefinitionError with every problem there is. */
export function parseDefinition(source: string, file: string): WorkflowDefinition {
  if (source.length > MOST_CHARACTERS) {
    throw new DefinitionError(`${file}: is larger than ${MOST_CHARACTERS} characters`);
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new DefinitionError(
      document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`).join("\n"),
    );
  }

  const parsed = DefinitionFile.safeParse(plain(document, file));
  if (!parsed.success) {
    const problems = parsed.error.issues
      .flatMap(describe)
      .map((problem) => ({ ...problem, offset: offsetOf(document, problem.path) }))
      .sort((one, other) => one.offset - other.offset);
    throw new DefinitionError(
      problems
        .map(({ offset, path, message }) => [at(offset), ...field(path), message].join(": "))
        .join("\n"),
    );
  }
  const { name, title, steps } = parsed.data;
  return {
    name,
    title,
    steps: steps.map(({ timeout, ...step }) => ({ ...step, timeoutMs: timeout })),
  };
}

/** Aliases are bounded by the parser, so that a small file cannot grow into a huge document. */
function plain(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new DefinitionError(`${file}: ${(error as Error).message}`);
  }
}

interface FieldProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function describe(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
  const known = Object.keys((issue.path.length === 0 ? DefinitionFile : StepFile).shape);
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const hint = meant ? `did you mean \`${meant}\`?` : `known are ${known.join(", ")}`;
    return { path: [...issue.path, key], message: `no such field; ${hint}` };
  });
}

const field = (path: readonly PropertyKey[]) => (path.length === 0 ? [] : [path.join(".")]);

/** Where a field stands; where it is missing, where the nearest thing around it stands. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  const stand = (found: unknown) => {
    const range = (found as { range?: readonly number[] } | null)?.range;
    if (range) offset = range[0]!;
  };
  stand(node);
  for (const name of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name);
      if (!pair) break;
      // The key, not the value: a wrong value may be empty and stand nowhere.
      stand(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(name)];
      stand(node);
    } else break;
  }
  return offset;
}
