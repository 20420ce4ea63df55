/** The part of an etcd that is Instep's as one side of a move: every change of it holds only while the move's mark is there. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Clock } from "../../../shared/clock.js";
import { pause } from "../../../shared/pause.js";
import type { Compare, EtcdClient, Operation } from "../../etcd/etcd.js";
import { EtcdRefused, EtcdUnreachable } from "../../etcd/etcd.js";
import {
  DOCUMENTS,
  DRIVERS,
  documentKey,
  ORDER,
  PAST,
  pastKey,
  REQUESTS,
} from "../../state/store/etcd/etcdKeys.js";
import { decodeValue, encodeValue } from "../../state/store/etcd/recordValue.js";
import { decodeMark, encodeMark, MOVE_KEY, type MoveMark } from "../../state/store/moveMark.js";
import type { WorkflowRecord } from "../../state/store/record.js";
import { packShelfFile, SHELVES, unpackShelf } from "../../webhooks/shared/shelfValue.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { type Contents, highestOrder, readRun } from "./contents.js";
import type { Side } from "./side.js";

interface EtcdParts {
  readonly client: EtcdClient;
  readonly prefix: string;
  readonly name: string;
  readonly clock: Clock;
  /** Hears which nodes are waited for. */
  readonly onWait: (nodes: readonly string[]) => void;
}

const RUNS = "run/";
const NODES = "node/";
const META = "meta";
/** Everything about workflows; what is about the cluster itself stays. */
const MOVED = [DOCUMENTS, PAST, RUNS, DRIVERS, REQUESTS, "group/", ORDER, SHELVES];
/** A node that was killed is there until its lease has ended. */
const NODES_MS = 15_000;
const AGAIN_MS = 500;
const TRIES_MS = 30_000;
/** Etcd takes 128 operations and 1.5 MiB in one transaction. */
const MOST_OPERATIONS = 100;
const MOST_BYTES = 512 * 1024;

export class EtcdSide implements Side {
  readonly kind = "etcd";
  readonly name: string;
  readonly #parts: EtcdParts;
  /** Revision of the mark as we set it; 0 for none. */
  #markAt = 0;

  constructor(parts: EtcdParts) {
    this.#parts = parts;
    this.name = parts.name;
  }

  async checkRest(): Promise<void> {
    const { client, clock, prefix, onWait } = this.#parts;
    const until = clock.elapsed() + NODES_MS;
    for (;;) {
      const { keys } = await this.#asked(() => client.list(prefix + NODES));
      const nodes = keys.map(({ key }) => key.slice(prefix.length + NODES.length));
      if (nodes.length === 0) return;
      if (clock.elapsed() >= until)
        throw new CliError(
          ExitCode.locked,
          `Servers are at work on ${this.name}: ${nodes.join(", ")}. Stop them first.`,
        );
      onWait(nodes);
      await pause(clock, AGAIN_MS);
    }
  }

  async mark(): Promise<MoveMark | null> {
    const { client, prefix } = this.#parts;
    // Nothing is begun yet: a store that does not answer is not waited for.
    const found = await this.#asked(() => client.get(prefix + MOVE_KEY), 0);
    this.#markAt = found?.mod ?? 0;
    return found ? decodeMark(found.value.toString(), this.name) : null;
  }

