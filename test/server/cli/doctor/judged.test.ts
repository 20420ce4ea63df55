/** What `instep doctor` makes of each condition: a table, without a disk, a network or a clock. */
import { describe, expect, test } from "vitest";
import type { Finding, Result } from "../../../../server/cli/doctor/finding.js";
import { type FolderSeen, judgeFolder } from "../../../../server/cli/doctor/folder.js";
import {
  judgeClock,
  judgeNode,
  judgeSync,
  judgeTools,
} from "../../../../server/cli/doctor/machine.js";
import type { Answer } from "../../../../server/cli/doctor/network.js";
import { judgePort } from "../../../../server/cli/doctor/port.js";
import {
  judgeEvents,
  judgeHeaders,
  judgePage,
  judgeRest,
  judgeSocket,
  scriptOf,
} from "../../../../server/cli/doctor/proxied.js";

const BEFORE = Date.parse("2026-04-01T00:00:00Z");
const AFTER = Date.parse("2026-05-01T00:00:00Z");
const NOON = Date.parse("2026-05-01T12:00:00Z");
const DATE = "Fri, 01 May 2026 12:00:00 GMT";
const around = (from: number, to = from) => ({ askedAt: NOON + from, answeredAt: NOON + to });

const answer = (status: number, text: string, headers: Answer["headers"] = {}): Answer => ({
  ...{ status, text, headers, isEnough: true },
  ...around(0),
});
const problem = (status: number, detail: string) =>
  answer(status, JSON.stringify({ type: "urn:instep:problem:x", detail }));
const AT = new URL("https://x.example/runs/");
const SCRIPT = new URL("https://x.example/runs/assets/a.js");
const JS = { "content-type": "text/javascript" };

const SEEN: FolderSeen = {
  ...{ dataDir: "/d", place: "/d", trouble: null, isThere: true, isStore: true, isLost: false },
  ...{ isWritable: true, isReadByOthers: false, freeBytes: 2 ** 40, refusals: [] },
  lock: { kind: "free", text: "" },
};
const folder = (more: Partial<FolderSeen>, check: string): Finding =>
  judgeFolder({ ...SEEN, ...more }).find((one) => one.check === check)!;
const PORT = { host: "localhost", port: 4747, code: null, isInstep: false, isHeld: false };
const taken = { ...PORT, code: "EADDRINUSE" };

/** The server's word on how a request came in. */
const came = (forwarded: object, trusted = false, peer = "10.0.0.2") =>
  judgeHeaders(answer(200, JSON.stringify({ forwarded, trusted, peer, client: "192.0.2.7" })));

