/** The answers of etcd's JSON gateway, parsed: 64-bit numbers come as text, and what is 0, empty or false is left out. */
import { z } from "zod";
import type { KeyEvent, KeyValue } from "./etcd.js";

const Count = z
  .union([z.string().regex(/^\d{1,19}$/), z.int().nonnegative()])
  .transform(Number)
  .default(0);
/** As text, for it may be above 2^53. */
const Id = z.string().regex(/^-?\d{1,20}$/);
const Base64 = z.string().default("");
const Header = z.object({ revision: Count }).default({ revision: 0 });

const Pair = z.object({
  key: Base64,
  value: Base64,
  mod_revision: Count,
  create_revision: Count,
  lease: Id.default("0"),
});
type Pair = z.infer<typeof Pair>;
const Pairs = z.array(Pair).default([]);

/** Of `/v3/kv/range`. */
export const RangeAnswer = z
  .object({ header: Header, kvs: Pairs, more: z.boolean().default(false) })
  .transform(({ header, kvs, more }) => ({
    keys: kvs.map(keyValueOf),
    revision: header.revision,
    more,
  }));

const FoundKey = z.object({ response_range: z.object({ kvs: Pairs }) });

/** Of `/v3/kv/txn`, whose reads ask for one key each. */
export const TransactionAnswer = z.object({
  header: Header,
  succeeded: z.boolean().default(false),
  responses: z.array(z.unknown()).default([]),
});

/** One of `responses`, where it answers a read. */
export const FoundAnswer = FoundKey.transform(({ response_range: { kvs } }) =>
  kvs[0] === undefined ? null : keyValueOf(kvs[0]),
);

/** Of `/v3/lease/grant`. */
export const LeaseAnswer = z.object({ ID: Id, TTL: Count });

/** Of `/v3/lease/keepalive`: a stream of one message. */
export const KeptAnswer = z.object({ result: z.object({ TTL: Count }) });

/** Of `/v3/maintenance/status`. */
export const StatusAnswer = z.object({
  version: z.string().max(64),
  dbSize: Count,
  dbSizeInUse: Count,
});

/** Of `/v3/maintenance/alarm`. */
export const AlarmAnswer = z
  .object({ alarms: z.array(z.object({ alarm: z.string().max(64).default("NONE") })).default([]) })
  .transform(({ alarms }) => [...new Set(alarms.map(({ alarm }) => alarm))]);

/** Of `/v3/auth/authenticate`. */
export const TokenAnswer = z.object({ token: z.string().min(1).max(8192) });

/** An answer that says no. Members of 3.4 and 3.5 say the text twice. */
export const RefusedAnswer = z.object({
  message: z.string(),
  code: z.int(),
});

/** The end of a stream that says why: the older form first. */
export const StreamError = z.object({
  error: z.union([
    z.object({ message: z.string(), grpc_code: z.int() }).transform(({ message, grpc_code }) => ({
      message,
      code: grpc_code,
    })),
    RefusedAnswer,
  ]),
});

const Event = z
  .object({ type: z.enum(["PUT", "DELETE"]).default("PUT"), kv: Pair })
  .transform(({ type, kv }): KeyEvent => {
    const read = keyValueOf(kv);
    return type === "PUT"
      ? { kind: "put", kv: read }
      : { kind: "delete", key: read.key, mod: read.mod };
  });

/** One message of `/v3/watch`. */
export const WatchMessage = z
  .object({
    result: z.object({
      header: Header,
      created: z.boolean().default(false),
      canceled: z.boolean().default(false),
      cancel_reason: z.string().default(""),
      compact_revision: Count,
      fragment: z.boolean().default(false),
      events: z.array(Event).default([]),
    }),
  })
  .transform(({ result }) => result);
export type WatchMessage = z.infer<typeof WatchMessage>;

function keyValueOf(pair: Pair): KeyValue {
  return {
    key: Buffer.from(pair.key, "base64").toString(),
    value: Buffer.from(pair.value, "base64"),
    mod: pair.mod_revision,
    create: pair.create_revision,
    lease: pair.lease === "0" ? null : pair.lease,
  };
}
