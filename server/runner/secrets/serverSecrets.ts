/** Secrets that nobody gives: read by the server where the definition says, whenever a run needs them, and kept nowhere. */
import path from "node:path";
import { type FieldError, SyncError } from "../../../shared/errors.js";
import {
  type Field,
  type FieldValues,
  isFromServer,
  sourceWords,
} from "../../../shared/fields/fields.js";
import { readText, UnusableFile } from "../../machine/regularFile.js";
import { errorCode } from "../../machine/systemErrors.js";
import type { WorkflowDefinition } from "../definition/definition.js";
import type { Environment } from "../variables/environment.js";

/** As long as one that is given. */
const MOST_BYTES = 8_192;

/** The value of one input, or what is wrong with the place where it should be, as a relative clause. */
type Found = { readonly value: string } | { readonly why: string };

/** All of them. Rejects with SyncError `secret_missing`, which names each that is not there and where it was looked for. */
export async function readServerSecrets(
  { inputs, folder }: Pick<WorkflowDefinition, "inputs" | "folder">,
  env: Environment,
): Promise<FieldValues> {
  const values: Record<string, string> = {};
  const errors: FieldError[] = [];
  for (const [name, field] of Object.entries(inputs)) {
    if (!isFromServer(field)) continue;
    const { from } = field;
    const found = "env" in from ? inEnvironment(env[from.env]) : await inFile(from.file, folder);
    if ("value" in found) values[name] = found.value;
    else errors.push({ path: `inputs.${name}`, message: sentence(field, found.why) });
  }
  const [first] = errors;
  if (!first) return values;
  throw new SyncError("secret_missing", `${first.path} ${first.message}`, { errors });
}

const sentence = (field: Field, why: string): string =>
  `is taken from ${sourceWords(field)}, which ${why}`;

function inEnvironment(value: string | undefined): Found {
  return value === undefined ? { why: "is not set" } : checked(value);
}

async function inFile(file: string, folder: string): Promise<Found> {
  try {
    return checked(await readText(path.resolve(folder, file), MOST_BYTES));
  } catch (error) {
    if (error instanceof UnusableFile) return { why: error.message };
    const code = errorCode(error);
    return { why: code === "ENOENT" ? "is not there" : `cannot be read (${code ?? "unknown"})` };
  }
}

/** A file that was written with an editor or `echo` ends with a line end that nobody meant. */
function checked(text: string): Found {
  const value = text.replace(/[\r\n]+$/, "");
  if (value === "") return { why: "is empty" };
  if (Buffer.byteLength(value) > MOST_BYTES) return { why: `is larger than ${MOST_BYTES} bytes` };
  return value.includes("\0") ? { why: "contains NUL" } : { value };
}
