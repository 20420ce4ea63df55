/** Reads the texts of a webhook that are kept elsewhere, for one try, and keeps them nowhere. */
import path from "node:path";
import { readText, UnusableFile } from "../machine/regularFile.js";
import { errorCode } from "../machine/systemErrors.js";
import { secretProblem } from "./signature.js";
import { headerValueProblem, type KeptText, type PlacedWebhook, urlProblem } from "./webhook.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The texts of one webhook, all of them there and usable. */
export interface ReadWebhook {
  readonly url: URL;
  readonly secret: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

const MOST_BYTES = 8_192;
const OF_OTHERS = 0o077;

/** The fault of a text of a webhook: the message names its field, and never the text. */
export class UnusableWebhook extends Error {
  override readonly name = "UnusableWebhook";
}

/** Rejects with UnusableWebhook. */
export async function readTexts(webhook: PlacedWebhook, env: Environment): Promise<ReadWebhook> {
  const { url, secret, headers, allowPrivate, folder } = webhook;
  const read = async (
    field: string,
    kept: KeptText,
    problemOf: (text: string) => string | null,
  ) => {
    const text = await textOf(kept, field, folder, env);
    const problem = problemOf(text);
    if (problem !== null) throw new UnusableWebhook(`${field} ${problem}`);
    return text;
  };
  const address = await read("url", url, (text) => urlProblem(text, allowPrivate));
  const said: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    said[name] = await read(`headers.${name}`, value, headerValueProblem);
  return {
    url: new URL(address),
    secret: secret === undefined ? null : await read("secret", secret, secretProblem),
    headers: said,
  };
}

async function textOf(
  kept: KeptText,
  field: string,
  folder: string,
  env: Environment,
): Promise<string> {
  if (typeof kept === "string") return kept;
  const place = "env" in kept ? `the variable ${kept.env}` : `the file ${kept.file}`;
  const wrong = (why: string) =>
    new UnusableWebhook(`${field} is taken from ${place}, which ${why}`);
  const found = "env" in kept ? env[kept.env] : await inFile(kept.file, folder, wrong);
  if (found === undefined) throw wrong("is not set");
  const text = found.replace(/[\r\n]+$/, "");
  if (text === "") throw wrong("is empty");
  if (Buffer.byteLength(text) > MOST_BYTES) throw wrong(`is larger than ${MOST_BYTES} bytes`);
  return text;
}

async function inFile(
  file: string,
  folder: string,
  wrong: (why: string) => UnusableWebhook,
): Promise<string> {
  try {
    return await readText(path.resolve(folder, file), MOST_BYTES, ({ mode }) => {
      if ((mode & OF_OTHERS) !== 0)
        throw new UnusableFile("is open to other users of this machine: chmod 600");
    });
  } catch (error) {
    if (error instanceof UnusableFile) throw wrong(error.message);
    const code = errorCode(error);
    throw wrong(code === "ENOENT" ? "is not there" : `cannot be read (${code ?? "unknown"})`);
  }
}
