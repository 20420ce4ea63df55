/** Calls that mean one workflow: where it is not there, the one that was meant is looked for; where a step is missing, there are its steps. */
import type { Asking } from "../../../client/live/restClient.js";
import type { Loaded } from "../../../client/rest/rest.js";
import { type FieldError, SyncError } from "../../../shared/errors.js";
import { CURRENT } from "../../../shared/names.js";
import { nearest } from "../../../shared/text/nearest.js";
import type { Target } from "../connecting/target.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { aboutWorkflow, type Verb } from "./aboutWorkflow.js";
import { explained } from "./explained.js";
import type { Spoken } from "./spoken.js";
import { numberedSteps } from "./steps.js";

export interface AskedOf extends Pick<Target, "url" | "subject" | "toName"> {
  readonly client: Asking;
  readonly verb: Verb;
  readonly spoken?: Spoken;
}

interface Meant {
  /** An id, or "current". */
  readonly subject: string;
  readonly client: Pick<Asking, "rest" | "connection">;
}

const DEADLINE_MS = 5_000;
/** The newest: who names one that ended long ago copies its name. */
const MOST_LOOKED_AT = 200;

/** Runs a call, and turns what may be expected to go wrong into a sentence and an exit code. */
export async function askingOf<T>(asked: AskedOf, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isRefusal = error instanceof SyncError;
    if (isRefusal && error.code === "unknown_workflow") throw await noSuchWorkflow(asked, error);
    if (isRefusal && error.code === "bad_message" && lacksStep(error.errors))
      throw await everyStepDone(asked, error);
    const { url, verb, spoken } = asked;
    const about = (refusal: SyncError) => aboutWorkflow(verb, asked, refusal);
    throw explained(url, error, { about, ...(spoken && { spoken }) });
  }
}

/** The workflow that a command means, an id or "current". Rejects with `noSuchWorkflow` where it is not there. */
export async function meantWorkflow(meant: Meant): Promise<Loaded> {
  const id = meant.subject === CURRENT ? undefined : meant.subject;
  const loaded = await meant.client.rest.load(id, { deadlineMs: DEADLINE_MS });
  if (loaded) return loaded;
  throw await noSuchWorkflow(meant);
}

/** With the one that was meant, where a name is near: of those that whoever asks may see. */
export async function noSuchWorkflow(
  { subject, client }: Meant,
  cause?: unknown,
): Promise<CliError> {
  if (subject === CURRENT)
    return new CliError(ExitCode.failed, "Nothing is running. `instep list` shows what ran.", {
      cause,
    });
  const near = await client.rest
    .list({ limit: MOST_LOOKED_AT, deadlineMs: DEADLINE_MS })
    .then(({ workflows }) =>
      nearest(
        subject,
        workflows.map(({ workflow_id }) => workflow_id),
      ),
    )
    // It is a hint only.
    .catch(() => null);
  const hint = near === null ? "" : ` Did you mean ${near}?`;
  const isStale = client.connection.staleSince !== null;
  const message = isStale
    ? `The server knows no workflow ${subject}, but it cannot follow its store: there may be one by now.`
    : `There is no workflow ${subject}.`;
  return new CliError(ExitCode.failed, message + hint, { cause });
}

const lacksStep = (errors: readonly FieldError[]): boolean =>
  errors[0]?.path === "from" && errors[0].message.startsWith("is required");

async function everyStepDone(
  { subject, toName, client }: AskedOf,
  cause: SyncError,
): Promise<CliError> {
  const id = subject === CURRENT ? undefined : subject;
  const loaded = await client.rest.load(id, { deadlineMs: DEADLINE_MS }).catch(() => null);
  const steps = loaded?.state.steps ?? [];
  const which = steps.length === 0 ? "" : ` Its steps are ${numberedSteps(steps)}.`;
  const message = `Every step of ${subject} was done: say where to start again, as in \`instep retry ${toName} --from 1\`.${which}`;
  return new CliError(ExitCode.usage, message, { cause });
}
