/** What a durable update costs: with few and many open workflows, with small and large states, beside the least that a disk takes. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Driver } from "../crowd/driver.mjs";
import { filled } from "../filled.mjs";
import { launch } from "../launch.mjs";
import { inTurns } from "../rounds.mjs";
import { STEPS, wrongIn } from "../scene.mjs";
import { spreading } from "../speech/durable.mjs";

const SPREAD = 64;
/** What is measured on each side: how many in flight, over how many workflows. */
const ONE = { what: "one", inFlight: 1, spread: 1 };
const ON_ONE = { what: "64 on one", inFlight: SPREAD, spread: 1 };
const ON_MANY = { what: "64 on 64", inFlight: SPREAD, spread: SPREAD };

export async function durable({ names, builds, folder, leftOut, rounds, seconds, quick }) {
  const place = await mkdtemp(join(folder, "instep-bench-"));
  const servers = [];
  const sides = [];
  const add = async (side, file, args, kinds) => {
    const server = await launch(side.name, file, args);
    servers.push(server);
    const counts = new Map();
    for (const kind of kinds) sides.push(await sideOf({ ...side, ...kind, server, counts }));
  };
  try {
    for (const [name, root] of Object.entries(builds)) {
      for (const count of quick ? [1, SPREAD] : [1, 100, 1_000, 10_000]) {
        const data = await filled(
          root,
          place,
          Array.from({ length: count }, () => STEPS),
        );
        const kinds = count < SPREAD ? [ONE, ON_ONE] : [ONE, ON_ONE, ON_MANY];
        const side = { name: `${name}, ${count} open`, isInstep: true, steps: STEPS };
        await add(side, "instep.mjs", [root, data], kinds);
      }
      for (const steps of quick ? [200] : [200, 1_000]) {
        const data = await filled(root, place, [steps]);
        const side = { name: `${name}, ${steps} steps`, isInstep: true, steps };
        await add(side, "instep.mjs", [root, data], [ONE, ON_ONE]);
      }
    }
    const bare = { isInstep: false, steps: STEPS };
    if (names.includes("append"))
      await add({ name: "append", ...bare }, "append.mjs", [join(place, "lines")], [ONE, ON_MANY]);
    if (names.includes("sqlite")) {
      const args = [join(place, "sqlite"), quick ? String(SPREAD) : "1000"];
      await add({ name: "sqlite", ...bare }, "sqlite.mjs", args, [ONE, ON_ONE, ON_MANY]).catch(
        ({ message }) => leftOut.push({ name: "sqlite", reason: message.split("\n")[0] }),
      );
    }
    await inTurns(sides, 1, (side) => slice(side, seconds / 3));
    const gathered = await inTurns(sides, rounds, (side) => slice(side, seconds));
    for (const side of sides) await check(side);
    return gathered;
  } finally {
    for (const server of servers) await server.stop();
    await rm(place, { recursive: true, force: true });
  }
}

async function sideOf({ name, what, inFlight, spread, steps, isInstep, server, counts }) {
  const aim = { spread, steps, counts, next: 0 };
  const side = { name: `${name}: ${what}`, inFlight, aim, isInstep, server };
  const speech = spreading(isInstep, aim);
  side.driver = new Driver({ name: side.name, port: server.port, speech });
  await side.driver.join();
  return side;
}

async function slice({ driver, server, inFlight }, seconds) {
  const first = driver.sent;
  const before = await server.usage();
  const begin = performance.now();
  await driver.flood(seconds, inFlight);
  const ms = performance.now() - begin;
  const after = await server.usage();
  const updates = driver.sent - first;
  return {
    msPerUpdate: ms / updates,
    updatesPerSecond: (updates / ms) * 1000,
    cpuPerUpdate: (after.cpu - before.cpu) / updates,
  };
}

/** What was reported last to each workflow is what the server has. */
async function check({ name, server, aim, isInstep, driver }) {
  driver.leave();
  for (const [workflow_id, number] of aim.counts) {
    const state = isInstep
      ? await stateAt(server.port, workflow_id)
      : await server.ask("state", workflow_id);
    const wrong = state && wrongIn(state.steps, number, aim.steps);
    if (wrong) throw new Error(`${name}: ${workflow_id} is not what was reported: ${wrong}`);
  }
}

async function stateAt(port, workflow_id) {
  const answer = await fetch(`http://127.0.0.1:${port}/workflow/state?workflow_id=${workflow_id}`);
  return (await answer.json()).state;
}
