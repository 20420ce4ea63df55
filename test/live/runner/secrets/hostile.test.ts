/** Hostile values and hostile output: nothing of a value is ever read as a command, secrets are shown to nobody, and what is printed steers nothing. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const HOSTILE = [
  "; touch pwned",
  "$(touch pwned)",
  "`touch pwned`",
  "&& touch pwned",
  "|| touch pwned",
  "| touch pwned",
  "> pwned",
  "\ntouch pwned\n",
  "\r\ntouch pwned",
  "'; touch pwned; '",
  '"; touch pwned; "',
  '"$(touch pwned)"',
  "-flag",
  "--",
  "-oProxyCommand=touch pwned",
  "$IFS;touch$IFS'pwned'",
  "$IFS",
  "*",
  "~root",
  "{a,b}",
  "!!",
  "\\",
  "%s%n%x",
  "a\tb",
  "\u0007bell",
  "\u001b[31mred",
  "日本語 ñ 💥",
  "' OR 1=1 --",
  "../../etc/passwd",
  "{{output}}",
  "$INPUT_VALUE",
  "=cmd|' /C calc'!A0",
];

const ECHO = `
name: echo
inputs:
  value: { type: string }
steps:
  - action: shell
    run: printf %s "$INPUT_VALUE"
  - action: programme
    argv: [sh, -c, 'printf %s "$INPUT_VALUE"']
  - action: ask
    ask:
      prompt: What then?
      fields: { value: { type: string, required: true } }
  - action: answered
    run: printf %s "$ANSWER_VALUE"
`;

describe("a value", () => {
  test("a value reaches commands as it is, and is never read as one", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld({ maxConcurrent: 4 });
    world.define("echo.yaml", ECHO);
    const ids = await Promise.all(
      HOSTILE.map((value) => world.start("echo", { inputs: { value } })),
    );
    await Promise.all(
      HOSTILE.map(async (value, index) => {
        const id = ids[index]!;
        await world.until(id, ({ status }) => status === "blocked");
        const answer = await world.command("answer", { workflow_id: id, answer: { value } });
        expect([value, answer.status]).toEqual([value, 200]);
        const state = await world.ended(id);
        expect([value, state.status]).toEqual([value, "completed"]);
        for (const step of [0, 1, 3]) expect(await world.outputOf(id, step)).toBe(value);
      }),
    );
    const everything = readdirSync(folder, { recursive: true }).map(String);
    expect(everything.filter((name) => /pwned|touch/.test(path.basename(name)))).toEqual([]);
    expect(existsSync("pwned")).toBe(false);
  });

  test("a value with a NUL in it, of another type, or for an input nobody asked for is refused by name", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("echo.yaml", ECHO);
    for (const [inputs, field] of [
      [{ value: "a\0b" }, "inputs.value"],
      [{ value: ["-flag"] }, "inputs.value"],
      [{ value: { toString: "x" } }, "inputs.value"],
      [{ value: "x".repeat(8_193) }, "inputs.value"],
      [{ other: "x" }, "inputs.other"],
      [{ LD_PRELOAD: "/tmp/x.so" }, "inputs.LD_PRELOAD"],
      [{ constructor: "x" }, "inputs.constructor"],
    ] as const) {
      const answer = await world.command("start", { name: "echo", inputs });
      expect([answer.status, answer.body.errors.map((error) => error.path)]).toEqual([
        400,
        [field],
      ]);
    }
  });

  test("a value cannot bring a command, a folder or a variable in through a door", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("echo.yaml", ECHO);
    for (const more of [
      { steps: [{ action: "x", run: "touch pwned" }] },
      { run: "touch pwned" },
      { env: { PATH: "/tmp" } },
      { cwd: "/" },
    ]) {
      const answer = await world.command("start", { name: "echo", ...more });
      expect([answer.status, answer.body.errors.map((error) => error.path)]).toEqual([
        400,
        [Object.keys(more)[0]],
      ]);
    }
    for (const name of ["../echo", "/etc/passwd", "echo.yaml", "ECHO", "echo\0", "__proto__"]) {
      const answer = await world.command("start", { name });
      expect([name, answer.status]).toEqual([
        name,
        answer.body.code === "unknown_definition" ? 404 : 400,
      ]);
    }
  });
});

const CANARY = "canary-7f3a9c";
const SECOND = "second-canary-51d2";
const tokens = [
  { token: "watch-token-0123456", can: "watch" },
  { token: "drive-token-0123456", can: "drive" },
] as const;

/** Says its secrets in every way a command can say anything. */
const TALKATIVE = `
name: talkative
inputs:
  key: { type: secret, required: true }
steps:
  - action: ask
    ask:
      prompt: The other one?
      fields: { other: { type: secret, required: true } }
  - action: talk
    retries: 1
    backoff: 1ms
    run: |
      echo "plain $INPUT_KEY and $ANSWER_OTHER"
      printf 'in two '; printf %.6s "$INPUT_KEY"; sleep 0.05; printf '%s\\n' "\${INPUT_KEY#??????}"
      echo "::progress 10::$INPUT_KEY"
      echo "::note::$ANSWER_OTHER"
      echo "::task failed::$INPUT_KEY::$ANSWER_OTHER"
      echo "::group::$INPUT_KEY"
      printf '\\033[31m%s\\033[0m\\r' "$ANSWER_OTHER"
      echo "to stderr $INPUT_KEY" >&2
      echo "last line $INPUT_KEY"
      exit 3
`;

