/** The meaning of a member's answer: done, refused for good, or nothing that settles it. */
import { RefusedAnswer } from "./answers.js";
import { EtcdRefused, type RefusalReason } from "./etcd.js";
import { NoAnswer } from "./noAnswer.js";
import type { Answer } from "./transport.js";

export type Verdict =
  | { readonly kind: "answered"; readonly body: unknown }
  /** The session's token does not count (any more): nothing was done. */
  | { readonly kind: "token" }
  | { readonly kind: "refused"; readonly refusal: EtcdRefused }
  /** Another member may know better. */
  | { readonly kind: "unsettled"; readonly why: NoAnswer };

/** By etcd's own words, in their order; the code is gRPC's. */
const REFUSALS: readonly (readonly [RegExp, RefusalReason])[] = [
  [/database space exceeded/, "full"],
  [/request is too large|message larger than max|too many operations/, "too_large"],
  [/has been compacted/, "compacted"],
  [/lease not found/, "no_lease"],
  [/permission denied|authentication failed|^etcdserver: user name/, "not_allowed"],
];

const TOKEN = /invalid auth token|user name is empty|auth revision|revision in header is old/;

/** Said before anything is begun. */
const UNDONE = /^etcdserver: no leader$|too many requests|proposal dropped|not capable/;

/** Codes with which a server refuses what it was asked. With all others it is unknown what was done. */
const REFUSING_CODES: ReadonlySet<number> = new Set([3, 5, 6, 7, 9, 11, 12, 15, 16]);

/** Judges a whole answer. */
export function verdictOn({ status, text }: Answer, where: string): Verdict {
  const body = jsonOf(text);
  if (status === 200 && body !== undefined) return { kind: "answered", body };
  const refused = RefusedAnswer.safeParse(body);
  if (refused.success) return verdictOnError(refused.data.code, refused.data.message, where);
  const beginning = JSON.stringify(text.slice(0, 80));
  return unsettled(`${where} answered ${status} and nothing that etcd says: ${beginning}`, false);
}

/** Judges an error that etcd told, by gRPC's code and its own words. */
export function verdictOnError(code: number, message: string, where: string): Verdict {
  if (TOKEN.test(message)) return { kind: "token" };
  const known = REFUSALS.find(([words]) => words.test(message))?.[1];
  if (known !== undefined) return refusedFor(known, message);
  if (UNDONE.test(message)) return unsettled(`${where}: ${message}`, true);
  if (code === 7 || code === 16) return refusedFor("not_allowed", message);
  if (REFUSING_CODES.has(code)) return refusedFor("other", message);
  return unsettled(`${where}: ${message}`, false);
}

/** JSON of a member; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refusedFor = (why: RefusalReason, message: string): Verdict => ({
  kind: "refused",
  refusal: new EtcdRefused(why, message),
});

const unsettled = (message: string, isUndone: boolean): Verdict => ({
  kind: "unsettled",
  why: new NoAnswer(message, isUndone),
});
