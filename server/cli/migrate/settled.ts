/** The records as the other side wants them: a node says where each output is, and a server alone has no nodes. Pure. */
import type { Step, WorkflowState } from "../../../shared/schema/workflow.js";
import { branchesOf } from "../../../shared/state/stepPlace.js";
import type { WorkflowRecord } from "../../state/store/record.js";
import type { ShelfFile } from "../../webhooks/delivery.js";
import { shelfFileOf } from "../../webhooks/outbox.js";
import { packShelfFile } from "../../webhooks/shared/shelfValue.js";
import type { Contents } from "./contents.js";

/**
 * As in a cluster, where the data folder that they come from is that of `node`: it keeps what was printed so far, and takes up what it left at work. A state
 * that says more than before is at a revision of its own, so that tabs hear of it.
 */
export function asOfNode(contents: Contents, node: string): Contents {
  const settled = (record: WorkflowRecord) => settledAt(record, node);
  return {
    ...contents,
    open: contents.open.map(settled),
    history: contents.history.map(settled),
    shelves: new Map([...contents.shelves].map(([epoch, shelf]) => [epoch, fitting(shelf)])),
  };
}

/** Etcd takes less in one value than a file may hold. */
const fitting = (shelf: ShelfFile): ShelfFile => shelfFileOf(shelf, packShelfFile(shelf).content);

/** As on a server alone. Where output is stays said: another move may lead back. */
export function asOfFolder(contents: Contents): Contents {
  const open = contents.open.map((record) => {
    if (record.lease?.node === undefined) return record;
    const { node: _, ...lease } = record.lease;
    return { ...record, lease };
  });
  return { ...contents, open };
}

function settledAt(record: WorkflowRecord, node: string): WorkflowRecord {
  const { lease, state, run, revision } = record;
  if (state === null) return record;
  const told = { ...state, ...(run !== undefined && { node: nodeOf(state) ?? node }) };
  const next = { ...told, steps: state.steps.map((step) => settledStep(step, node)) };
  return {
    ...record,
    ...(isSame(state, next) ? {} : { state: next, revision: revision + 1 }),
    ...(lease?.boot_id !== undefined && { lease: { ...lease, node: lease.node ?? node } }),
    home: record.home ?? node,
  };
}

function settledStep(step: Step, node: string): Step {
  const branches = branchesOf(step);
  const attempts = step.attempts?.map((one) => ({ ...one, node: nodeOf(one) ?? node }));
  return {
    ...step,
    ...(step.status !== "pending" && { node: nodeOf(step) ?? node }),
    ...(attempts && { attempts }),
    ...(branches.length > 0 && { steps: branches.map((branch) => settledStep(branch, node)) }),
  };
}

function nodeOf(one: object): string | undefined {
  const { node } = one as { readonly node?: unknown };
  return typeof node === "string" ? node : undefined;
}

const isSame = (before: WorkflowState, after: object): boolean =>
  JSON.stringify(before) === JSON.stringify(after);
