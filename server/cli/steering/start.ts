/** `instep start` and `instep retry`: a workflow that the server runs. */

import type { DefinitionView, SavedAnswer } from "../../../client/index.js";
import type { Asking } from "../../../client/live/restClient.js";
import type { SyncError } from "../../../shared/errors.js";
import { CURRENT } from "../../../shared/names.js";
import { printable } from "../../../shared/text/printable.js";
import { SettingError } from "../../settings/settingError.js";
import { connect, type ServerFlags, serverFor, workflowPage } from "../connecting/connect.js";
import { targetOf } from "../connecting/target.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { askingOf } from "../refusals/askingOf.js";
import { asSentence } from "../refusals/sentences.js";
import { spokenStart, spokenStep } from "../refusals/spoken.js";
import { chosenStep, stepPlace, switchedSteps } from "../refusals/steps.js";
import { type InputFlags, parsePairs, readInputs } from "../terminal/values.js";
import { jsonLine } from "../text/jsonLine.js";

export interface StartedFlags extends ServerFlags {
  readonly json?: boolean;
  readonly follow?: boolean;
}

export interface StartFlags extends StartedFlags, InputFlags {
  readonly skip?: readonly string[];
  readonly enable?: readonly string[];
  readonly id?: string;
  readonly dryRun?: boolean;
}

export interface RetryFlags extends StartedFlags {
  readonly from?: string;
  readonly recipe?: "then" | "now";
  readonly input?: readonly string[];
}

export async function start(name: string, flags: StartFlags, context: CliContext): Promise<number> {
  const url = serverFor(flags, context);
  const client = connect(url, flags, context);
  try {
    const definition = await definitionOf(name, { client, url });
    const { inputs: fields, steps } = definition;
    const inputs = { ...(await readInputs(fields, flags, context)) };
    const { skip, enable, id } = flags;
    const switches = {
      ...(skip && { skip: switchedSteps("--skip", skip, steps) }),
      ...(enable && { enable: switchedSteps("--enable", enable, steps) }),
    };
    const wanted = {
      name,
      inputs,
      ...switches,
      ...(id !== undefined && { workflow_id: id }),
      by: `instep start (${context.hostname})`,
    };
    const words = {
      spoken: spokenStart(flags, definition),
      about: (refusal: SyncError) => aboutStart(flags, refusal),
    };
    if (flags.dryRun) {
      const plan = await asking(url, () => client.rest.plan(wanted), words);
      const { planPage } = await import("./planPage.js");
      context.stdout.write(flags.json ? jsonLine(plan) : planPage(plan));
      return ExitCode.ok;
    }
    const started = await asking(url, () => client.rest.run({ kind: "start", ...wanted }), words);
    return await told(started, flags, url, context);
  } finally {
    client.close();
  }
}

export async function retry(
  given: string,
  flags: RetryFlags,
  context: CliContext,
): Promise<number> {
  const { named, ...target } = targetOf(given, flags, context);
  const { url } = target;
  const client = connect(url, flags, context);
  try {
    const { from, recipe } = flags;
    refuseInputs(flags);
    const asked = {
      ...target,
      client,
      verb: "retry",
      spoken: spokenStep("from", "--from", from),
    } as const;
    const started = await askingOf(asked, async () =>
      client.rest.run({
        kind: "retry",
        ...named,
        ...(recipe === "now"
          ? await byNow(flags, asked)
          : from !== undefined && { from: await stepPlace("--from", from, asked) }),
        ...(recipe !== undefined && { recipe }),
        by: `instep retry (${context.hostname})`,
      }),
    );
    return await told(started, flags, url, context);
  } finally {
    client.close();
  }
}

const refuseInputs = ({ recipe, input }: RetryFlags): void => {
  if (!input || recipe === "now") return;
  throw new SettingError(
    "--input goes with --recipe now: a retry by the recipe it was started with has the inputs of the start",
  );
};

/** Steps and inputs are named as the recipe has them now. */
async function byNow({ from, input }: RetryFlags, asked: At & { readonly subject: string }) {
  if (from === undefined && !input) return {};
  const id = asked.subject === CURRENT ? undefined : asked.subject;
  const loaded = await asked.client.rest.load(id);
  const { steps, inputs } = await definitionOf(loaded?.state.definition ?? "", asked);
  return {
    ...(from !== undefined && {
      from: steps.length > 0 ? chosenStep("--from", from, steps) : from,
    }),
    ...(input && { inputs: parsePairs(input, inputs, "--input") }),
  };
}

interface At {
  readonly client: Asking;
  readonly url: string;
}

const UNKNOWN: Pick<DefinitionView, "inputs" | "steps"> = { inputs: {}, steps: [] };

/** Nothing of a definition that is not there: the server has the words for that. */
async function definitionOf(name: string, { client, url }: At): Promise<typeof UNKNOWN> {
  const { definitions } = await asking(url, () => client.rest.definitions());
  return definitions.find((definition) => definition.name === name) ?? UNKNOWN;
}

function aboutStart({ id }: StartFlags, { code, message }: SyncError): string | null {
  switch (code) {
    case "unknown_definition":
      return asSentence(message);
    case "id_in_use":
      return `There is a workflow ${id} already: choose another --id, or leave it out and one is made up.`;
    default:
      return null;
  }
}

async function told(
  { workflow_id }: SavedAnswer,
  flags: StartedFlags,
  url: string,
  context: CliContext,
): Promise<number> {
  const page = workflowPage(url, workflow_id);
  const message = `Started ${printable(workflow_id)}. Follow it at ${page}`;
  if (flags.follow) {
    const { follow } = await import("./watch.js");
    const first = { message, facts: { workflow_id, url: page } };
    return follow(workflow_id, flags, url, context, first);
  }
  context.stdout.write(flags.json ? jsonLine({ workflow_id, url: page }) : `${message}\n`);
  return ExitCode.ok;
}
