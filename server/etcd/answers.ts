/** The answers of etcd's API, read from bytes by explicit parsers: a field that is missing means 0, empty or false. All throw Malformed. */
import type { EtcdStatus, KeyEvent, KeyValue, LeaseId } from "./etcd.js";
import { asBytes, asId, asNumber, readFields } from "./protobuf.js";

/** A part of a list. */
export interface Page {
  readonly keys: readonly KeyValue[];
  readonly revision: number;
  readonly more: boolean;
}

/** RangeResponse. */
export function readPage(from: Buffer): Page {
  const keys: KeyValue[] = [];
  let [revision, more] = [0, false];
  readFields(from, (field, value) => {
    if (field === 1) revision = revisionIn(asBytes(value));
    else if (field === 2) keys.push(keyValueIn(asBytes(value)));
    else if (field === 3) more = value !== 0;
  });
  return { keys, revision, more };
}

export interface TransactionAnswer {
  readonly succeeded: boolean;
  readonly revision: number;
  /** Of each operation that was a read of one key: null where that is not there. */
  readonly found: readonly (KeyValue | null)[];
}

/** TxnResponse. */
export function readTransaction(from: Buffer): TransactionAnswer {
  const found: (KeyValue | null)[] = [];
  let [revision, succeeded] = [0, false];
  readFields(from, (field, value) => {
    if (field === 1) revision = revisionIn(asBytes(value));
    else if (field === 2) succeeded = value !== 0;
    else if (field === 3) found.push(...readsIn(asBytes(value)));
  });
  return { succeeded, revision, found };
}

/** Of LeaseGrantResponse and LeaseKeepAliveResponse, which look the same. */
export function readLease(from: Buffer): { readonly id: LeaseId; readonly ttl: number } {
  let [id, ttl] = [0n, 0];
  readFields(from, (field, value) => {
    if (field === 2) id = asId(value);
    else if (field === 3) ttl = asNumber(value);
  });
  return { id: id.toString(), ttl };
}

/** StatusResponse. */
export function readStatus(from: Buffer): Omit<EtcdStatus, "alarms"> {
  let [version, dbSize, dbSizeInUse] = ["", 0, 0];
  readFields(from, (field, value) => {
    if (field === 2) version = asBytes(value).toString();
    else if (field === 3) dbSize = asNumber(value);
    else if (field === 9) dbSizeInUse = asNumber(value);
  });
  return { version, dbSize, dbSizeInUse };
}

const ALARMS = ["NONE", "NOSPACE", "CORRUPT"];

/** AlarmResponse: each kind once, whichever members raised it. */
export function readAlarms(from: Buffer): readonly string[] {
  const alarms = new Set<string>();
  readFields(from, (field, value) => {
    if (field !== 2) return;
    readFields(asBytes(value), (inner, kind) => {
      if (inner === 2) alarms.add(ALARMS[asNumber(kind)] ?? `alarm ${kind}`);
    });
  });
  return [...alarms];
}

/** AuthenticateResponse. */
export function readToken(from: Buffer): string {
  let token = "";
  readFields(from, (field, value) => {
    if (field === 2) token = asBytes(value).toString();
  });
  return token;
}

/** Of an answer that says nothing but that it was done. */
export const readNothing = (): void => {};

/** One message of a watch. */
export interface WatchMessage {
  readonly revision: number;
  readonly isCreated: boolean;
  readonly isCanceled: boolean;
  readonly cancelReason: string;
  readonly compactRevision: number;
  /** The next message goes on with it. */
  readonly isPart: boolean;
  readonly events: readonly KeyEvent[];
}

/** WatchResponse. */
export function readWatchMessage(from: Buffer): WatchMessage {
  const events: KeyEvent[] = [];
  let [revision, compactRevision, cancelReason] = [0, 0, ""];
  let [isCreated, isCanceled, isPart] = [false, false, false];
  readFields(from, (field, value) => {
    if (field === 1) revision = revisionIn(asBytes(value));
    else if (field === 3) isCreated = value !== 0;
    else if (field === 4) isCanceled = value !== 0;
    else if (field === 5) compactRevision = asNumber(value);
    else if (field === 6) cancelReason = asBytes(value).toString();
    else if (field === 7) isPart = value !== 0;
    else if (field === 11) events.push(eventIn(asBytes(value)));
  });
  return { revision, isCreated, isCanceled, cancelReason, compactRevision, isPart, events };
}

function eventIn(from: Buffer): KeyEvent {
  let isDelete = false;
  let kv = keyValueIn(Buffer.alloc(0));
  readFields(from, (field, value) => {
    if (field === 1) isDelete = value !== 0;
    else if (field === 2) kv = keyValueIn(asBytes(value));
  });
  return isDelete ? { kind: "delete", key: kv.key, mod: kv.mod } : { kind: "put", kv };
}

/** ResponseOp, where it answers a read. */
function readsIn(from: Buffer): (KeyValue | null)[] {
  const found: (KeyValue | null)[] = [];
  readFields(from, (field, value) => {
    if (field === 1) found.push(readPage(asBytes(value)).keys[0] ?? null);
  });
  return found;
}

/** ResponseHeader. */
function revisionIn(from: Buffer): number {
  let revision = 0;
  readFields(from, (field, value) => {
    if (field === 3) revision = asNumber(value);
  });
  return revision;
}

/** KeyValue. Its value is copied, for it may be kept much longer than what came with it. */
function keyValueIn(from: Buffer): KeyValue {
  let [key, create, mod, lease] = ["", 0, 0, 0n];
  let content = Buffer.alloc(0);
  readFields(from, (field, value) => {
    if (field === 1) key = asBytes(value).toString();
    else if (field === 2) create = asNumber(value);
    else if (field === 3) mod = asNumber(value);
    else if (field === 5) content = Buffer.from(asBytes(value));
    else if (field === 6) lease = asId(value);
  });
  return { key, value: content, mod, create, lease: lease === 0n ? null : lease.toString() };
}
