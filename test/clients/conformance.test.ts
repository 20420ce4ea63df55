/** The conformance suite: our own clients pass it, and it says in a sentence what a wrong one does. */
import path from "node:path";
import { describe, expect, it } from "vitest";
import { conform, play, type Transcript, transcripts } from "../../conformance/run.mjs";
import { ROOT } from "../support/docs/packedPackage.js";
import { fakeClient } from "../support/links/fakeClient.js";
import { hasPython } from "../support/servers/hasPython.js";

/** The client in TypeScript, with sockets that are the transcript's. */
function ours({ subject }: Transcript) {
  const { client, sockets, clock } = fakeClient();
  client.watch(subject, () => {});
  sockets.newest.hello();
  let isCut = false;
  /** The link comes back at the latest when something is told or asked. */
  async function connected() {
    if (!isCut) return;
    isCut = false;
    const before = sockets.newest;
    for (let tries = 0; sockets.newest === before && tries < 100; tries += 1)
      await clock.advance(1_000);
    sockets.newest.hello();
  }
  const shown = () => {
    const { phase, position, state, workflow_id, closed } = client.view(subject);
    return { live: phase === "live", workflow_id, ...position, state, closed };
  };
  return {
    client,
    tell: async ({ do: what, frame }: { do: string; frame?: object }) => {
      if (what === "cut") {
        sockets.newest.breaks();
        isCut = true;
      } else if (what === "frame") {
        await connected();
        sockets.newest.says(frame!);
      }
    },
    ask: async ({ what }: { what?: string }) => {
      if (what === "mirror") return shown();
      await connected();
      return sockets.newest.sentOf("subscribe").at(-1)?.last ?? null;
    },
  };
}

describe("the conformance suite", () => {
  it.each(transcripts.map((one) => [one.name, one] as const))(
    "the client in TypeScript passes: %s",
    async (_name, transcript) => {
      const { client, ...talk } = ours(transcript);
      expect(await play(transcript, talk)).toBe(null);
      client.close();
    },
  );

  it.skipIf(!hasPython)("the client in Python passes all of it", async () => {
    expect(
      await conform(["python3", "-B", path.join(ROOT, "clients/python/conformance.py")]),
    ).toEqual([]);
  });

  it("a client that applies every change it hears is told where it went wrong", async () => {
    const wrong = await conform([process.execPath, "-e", CARELESS]);
    expect(wrong.length).toBeGreaterThan(3);
    expect(wrong.join("\n")).toContain(
      "frames that are not newer than the mirror are ignored: after line 4: revision is 2, and should be 3 (a change that was heard already changes nothing)",
    );
  });

  it("a client that ends, one that says no JSON and one that is not there are told apart", async () => {
    const node = process.execPath;
    expect(await conform([node, "-e", "process.exit(3)"])).toEqual([
      "the client ended (3), and mirror was asked",
    ]);
    const babbling = "process.stdin.resume(); console.log('ready')";
    expect(await conform([node, "-e", babbling])).toEqual(["an answer is no JSON: ready"]);
    expect(await conform(["/no/such/client"])).toEqual([
      "/no/such/client cannot be run (ENOENT), and mirror was asked",
    ]);
  });
});

const CARELESS = `
let view = {};
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { do: what, frame } = JSON.parse(line);
  if (what === "begin") view = {};
  if (what === "frame") view = { live: true, ...view, ...frame };
  if (what === "ask") console.log(JSON.stringify(view));
});
`;
