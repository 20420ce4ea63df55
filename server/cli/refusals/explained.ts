/** Turns an error of a call into a sentence for whoever typed it, and the exit code it makes. */
import { NoAnswerError } from "../../../client/wire/noAnswer.js";
import { type FieldError, SyncError } from "../../../shared/errors.js";
import { certificateFault } from "../../machine/certificateFault.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { ended } from "./sentences.js";
import { placeSentence, type Spoken } from "./spoken.js";

/** The words that a command has for a refusal, beyond the server's. */
export interface Said {
  /** Its places as they were typed. */
  readonly spoken?: Spoken;
  /** The sentence for a refusal, with what to do next where there is one thing to do; null leaves it to the server's. */
  readonly about?: (refusal: SyncError) => string | null;
}

/** The error in words, with the refusal as its cause; an error that nobody expects stays as it is. */
export function explained(url: string, error: unknown, said: Said = {}): unknown {
  const words = inWords(url, error, said);
  if (words instanceof CliError && words !== error) words.cause ??= error;
  return words;
}

function inWords(url: string, error: unknown, { spoken, about }: Said): unknown {
  if (error instanceof NoAnswerError) {
    // The cause of the rejection of `fetch`.
    const fault = certificateFault((error.cause as Error | undefined)?.cause);
    if (fault !== null)
      return new CliError(ExitCode.unreachable, `${error.message} Its certificate ${fault}.`);
    return new CliError(
      ExitCode.unreachable,
      `${error.message} Start one with \`instep serve\`, or name another with --server.`,
    );
  }
  if (!(error instanceof SyncError)) return error;
  // A request that does not fit is the caller's mistake: that is wrong usage.
  const code = error.code === "bad_message" ? ExitCode.usage : ExitCode.failed;
  return new CliError(code, about?.(error) ?? fallback(url, error, spoken));
}

/** All that does not fit, each with its place. */
export function fieldsText({ errors, message }: SyncError, spoken: Spoken = () => null): string {
  const all = withoutEchoes(errors).map((one) => placeSentence(one.path, one.message, spoken));
  return all.length > 0 ? all.join("\n  ") : message;
}

/** Leaves out "is required" for a field that was given under another name: the error about that name says it. */
function withoutEchoes(errors: readonly FieldError[]): readonly FieldError[] {
  const meant = errors.flatMap(({ path, message }) => {
    const [, name] = /; did you mean (\S+)\?$/.exec(message) ?? [];
    return name === undefined ? [] : [path.replace(/[^.]*$/, name)];
  });
  return errors.filter(({ path, message }) => message !== "is required" || !meant.includes(path));
}

function fallback(url: string, error: SyncError, spoken: Spoken | undefined): string {
  switch (error.code) {
    case "unauthorized":
      return /not known/.test(error.message)
        ? `The server at ${url} does not know this token: check --token or INSTEP_TOKEN.`
        : `The server at ${url} asks for a token: give --token or INSTEP_TOKEN.`;
    case "bad_message":
      return fieldsText(error, spoken);
    case "secret_missing":
      return error.errors
        .map((one) => ended(placeSentence(one.path, one.message, secretPlace)))
        .join("\n  ");
    case "forbidden":
      return /only watch/.test(error.message)
        ? "This token may only watch: give one that may drive, with --token or INSTEP_TOKEN."
        : refused(error);
    case "unavailable":
      return awayText(error) ?? unavailable(error);
    case "shutting_down":
      return "The server is stopping. Try again once it is back.";
    default:
      return refused(error);
  }
}

const secretPlace: Spoken = (path) => ({ typed: path.replace(/^inputs\./, "The input ") });

/** Why output cannot be read just now and what to do, where that is because its node is away; null for any other refusal. */
export const awayText = ({ code, message }: SyncError): string | null =>
  code === "unavailable" && message.startsWith("output is on node ")
    ? `The ${ended(message)} It can be read once that node is back.`
    : null;

/** Another server of the cluster may reach the store, but it cannot say what became of a command that went this way. */
function unavailable({ message }: SyncError): string {
  const next = /not known/.test(message)
    ? "See with `instep list` whether it took effect before you say it again."
    : "Try again, or name another server of its cluster with --server.";
  return `The server cannot use its store: ${ended(message)} ${next}`;
}

function refused({ message, canRetry, retryAfter = 0 }: SyncError): string {
  const again =
    retryAfter > 1 ? ` Try again in ${retryAfter} s.` : canRetry ? " Try again later." : "";
  return `The server refused: ${ended(message)}${again}`;
}
