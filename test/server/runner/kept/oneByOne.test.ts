/** Jobs about one thing wait for each other; those about another do not. */
import { expect, test } from "vitest";
import { OneByOne } from "../../../../server/runner/kept/oneByOne.js";

test("a job begins when the one before it under its key has ended, also where that failed", async () => {
  const turns = new OneByOne();
  const told: string[] = [];
  let fail!: (why: Error) => void;
  const first = turns.run("a", () => new Promise<void>((_, reject) => (fail = reject)));
  const second = turns.run("a", async () => void told.push("second of a"));
  await turns.run("b", async () => void told.push("b"));
  expect(told).toEqual(["b"]);
  fail(new Error("broken"));
  await expect(first).rejects.toThrow("broken");
  await second;
  expect(told).toEqual(["b", "second of a"]);
});
