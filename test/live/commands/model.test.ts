/** Any commands, cuts and restarts, in any order: every tab shows only what was committed, and in the end all show the same. */
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect } from "vitest";
import type { Command } from "../../../client/index.js";
import { folderTest, inTemporaryFolder } from "../../support/disks/temporaryFolder.js";
import { etcdTest } from "../../support/etcd/etcdTest.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { ModelWorld } from "../../support/model/modelWorld.js";
import { type OpenServers, withEtcd, withFiles } from "../../support/model/worldServers.js";

/** More of them, by hand, find more. */
const RUNS = Number(process.env.INSTEP_RUNS ?? 40);
/** Each of them starts two servers. */
const ETCD_RUNS = Number(process.env.INSTEP_RUNS ?? 8);
const LONG = { timeout: 900_000 + RUNS * 2_000 };
const IDS = ["a", "b"] as const;
const SUBJECTS = [
  ["a", "b"],
  ["current", "*"],
  ["a", "b", "*"],
] as const;
const TABS = SUBJECTS.length;

type Action =
  | { readonly do: "propose"; readonly tab: number; readonly command: Command }
  | { readonly do: "repeat"; readonly tab: number; readonly which: number }
  | { readonly do: "link"; readonly tab: number; readonly how: (typeof LINKS)[number] }
  | { readonly do: "restart" };

const LINKS = ["cut", "stall", "refuse", "slice", "pass"] as const;
const STATUSES = ["in_progress", "completed", "failed", "blocked"] as const;

const id = fc.constantFrom(...IDS);
const tab = fc.nat(TABS - 1);
const text = fc.string({ maxLength: 12 });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ id, text, count: fc.nat(4) }).map(saveOf) },
  {
    weight: 6,
    arbitrary: fc
      .record({ id, index: fc.nat(4), status: fc.constantFrom(...STATUSES), text })
      .map(stepOf),
  },
  { weight: 4, arbitrary: fc.record({ id, text, title: fc.option(text) }).map(mergeOf) },
  { weight: 1, arbitrary: id.map((workflow_id): Command => ({ kind: "clear", workflow_id })) },
  { weight: 1, arbitrary: id.map(endOf) },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant("propose" as const), tab, command }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("repeat" as const), tab, which: fc.nat() }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("link" as const), tab, how: fc.constantFrom(...LINKS) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
);

function saveOf({ id, text, count }: { id: string; text: string; count: number }): Command {
  const steps = Array.from({ length: count }, (_, i) => ({ action: `step ${i}` }));
  return { kind: "save", state: { workflow_id: id, name: text, steps } };
}

function stepOf(given: {
  id: string;
  index: number;
  status: (typeof STATUSES)[number];
  text: string;
}): Command {
  const { id, index, status, text } = given;
  return { kind: "step", workflow_id: id, index, update: { status, data: { text } } };
}

function mergeOf(given: { id: string; text: string; title: string | null }): Command {
  const { id, text, title } = given;
  return {
    kind: "save",
    merge: true,
    workflow_id: id,
    state: { note: { [`key ${text}`]: text }, title },
  };
}

function endOf(workflow_id: string): Command {
  return { kind: "save", merge: true, workflow_id, state: { status: "completed" } };
}

async function take(world: ModelWorld, next: Action): Promise<void> {
  switch (next.do) {
    case "propose":
      return world.propose(next.tab, next.command);
    case "repeat": {
      // A clear that found nothing is not remembered, so it is not repeated either.
      const repeatable = world.proposed.filter(({ command }) => command.kind !== "clear");
      const one = repeatable[next.which % Math.max(1, repeatable.length)];
      if (one) world.propose(next.tab, one.command, one.requestId);
      return;
    }
    case "link":
      return world.tabs[next.tab]!.link[next.how]();
    case "restart":
      return world.restart();
  }
}

async function whateverHappens(folder: string, runs: number, servers: OpenServers) {
  let run = 0;
  const story = fc.array(action, { minLength: 5, maxLength: 60, size: "max" });
  const property = fc.asyncProperty(story, async (actions) => {
    run += 1;
    const world = await ModelWorld.open(join(folder, `run-${run}`), SUBJECTS, servers);
    try {
      for (const next of actions) {
        await take(world, next);
        await world.breathe();
      }
      await world.settle(IDS);
      expect(world.faults).toEqual([]);
    } finally {
      await world.close();
    }
  });
  const seed = process.env.INSTEP_SEED;
  // fast-check names the seed and the shortest story that fails.
  await fc.assert(property, {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  });
}

const etcdFolderTest = etcdTest.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to see what a fixture needs
  folder: async ({}, use) => inTemporaryFolder(use),
});

describe("whatever happens", () => {
  folderTest("every tab shows what was committed, and all come together", LONG, ({ folder }) =>
    whateverHappens(folder, RUNS, withFiles),
  );

  etcdFolderTest.skipIf(!hasEtcd)(
    "every tab shows what was committed, and all come together, also where they move between two servers on one etcd",
    LONG,
    ({ folder, sharedEtcd }) => whateverHappens(folder, ETCD_RUNS, withEtcd(sharedEtcd)),
  );
});
