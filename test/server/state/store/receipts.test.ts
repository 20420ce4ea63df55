/** What is new among a record's receipts, and the way back from it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addedReceipts, withReceipts } from "../../../../server/state/store/receipts.js";
import type { Receipt } from "../../../../server/state/store/record.js";

const receiptOf = (id: string): Receipt => ({ id, print: "p", epoch: "e1", revision: 1 });
const [a, b, c] = ["a", "b", "c"].map(receiptOf) as [Receipt, Receipt, Receipt];

describe("the receipts that were added", () => {
  it("only the new ones are told, also where the oldest were forgotten meanwhile", () => {
    expect(addedReceipts([], [a, b])).toEqual([a, b]);
    expect(addedReceipts([a], [a, b, c])).toEqual([b, c]);
    expect(addedReceipts([a, b], [b, c])).toEqual([c]);
    expect(addedReceipts([a, b], [a, b])).toEqual([]);
  });

  it("all are told where one list does not go on from the other", () => {
    expect(addedReceipts([a, b], [c, b])).toEqual([c, b]);
    expect(addedReceipts([a], [b, c])).toEqual([b, c]);
    expect(addedReceipts([a], [a, a, c])).toEqual([a, a, c]);
  });

  it("what was added leads from the receipts before to those that there are", () => {
    const receipts = fc.array(fc.constantFrom(a, b, c), { maxLength: 6 });
    fc.assert(
      fc.property(receipts, receipts, (before, after) => {
        const added = addedReceipts(before, after);
        expect(withReceipts(before, added, after.length)).toEqual(after);
      }),
    );
  });
});
