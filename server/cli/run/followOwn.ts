/** Shows a workflow that a server of our own runs until it has ended: asks its questions here, cancels it at Ctrl-C, and ends like it. */
import type { InstepClient, View, WorkflowState } from "../../../client/index.js";
import { SyncError } from "../../../shared/errors.js";
import { Listeners } from "../../../shared/listeners.js";
import { isEnded, type WorkflowStatus } from "../../../shared/statuses.js";
import type { Instep } from "../../server.js";
import { workflowPage } from "../connecting/connect.js";
import type { Display } from "../display/display.js";
import type { CliContext, EndSignal } from "../process/context.js";
import { onEndSignal } from "../process/endSignals.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { exitCodeOf } from "../steering/watch.js";
import { keepAsking } from "../terminal/terminalQuestions.js";

export interface OwnServerParts {
  readonly url: string;
  readonly client: InstepClient;
  readonly display: Display;
  readonly server: Pick<Instep, "atWork" | "untilTold">;
}

export async function followOwn(
  workflow_id: string,
  { url, client, display, server }: OwnServerParts,
  context: CliContext,
): Promise<number> {
  const page = workflowPage(url, workflow_id);
  display.note(`Follow it at ${page}`, { url: page });
  noteOthers(workflow_id, server, display);

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
  const watched = watchState(client, workflow_id, (view) => view.state && display.show(view.state));
  /** The server goes with this process: whoever is to be told of the end is told before. */
  const told = async () => {
    const end = await watched.ended;
    if (end === null) return null;
    await server.untilTold(workflow_id);
    const last = await client.rest.load(workflow_id).catch(() => null);
    if (last) display.show(last.state);
    return end;
  };
  try {
    const begun = await watched.begun;
    const stopAsking = keepAsking(
      client,
      { state: begun, watch: watched.listen },
      display,
      context,
    );
    const end = await Promise.race([told(), givenUp]);
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

/** A server of our own drives all that is at work in its folder. */
function noteOthers(
  workflow_id: string,
  server: Pick<Instep, "atWork">,
  display: Pick<Display, "note">,
): void {
  const others = new Set(server.atWork().map((step) => step.workflow_id));
  others.delete(workflow_id);
  if (others.size === 0) return;
  const names = [...others].join(", ");
  display.note(
    `Also at work in this folder: ${names}. When this one has ended, the next server goes on with that.`,
    { others: [...others] },
  );
}

function watchState(client: InstepClient, workflow_id: string, seen: (view: View) => void) {
  const listeners = new Listeners<WorkflowState>();
  let begin: (state: WorkflowState) => void = () => {};
  const begun = new Promise<WorkflowState>((resolve) => {
    begin = resolve;
  });
  let end: (status: WorkflowStatus | null) => void = () => {};
  const ended = new Promise<WorkflowStatus | null>((resolve) => {
    end = resolve;
  });
  const stop = client.watch(workflow_id, (view) => {
    seen(view);
    const { state, phase } = view;
    if (state) {
      begin(state);
      listeners.tell(state);
    }
    if (state && isEnded(state.status)) end(state.status);
    else if (phase === "closed") end(null);
  });
  const listen = (listener: (state: WorkflowState) => void) => listeners.listen(listener);
  return { begun, ended, listen, stop };
}
