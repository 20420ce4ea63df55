/** One piece of output, sent until the server has it: a lost answer doubles nothing, and a lost lease is noticed. */
import { SyncError } from "../../shared/errors.js";
import { mayTryAgain } from "../rest/http.js";
import type { Appended } from "../rest/restLog.js";
import { NoAnswerError } from "../wire/noAnswer.js";

type Bytes = Uint8Array<ArrayBuffer>;

export interface AppendingParts {
  append(bytes: Bytes, at: number): Promise<Appended>;
  /** Waits before another try; rejects when there is no point in one. */
  again(tries: number): Promise<void>;
  /** After `stale_driver`: whether this driver may still go on. */
  mayGoOn(refusals: number): Promise<boolean>;
}

/** Null where the server keeps no output of this step. */
export async function appendOnce(
  given: Bytes,
  begin: number,
  { append, again, mayGoOn }: AppendingParts,
): Promise<Pick<Appended, "next"> | null> {
  let bytes = given;
  let at = begin;
  /** A call of ours got no answer: the server may have these bytes. */
  let isInDoubt = false;
  let refusals = 0;
  for (let tries = 0; ; tries++) {
    try {
      return await append(bytes, at);
    } catch (error) {
      if (isWithoutOutput(error)) return null;
      if (mayTryAgain(error)) {
        isInDoubt ||= !(error instanceof SyncError);
        await again(tries);
      } else if (!(error instanceof SyncError)) {
        throw error;
      } else if (error.code === "offset_moved" && error.next !== undefined) {
        const has = error.next - at;
        // Ours, and perhaps what the command itself has sent since.
        if (isInDoubt && has >= bytes.length) return { next: error.next };
        if (isInDoubt && has > 0) bytes = bytes.subarray(has);
        at = error.next;
        isInDoubt = false;
      } else if (error.code === "stale_driver" && (await mayGoOn(refusals++))) {
        await again(tries);
      } else {
        throw error;
      }
    }
  }
}

/** An older server, by itself or inside another program. */
function isWithoutOutput(error: unknown): boolean {
  if (error instanceof NoAnswerError) return error.status === 404 || error.status === 405;
  if (!(error instanceof SyncError)) return false;
  return error.code === "not_found" || error.code === "method_not_allowed";
}
