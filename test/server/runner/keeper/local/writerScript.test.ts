/** The part of a keeper that takes what its command prints: nothing is taken for the end that is none. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { processOf } from "../../../../../server/machine/processes.js";
import { type Keeper, SPOOL_BEGIN } from "../../../../../server/runner/keeper/keeper.js";
import { until } from "../../../../support/deadline.js";
import { keep, keeperFolder, kill, readAll } from "./keeping.js";

/** Only root may, and not in every container: those tests are left out elsewhere. */
const MAY_MOUNT =
  spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" })
    .status === 0;

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

const MIB = 1024 * 1024;
/** Prints lines of eight bytes that tell their place in all that is printed. */
const COUNT = "seq 1000000 9999999";
const COUNTED = 9_000_000 * 8;

it("an output that nobody takes is bounded on the disk: its first pieces stay, and its newest, and the bytes between are counted", async () => {
  const limits = { segmentBytes: MIB, most: 6, head: 2, patience: 0 };
  const { keeper, folder } = keep(COUNT, { limits });
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, bytesIn(folder));
  }, 10);
  expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
  clearInterval(watch);
  const { bytes, leftOut, gaps } = await readCount(keeper);
  expect(bytes + leftOut).toBe(COUNTED);
  expect(gaps).toBe(1);
  expect(bytes).toBeLessThanOrEqual(10 * MIB);
  expect(most).toBeLessThanOrEqual(12 * MIB);
});

it("a reader that comes and goes finds each byte at its place, or the count of those that were left out before it", async () => {
  const limits = { segmentBytes: MIB / 4, most: 5, head: 2, patience: 0 };
  const { keeper } = keep(COUNT, { limits });
  const { bytes, leftOut, gaps } = await readCount(keeper, (piece) => piece % 40 === 0);
  expect(bytes + leftOut).toBe(COUNTED);
  expect(gaps).toBeGreaterThan(1);
  expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
});

it("a command waits for its reader, and nothing of it is left out, while that takes its output in time", async () => {
  const limits = { segmentBytes: MIB / 4, most: 3, head: 1, patience: 60 };
  const { keeper } = keep(COUNT, { limits });
  const { bytes, leftOut } = await readCount(keeper, (piece) => piece % 100 === 0);
  expect({ bytes, leftOut }).toEqual({ bytes: COUNTED, leftOut: 0 });
});

it.skipIf(!MAY_MOUNT)(
  "a command waits while the disk is full, and goes on once there is room again; at most one block is lost, and counted",
  async () => {
    const disk = smallDisk(4);
    writeFileSync(join(disk, "another"), Buffer.alloc(MIB));
    const { keeper, folder } = keep("seq 1000000 1999999", { folder: keeperFolder(disk) });
    await until(
      () => statSync(join(folder, "room"), { throwIfNoEntry: false }),
      "it waits for room",
    );
    const begun = await keeper.begun;
    rmSync(join(disk, "another"));
    const { bytes, leftOut } = await readCount(keeper, undefined, 65_536);
    expect(processOf(begun!.pid)).toBe(null);
    expect(bytes + leftOut).toBeGreaterThanOrEqual(8_000_000);
    expect(bytes).toBeLessThanOrEqual(8_000_000);
    expect(leftOut).toBe(65_536);
    expect(await keeper.ended).toMatchObject({ kind: "ended", exitCode: 0 });
  },
);

it.skipIf(!MAY_MOUNT)("the end of a command is told although the disk is full", async () => {
  const disk = smallDisk(4);
  const { keeper, folder } = keep("head -c 100000 /dev/zero; sleep 60", {
    folder: keeperFolder(disk),
  });
  await until(() => (bytesIn(folder) >= 100_000 ? true : null), "it has printed");
  const begun = await keeper.begun;
  try {
    writeFileSync(join(disk, "another"), Buffer.alloc(8 * MIB));
  } catch {
    // It is full now.
  }
  kill(-begun!.pid, "SIGTERM");
  expect(await keeper.ended).toMatchObject({ kind: "ended", endedBy: "SIGTERM" });
  expect((await output(keeper)).bytes).toBe(100_000);
});

function bytesIn(folder: string): number {
  const sizes = readdirSync(folder).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Reads all of `COUNT`, and holds each piece against its place. Where blocks of unknown length may be lost, `unsure` bytes are allowed for each. */
async function readCount(
  keeper: Keeper,
  isPause: (piece: number) => boolean = () => false,
  unsure = 0,
) {
  const never = new AbortController().signal;
  let place = SPOOL_BEGIN;
  let [bytes, leftOut, gaps, pieces, offset] = [0, 0, 0, 0, 0];
  for (;;) {
    const piece = await keeper.read(place, 65_536, never);
    if (piece === null) return { bytes, leftOut, gaps };
    if (piece.leftOut > 0) gaps++;
    leftOut += piece.leftOut;
    offset += piece.leftOut;
    if (piece.bytes.length >= 16) {
      const begin = (8 - (offset % 8)) % 8;
      const line = unsure > 0 ? piece.bytes.indexOf("\n") + 1 : begin;
      const number = Number(piece.bytes.subarray(line, line + 7).toString());
      const real = (number - 1_000_000) * 8 - line;
      if (unsure === 0) expect(real).toBe(offset);
      expect(real).toBeLessThanOrEqual(offset);
      expect(offset - real).toBeLessThanOrEqual(leftOut);
    }
    bytes += piece.bytes.length;
    offset += piece.bytes.length;
    place = piece.next;
    await keeper.release(place);
    if (isPause(++pieces)) await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

const output = (keeper: Keeper) => readAll(keeper);

/** A disk of so many MiB, which is gone after the test. */
function smallDisk(mib: number): string {
  const disk = mkdtempSync(join(tmpdir(), "instep-small-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", disk]);
  onTestFinished(() => {
    execFileSync("umount", ["-l", disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  return disk;
}
