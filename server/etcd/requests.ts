/** The bodies of requests as etcd's JSON gateway takes them: keys and values in base64, numbers as text. */
import type { Compare, LeaseId, Operation, Transaction } from "./etcd.js";

const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");

/** The first key behind all that begin so; etcd's sign for "to the end" where there is none. */
export function endOf(prefix: string): Buffer {
  const bytes = Buffer.from(prefix);
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0xff) length -= 1;
  if (length === 0) return Buffer.from([0]);
  const end = Buffer.from(bytes.subarray(0, length));
  end[length - 1]! += 1;
  return end;
}

/** One key. */
export const readOf = (key: string) => ({ key: base64(key) });

/** A page of what begins so, from `from` on, as of `revision` (0: the newest). */
export const pageOf = (prefix: string, from: string, revision: number, limit: number) => ({
  key: base64(from),
  range_end: base64(endOf(prefix)),
  limit: String(limit),
  revision: String(revision),
});

/** A watch of what begins so, from that revision on. Long messages come in parts. */
export const watchOf = (prefix: string, from: number) => ({
  create_request: {
    key: base64(prefix),
    range_end: base64(endOf(prefix)),
    start_revision: String(from),
    progress_notify: true,
    fragment: true,
  },
});

/** All together, or none. */
export const transactionOf = ({ compare, writes, orElseGet = [] }: Transaction) => ({
  compare: compare.map(compareOf),
  success: writes.map(operationOf),
  failure: orElseGet.map((key) => ({ request_range: readOf(key) })),
});

const RESULTS = { equal: "EQUAL", less: "LESS", greater: "GREATER" } as const;

const compareOf = ({ key, target, is, than }: Compare) => ({
  key: base64(key),
  result: RESULTS[is],
  ...(target === "mod"
    ? { target: "MOD", mod_revision: String(than) }
    : { target: "CREATE", create_revision: String(than) }),
});

const operationOf = (operation: Operation) =>
  "put" in operation
    ? { request_put: putOf(operation.put, operation.value, operation.lease) }
    : { request_delete_range: { key: base64(operation.delete) } };

const putOf = (key: string, value: Buffer, lease: LeaseId | undefined) => ({
  key: base64(key),
  value: base64(value),
  ...(lease === undefined ? {} : { lease }),
});
