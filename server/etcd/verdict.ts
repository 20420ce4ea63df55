/** The meaning of etcd's errors: refused for good, another token, or nothing that settles it. */
import { EtcdRefused, type RefusalReason } from "./etcd.js";
import { NoAnswer } from "./noAnswer.js";

export type Verdict =
  /** The session's token does not count (any more): nothing was done. */
  | { readonly kind: "token" }
  | { readonly kind: "refused"; readonly refusal: EtcdRefused }
  /** Another member may know better. */
  | { readonly kind: "unsettled"; readonly why: NoAnswer };

/** By etcd's own words, in their order. */
const REFUSALS: readonly (readonly [RegExp, RefusalReason])[] = [
  [/database space exceeded/, "full"],
  [/request is too large|message larger than max|too many operations/, "too_large"],
  [/has been compacted/, "compacted"],
  [/lease not found/, "no_lease"],
  [/permission denied|authentication failed|^etcdserver: user name/, "not_allowed"],
];

const TOKEN = /invalid auth token|user name is empty|revision in header is old/;

/** Said before anything is begun. */
const UNDONE = /^etcdserver: no leader$|too many requests|proposal dropped|not capable/;

/** The codes of gRPC with which a server refuses what it was asked. With all others it is unknown what was done. */
const REFUSING_CODES: ReadonlySet<number> = new Set([3, 5, 6, 9, 11, 12, 15]);
const NOT_ALLOWED_CODES: ReadonlySet<number> = new Set([7, 16]);

/** Judges an error by gRPC's code and etcd's own words. */
export function verdictOn(code: number, message: string, where: string): Verdict {
  if (TOKEN.test(message)) return { kind: "token" };
  const known = REFUSALS.find(([words]) => words.test(message))?.[1];
  if (known !== undefined) return refusedFor(known, message);
  if (UNDONE.test(message)) return unsettled(`${where}: ${message}`, true);
  if (NOT_ALLOWED_CODES.has(code)) return refusedFor("not_allowed", message);
  if (REFUSING_CODES.has(code)) return refusedFor("other", message);
  return unsettled(`${where}: ${message || `code ${code}`}`, false);
}

const refusedFor = (why: RefusalReason, message: string): Verdict => ({
  kind: "refused",
  refusal: new EtcdRefused(why, message),
});

const unsettled = (message: string, isUndone: boolean): Verdict => ({
  kind: "unsettled",
  why: new NoAnswer(message, isUndone),
});
