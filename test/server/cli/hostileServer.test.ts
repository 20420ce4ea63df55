/** A server that lies: nothing that it says steers the terminal of whoever asked it, or comes to a program as anything but JSON. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandLine } from "../../support/servers/commandLine.js";

const EVIL = "x\u001b]0;title\u0007\u001b[2J\u009b31m\u202e\nnext";
const TIME = "2026-01-01T00:00:00.000Z";
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
const STEERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

const CALLS = [
  "list",
  "definitions",
  "definitions good",
  "start good --input x=1",
  "answer good",
  "answer good go=b",
  "cancel good",
  "retry good",
  "retry good --from none",
  "resume good",
  "resume good --done none",
  "logs good",
  "logs good --json",
  "logs good --step none",
  "open good --no-browser",
  "open current --no-browser",
  "clear good --yes",
  "clear current --yes",
  "clear --ended --yes",
  "clear --ended --dry-run",
  "clear --ended",
  "list --definition goo",
];

let status = "completed";
let refuses = false;
let server: Server;
let env: Record<string, string>;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      response.writeHead(refuses ? 409 : 200, { "Content-Type": "application/json" });
      response.end(JSON.stringify(refuses ? REFUSAL : answerTo(request.method, request.url)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  env = { INSTEP_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});
afterAll(() => server.close());

describe.each(["completed", "blocked", EVIL])("of a workflow that is %j", (its) => {
  it.each(CALLS)("`instep %s` prints nothing that steers", async (call) => {
    refuses = false;
    status = its;
    await check(call);
  });
});

it.each(CALLS)("a refusal of `instep %s` prints nothing that steers", async (call) => {
  refuses = true;
  await check(call);
});

async function check(call: string): Promise<void> {
  for (const columns of [undefined, 80, 30]) {
    const said = await commandLine(call.split(" "), {
      env: { ...env, NO_COLOR: "1" },
      ...(columns && { columns }),
    });
    // Between the steps of a log there are lines of our own, dimmed.
    expect(said.stdout.replaceAll("\u001b[0m", "").replaceAll("\u001b[2m", "")).not.toMatch(STEERS);
    expect(said.stderr).not.toMatch(STEERS);
  }
  const { stdout, stderr } = await commandLine([...call.split(" "), "--json"], { env });
  for (const line of `${stdout}${stderr}`.split("\n").slice(0, -1)) {
    expect(line).not.toMatch(STEERS);
    expect(JSON.parse(line)).toBeTypeOf("object");
  }
}

const REFUSAL = {
  ...{ success: false, code: "conflict", message: EVIL },
  errors: [{ path: EVIL, message: EVIL }],
};
const SUMMARY = {
  ...{ name: EVIL, title: EVIL, definition: EVIL, step: EVIL, retried_from: EVIL },
  ...{ error_message: EVIL, current_step: 0, total_steps: 2, done: 1, queued: false },
  ...{ start_time: TIME, end_time: TIME, last_update: TIME, epoch: "e", in_history: false },
};
const QUESTION = {
  ...{ id: "q", prompt: EVIL, deadline: EVIL },
  fields: { go: { type: "choice", options: [EVIL, "b"], required: true, title: EVIL } },
};
const DEFINITION = {
  ...{ title: EVIL, description: EVIL, file: EVIL },
  inputs: { x: { type: "string", required: true, default: EVIL, description: EVIL } },
  steps: [{ action: EVIL, title: EVIL, enabled: false, asks: true }],
  last: { status: EVIL, ended_at: TIME, workflow_id: EVIL },
};

function answerTo(method = "", url = ""): object {
  const at = { success: true, epoch: "e", revision: 1 };
  if (method !== "GET") return { ...at, workflow_id: EVIL, message: EVIL };
  if (url.includes("/definitions")) {
    const definitions = [EVIL, "good"].map((name) => ({ ...DEFINITION, name }));
    return { definitions, problems: [{ file: EVIL, field: EVIL, message: EVIL, line: 1 }] };
  }
  if (url.includes("/workflows")) {
    const workflows = [EVIL, "fine"].map((workflow_id) => ({ ...SUMMARY, workflow_id, status }));
    const damaged = [{ workflow_id: EVIL, file: EVIL, why: EVIL }];
    return { workflows, damaged, next: null, active: null };
  }
  const steps = [{ action: EVIL, title: EVIL, status: EVIL, error: EVIL }];
  const block_info = status === "blocked" ? QUESTION : null;
  return { ...at, state: { ...SUMMARY, workflow_id: EVIL, status, steps, block_info } };
}
