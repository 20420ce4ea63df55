/** The conformance suite: our own clients pass it, and it says in a sentence what a wrong one does. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { conform, PARTS, type Part, play, transcripts } from "../../conformance/run.mjs";
import { folderTest } from "../support/disks/temporaryFolder.js";
import { ROOT } from "../support/docs/packedPackage.js";
import { conformingClient } from "../support/links/conformingClient.js";
import { hasPython } from "../support/servers/hasPython.js";

const PYTHON = path.join(ROOT, "clients/python");
/** Lines of the Python client with a mistake in each, and what the suite says of it. */
const WRONG_PYTHON: readonly (readonly [Part, wrong: string, right: string, says: string])[] = [
  ["state", "if False:", "if is_older:", "revision is"],
  ["output", "if True:", "if part.start - part.skipped == self.next:", "text is"],
  ["output", "if False:", "if at != self.next:", "end is"],
  ["commands", "is_over = True or", "is_over = not", "outcome is"],
  ["commands", "is_over = False and", "is_over = not", "outcome is"],
  ["commands", "if True or", "if not is_repeated or", "sent is"],
];

describe("the conformance suite", () => {
  it.each(transcripts.map((one) => [one.name, one] as const))(
    "the client in TypeScript passes: %s",
    async (_name, transcript) => {
      const { close, ...talk } = conformingClient(transcript);
      expect(await play(transcript, talk)).toBe(null);
      close();
    },
  );

  it("every transcript tells a client that answers one question otherwise", async () => {
    expect(new Set(transcripts.map(({ part = "state" }) => part))).toEqual(new Set(PARTS));
    for (const transcript of transcripts) {
      const asked = transcript.lines.filter((line) => line.do === "ask");
      expect(asked.length, transcript.name).toBeGreaterThan(0);
      for (const wrong of [null, ...asked]) {
        const expected = asked.values();
        const ask = ({ what }: { what?: string }) => {
          const line = expected.next().value!;
          return line === wrong ? otherThan(line.expect, what) : line.expect;
        };
        const why = await play(transcript, { tell: () => {}, ask });
        if (wrong === null) expect(why).toBe(null);
        else expect(why).toMatch(transcript.name);
      }
    }
  });

  it.skipIf(!hasPython)("the client in Python passes all three parts", async () => {
    expect(await conform(["python3", "-B", path.join(PYTHON, "conformance.py")], PARTS)).toEqual(
      [],
    );
  });

  folderTest.skipIf(!hasPython).for(WRONG_PYTHON)(
    "a client in Python that is careless about %s, with `%s` for `%s`, is told where it went wrong",
    async ([part, wrong, right, word], { folder }) => {
      const client = readFileSync(path.join(PYTHON, "instep.py"), "utf8");
      expect(client.split(right).length, right).toBe(2);
      writeFileSync(path.join(folder, "instep.py"), client.replace(right, wrong));
      copyFileSync(path.join(PYTHON, "conformance.py"), path.join(folder, "conformance.py"));
      const told = await conform(["python3", "-B", path.join(folder, "conformance.py")], [part]);
      expect(told.join("\n")).toContain(word);
    },
  );

  it("a client that applies every change it hears is told where it went wrong", async () => {
    const wrong = await conform([process.execPath, "-e", CARELESS]);
    expect(wrong.length).toBeGreaterThan(3);
    expect(wrong.join("\n")).toContain(
      "frames that are not newer than the mirror are ignored: after line 4: revision is 2, and should be 3 (a change that was heard already changes nothing)",
    );
  });

  it.each<[Part, string, readonly string[]]>([
    ["output", "JOINS_ALL", ["text is", "skipped is", "end is"]],
    ["commands", "GUESSES", ["sent is", "outcome is"]],
    ["commands", "FORGETS", ["sent is"]],
  ])(
    "a client that is careless about %s (%s) is told where it went wrong",
    async (part, name, words) => {
      const wrong = (await conform([process.execPath, "-e", CARELESS_ABOUT[name]!], [part])).join(
        "\n",
      );
      for (const each of words) expect(wrong).toContain(each);
    },
  );

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

/** Another value of the same kind. */
function otherThan(expected: unknown, what = ""): unknown {
  if (what === "sent") return [...(expected as object[]), { request_id: "another" }];
  if (expected === null) return what === "outcome" ? { accepted: {} } : { epoch: "another" };
  if (what === "outcome") return null;
  return { ...(expected as object), [Object.keys(expected as object)[0]!]: "another" };
}

const line = (body: string) =>
  `require("node:readline").createInterface({ input: process.stdin }).on("line", (told) => {
    const { do: what, frame, request_id, command, ...more } = JSON.parse(told);
    const say = (answer) => console.log(JSON.stringify(answer));
    ${body}
  });`;

/** Each of them does all of it, but for what a careful client does. */
const CARELESS_ABOUT: Readonly<Record<string, string>> = {
  JOINS_ALL: `let text = "", at = 0, attempt = null; ${line(`
    if (what === "begin") { text = ""; at = more.from; attempt = null; }
    if (frame?.type === "log") { text += frame.text; at += frame.text.length; attempt = frame.attempt; }
    if (what === "ask") say(more.what === "last" ? { attempt, from: at } : { text, attempt, end: "over" });
  `)}`,
  GUESSES: `let sent = [], outcomes = {}; ${line(`
    if (what === "begin") { sent = []; outcomes = {}; }
    if (what === "propose") { sent.push({ request_id, command }); outcomes[request_id] = { accepted: {} }; }
    if (what === "ask") say(more.what === "sent" ? sent : outcomes[request_id] ?? null);
  `)}`,
  FORGETS: `let sent = [], outcomes = {}; ${line(`
    if (what === "begin" || what === "cut") sent = [];
    if (what === "propose") sent.push({ request_id, command });
    if (frame?.type === "accepted") outcomes[frame.request_id] = { accepted: frame };
    if (frame?.type === "refused") outcomes[frame.request_id] = { refused: frame };
    if (what === "ask") say(more.what === "sent" ? sent : outcomes[request_id] ?? null);
  `)}`,
};
