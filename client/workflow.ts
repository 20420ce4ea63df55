/** The seed's five functions, over REST: they work without any socket. */
import { SyncError } from "../shared/errors.js";
import { newRequestId } from "../shared/identifiers.js";
import type { Position } from "../shared/schema/position.js";
import type { StateInput, WorkflowState } from "../shared/schema/workflow.js";
import type { SavedAnswer } from "../shared/wire/rest.js";
import { type Found, found } from "./found.js";
import type { InstepClient } from "./live/client.js";
import type { WriteOptions } from "./rest/rest.js";

export interface RestoreHooks {
  onRestore(found: Found): void;
}

export interface InitHooks extends RestoreHooks {
  onNothing?(): void;
}

/** On load: asks for the current workflow, and restores it where there is one. */
export async function initWorkflow(client: InstepClient, hooks: InitHooks): Promise<Found | null> {
  const state = await loadWorkflowState(client);
  if (state) return restoreWorkflowState(state, hooks);
  hooks.onNothing?.();
  return null;
}

/**
 * Saves a whole state, durably once this resolves. Saves of one workflow go one after the other, each made from the position
 * this client saw last: one that somebody else has moved on since, or cleared, is refused with `position_moved` (`at` says where
 * it is now), so an old tab brings nothing back. Load, and decide, to go on. Tries again for a while where nothing answers.
 */
export async function saveWorkflowState(
  client: InstepClient,
  state: StateInput,
): Promise<SavedAnswer> {
  const { workflow_id } = state;
  const saved =
    workflow_id === undefined
      ? await save(client, state, null)
      : await inLine(client, workflow_id, () => save(client, state, client.lastSeen(workflow_id)));
  savedLast.set(client, saved.workflow_id);
  return saved;
}

/** The current workflow where no id is given; null where there is none. */
export async function loadWorkflowState(
  client: InstepClient,
  workflow_id?: string,
): Promise<WorkflowState | null> {
  return (await client.rest.load(workflow_id))?.state ?? null;
}

/** Gives a page all that it needs to look as it did: each step's look, and one sentence about what was found. */
export function restoreWorkflowState(state: WorkflowState, hooks?: RestoreHooks): Found {
  const restored = found(state);
  hooks?.onRestore(restored);
  return restored;
}

/**
 * Removes the workflow for good. Also fine where there is nothing. Without an id the one that this client saved last
 * is meant; where it saved none, the current one, which is refused (`ambiguous`) where another could be meant.
 */
export async function clearWorkflowState(
  client: InstepClient,
  workflow_id = savedLast.get(client),
): Promise<void> {
  await client.rest.clear(workflow_id, { patienceMs: PATIENCE_MS });
}

const savedLast = new WeakMap<InstepClient, string>();

/** How long a write is tried again where nothing answers: a restart of the server fits in. */
const PATIENCE_MS = 15_000;
/** Saves of one workflow that wait for the one before. */
const LONGEST_LINE = 100;

interface Line {
  last: Promise<unknown>;
  length: number;
}

const lines = new WeakMap<InstepClient, Map<string, Line>>();

/** A second save that did not wait would be made from the same position as the first, and be refused. */
async function inLine<T>(
  client: InstepClient,
  workflow_id: string,
  run: () => Promise<T>,
): Promise<T> {
  const all = lines.get(client) ?? new Map<string, Line>();
  lines.set(client, all);
  const line = all.get(workflow_id) ?? { last: Promise.resolve(), length: 0 };
  all.set(workflow_id, line);
  if (line.length >= LONGEST_LINE) {
    throw new SyncError("too_many", `${line.length} saves of "${workflow_id}" are waiting already`);
  }
  line.length++;
  const mine = line.last.then(run, run);
  line.last = mine;
  try {
    return await mine;
  } finally {
    line.length--;
    if (line.length === 0) all.delete(workflow_id);
  }
}

async function save(
  client: InstepClient,
  state: StateInput,
  from: Position | null,
): Promise<SavedAnswer> {
  const options: WriteOptions = {
    requestId: newRequestId(),
    patienceMs: PATIENCE_MS,
    ...(from && { expected: from }),
  };
  try {
    return await client.rest.save(state, options);
  } catch (error) {
    if (
      !from ||
      !(error instanceof SyncError) ||
      !(await wasOnlyInterrupted(client, state, from, error))
    )
      throw error;
    return await client.rest.save(state, { ...options, expected: error.at ?? from });
  }
}

/**
 * The server itself moves a workflow on when it hears nothing for long: then this save is what it waits for. Asks for the summary
 * and not for the state, which would count as seen; whether it has moved since, the second save's own condition tells.
 */
async function wasOnlyInterrupted(
  client: InstepClient,
  { workflow_id }: StateInput,
  from: Position,
  { code, at }: SyncError,
): Promise<boolean> {
  if (code !== "position_moved" || at?.epoch !== from.epoch) return false;
  if (at.revision !== from.revision + 1) return false;
  return (await client.rest.summary(workflow_id)).status === "interrupted";
}
