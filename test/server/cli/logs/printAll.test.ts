import { expect, test } from "vitest";
import { SyncError, type WorkflowState } from "../../../../client/index.js";
import type { Asking } from "../../../../client/live/restClient.js";
import { printAll, type Wanted } from "../../../../server/cli/logs/printAll.js";
import type { LogPrinter } from "../../../../server/cli/logs/printers/printer.js";

const STEPS = ["prepare", "copy", "check"].map((action, index) => ({ action, index }));
const AWAY = new SyncError("unavailable", "output is on node a, away since 2026-01-02T03:04:05Z");

/** Prints the steps of a workflow whose first step's output cannot be read. */
async function printed(why: SyncError, more: Partial<Wanted> = {}) {
  const said: string[] = [];
  const log = async (_id: string, step: number) => {
    if (step === 0) throw why;
    const bytes = Buffer.from(`of ${step}`);
    return { bytes, from: 0, next: bytes.length, attempt: 1 };
  };
  const printer: Pick<LogPrinter, "heading" | "bytes" | "finish"> = {
    heading: (text) => void said.push(text),
    bytes: (_step, { bytes }) => void said.push(Buffer.from(bytes).toString()),
    finish: async () => {},
  };
  const wanted: Wanted = {
    ...{ workflow_id: "w", epoch: "e", step: undefined, attempt: undefined, tail: undefined },
    state: { steps: STEPS } as unknown as WorkflowState,
    ...more,
  };
  const steps = wanted.step === undefined ? [0, 1, 2] : [wanted.step];
  const client = { rest: { log } } as unknown as Asking;
  const beside = (sentence: string) => void said.push(`beside: ${sentence}`);
  const code = await printAll(wanted, steps, client, { printer, beside });
  return { code, said };
}

test("where the node of one of several steps is away the others are printed, and that is said beside them", async () => {
  const { code, said } = await printed(AWAY);
  expect(code).toBe(1);
  expect(said).toEqual([
    "── prepare ──",
    "beside: prepare: The output is on node a, away since 2026-01-02T03:04:05Z. It can be read once that node is back.",
    ...["── copy ──", "of 1", "── check ──", "of 2"],
  ]);
});

test("the one step that was asked for, and any other refusal, end it", async () => {
  await expect(printed(AWAY, { step: 0 })).rejects.toBe(AWAY);
  const stale = new SyncError("unavailable", "this server cannot follow the store just now");
  await expect(printed(stale)).rejects.toBe(stale);
});
