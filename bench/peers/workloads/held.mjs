/** 1,000 answers held over HTTP (`wait`), and one report that wakes them: how long until the last one is there. */
import { Caller, requestOf } from "../crowd/caller.mjs";
import { within } from "../crowd/within.mjs";
import { startInstep } from "../peers.mjs";
import { inTurns } from "../rounds.mjs";
import { updateOf, wrongIn } from "../scene.mjs";

const STATE = "/workflow/state?workflow_id=bench";

export async function held({ builds, folder, rounds, watchers }) {
  const count = Math.max(...watchers);
  const sides = [];
  try {
    for (const [name, root] of Object.entries(builds)) {
      const peer = await startInstep(name, root, folder);
      const callers = Array.from({ length: count + 1 }, () => new Caller(peer.port));
      sides.push({ ...peer, callers, number: 0 });
    }
    await inTurns(sides, 1, slice);
    const gathered = await inTurns(sides, rounds, slice);
    for (const { callers } of sides) for (const caller of callers) caller.close();
    return gathered;
  } finally {
    for (const { stop } of sides) await stop();
  }
}

async function slice(side) {
  const [driver, ...waiting] = side.callers;
  const { port } = side;
  const { head } = await driver.call(requestOf(port, "GET", STATE));
  const etag = /\r\netag: *([^\r]+)/i.exec(head)?.[1];
  const before = await side.server.usage();
  const call = requestOf(port, "GET", `${STATE}&wait=25s`, {
    headers: { "If-None-Match": etag },
  });
  const arrived = [];
  const answers = waiting.map((caller) =>
    caller.call(call).then((answer) => {
      arrived.push(performance.now());
      return answer;
    }),
  );
  // Each is held once the server has answered what it was asked after all of them.
  for (let turn = 0; turn < 3; turn++) await driver.call(requestOf(port, "GET", STATE));
  const { index, update } = updateOf(++side.number);
  const begin = performance.now();
  const path = `/workflow/state/steps/${index}?workflow_id=bench`;
  await driver.call(requestOf(port, "PATCH", path, { body: update }));
  const all = await within(60, `${side.name}: all held answers come`, Promise.all(answers));
  const after = await side.server.usage();
  for (const { status, body } of all) {
    const wrong = status === 200 ? wrongIn(JSON.parse(body).state.steps, side.number) : status;
    if (wrong) throw new Error(`${side.name}: a held answer is wrong: ${wrong}`);
  }
  return {
    firstMs: arrived[0] - begin,
    lastMs: arrived.at(-1) - begin,
    cpuMs: (after.cpu - before.cpu) / 1000,
  };
}
