/** Receipts are kept by their number, and in a cluster by their age, too. */
import { describe, expect, it } from "vitest";
import { NOTHING } from "../../../../server/state/rules/outcome.js";
import { remember } from "../../../../server/state/rules/receipts.js";
import type { Receipt } from "../../../../server/state/store/record.js";

const command = { kind: "clear", workflow_id: "w" } as const;

function remembered(count: number, timeOf?: (n: number) => number): string[] {
  let receipts: Receipt[] = [];
  for (let n = 0; n < count; n++)
    receipts = remember(receipts, { command, requestId: `r${n}` }, NOTHING, 64, timeOf?.(n));
  return receipts.map(({ id }) => id);
}

describe("the receipts of a workflow", () => {
  it("a server alone keeps so many, the newest", () => {
    expect(remembered(200)).toEqual(Array.from({ length: 64 }, (_, n) => `r${n + 136}`));
  });

  it("a cluster keeps those of the last minute, too, as a repetition may come late through another server", () => {
    expect(remembered(500, (n) => n * 100)).toHaveLength(500);
    expect(remembered(500, (n) => n * 500).length).toBe(120);
    expect(remembered(500, (n) => n * 10_000)).toHaveLength(64);
  });

  it("however fast commands come, a thousand are enough", () => {
    expect(remembered(1_500, () => 0)).toHaveLength(1_000);
  });
});
