/** A client for a command: which server, with which token, and a clear sentence where nobody answers. */
import { NoAnswerError } from "../../client/noAnswer.js";
import { type Asking, createRestClient, type RestOptions } from "../../client/restClient.js";
import { SyncError } from "../../shared/errors.js";
import { fieldSentence } from "../../shared/fieldSentences.js";
import { type ServerFlags, tokenFor } from "./config/whichServer.js";
import type { CliContext } from "./context.js";
import { CliError, ExitCode } from "./exitCodes.js";
import { nodeFetch } from "./nodeFetch.js";
import { readServerAddress } from "./serverAddress.js";

export { givenServer, type ServerFlags, serverFor } from "./config/whichServer.js";

/** For a command that asks; one that follows has `connectLive`. */
export function connect(url: string, flags: ServerFlags, context: CliContext): Asking {
  return createRestClient(clientOptions(url, flags, context));
}

export function clientOptions(url: string, flags: ServerFlags, context: CliContext): RestOptions {
  return {
    url,
    token: tokenFor(url, flags, context),
    fetch: nodeFetch,
    clock: context.clock,
    random: context.random,
  };
}

/** Where a person sees one workflow. */
export function workflowPage(url: string, workflow_id: string): string {
  return `${url.replace(/\/+$/, "")}/w/${encodeURIComponent(workflow_id)}`;
}

/** The other way round, for an address copied from the browser, with the step and the lines that it shows; null where it is none. */
export function parseWorkflowPage(text: string): { server: string; workflow_id: string } | null {
  if (!text.includes("/w/")) return null;
  const address = readServerAddress(text);
  if (!address.ok || address.workflow_id === undefined) return null;
  return { server: address.url, workflow_id: address.workflow_id };
}

/** Runs a call, and turns what may be expected to go wrong into a sentence and an exit code. */
export async function asking<T>(url: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explained(url, error);
  }
}

/** All that is wrong, each with its place: of a field that people fill in as a sentence. */
export function fieldsText({ errors, message }: SyncError): string {
  const all = errors.map(({ path, message }) => {
    const [, name] = /^(?:inputs|answer)\.(\w+)$/.exec(path) ?? [];
    const said = name === undefined ? message : fieldSentence(undefined, name, message);
    return path ? `${path}: ${said}` : said;
  });
  return all.length > 0 ? all.join(all.length > 1 ? "\n  " : "") : message;
}

/** What went wrong in words, with the refusal as its cause; as it is where nobody expects it. */
export function explained(url: string, error: unknown): unknown {
  const said = inWords(url, error);
  if (said instanceof CliError && said !== error) said.cause ??= error;
  return said;
}

function inWords(url: string, error: unknown): unknown {
  if (error instanceof NoAnswerError) {
    return new CliError(
      ExitCode.unreachable,
      `${error.message} Start one with \`instep serve\`, or name another with --server.`,
    );
  }
  if (!(error instanceof SyncError)) return error;
  if (error.code === "unauthorized") {
    return new CliError(
      ExitCode.failed,
      `The server at ${url} asks for a token: give --token or INSTEP_TOKEN.`,
    );
  }
  // What does not fit is the caller's to mend: all of it at once.
  if (error.code === "bad_message") {
    return new CliError(ExitCode.usage, fieldsText(error));
  }
  return new CliError(ExitCode.failed, `The server refused: ${error.message}`);
}