const TABLE: readonly (readonly [what: string, found: Finding, result: Result, says: RegExp])[] = [
  ["Node 20.18", judgeNode("v20.18.3", BEFORE), "wrong", /older than 20\.19/],
  ["Node 9", judgeNode("v9.40.0", BEFORE), "wrong", /older/],
  ["Node 20 in its life", judgeNode("v20.19.0", BEFORE), "ok", /supported/],
  ["Node 20 after its end", judgeNode("v20.19.0", AFTER), "warning", /end of life/],
  ["Node 24", judgeNode("v24.0.0", AFTER), "ok", /supported/],
  ["a quick disk with one slow write", judgeSync([1, 2, 900]), "ok", /2\.0 ms .*most 900 ms/],
  ["a slow disk", judgeSync([60, 83, 90]), "warning", /83 ms.*every step/],
  ["a clock that is the same", judgeClock(DATE, around(999), "x"), "ok", /at most 2 s/],
  ["an answer that took long", judgeClock(DATE, around(-9e3, 9e3), "x"), "ok", /at most 2 s/],
  ["a clock behind", judgeClock(DATE, around(-9e3), "x"), "warning", /9 s behind that of x/],
  ["a clock ahead", judgeClock(DATE, around(9e3), "x"), "warning", /8 s ahead of that of x/],
  ["a server without a clock", judgeClock(undefined, around(0), "x"), "ok", /does not say/],
  ["no recipe with ssh", judgeTools([], null), "ok", /No recipe/],
  ["ssh that is there", judgeTools(["a"], "/usr/bin/ssh"), "ok", /\/usr\/bin\/ssh/],
  ["ssh that is missing", judgeTools(["a", "b"], null), "wrong", /which a, b use, is not on PATH/],
  ["a folder", folder({}, "data folder"), "ok", /ours, closed/],
  ["a folder to be made", folder({ isThere: false }, "data folder"), "ok", /can be made/],
  ["a folder of others", folder({ trouble: "/d is theirs" }, "data folder"), "wrong", /theirs\./],
  ["a folder that is open", folder({ isReadByOthers: true }, "data folder"), "warning", /list it/],
  ["a folder that is closed", folder({ isWritable: false }, "data folder"), "wrong", /be written/],
  [
    "no folder where none can be made",
    folder({ isThere: false, isWritable: false, place: "/" }, "data folder"),
    "wrong",
    /cannot be made in \//,
  ],
  ["a free lock", folder({}, "lock"), "ok", /No server/],
  ["a held lock", folder({ lock: { kind: "held", text: "process 7" } }, "lock"), "ok", /7/],
  ["a lost lock", folder({ lock: { kind: "unknown", text: "who" } }, "lock"), "warning", /who/],
  ["a store", folder({}, "store"), "ok", /version that this Instep reads/],
  ["no store yet", folder({ isStore: false }, "store"), "ok", /begins one/],
  ["a lost store", folder({ isStore: false, isLost: true }, "store"), "wrong", /held a store/],
  ["a later store", folder({ refusals: ["format 9", "b"] }, "store"), "wrong", /format 9\. b\./],
  ["much room", folder({}, "room"), "ok", /1024\.0 GiB/],
  ["little room", folder({ freeBytes: 2 ** 29 }, "room"), "warning", /512 MiB.*little/],
  ["no room", folder({ freeBytes: 0 }, "room"), "wrong", /refused/],
  ["room that nobody knows", folder({ freeBytes: null }, "room"), "ok", /not known/],
  ["a free port", judgePort(PORT), "ok", /4747 of localhost is free/],
  ["any port", judgePort({ ...PORT, port: 0 }), "ok", /Any free port/],
  ["our own port", judgePort({ ...taken, isInstep: true, isHeld: true }), "ok", /running/],
  ["another's port", judgePort({ ...taken, isInstep: true }), "wrong", /another data folder/],
  ["a stranger's port", judgePort({ ...taken, isHeld: true }), "wrong", /no Instep/],
  ["a closed port", judgePort({ ...PORT, code: "EACCES" }), "wrong", /not open to this user/],
  ["no address", judgePort({ ...PORT, code: "EADDRNOTAVAIL" }), "wrong", /no address/],
  ["an odd refusal", judgePort({ ...PORT, code: "EX" }), "wrong", /\(EX\)/],
  ["REST", judgeRest(answer(200, '{"workflows":[]}'), "u"), "ok", /answers at u/],
  ["nobody", judgeRest({ why: "nobody" }, "u"), "wrong", /does not answer: nobody\./],
  ["no token", judgeRest(problem(401, "a token"), "u"), "wrong", /\(401\): a token/],
  ["an unknown name", judgeRest(problem(421, "--allow-host u"), "u"), "wrong", /--allow-host u/],
  ["a sign-in", judgeRest(answer(302, "", { location: "/in" }), "u"), "wrong", /to \/in/],
  ["another program", judgeRest(answer(200, "<html>"), "u"), "wrong", /is no Instep/],
  [
    "a page",
    judgePage(answer(200, ""), { url: SCRIPT, heard: answer(200, "x", JS) }),
    "ok",
    /a\.js/,
  ],
  [
    "a page without its script",
    judgePage(answer(200, ""), { url: SCRIPT, heard: answer(404, "") }),
    "wrong",
    /not its script \/runs\/assets\/a\.js: the answer is 404/,
  ],
  [
    "a page in place of the script",
    judgePage(answer(200, ""), {
      url: SCRIPT,
      heard: answer(200, "", { "content-type": "text/html" }),
    }),
    "wrong",
    /text\/html/,
  ],
  ["no page", judgePage(answer(502, ""), null), "wrong", /\(502\) is no page/],
  ["a socket", judgeSocket({ frame: '{"type":"hello"}' }), "ok", /hello/],
  ["another's socket", judgeSocket({ frame: "hi" }), "wrong", /no hello/],
  ["a blocked socket", judgeSocket({ why: "400" }), "wrong", /does not work: 400/],
  ["no headers", came({}), "ok", /No X-Forwarded-\* or Forwarded arrives, from 10\.0\.0\.2/],
  [
    "headers of a trusted proxy",
    came({ proto: "https", for: "192.0.2.7" }, true),
    "ok",
    /X-Forwarded-Proto: https, X-Forwarded-For: 192\.0\.2\.7 count, from 10\.0\.0\.2.*192\.0\.2\.7/,
  ],
  ["the header of RFC 7239", came({ forwarded: "for=a" }), "warning", /^Forwarded: for=a arrive/],
  ["headers of anybody", came({ prefix: "/runs" }), "warning", /Prefix: \/runs arrive.*ignored/],
  ["headers that a token may not know", judgeHeaders(problem(403, "x")), "ok", /may not/],
  ["a server that cannot tell", judgeHeaders(problem(404, "x")), "ok", /older version/],
  ["nothing of headers", judgeHeaders({ why: "late" }), "warning", /not told: late/],
  ["events", judgeEvents(answer(200, "event: hello\n\n")), "ok", /at once/],
  ["events kept back", judgeEvents(answer(200, "")), "warning", /kept back/],
  ["refused events", judgeEvents(answer(401, "")), "wrong", /\(401\)/],
];

describe("what instep doctor makes of", () => {
  test("a proxy that nobody trusts is told with the flag that names it", () => {
    expect(came({ proto: "https" }).todo).toContain("--trust-proxy 10.0.0.2 (");
    expect(came({ proto: "https" }, false, "::ffff:127.0.0.1").todo).toContain("proxy loopback (");
  });

  test.each(TABLE)("%s is told with what to do", (_, found, result, says) => {
    expect(found).toMatchObject({ result, text: expect.stringMatching(says) });
    expect(found.todo === null).toBe(result === "ok");
  });

  test("the script is looked for where the page's base leads", () => {
    const page = (base: string) =>
      `<base href="${base}"><title>Instep</title><script src="./assets/a.js"></script>`;
    const found = (base: string) => scriptOf(answer(200, page(base)), AT)?.href;
    expect(found("/runs/")).toBe(SCRIPT.href);
    expect(found("/")).toBe("https://x.example/assets/a.js");
    expect(scriptOf(answer(200, "<title>Other</title>"), AT)).toBeNull();
    expect(scriptOf(answer(500, page("/")), AT)).toBeNull();
  });
});
