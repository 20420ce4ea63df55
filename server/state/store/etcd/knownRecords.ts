/** The records as this server's copy has them, and what listeners are told of each change: our own, and those of other servers. */
import { Listeners } from "../../../../shared/listeners.js";
import type { FamilyEvent, KeyMirror } from "../../../cluster/keyMirror.js";
import { isLive, type WorkflowRecord } from "../record.js";
import type { CommitListener, Committed, Damage } from "../store.js";
import { DOCUMENTS, PAST } from "./etcdKeys.js";
import { decodeValue, type RecordValue } from "./recordValue.js";
import { sharing } from "./sharing.js";

interface KnownRecordsParts {
  readonly mirror: Pick<KeyMirror, "follow">;
  readonly clock: { now(): number };
  readonly onListenerFailure: (error: unknown) => void;
  readonly onUnreadable: (key: string, error: unknown) => void;
}

/** A value on its way from us, so that it is taken as the record it was made from. */
interface Sending extends RecordValue {
  readonly value: Buffer;
}

export class KnownRecords {
  readonly open = new Map<string, WorkflowRecord>();
  readonly history = new Map<string, WorkflowRecord>();
  readonly #parts: KnownRecordsParts;
  readonly #listeners: Listeners<Committed>;
  readonly #sending = new Map<string, Sending>();
  readonly #writes = new Map<string, readonly string[]>();
  readonly #unreadable = new Map<string, Damage>();
  readonly #stops: readonly (() => void)[];

  constructor(parts: KnownRecordsParts) {
    this.#parts = parts;
    this.#listeners = new Listeners(parts.onListenerFailure);
    this.#stops = [
      parts.mirror.follow(PAST, (event) => this.#hear(PAST, event)),
      parts.mirror.follow(DOCUMENTS, (event) => this.#hear(DOCUMENTS, event)),
    ];
  }

  get damaged(): readonly Damage[] {
    return [...this.#unreadable.values()];
  }

  /** The names of the last writes of a workflow's record. */
  writesOf(workflow_id: string): readonly string[] {
    return this.#writes.get(workflow_id) ?? [];
  }

  /** Until `sent`, this value of this key is `record`. */
  send(key: string, value: Buffer, record: WorkflowRecord, writes: readonly string[]): void {
    this.#sending.set(key, { value, record, writes });
  }

  sent(key: string): void {
    this.#sending.delete(key);
  }

  listen(listener: CommitListener): () => void {
    return this.#listeners.listen(listener);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #hear(family: typeof DOCUMENTS | typeof PAST, event: FamilyEvent): void {
    const key = family + event.key;
    // Between the family and the name stands the shard.
    const name = event.key.slice(event.key.indexOf("/") + 1);
    this.#unreadable.delete(key);
    if (event.kind === "delete") return family === PAST ? this.#forgotten(name) : this.#gone(name);
    const read = this.#read(key, event.value, family === PAST ? null : this.open.get(name));
    if (!read) return;
    if (family === PAST) this.history.set(read.record.epoch, read.record);
    else this.#changed(read);
  }

  #changed({ record, writes }: RecordValue): void {
    const { workflow_id } = record;
    const before = this.open.get(workflow_id) ?? null;
    // A workflow of the same id that we missed the end of: that end is told first.
    const isOther = isLive(before) && before.epoch !== record.epoch;
    if (isOther) this.#gone(workflow_id);
    this.open.set(workflow_id, record);
    this.#writes.set(workflow_id, writes);
    this.#listeners.tell({ kind: "committed", before: isOther ? null : before, after: record });
  }

  #gone(workflow_id: string): void {
    const before = this.open.get(workflow_id);
    if (!before) return;
    this.open.delete(workflow_id);
    this.#writes.delete(workflow_id);
    // Its entry in the history was written with the same stroke, and told before.
    const isArchived = isLive(before) && this.history.has(before.epoch);
    this.#listeners.tell({ kind: isArchived ? "archived" : "removed", before });
  }

  #forgotten(epoch: string): void {
    const before = this.history.get(epoch);
    if (this.history.delete(epoch) && before) this.#listeners.tell({ kind: "forgotten", before });
  }

  #read(key: string, value: Buffer, before: WorkflowRecord | null | undefined): RecordValue | null {
    const own = this.#sending.get(key);
    if (own?.value.equals(value)) return own;
    try {
      const read = decodeValue(value);
      // Of the rest nobody asks what is new, and receipts are many.
      const state = sharing(before?.state, read.record.state);
      return { ...read, record: { ...read.record, state } };
    } catch (error) {
      this.#parts.onUnreadable(key, error);
      this.#unreadable.set(key, {
        workflow_id: key.slice(key.lastIndexOf("/") + 1),
        file: key,
        movedTo: null,
        why: error instanceof Error ? error.message : String(error),
        at: new Date(this.#parts.clock.now()).toISOString(),
        in_history: key.startsWith(PAST),
      });
      return null;
    }
  }
}
