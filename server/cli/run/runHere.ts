/** `instep run --server`: the engine in this process, the state on a server elsewhere. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstepClient } from "../../../client/index.js";
import { SyncError } from "../../../shared/errors.js";
import { type FieldValues, secretNames } from "../../../shared/fields/fields.js";
import { newWorkflowId } from "../../../shared/identifiers.js";
import type { WorkflowDefinition } from "../../runner/definition/definition.js";
import { Execution } from "../../runner/execution/execution.js";
import { longestStop } from "../../runner/execution/longestStop.js";
import { secretOutputsInMemory } from "../../runner/kept/secretOutputs.js";
import { prepareStart } from "../../runner/start/preparing.js";
import { OutputFiles } from "../../runner/step/outputs/outputFiles.js";
import { withoutSlash } from "../../settings/defaultServer.js";
import { workflowPage } from "../connecting/connect.js";
import type { Display } from "../display/display.js";
import { noteLostLinks } from "../display/lostLink.js";
import { noteClosedStore } from "../display/staleness.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { explained } from "../refusals/explained.js";
import { exitCodeOf } from "../steering/watch.js";
import { keepAsking } from "../terminal/terminalQuestions.js";
import { cancelOnSignal } from "./cancelling.js";
import { RemoteReporter } from "./remoteReporter.js";

export interface RunHereParts {
  readonly url: string;
  readonly client: InstepClient;
  readonly display: Display;
  readonly env: CliContext["env"];
  readonly stateDir: string;
}

export interface Wanted {
  readonly inputs: FieldValues;
  readonly skip?: readonly string[] | undefined;
  readonly enable?: readonly string[] | undefined;
}

export async function runHere(
  definition: WorkflowDefinition,
  wanted: Wanted,
  { url, client, display, env, stateDir }: RunHereParts,
  context: CliContext,
): Promise<number> {
  refuseSecretAnswers(definition);
  const { skip = [], enable = [] } = wanted;
  const { name } = definition;
  const driver = `instep run (${context.hostname}, pid ${context.pid})`;
  const asked = { kind: "start", name, inputs: { ...wanted.inputs }, by: driver } as const;
  const prepared = prepareStart(definition, { ...asked, skip: [...skip], enable: [...enable] });
  const workflow_id = newWorkflowId(context.clock.now());
  const outputDir = await mkdtemp(join(tmpdir(), "instep-run-"));
  const cancel = cancelOnSignal(display, context, longestStop(definition));
  let lostFor: unknown = null;
  let execution: Execution | undefined;
  const reporter = new RemoteReporter({
    client,
    workflow_id,
    driver,
    cancelled: cancel.signal,
    lost: (why) => {
      lostFor ??= why;
      execution?.stop("lost");
    },
    seen: display.show,
    noOutput: () => display.note("This server keeps no output; the steps go on without."),
  });
  const meanwhile = "The steps go on and are reported later.";
  const stops = [
    noteLostLinks(client, display, meanwhile),
    noteClosedStore(client, display, meanwhile),
  ];
  try {
    await reporter.begin(prepared.state);
    const page = workflowPage(url, workflow_id);
    display.note(`Follow it at ${page}`, { url: page });
    execution = new Execution({
      definition,
      reporter,
      runId: randomUUID(),
      firstId: workflow_id,
      inputs: prepared.inputs,
      secretEnv: env,
      env,
      url: () => withoutSlash(url),
      stateDir,
      tools: context,
      newId: () => randomBytes(8).toString("hex"),
      secretsOf: () => ({}),
      outputFiles: new OutputFiles(outputDir),
      secretOutputs: secretOutputsInMemory(),
      onGroup: () => () => {},
      keepers: null,
    });
    const running = execution;
    cancel.signal.addEventListener("abort", () => running.stop("cancel"), { once: true });
    stops.push(
      reporter.watch((state) => {
        if (state.stop_requested) running.stop("cancel");
        if (state.stop_requested?.now) running.hurry();
      }),
      keepAsking(client, reporter, display, context),
    );
    const ended = await Promise.race([running.run(), cancel.givenUp]);
    if (ended === "given up") {
      context.stderr.write("Ended before the server was told.\n");
      return cancel.exitCode();
    }
    if (ended.status === null) throw whyLost(lostFor);
    return ended.status === "cancelled" ? cancel.exitCode() : exitCodeOf(ended.status);
  } catch (error) {
    throw explained(url, error);
  } finally {
    for (const stop of stops) stop();
    cancel.stop();
    await reporter.end();
    await rm(outputDir, { recursive: true, force: true });
  }
}

/** Refuses a recipe that asks for a secret: an answer to another server comes here masked, and a step must not go on with that. */
function refuseSecretAnswers({ steps }: WorkflowDefinition): void {
  const asks = steps.find(({ ask }) => secretNames(ask?.fields ?? {}).length > 0);
  if (!asks) return;
  throw new CliError(
    ExitCode.usage,
    `"${asks.action}" asks for a secret, which another server does not hand out. Run it without --server, or put the file into that server's folder and start it there.`,
  );
}

function whyLost(why: unknown): unknown {
  if (!(why instanceof SyncError)) return why;
  if (why.code === "stale_driver") {
    return new CliError(
      ExitCode.cancelled,
      "Another driver took this workflow over; its steps were stopped here.",
    );
  }
  if (why.code !== "unknown_workflow" && why.code !== "already_ended") return why;
  return new CliError(
    ExitCode.cancelled,
    "The workflow was cleared or ended by somebody else; its steps were stopped here.",
  );
}
