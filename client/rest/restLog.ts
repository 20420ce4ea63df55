/** A step's output over REST: appended as bytes, read as bytes. */
import type { LogTimes } from "../../shared/wire/logTimes.js";
import { LOG_HEADERS, TOKEN_HEADER } from "../../shared/wire/rest.js";
import { isCount, isLogTimes, isRevision } from "../wire/frames.js";
import { NotInstep } from "../wire/noInstep.js";
import type { Answer, Http, RawAnswer } from "./http.js";
import type { ReadOptions } from "./rest.js";

export interface AppendOptions extends ReadOptions {
  /** The attempt that is meant. @default the step's own */
  readonly attempt?: number | undefined;
  /** Only if the output ends exactly there; refused with `offset_moved` otherwise, so that sending again doubles nothing. */
  readonly at?: number | undefined;
  /** The fencing token of a driver with a lease. */
  readonly token?: number | undefined;
}

export interface Appended {
  readonly attempt: number;
  readonly from: number;
  readonly next: number;
}

export interface ReadLogOptions extends ReadOptions {
  /** Refused with `unknown_workflow` where the workflow with this id has another epoch now. */
  readonly epoch?: string | undefined;
  /** The attempt that is meant. @default the newest */
  readonly attempt?: number | undefined;
  /** The offset of the first byte. @default 0 */
  readonly from?: number | undefined;
  /** The newest so many bytes, in place of `from`. */
  readonly tail?: number | undefined;
  /** Where to stop, beside `from`: exactly these bytes, or a refusal where some of them were left out. */
  readonly to?: number | undefined;
}

export interface LogBytes {
  readonly attempt: number;
  readonly from: number;
  /** Where to go on. */
  readonly next: number;
  /** False where bytes of the attempt are not kept any more; only in answers without `to`, and from a server that says it. */
  readonly isWhole?: boolean | undefined;
  /** As the server gave them: what was left out stands among them as a line. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ReadLogTimesOptions extends ReadOptions {
  /** As for `log`. */
  readonly epoch?: string | undefined;
  /** The attempt that is meant. @default the newest */
  readonly attempt?: number | undefined;
  /** The offset to begin at. @default 0 */
  readonly from?: number | undefined;
  /** The offset to end at. @default the end */
  readonly to?: number | undefined;
}

export interface ToldTimes {
  readonly attempt: number;
  readonly from: number;
  /** How far it tells: before what was asked for where that would be too long. */
  readonly next: number;
  /** In order, the first at `from`. */
  readonly times: LogTimes;
}

export interface LogCalls {
  appendLog(
    workflow_id: string,
    step: number,
    output: Uint8Array<ArrayBuffer> | string,
    options?: AppendOptions,
  ): Promise<Appended>;
  log(workflow_id: string, step: number, options?: ReadLogOptions): Promise<LogBytes>;
  /** When output came. */
  logTimes(workflow_id: string, step: number, options?: ReadLogTimesOptions): Promise<ToldTimes>;
}

const pathOf = (step: number): string => `workflow/state/steps/${step}/log`;

export function createLogCalls(http: Http): LogCalls {
  return {
    appendLog: (workflow_id, step, output, { attempt, at, token, ...options } = {}) => {
      const call = {
        method: "POST",
        path: pathOf(step),
        query: { workflow_id, attempt: attempt?.toString(), at: at?.toString() },
        headers: { [TOKEN_HEADER]: token?.toString() },
        bytes: typeof output === "string" ? new TextEncoder().encode(output) : output,
        ...options,
      } as const;
      return http(call, asAppended);
    },
    logTimes: (workflow_id, step, { epoch, attempt, from, to, ...options } = {}) => {
      const query = { attempt: attempt?.toString(), from: from?.toString(), to: to?.toString() };
      const call = {
        method: "GET",
        path: `${pathOf(step)}/times`,
        query: { workflow_id, epoch, ...query },
        ...options,
      } as const;
      return http(call, asToldTimes);
    },
    log: (workflow_id, step, { epoch, attempt, from, tail, to, ...options } = {}) => {
      const call = {
        method: "GET",
        path: pathOf(step),
        query: {
          workflow_id,
          epoch,
          attempt: attempt?.toString(),
          from: from?.toString(),
          to: to?.toString(),
          tail: tail?.toString(),
        },
        headers: { Accept: "text/plain" },
        ...options,
      } as const;
      return http.raw(call, (answer) => asLogBytes(answer, to));
    },
  };
}

function asLogBytes({ headers, bytes }: RawAnswer, to: number | undefined): LogBytes {
  const next = numberIn(headers, LOG_HEADERS.next);
  // A server from before `to` gives all the rest.
  if (next > (to ?? next)) throw new NotInstep();
  const whole = headers.get(LOG_HEADERS.whole);
  return {
    attempt: numberIn(headers, LOG_HEADERS.attempt),
    from: numberIn(headers, LOG_HEADERS.from),
    next,
    ...(whole !== null && { isWhole: whole !== "no" }),
    bytes,
  };
}

function asToldTimes(answer: Answer): ToldTimes {
  const { attempt, from, next, times } = answer ?? {};
  if (!isCount(attempt) || !isRevision(from) || !isRevision(next) || !isLogTimes(times))
    throw new NotInstep();
  return { attempt, from, next, times };
}

function asAppended(answer: Answer): Appended {
  const { attempt, from, next } = answer ?? {};
  if (!isCount(attempt) || !isRevision(from) || !isRevision(next)) throw new NotInstep();
  return { attempt, from, next };
}

function numberIn(headers: Headers, name: string): number {
  const number = Number(headers.get(name) ?? Number.NaN);
  if (!isRevision(number)) throw new NotInstep();
  return number;
}
