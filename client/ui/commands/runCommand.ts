/** Commands for workflows that run in the server: sent once, and a refusal said in a sentence. */
import {
  type InstepClient,
  type Position,
  type RunCommand,
  type SavedAnswer,
  SyncError,
} from "../../index.js";

export type CommandResult =
  | { readonly ok: true; readonly answer: SavedAnswer }
  | {
      readonly ok: false;
      readonly why: string;
      /** By field, as the server named them: `inputs.host`. */
      readonly errors: readonly { readonly path: string; readonly message: string }[];
      readonly code: string | null;
    };

const DEADLINE_MS = 15_000;

/** The same `requestId` again is the same command: pressed twice it takes effect once. `expected`: refused unless the workflow is exactly there. */
export async function runCommand(
  client: Pick<InstepClient, "rest">,
  command: RunCommand,
  {
    requestId,
    expected,
  }: { readonly requestId?: string; readonly expected?: Position | null } = {},
): Promise<CommandResult> {
  try {
    const options = {
      deadlineMs: DEADLINE_MS,
      ...(requestId !== undefined && { requestId }),
      ...(expected && { expected }),
    };
    return { ok: true, answer: await client.rest.run(command, options) };
  } catch (error) {
    if (!(error instanceof SyncError)) {
      const why =
        requestId === undefined
          ? "No answer came. Look whether it happened before you try again."
          : "No answer came. Press again: it takes effect once, even if it did already.";
      return { ok: false, why, errors: [], code: null };
    }
    const { code, errors, message } = error;
    return { ok: false, why: sentence(code, message), errors, code };
  }
}

function sentence(code: string, message: string): string {
  switch (code) {
    case "already_ended":
      return "It ended meanwhile; nothing was changed.";
    case "already_answered":
      return `Somebody was quicker: ${message}.`;
    case "position_moved":
      return `It changed meanwhile, in another tab or by itself: ${message}. Nothing was done; look again before you decide.`;
    case "not_waiting":
      return `It moved on meanwhile: ${message}.`;
    default:
      return `Refused: ${message}.`;
  }
}
