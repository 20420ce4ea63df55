/** Ten thousand requests and frames that make little sense, and two hundred states of any shape: the process lives, and well-behaved clients do not notice. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { seeded } from "../../support/chance.js";
import { within } from "../../support/deadline.js";
import { folderTest } from "../../support/disks/temporaryFolder.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { PatchedMirror } from "../../support/model/patchedMirror.js";
import { nonsense } from "../../support/samples/nonsense.js";
import { UNHURRIED } from "../../support/servers/liveServer.js";

const PROGRAM = fileURLToPath(new URL("../../support/servers/instepProcess.mjs", import.meta.url));
const REQUESTS = 8_000;
const FRAMES = 2_000;
const AT_ONCE = 8;
/** The senders of nonsense come from another address than the others. */
const ELSEWHERE = "127.0.0.2";

interface Served {
  readonly url: string;
  readonly port: number;
  readonly isAlive: () => boolean;
  /** The lines that it would have logged as errors. */
  readonly errors: () => string;
}

const fuzzTest = folderTest.extend<{ served: Served }>({
  served: async ({ folder }, use) => {
    const limits = { ...UNHURRIED, rateRefusals: 1e9 };
    const options = JSON.stringify({ dataDir: `${folder}/data`, clearAfterMs: 600_000, limits });
    const child = spawn(process.execPath, [PROGRAM, options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exited = once(child, "exit");
    let errors = "";
    child.stderr.on("data", (text) => {
      errors += text;
    });
    const [first] = await within(once(child.stdout, "data"), () => `the server: ${errors}`);
    const url = String(first).trim();
    await use({
      ...{ url, port: Number(new URL(url).port) },
      ...{ isAlive: () => child.exitCode === null && child.signalCode === null },
      errors: () => errors,
    });
    child.kill("SIGKILL");
    await exited;
  },
});

const open = async (port: number, localAddress = "127.0.0.1"): Promise<RawTab> =>
  (await RawTab.open(`ws://127.0.0.1:${port}/workflow/live`, { localAddress })).tab;

/** Somebody who saves and watches one workflow, until told to stop; every save has to be accepted, and the mirror to be what GET gives. */
async function victimOf({ url, port }: Served) {
  const tab = await open(port);
  const mirror = new PatchedMirror("victim");
  const save = (state: object) => tab.accepted({ kind: "save", state });
  await save({ workflow_id: "victim", steps: [{ action: "a" }], n: 0, lines: [] });
  // A request that names no workflow means this one.
  await save({ workflow_id: "anchor" });
  tab.subscribe("victim");
  let isOver = false;
  const times: number[] = [];
  const round = async (n: number) => {
    const begun = performance.now();
    const lines = Array.from({ length: 20 }, (_, i) => `line ${n + i}`);
    const state = { n, lines };
    await tab.accepted({ kind: "save", merge: true, workflow_id: "victim", state });
    times.push(performance.now() - begun);
    mirror.takeAll(await tab.rest());
  };
  const check = async () => {
    mirror.takeAll(await tab.rest());
    const { body } = await call(`${url}/workflow/state?workflow_id=victim`, "GET");
    expect(body.state).toEqual(mirror.state);
    expect(body).toMatchObject(mirror.position!);
  };
  for (let n = 1; n <= 100; n++) await round(n);
  const quiet = percentile99(times.splice(0));
  const going = (async () => {
    for (let n = 101; !isOver; n++) await round(n);
  })();
  going.catch(() => {});
  return {
    /** The number of saves that were accepted meanwhile, and how much longer the slow ones took. */
    stop: async () => {
      isOver = true;
      await going;
      await check();
      return { saves: times.length, ratio: percentile99(times) / quiet };
    },
  };
}

const percentile99 = (times: number[]): number =>
  times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;

/** Its answer as far as it came; empty where it was cut off. */
async function sent(port: number, text: Buffer, isCut: boolean): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", localAddress: ELSEWHERE });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  let got = "";
  socket.on("error", () => {}); // "close" always follows
  socket.on("data", (piece) => {
    got += piece.toString("latin1");
    // A stream that is followed, or a socket that was granted, would stay.
    if (got.startsWith("HTTP/1.1 101") || got.includes("X-Accel-Buffering")) socket.destroy();
  });
  socket.write(text, () => isCut && socket.destroy());
  await within(closed, () => `an answer to ${JSON.stringify(text.toString("latin1"))}: ${got}`);
  return got;
}

describe("nonsense", () => {
  fuzzTest("nonsense by the thousands harms nobody, at both doors", async ({ served }) => {
    await seeded(async (chance) => {
      const make = nonsense(chance);
      const { port } = served;
      const victim = await victimOf(served);
      const bugs: string[] = [];
      const statuses = new Map<string, number>();
      let left = REQUESTS;
      const sendRequests = async () => {
        while (left-- > 0 && bugs.length === 0) {
          const { text, isCut } = make.request(`127.0.0.1:${port}`);
          const answer = await sent(port, text, isCut);
          const status = answer.slice(9, 12);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status === "500") bugs.push(`${JSON.stringify(text.toString("latin1"))}: ${answer}`);
        }
      };
      let framesLeft = FRAMES;
      let answers = 0;
      const sendFrames = async () => {
        while (framesLeft > 0) {
          const tab = await open(port, ELSEWHERE);
          const sentHere: string[] = [];
          for (let i = 0; i < 50 && framesLeft > 0; i++, framesLeft--) {
            const frame = make.frame();
            sentHere.push(frame.toString());
            tab.send(frame);
          }
          tab.send({ type: "ping" });
          for await (const frame of tab.untilClosed()) {
            answers += 1;
            if (frame.type === "refused" && frame.code === "internal")
              bugs.push(`${JSON.stringify(frame)} after ${sentHere.join("\n")}`);
            if (frame.type === "pong") tab.drop();
          }
        }
      };
      await Promise.all([...Array.from({ length: AT_ONCE }, sendRequests), sendFrames()]);
      const { saves, ratio } = await victim.stop();
      if (process.env.INSTEP_MEASURE)
        process.stderr.write(`${JSON.stringify({ saves, ratio, all: [...statuses] })}\n`);
      expect([bugs, served.errors(), served.isAlive()]).toEqual([[], "", true]);
      // Nonsense that never comes far would prove nothing.
      for (const status of ["200", "400", "404", "405", "409", "415", "426"])
        expect([status, statuses.has(status)]).toEqual([status, true]);
      expect(answers).toBeGreaterThan(FRAMES / 4);
      expect(saves).toBeGreaterThan(0);
    });
  });
});

