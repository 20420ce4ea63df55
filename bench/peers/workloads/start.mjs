/** A start with 10,000 workflows, each with all the receipts that a used one has. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { filled } from "../filled.mjs";
import { launch } from "../launch.mjs";
import { inTurns } from "../rounds.mjs";
import { STEPS } from "../scene.mjs";

const RECEIPTS = 64;
const ROUNDS = 3;

export async function start({ builds, folder, rounds, quick }) {
  const place = await mkdtemp(join(folder, "instep-bench-"));
  const workflows = quick ? 20 : 10_000;
  try {
    const sides = [];
    for (const [name, root] of Object.entries(builds)) {
      const data = await filled(root, place, Array(workflows).fill(STEPS), receiptsOf);
      sides.push({ name, root, data });
    }
    return await inTurns(sides, Math.min(rounds, ROUNDS), (side) => slice(side, workflows));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function receiptsOf(order) {
  return Array.from({ length: RECEIPTS }, (_, at) => ({
    id: `request-${order}-${at}`,
    print: `fingerprint-${String(at).padStart(10, "0")}`,
    epoch: `e${order}`,
    revision: 1,
  }));
}

async function slice({ name, root, data }, workflows) {
  const server = await launch(name, "instep.mjs", [root, data]);
  try {
    const { ms, cpu } = await server.ask("start");
    const { rss } = await server.usage({ gc: true });
    const path = `http://127.0.0.1:${server.port}/workflow/state?workflow_id=w${workflows - 1}`;
    const { state } = await (await fetch(path)).json();
    if (state?.steps.length !== STEPS) throw new Error(`${name}: the last workflow is not there`);
    await server.ask("close");
    return { seconds: ms / 1000, cpuSeconds: cpu / 1e6, rssMB: rss / 1e6 };
  } finally {
    await server.stop();
  }
}
