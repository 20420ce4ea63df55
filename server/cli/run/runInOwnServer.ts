/** `instep run` without a server: one of our own, which runs the definition and goes when it has ended. */

import type { InstepClient, View, WorkflowState } from "../../../client/index.js";
import { SyncError } from "../../../shared/errors.js";
import { Listeners } from "../../../shared/listeners.js";
import { hookRunsOf } from "../../../shared/state/hookRuns.js";
import { isEnded } from "../../../shared/statuses.js";
import type { WorkflowDefinition } from "../../runner/definition/definition.js";
import { workflowPage } from "../connecting/connect.js";
import type { Display } from "../display/display.js";
import type { CliContext, EndSignal } from "../process/context.js";
import { onEndSignal } from "../process/endSignals.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { exitCodeOf } from "../steering/watch.js";
import { keepAsking } from "../terminal/terminalQuestions.js";
import type { Wanted } from "./runHere.js";

export interface OwnServerParts {
  readonly url: string;
  readonly client: InstepClient;
  readonly display: Display;
}

export async function runInOwnServer(
  { name, onEnd }: Pick<WorkflowDefinition, "name" | "onEnd">,
  { inputs, skip, enable }: Wanted,
  { url, client, display }: OwnServerParts,
  context: CliContext,
): Promise<number> {
  const { workflow_id } = await asking(url, () =>
    client.rest.run({
      kind: "start",
      name,
      inputs: { ...inputs },
      ...(skip && { skip: [...skip] }),
      ...(enable && { enable: [...enable] }),
      by: `instep run (${context.hostname})`,
    }),
  );
  const page = workflowPage(url, workflow_id);
  display.note(`Follow it at ${page}`, { url: page });

  let first: EndSignal | undefined;
  let giveUp = () => {};
  const givenUp = new Promise<"given up">((resolve) => {
    giveUp = () => resolve("given up");
  });
  const stop = (now: boolean) => {
    client.rest.run({ kind: "stop", workflow_id, now }).catch((error: unknown) => {
      // It may have ended by itself just now.
      if (!(error instanceof SyncError)) giveUp();
    });
  };
  let presses = 0;
  const stopSignals = onEndSignal(context, (signal) => {
    first ??= signal;
    presses += 1;
    if (presses === 1) display.note("Cancelling; once more ends it at once.", { signal });
    if (presses > 2) return giveUp();
    stop(presses === 2);
  });
  const watched = watchState(client, workflow_id, {
    seen: (view) => view.state && display.show(view.state),
    // The server goes with this process: whoever is to be told of the end is told before.
    isOver: (state) => isEnded(state.status) && (!onEnd || isEndTold(state)),
  });
  try {
    const begun = await watched.begun;
    const stopAsking = keepAsking(
      client,
      { state: begun, watch: watched.listen },
      display,
      context,
    );
    const end = await Promise.race([watched.ended, givenUp]);
    stopAsking();
    const cancelledCode = first === "SIGINT" ? ExitCode.interrupted : ExitCode.cancelled;
    if (end === "given up") return cancelledCode;
    if (end === null)
      throw new CliError(ExitCode.cancelled, "The workflow was cleared by somebody else.");
    return end === "cancelled" && first !== undefined ? cancelledCode : exitCodeOf(end);
  } finally {
    stopSignals();
    watched.stop();
  }
}

const isEndTold = (state: WorkflowState): boolean =>
  hookRunsOf(state).some(({ kind, status }) => kind === "end" && status !== "running");

interface Watching {
  seen(view: View): void;
  isOver(state: WorkflowState): boolean;
}

function watchState(client: InstepClient, workflow_id: string, { seen, isOver }: Watching) {
  const listeners = new Listeners<WorkflowState>();
  let begin: (state: WorkflowState) => void = () => {};
  const begun = new Promise<WorkflowState>((resolve) => {
    begin = resolve;
  });
  let end: (status: WorkflowState["status"] | null) => void = () => {};
  const ended = new Promise<WorkflowState["status"] | null>((resolve) => {
    end = resolve;
  });
  const stop = client.watch(workflow_id, (view) => {
    seen(view);
    const { state, phase } = view;
    if (state) {
      begin(state);
      listeners.tell(state);
    }
    if (state && isOver(state)) end(state.status);
    else if (phase === "closed") end(null);
  });
  const listen = (listener: (state: WorkflowState) => void) => listeners.listen(listener);
  return { begun, ended, listen, stop };
}