describe("states of any shape", () => {
  fuzzTest("states of any shape are told by patches as they are saved", async ({ served }) => {
    await seeded(async (chance) => {
      const make = nonsense(chance);
      const { url, port } = served;
      const victim = await victimOf(served);
      const tab = await open(port, ELSEWHERE);
      let accepted = 0;
      for (let i = 0; i < 200; i++) {
        const id = `shape-${i}`;
        const mirror = new PatchedMirror(id);
        let state: Record<string, unknown> = make.state(id);
        await tab.ask({ kind: "save", state: { workflow_id: id, steps: [] } });
        tab.subscribe(id);
        for (let change = 0; change < 5; change++) {
          const merge = chance.below(3) === 0;
          const under = merge ? { merge, workflow_id: id } : {};
          const answer = await tab.ask({ kind: "save", ...under, state });
          if (answer.type === "accepted") accepted += 1;
          mirror.takeAll(await tab.rest());
          state = make.changed(state) as Record<string, unknown>;
          if (typeof state !== "object" || state === null) state = make.state(id);
          else if (chance.below(8) > 0) state.workflow_id = id;
        }
        const { body } = await call(`${url}/workflow/state?workflow_id=${id}`, "GET");
        expect(mirror.state).toEqual(body.state);
        expect(body).toMatchObject(mirror.position!);
      }
      await victim.stop();
      expect([served.errors(), served.isAlive()]).toEqual(["", true]);
      expect(accepted).toBeGreaterThan(200);
    });
  });
});
