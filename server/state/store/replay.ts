/** The files and the journal make one: what is in view and in the history, as it was acknowledged last. */
import { PatchError } from "../../../shared/json/patch.js";
import { type ChangeEntry, hasChange, type JournalEntry, withChange } from "./journalEntries.js";
import { isLive, type WorkflowRecord } from "./record.js";

export interface ReplayedRecords {
  /** By id. */
  readonly open: Map<string, WorkflowRecord>;
  /** By epoch. */
  readonly history: Map<string, WorkflowRecord>;
}

export class Replay {
  readonly #open: Map<string, WorkflowRecord>;
  readonly #history: Map<string, WorkflowRecord>;
  /** The ids that an entry settles, whatever their files say. */
  readonly settled = new Set<string>();
  /** By epoch, the workflows whose place in the history the journal speaks of. */
  readonly past = new Map<string, string>();
  /** By id, the changes that do not go on from what is there: acknowledged ones before them are missing. */
  readonly broken = new Map<string, readonly ChangeEntry[]>();
  /** Epochs that are over: an entry of one that comes late was said again for a file that could not be written. */
  readonly #over = new Set<string>();
  readonly #forgotten = new Set<string>();

  /** `records` as the files have them; they are changed in place. */
  constructor({ open, history }: ReplayedRecords) {
    this.#open = open;
    this.#history = history;
  }

  take(entry: JournalEntry): void {
    switch (entry.kind) {
      case "change":
        return this.#change(entry);
      case "put":
        return this.#put(entry.record);
      case "archive":
        return this.#archive(entry.workflow_id, entry.epoch);
      case "past":
        return this.#keep(entry.record);
      case "remove":
        return this.#remove(entry.workflow_id, entry.epoch);
      case "forget":
        return this.#forget(entry.workflow_id, entry.epoch);
    }
  }

  /** A line of this workflow's cannot be read. What settles it later makes that good. */
  miss(workflow_id: string): void {
    this.broken.set(workflow_id, this.broken.get(workflow_id) ?? []);
  }

  #change(entry: ChangeEntry): void {
    const { workflow_id } = entry;
    const record = this.#open.get(workflow_id);
    if (this.#over.has(entry.epoch) || (record && hasChange(record, entry))) return;
    const broken = this.broken.get(workflow_id);
    const next = broken ? null : changed(record, entry);
    if (next) this.#open.set(workflow_id, next);
    else this.broken.set(workflow_id, [...(broken ?? []), entry]);
  }

  #put(record: WorkflowRecord): void {
    const { workflow_id, epoch } = record;
    const known = this.#open.get(workflow_id);
    if (isLive(record) && this.#over.has(epoch)) return;
    if (!known || !isBehind(record, known)) this.#open.set(workflow_id, record);
    this.#settle(workflow_id);
  }

  #archive(workflow_id: string, epoch: string): void {
    const record = this.#open.get(workflow_id);
    if (record?.epoch === epoch && !this.broken.has(workflow_id)) this.#keep(record);
    // Its file in view goes only once the one in the history is durable: where neither is there, it was forgotten later.
    if (this.#history.has(epoch)) this.#remove(workflow_id, epoch);
  }

  #keep(record: WorkflowRecord): void {
    if (this.#forgotten.has(record.epoch)) return;
    this.past.set(record.epoch, record.workflow_id);
    if (!this.#history.has(record.epoch)) this.#history.set(record.epoch, record);
  }

  #remove(workflow_id: string, epoch: string): void {
    this.#over.add(epoch);
    const known = this.#open.get(workflow_id);
    if (known && known.epoch !== epoch) return;
    this.#open.delete(workflow_id);
    this.#settle(workflow_id);
  }

  /** The changes that it had are of no use any more, and their beginning is not missed. */
  #forget(workflow_id: string, epoch: string): void {
    this.past.set(epoch, workflow_id);
    this.#forgotten.add(epoch);
    this.#history.delete(epoch);
    const broken = this.broken.get(workflow_id);
    if (broken?.every((entry) => entry.epoch === epoch)) this.broken.delete(workflow_id);
  }

  #settle(workflow_id: string): void {
    this.settled.add(workflow_id);
    this.broken.delete(workflow_id);
  }
}

/** Whether `known` came later. */
function isBehind(record: WorkflowRecord, known: WorkflowRecord): boolean {
  if (record.epoch !== known.epoch) return record.order < known.order;
  return record.revision < known.revision || (isLive(record) && !isLive(known));
}

/** Null where the change does not fit. */
function changed(record: WorkflowRecord | undefined, entry: ChangeEntry): WorkflowRecord | null {
  try {
    return withChange(record, entry);
  } catch (error) {
    if (error instanceof PatchError) return null;
    throw error;
  }
}
