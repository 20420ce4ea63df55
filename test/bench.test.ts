/** The benches in a short form, so that they cannot rot. Their figures are for people, not for a test. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const BENCH = fileURLToPath(new URL("../bench/", import.meta.url));

it("the cost of an update is measured with few and with many workflows", async () => {
  const short = ["--few", "2", "--many", "40", "--rounds", "3", "--updates", "5"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(BENCH, "cost.mjs"),
    ...short,
  ]);
  expect(stdout).toMatch(/40 workflows against 2: one at a time [\d.]+ x, in flight [\d.]+ x/);
});

it("the cost of output for the state beside it is measured", async () => {
  const short = ["--megabytes", "2", "--rounds", "1", "--least", "5"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(BENCH, "output.mjs"),
    ...short,
  ]);
  expect(stdout).toMatch(/with 2 MiB of output against none: p50 [\d.]+ x, p99 [\d.]+ x/);
});

it("what a long log costs the page is measured", async () => {
  const short = ["--megabytes", "1", "--screens", "10", "--seconds", "0.5"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(BENCH, "log.mjs"),
    ...short,
  ]);
  expect(stdout).toMatch(/a log of 1 MiB, \d+ lines: first drawn after [\d.]+ ms, longest frame/);
});

it("what a flood costs somebody else is measured", async () => {
  const short = [
    "--sockets",
    "2",
    "--seconds",
    "0.4",
    "--from",
    "127.0.0.2",
    "--kinds",
    "ping,get",
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(BENCH, "floods.mjs"),
    ...short,
  ]);
  expect(stdout).toMatch(/the worst of 2 floods: p99 [\d.]+ x/);
});

it("every state that a server is measured with is about as large as it is asked to be", async () => {
  const { shapesOf } = (await import(join(BENCH, "loopShapes.mjs"))) as {
    shapesOf: (bytes: number) => Record<string, (turn: number) => unknown>;
  };
  for (const bytes of [20_000, 100_000, 1_000_000]) {
    for (const [name, shape] of Object.entries(shapesOf(bytes))) {
      const sizes = [0, 1].map((turn) => JSON.stringify(shape(turn)).length / bytes);
      expect([name, bytes, sizes.every((size) => size > 0.4 && size < 1.6)]).toEqual([
        name,
        bytes,
        true,
      ]);
    }
  }
});

it("how long one command holds the server is measured", async () => {
  const short = ["--bytes", "20000", "--rounds", "1", "--watchers", "0,2", "--shapes", "deep"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(BENCH, "loop.mjs"),
    ...short,
  ]);
  expect(stdout).toMatch(/the longest: \d+ ms \(.+, deep, [02] watchers\); the aim is 50 ms/);
});

it("what a search over a long history costs is measured", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(BENCH, "list.mjs"),
    ...["--workflows", "300", "--rounds", "1"],
  ]);
  expect(stdout).toMatch(/a word in one +1 +[\d.]+ ms/);
});

it("what a call of the command costs is measured against an empty Node", async () => {
  const bench = join(BENCH, "startup.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [bench, "--rounds", "1"]);
  expect(stdout).toMatch(/^list +\d+ ms +[\d.]+ x {2}\(at most 3 x\)$/m);
});

it("Instep and its peers show every watcher what is so, in each part of the run", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(BENCH, "peers", "run.mjs"),
    "--quick",
  ]);
  expect(stdout).toMatch(/every watcher's state and order were right in 13 parts/);
});

it("the cost of a command that outlives the server is measured", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(BENCH, "kept.mjs"),
    ...["--megabytes", "1", "--rounds", "1"],
  ]);
  expect(stdout).toMatch(/whole run of true: .*\nmemory at rest \(Pss\): .*\nblocks: .*\nlines: /);
});