  async setMark(mark: MoveMark | null): Promise<void> {
    const key = this.#parts.prefix + MOVE_KEY;
    const write = mark ? { put: key, value: Buffer.from(encodeMark(mark)) } : { delete: key };
    await this.#asked(async () => {
      const { succeeded, revision, found } = await this.#parts.client.transact({
        compare: [this.#isOurs()],
        writes: [write],
        orElseGet: [key],
      });
      const there = found[0] ?? null;
      // A first try whose answer was lost may have done it.
      const isDone = succeeded || (there?.value.toString() ?? null) === (mark && encodeMark(mark));
      if (!isDone) throw this.#disturbed();
      this.#markAt = mark === null ? 0 : (there?.mod ?? revision);
    });
  }

  async read(): Promise<Contents> {
    const { client, prefix } = this.#parts;
    const { keys } = await this.#asked(() => client.list(prefix));
    const [open, history]: WorkflowRecord[][] = [[], []];
    const runs = new Map<string, ReturnType<typeof readRun>>();
    const shelves = new Map<string, ReturnType<typeof unpackShelf>>();
    const unread: string[] = [];
    let order = 0;
    for (const { key, value } of keys) {
      const name = key.slice(prefix.length);
      try {
        if (name.startsWith(DOCUMENTS)) open!.push(decodeValue(value).record);
        else if (name.startsWith(PAST)) history!.push(decodeValue(value).record);
        else if (name.startsWith(RUNS))
          runs.set(name.slice(RUNS.length), readRun(value.toString()));
        else if (name.startsWith(SHELVES))
          shelves.set(name.slice(SHELVES.length), unpackShelf(value));
        else if (name === ORDER) order = Number(value.toString());
      } catch {
        unread.push(key);
      }
    }
    if (unread.length > 0)
      throw new CliError(
        ExitCode.failed,
        `${this.name} holds what cannot be read: ${unread.join(", ")}. Nothing was moved.`,
      );
    const records = { open: open!, history: history! };
    return { ...records, runs, shelves, order: Math.max(order || 0, highestOrder(records)) };
  }

  async write({ open, history, runs, shelves, order }: Contents): Promise<void> {
    const { prefix } = this.#parts;
    await this.#change([
      ...[...runs].map(([run, data]) => putJson(`${prefix}${RUNS}${run}`, data)),
      ...[...shelves].map(([epoch, shelf]) => ({
        put: prefix + SHELVES + epoch,
        value: packShelfFile(shelf).value,
      })),
      ...history.map((record) => put(prefix + pastKey(record.epoch), record)),
      ...open.map((record) => put(prefix + documentKey(record.workflow_id), record)),
      { put: prefix + ORDER, value: Buffer.from(String(order)) },
    ]);
  }

  /** The cluster's data begin a new epoch, too: leases of drivers were those of the life before. */
  async replace(records: readonly WorkflowRecord[]): Promise<void> {
    const { client, prefix } = this.#parts;
    const meta = await this.#asked(() => client.get(prefix + META));
    const drivers = await this.#asked(() => client.list(prefix + DRIVERS));
    const renewed = meta && withNewEpoch(meta.value);
    await this.#change([
      ...drivers.keys.map(({ key }) => ({ delete: key })),
      ...records.map((record) => put(prefix + documentKey(record.workflow_id), record)),
      ...(renewed ? [{ put: prefix + META, value: renewed }] : []),
    ]);
  }

  async wipe(): Promise<void> {
    const { client, prefix } = this.#parts;
    const { keys } = await this.#asked(() => client.list(prefix));
    const isMoved = (name: string) => MOVED.some((family) => name.startsWith(family));
    const gone = keys.filter(({ key }) => isMoved(key.slice(prefix.length)));
    await this.#change(gone.map(({ key }) => ({ delete: key })));
  }

  async leave(): Promise<string | null> {
    await this.wipe();
    return null;
  }

  close(): Promise<void> {
    return this.#parts.client.close();
  }

  /** Said twice they do no more than once, so one whose answer was lost is said again. */
  async #change(operations: readonly Operation[]): Promise<void> {
    for (const writes of batchesOf(operations)) {
      await this.#asked(async () => {
        const { succeeded } = await this.#parts.client.transact({
          compare: [this.#isOurs()],
          writes,
        });
        if (!succeeded) throw this.#disturbed();
      });
    }
  }

  #isOurs(): Compare {
    const key = this.#parts.prefix + MOVE_KEY;
    return { key, target: "mod", is: "equal", than: this.#markAt };
  }

  #disturbed(): CliError {
    return new CliError(
      ExitCode.failed,
      `Somebody else moves the workflows of ${this.name} at the same time.`,
    );
  }

  async #asked<T>(ask: () => Promise<T>, triesMs = TRIES_MS): Promise<T> {
    const { clock } = this.#parts;
    const until = clock.elapsed() + triesMs;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const mayAsk = error instanceof EtcdUnreachable && clock.elapsed() < until;
        if (!mayAsk) throw explained(error, this.name);
        await pause(clock, AGAIN_MS);
      }
    }
  }
}

function explained(error: unknown, name: string): unknown {
  if (error instanceof EtcdUnreachable)
    return new CliError(
      ExitCode.unreachable,
      `${name} does not answer: ${error.message}. Said again, the move goes on where it was.`,
    );
  if (error instanceof EtcdRefused)
    return new CliError(ExitCode.failed, `${name} refuses: ${error.message}.`);
  return error;
}

const put = (key: string, record: WorkflowRecord): Operation => ({
  put: key,
  value: encodeValue(record, randomBytes(9).toString("base64url")).value,
});

const putJson = (key: string, value: unknown): Operation => ({
  put: key,
  value: Buffer.from(JSON.stringify(value)),
});

/** Null for what is none of ours: a server says so when it starts. */
function withNewEpoch(value: Buffer): Buffer | null {
  try {
    const meta = JSON.parse(value.toString()) as object;
    return Buffer.from(JSON.stringify({ ...meta, epoch: randomUUID() }));
  } catch {
    return null;
  }
}

function batchesOf(operations: readonly Operation[]): Operation[][] {
  const batches: Operation[][] = [];
  let [batch, bytes]: [Operation[], number] = [[], 0];
  for (const operation of operations) {
    const length = "put" in operation ? operation.value.length : 0;
    if (batch.length === MOST_OPERATIONS || (batch.length > 0 && bytes + length > MOST_BYTES)) {
      batches.push(batch);
      [batch, bytes] = [[], 0];
    }
    batch.push(operation);
    bytes += length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
