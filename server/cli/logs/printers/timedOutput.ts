/** Output with the times at which it came: as it is followed, or as it was read. */
import type { LogPiece } from "../../../../client/index.js";
import type { Asking } from "../../../../client/live/restClient.js";
import type { LogTimes, TimedOffset } from "../../../../shared/wire/logTimes.js";
import { type OutputOf, type ReadOutput, rawBytes } from "./printer.js";

export interface TimedBytes {
  readonly attempt: number;
  readonly from: number;
  readonly bytes: Uint8Array;
  readonly times: LogTimes;
}

export interface TimedOutput {
  ofPiece(step: number, piece: LogPiece): Promise<TimedBytes>;
  ofRead(step: number, read: ReadOutput): Promise<TimedBytes>;
}

export function createTimedOutput(of: OutputOf, client: Asking): TimedOutput {
  const { workflow_id, epoch } = of;

  /** None where the server does not say: then nobody knows, which is what is printed. */
  const timesOf = async (step: number, attempt: number, from: number, to: number) => {
    const all: TimedOffset[] = [];
    for (let next = from; next < to; ) {
      const asked = { epoch, attempt, from: next, to };
      const told = await client.rest.logTimes(workflow_id, step, asked).catch(() => null);
      if (told === null || told.next <= next) break;
      all.push(...told.times);
      next = told.next;
    }
    return all;
  };

  return {
    async ofPiece(step, piece) {
      const { attempt, from, next, at } = piece;
      const bytes = await rawBytes(of, client, step, piece);
      // The socket tells the first thousand of a frame; REST has them all.
      const isWhole = at?.every(([, moment]) => moment !== null) ?? false;
      const times = at && isWhole ? at : await timesOf(step, attempt, from, next);
      return { attempt, from, bytes, times };
    },
    async ofRead(step, { attempt, from, bytes }) {
      return {
        attempt,
        from,
        bytes,
        times: await timesOf(step, attempt, from, from + bytes.length),
      };
    },
  };
}
