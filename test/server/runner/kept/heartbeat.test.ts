/** The file by which the guards of a node's commands know until when it surely counts as there: when it is written, and whose stay it names. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Stay } from "../../../../server/cluster/cluster.js";
import { bootIdOrNull } from "../../../../server/machine/processes.js";
import { Heartbeat } from "../../../../server/runner/kept/heartbeat.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";

const FIRST: Stay = { count: 0, isContinued: false, until: 108.7 };

function open(folder: string, stay: Stay | null = FIRST) {
  const clock = manualClock();
  const nodes = { stay };
  const file = join(folder, ".node");
  const refused: unknown[] = [];
  const heartbeat = new Heartbeat({
    ...{ file, nodes, clock, newWord: () => `w${words++}` },
    onRefused: (error) => refused.push(error),
  });
  const said = () => readFileSync(file, "utf8");
  return { clock, nodes, file, refused, heartbeat, said };
}

let words = 0;
const wordIn = (line: string): string => line.split(" ")[1]!;

describe("the heartbeat of a node", () => {
  folderTest(
    "a heartbeat is there at once, with the boot, the stay and a whole second",
    ({ folder }) => {
      const { said, heartbeat } = open(folder);
      expect(said()).toBe(`${bootIdOrNull()} ${heartbeat.stay()} 108 .\n`);
    },
  );

  folderTest(
    "a heartbeat is written anew once the node is sure for longer, and by no other",
    ({ folder }) => {
      const { said, nodes, clock, file, heartbeat } = open(folder);
      const first = said();
      rmSync(file);
      clock.advance(1_000);
      expect(existsSync(file)).toBe(false);
      nodes.stay = { ...FIRST, until: 110.9 };
      clock.advance(1_000);
      expect(said()).toBe(first.replace("108", "110"));
      nodes.stay = null;
      clock.advance(5_000);
      expect(said()).toBe(first.replace("108", "110"));
      heartbeat.close();
      expect(clock.waiting).toBe(0);
      expect(existsSync(file)).toBe(true);
    },
  );

  folderTest(
    "a heartbeat names another stay as soon as the node has begun one, before anything is begun in it",
    ({ folder }) => {
      const { said, nodes, heartbeat } = open(folder);
      const first = heartbeat.stay();
      nodes.stay = { ...FIRST, count: 1, until: 140 };
      const second = heartbeat.stay();
      expect(second).not.toBe(first);
      expect(wordIn(said())).toBe(second);
    },
  );

  folderTest(
    "a heartbeat goes on with the stay of the server before, where nobody saw the node go",
    ({ folder }) => {
      const first = open(folder).heartbeat.stay();
      const after = open(folder, { ...FIRST, isContinued: true, until: 112 });
      expect(after.heartbeat.stay()).toBe(first);
      expect(wordIn(open(folder).said())).not.toBe(first);
    },
  );

  folderTest(
    "a heartbeat goes on with no word of another boot, and with none that is torn",
    ({ folder }) => {
      for (const text of ["another w 100 .\n", `${bootIdOrNull()} w 10`, ""]) {
        writeFileSync(join(folder, ".node"), text);
        const { heartbeat } = open(folder, { ...FIRST, isContinued: true });
        expect(heartbeat.stay()).toMatch(/^w\d+$/);
      }
    },
  );

  folderTest("a disk that refuses is told of once, and tried again", ({ folder }) => {
    const { clock, nodes, refused } = open(join(folder, "gone"));
    clock.advance(3_000);
    nodes.stay = { ...FIRST, until: 120 };
    clock.advance(3_000);
    expect(refused.length).toBe(1);
  });

  folderTest("a server that is not in its cluster says nothing", ({ folder }) => {
    const { file } = open(folder, null);
    expect(existsSync(file)).toBe(false);
  });
});
