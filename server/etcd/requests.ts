/** The requests of etcd's API as bytes. The numbers of the fields are those of its rpc.proto. */
import type { Compare, LeaseId, Operation, Transaction } from "./etcd.js";
import { bytes, message, number } from "./protobuf.js";

/** The first key behind all that begin so; etcd's sign for "to the end" where there is none. */
export function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  let length = end.length;
  while (length > 0 && end[length - 1] === 0xff) length -= 1;
  if (length === 0) return Buffer.from([0]);
  end[length - 1]! += 1;
  return end.subarray(0, length);
}

/** RangeRequest of one key. */
export const readOf = (key: string): Buffer => message(bytes(1, key));

/** RangeRequest of what begins so, from `from` on, as of `revision` (0: the newest). */
export const pageOf = (prefix: string, from: string, revision: number, limit: number): Buffer =>
  message(bytes(1, from), bytes(2, endOf(prefix)), number(3, limit), number(4, revision));

/** WatchRequest of what begins so, from that revision on. Long messages come in parts. */
export function watchOf(prefix: string, from: number): Buffer {
  const create = message(
    bytes(1, prefix),
    bytes(2, endOf(prefix)),
    number(3, from),
    number(4, 1), // progress_notify
    number(8, 1), // fragment
  );
  return message(bytes(1, create));
}

/** TxnRequest: all together, or none. */
export const transactionOf = ({ compare, writes, orElseGet = [] }: Transaction): Buffer =>
  message(
    ...compare.map((condition) => bytes(1, compareOf(condition))),
    ...writes.map((operation) => bytes(2, operationOf(operation))),
    ...orElseGet.map((key) => bytes(3, message(bytes(1, readOf(key))))),
  );

/** LeaseGrantRequest. */
export const grantOf = (ttlSeconds: number): Buffer => message(number(1, ttlSeconds));

/** LeaseRevokeRequest and LeaseKeepAliveRequest. */
export const leaseOf = (lease: LeaseId): Buffer => message(number(1, BigInt(lease)));

/** AuthenticateRequest. */
export const loginOf = (user: string, password: string): Buffer =>
  message(bytes(1, user), bytes(2, password));

/** StatusRequest, and AlarmRequest that asks for all. */
export const NOTHING = message();

const RESULTS = { equal: 0, greater: 1, less: 2 } as const;
const TARGETS = { create: { target: 1, field: 5 }, mod: { target: 2, field: 6 } } as const;

function compareOf({ key, target: name, is, than }: Compare): Buffer {
  const { target, field } = TARGETS[name];
  return message(number(1, RESULTS[is]), number(2, target), bytes(3, key), number(field, than));
}

function operationOf(operation: Operation): Buffer {
  if ("delete" in operation) return message(bytes(3, message(bytes(1, operation.delete))));
  const { put: key, value, lease } = operation;
  const bound = lease === undefined ? undefined : number(3, BigInt(lease));
  return message(bytes(2, message(bytes(1, key), bytes(2, value), bound)));
}
