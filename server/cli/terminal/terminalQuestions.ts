/** Asks what a workflow asks in the terminal it runs in, until somebody has answered, here or elsewhere. */
import type { InstepClient, WorkflowState } from "../../../client/index.js";
import { SyncError } from "../../../shared/errors.js";
import { readFields } from "../../fields/fieldSchema.js";
import type { Display } from "../display/display.js";
import type { CliContext } from "../process/context.js";
import { askToAnswer } from "./values.js";

interface Asked {
  readonly state: WorkflowState;
  watch(listener: (state: WorkflowState) => void): () => void;
}

/** Without a terminal nothing is asked: the display says how to answer. Returns what stops it. */
export function keepAsking(
  client: Pick<InstepClient, "rest">,
  workflow: Asked,
  display: Display,
  context: CliContext,
): () => void {
  if (!context.input.isTTY) return () => {};
  let current: { readonly id: string; readonly over: AbortController } | null = null;

  const look = (state: WorkflowState) => {
    const { status, block_info } = state;
    const id = status === "blocked" ? block_info?.id : undefined;
    if (current && current.id !== id) {
      current.over.abort();
      current = null;
    }
    if (id === undefined || current) return;
    current = { id, over: new AbortController() };
    void put(state, id, current.over.signal);
  };

  async function put({ workflow_id, block_info }: WorkflowState, id: string, over: AbortSignal) {
    const fields = readFields(block_info?.fields ?? {}) ?? {};
    const answer = await askToAnswer(fields, {}, context, { signal: over, isFresh: true });
    if (!answer || over.aborted) return;
    const by = `instep run (${context.hostname})`;
    try {
      const values = { ...answer };
      await client.rest.run({ kind: "answer", workflow_id, answer: values, question: id, by });
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      display.note(`Not taken: ${error.message}.`);
    }
  }

  const stop = workflow.watch(look);
  look(workflow.state);
  return () => {
    stop();
    current?.over.abort();
  };
}
