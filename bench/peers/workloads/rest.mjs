/** HTTP on 20 connections: the state, the state unchanged (304), the summary, a report; beside plain Express, which keeps nothing. */
import { Caller, requestOf } from "../crowd/caller.mjs";
import { launch } from "../launch.mjs";
import { startInstep } from "../peers.mjs";
import { inTurns } from "../rounds.mjs";
import { STEPS } from "../scene.mjs";

const STATE = "/workflow/state?workflow_id=bench";
const SUMMARY = "/workflow/state/summary?workflow_id=bench";

export async function rest({ builds, folder, leftOut, rounds, seconds }) {
  const servers = [];
  try {
    for (const [name, root] of Object.entries(builds))
      servers.push(await startInstep(name, root, folder));
    await launch("express", "express.mjs").then(
      (server) => servers.push({ name: "express", server, port: server.port, stop: server.stop }),
      ({ message }) => leftOut.push({ name: "express", reason: message.split("\n")[0] }),
    );
    const sides = servers.flatMap((one) => sidesOf(one));
    await inTurns(sides, 1, (side) => slice(side, seconds / 3));
    const gathered = await inTurns(sides, rounds, (side) => slice(side, seconds / 2));
    for (const { callers } of sides) for (const caller of callers) caller.close();
    return gathered;
  } finally {
    for (const { stop } of servers) await stop();
  }
}

function sidesOf({ name, server, port }) {
  const kinds = {
    "GET the state": { status: 200, request: () => requestOf(port, "GET", STATE) },
    "GET, 304": {
      status: 304,
      request: (etag) => requestOf(port, "GET", STATE, { headers: { "If-None-Match": etag } }),
    },
    "GET the summary": { status: 200, request: () => requestOf(port, "GET", SUMMARY) },
    "PATCH a step": {
      status: 200,
      request: (_etag, step, reported) => {
        const path = `/workflow/state/steps/${step}?workflow_id=bench`;
        return requestOf(port, "PATCH", path, { body: { message: messageOf(++reported[step]) } });
      },
    },
  };
  return Object.entries(kinds).map(([kind, { status, request }]) => ({
    name: `${name}: ${kind}`,
    ...{ status, request, server, ask: requestOf(port, "GET", STATE) },
    callers: Array.from({ length: STEPS }, () => new Caller(port)),
    reported: Array(STEPS).fill(0),
  }));
}

async function slice({ name, status, request, ask, server, callers, reported }, seconds) {
  const { head } = await callers[0].call(ask);
  const etag = /\r\netag: *([^\r]+)/i.exec(head)?.[1];
  const before = await server.usage();
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let calls = 0;
  const work = async (caller, step) => {
    while (performance.now() < end) {
      const answer = await caller.call(request(etag, step, reported));
      if (answer.status !== status) throw new Error(`${name}: ${answer.status} ${answer.body}`);
      calls++;
    }
  };
  await Promise.all(callers.map(work));
  const took = performance.now() - begin;
  const after = await server.usage();
  check(name, await callers[0].call(ask), reported);
  return {
    requestsPerSecond: (calls / took) * 1000,
    cpuPerRequest: (after.cpu - before.cpu) / calls,
  };
}

const messageOf = (number) => `report ${number}`;

/** Each connection reports on a step of its own, so the last report of each is what the state has. */
function check(name, { body }, reported) {
  const { steps } = JSON.parse(body).state;
  for (const [step, number] of reported.entries()) {
    if (number > 0 && steps[step].message !== messageOf(number))
      throw new Error(`${name}: step ${step} is not as it was reported: ${steps[step].message}`);
  }
}
