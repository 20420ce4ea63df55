/** The last words of a call that failed: a sentence for people, one JSON object for programs. */

import { CommanderError } from "commander";
import { printable } from "../../shared/text/printable.js";
import { SettingError } from "../settings/settingError.js";
import { CliError, ExitCode } from "./process/exitCodes.js";
import { jsonLine } from "./text/jsonLine.js";

/** The errors that a call may fail with; everything else that is thrown is a bug. */
export type Failure = CommanderError | SettingError | CliError;

export const isFailure = (error: unknown): error is Failure =>
  error instanceof CommanderError || error instanceof SettingError || error instanceof CliError;

/** Commander's own codes are 0 and 1. */
export function exitCodeOf(failure: Failure): number {
  if (failure instanceof CommanderError) {
    return failure.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  return failure instanceof CliError ? failure.exitCode : ExitCode.usage;
}

/** Whether a program asked, wherever in the line it says so. */
export function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).includes("--json");
}

/** Empty where all is said: help was written, asked for or not. */
export function failureText(failure: Failure, isJson: boolean): string {
  if (exitCodeOf(failure) === ExitCode.ok) return "";
  if (isJson) return jsonLine({ error: failureObject(failure) });
  if (failure instanceof CommanderError) return "";
  // Some of it a server or a file said.
  const lines = failure.message.split("\n").map((line) => printable(line, LINE_CHARACTERS));
  return `instep: ${lines.join("\n")}\n`;
}

const LINE_CHARACTERS = 2_000;

/** `code` is the server's where it refused, and otherwise the name of the exit code. */
function failureObject(failure: Failure): object {
  const { code, errors = [] } = refusalIn(failure.cause);
  const [name = "failed"] =
    Object.entries(ExitCode).find(([, number]) => number === exitCodeOf(failure)) ?? [];
  const message = failure.message.replace(/^error: /, "");
  return { code: code ?? name, message, errors };
}

interface Refusal {
  readonly code?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** By its shape: what runs no verb does not load the client for this. */
const refusalIn = (cause: unknown): Refusal =>
  cause instanceof Error && cause.name === "SyncError" ? (cause as Refusal) : {};
