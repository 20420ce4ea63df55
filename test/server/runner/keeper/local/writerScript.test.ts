/** The part of a keeper that takes what its command prints: nothing is taken for the end that is none. */
import { expect, it } from "vitest";
import { keep } from "./keeping.js";

it("a command that writes each line by itself loses none, however many there are", async () => {
  const kept = keep("i=0; while [ $i -lt 1000 ]; do echo $i; i=$((i + 1)); done");
  const lines = Array.from({ length: 1_000 }, (_, at) => `${at}\n`);
  expect(await kept.output()).toBe(lines.join(""));
});
