/** The part of a keeper that takes what its command prints: nothing is taken for the end that is none. */
import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { keep } from "./keeping.js";

const lines = (last: number): string =>
  Array.from({ length: last }, (_, at) => `${at + 1}\n`).join("");

it("an output of many small writes is whole", async () => {
  const { keeper, output } = keep("seq 1 100000");
  expect(await output()).toBe(lines(100_000));
  expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
});

it("a command that writes each line by itself loses none, and fills no more pieces than any other, though nobody takes it", async () => {
  const { keeper, output, folder } = keep(
    "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo $i; done",
  );
  expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
  expect(readdirSync(folder).filter((name) => /^(?:in|out|left)\./.test(name))).toHaveLength(1);
  expect(await output()).toBe(lines(20_000));
});
