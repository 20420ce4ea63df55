/** Output that is read under one server after the other, each killed at any moment: the log has every byte once, masked, and our own lines between. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Keeper, SpoolPiece, SpoolPlace } from "../../../../../server/runner/keeper/keeper.js";
import { SPOOL_BEGIN } from "../../../../../server/runner/keeper/keeper.js";
import {
  type KeptRecord,
  onwards,
  recordAt,
} from "../../../../../server/runner/keeper/keptRecord.js";
import { PlacedOutput } from "../../../../../server/runner/report/placedOutput.js";
import type { OutputSink } from "../../../../../server/runner/report/reporter.js";
import { createRedaction } from "../../../../../server/runner/secrets/redaction.js";
import { SpoolReading } from "../../../../../server/runner/step/keeping/spoolReading.js";
import { manualClock } from "../../../../support/clocks/manualClock.js";

const SEGMENT = 64;
const SECRET = "hush-hush-secret";

/** What a command printed, in segments, given out in pieces of these lengths. */
function keeperOf(
  printed: Buffer,
  pieces: Iterator<number>,
): { keeper: Keeper; released: SpoolPlace[] } {
  const released: SpoolPlace[] = [];
  const keeper = {
    async read({ segment, at }: SpoolPlace): Promise<SpoolPiece | null> {
      const from = at === SEGMENT ? { segment: segment + 1, at: 0 } : { segment, at };
      const start = (from.segment - 1) * SEGMENT + from.at;
      const length = Math.min(pieces.next().value ?? 16, SEGMENT - from.at, printed.length - start);
      if (length <= 0) return null;
      const last = released.at(-1);
      if (last && from.segment < last.segment) throw new Error("it was released");
      const bytes = Buffer.from(printed.subarray(start, start + length));
      return { bytes, from, next: { segment: from.segment, at: from.at + length }, leftOut: 0 };
    },
    release: async (place: SpoolPlace) => void released.push(place),
  } as unknown as Keeper;
  return { keeper, released };
}

/** What is on the disk: it outlives every server. */
interface Disk {
  log: Buffer;
  record: KeptRecord;
}

/** A sink that a kill stops in the middle of an append. Appends take turns of the event loop. */
function sinkOver(disk: Disk, life: { bytesLeft: number }): OutputSink {
  let keptTo = disk.log.length;
  let waiting = Buffer.alloc(0);
  let appending: Promise<void> | null = null;
  const appendAll = async () => {
    while (waiting.length > 0 && life.bytesLeft > 0) {
      const bytes = waiting.subarray(0, life.bytesLeft);
      const isWhole = bytes.length === waiting.length;
      waiting = Buffer.alloc(0);
      await Promise.resolve();
      disk.log = Buffer.concat([disk.log, bytes]);
      life.bytesLeft -= bytes.length;
      if (!isWhole) return;
      keptTo = disk.log.length;
    }
    appending = null;
  };
  return {
    begin: disk.log.length,
    get keptTo() {
      return keptTo;
    },
    write: async (bytes) => {
      waiting = Buffer.concat([waiting, bytes]);
      appending ??= appendAll();
    },
    finish: async () => {
      await appending;
    },
  };
}

/** One life of a server; it ends once so many bytes were appended. */
async function live(
  disk: Disk,
  printed: Buffer,
  { bytesLeft, pieces, says }: { bytesLeft: number; pieces: readonly number[]; says: boolean },
): Promise<void> {
  const life = { bytesLeft };
  const clock = manualClock();
  const output = new PlacedOutput(sinkOver(disk, life), clock, 0);
  output.passOver(disk.log, 0);
  const goingOn = onwards(disk.record, output.next);
  if (life.bytesLeft > 0) disk.record = goingOn.record;
  if (goingOn.isTorn) await output.write(Buffer.from("\n"));
  const { keeper } = keeperOf(printed, pieces[Symbol.iterator]());
  const folder = {
    keep: (record: KeptRecord) => {
      if (life.bytesLeft > 0) disk.record = record;
    },
  };
  const reading = new SpoolReading({
    ...{ keeper, folder, output, clock },
    redaction: createRedaction([SECRET]),
    listeners: { onRaw: () => {}, rawWaiting: () => 0, onText: () => {} },
    record: goingOn.record,
  });
  if (says) output.say("The server was away", "time");
  await reading.run();
  await reading.finish();
  await output.finish();
}

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "a line\n",
        "no end ",
        `it is ${SECRET}!\n`,
        SECRET,
        "hush-hush",
        "\n",
        "ä",
        "\x1b[31m",
        "\r",
      ),
      fc.string({ maxLength: 8 }),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((parts) => Buffer.from(parts.join("")));

describe("output of a command in its keeper's hands", () => {
  test("output is in the log once, masked, whenever the servers that read it are killed", async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.array(
          fc.record({
            bytesLeft: fc.integer({ min: 0, max: 200 }),
            pieces: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 10 }),
            says: fc.boolean(),
          }),
          { maxLength: 6 },
        ),
        async (printed, lives) => {
          const disk: Disk = { log: Buffer.alloc(0), record: recordAt(0, SPOOL_BEGIN) };
          for (const one of lives) await live(disk, printed, one);
          await live(disk, printed, {
            bytesLeft: Number.POSITIVE_INFINITY,
            pieces: [],
            says: false,
          });
          const masked = createRedaction([SECRET]).stream();
          const whole = Buffer.concat([masked.add(printed), masked.end()]).toString("latin1");
          const log = disk.log.toString("latin1");
          let at = 0;
          let command = "";
          for (const [from, length] of disk.record.own) {
            command += log.slice(at, from);
            at = from + length;
            expect("\ninstep: The server was away\n").toContain(log.slice(from, at - 1));
          }
          expect(command + log.slice(at)).toBe(whole);
          expect(log).not.toContain(SECRET);
        },
      ),
      { numRuns: 300 },
    );
  });
});