describe("secrets", () => {
  test("secrets are in no answer, no frame, no record, no log and no file but the one that keeps them", async ({
    runnerWorld,
  }) => {
    const logged: unknown[] = [];
    const write = (details: object, message: string) => void logged.push([details, message]);
    const log = { debug: write, info: write, warn: write, error: write };
    const world = await runnerWorld({ tokens, log });
    const { server } = world;
    world.define("talkative.yaml", TALKATIVE);
    const seen: string[] = [];
    const call = async (method: string, where: string, body?: object, token = "drive") => {
      const headers = { Authorization: `Bearer ${token}-token-0123456` };
      const answer = await server.call(method, where, { headers, ...(body && { body }) });
      seen.push(answer.text, JSON.stringify([...answer.headers]));
      return answer;
    };
    const tabs = await Promise.all(
      tokens.map(({ token }) => server.openTab({ headers: { Authorization: `Bearer ${token}` } })),
    );
    for (const tab of tabs) for (const subject of ["w", "*", "current"]) tab.subscribe(subject);

    const start = { name: "talkative", workflow_id: "w", inputs: { key: CANARY } };
    expect((await call("POST", "/workflow/start", start)).status).toBe(201);
    const stateIs = async (status: string) => {
      for (;;) {
        const answer = await call("GET", "/workflow/state?workflow_id=w");
        if (answer.body.state.status === status) return answer.body.state;
      }
    };
    await stateIs("blocked");
    await call("POST", "/workflow/answer", { workflow_id: "w", answer: { other: 7 } });
    await call("POST", "/workflow/answer", { workflow_id: "w", answer: { other: SECOND } });
    const state = await stateIs("failed");
    await call("POST", "/workflow/start", { ...start, inputs: { key: CANARY, other: CANARY } });

    for (const token of ["drive", "watch"]) {
      for (const where of [
        "/workflow/state?workflow_id=w",
        "/workflow/state/summary?workflow_id=w",
        "/workflows",
        "/workflow/definitions",
        ...[1, 2].map((attempt) => `/workflow/state/steps/1/log?workflow_id=w&attempt=${attempt}`),
      ]) {
        expect((await call("GET", where, undefined, token)).status).toBe(200);
      }
    }
    const log1 = await call("GET", "/workflow/state/steps/1/log?workflow_id=w&attempt=1");
    expect(log1.text).toContain("plain *** and ***\n");
    expect(log1.text).toContain("in two ***\n");
    expect(log1.text).toContain("to stderr ***\n");
    expect(state).toMatchObject({
      inputs: { key: "***" },
      steps: [{ answer: { other: "***" } }, {}],
    });
    expect(state.steps[1]?.tasks?.[0]).toMatchObject({ name: "***", note: "***" });

    const retried = await call("POST", "/workflow/retry", { workflow_id: "w" });
    expect(retried.status).toBe(201);
    const again = retried.body.workflow_id;
    for (;;) {
      const answer = await call("GET", `/workflow/state?workflow_id=${again}`);
      if (answer.body.state.status === "failed") break;
    }
    // The retry knew them: what it printed was masked, too.
    const log2 = await call("GET", `/workflow/state/steps/1/log?workflow_id=${again}`);
    expect(log2.text).toContain("plain *** and ***\n");

    for (const tab of tabs) {
      const frames = JSON.stringify(await tab.rest());
      expect(frames).toContain("talkative");
      seen.push(frames);
    }
    seen.push(JSON.stringify(logged));
    await server.stop();
    const kept: string[] = [];
    for (const name of readdirSync(server.dataDir, { recursive: true }).map(String)) {
      let text: string;
      try {
        text = readFileSync(path.join(server.dataDir, name), "latin1");
      } catch {
        continue; // A folder.
      }
      if (name.startsWith("runs/")) kept.push(text);
      else seen.push(`${name}: ${text}`);
    }
    for (const secret of [CANARY, SECOND]) {
      expect(seen.filter((text) => text.includes(secret))).toEqual([]);
      expect(kept.some((text) => text.includes(secret))).toBe(true);
    }
  });
});

describe("output", () => {
  test("output cannot steer what shows the state, nor forge a line of the server's log", async ({
    runnerWorld,
  }) => {
    const records: string[] = [];
    const write = (details: object, message: string) =>
      void records.push(JSON.stringify({ ...details, message }));
    const world = await runnerWorld({
      log: { debug: write, info: write, warn: write, error: write },
    });
    const said = String.raw`x\r\n{"level":60,"msg":"fatal"}\033]0;owned\007\033[2J\302\233\342\200\256evil`;
    world.define(
      "evil.yaml",
      JSON.stringify({
        name: "evil",
        steps: [
          {
            action: "say",
            run: ["", "::note::", "::progress 5::", "::task failed::"]
              .map((marker) => `printf '${marker}${said}\\n'`)
              .concat("exit 1")
              .join("\n"),
          },
        ],
      }),
    );
    const state = await world.ended(await world.start("evil"));
    expect(state.status).toBe("failed");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    const steering = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;
    const texts: string[] = [];
    JSON.stringify(state, (_key, value) => {
      if (typeof value === "string") texts.push(value);
      return value;
    });
    expect(texts.filter((text) => steering.test(text))).toEqual([]);
    expect(texts.some((text) => text.includes("evil"))).toBe(true);
    expect(records.filter((record) => record.includes("\n"))).toEqual([]);
    expect(records.filter((record) => JSON.parse(record).level === 60)).toEqual([]);
  });
});
