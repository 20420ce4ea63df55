/** @vitest-environment happy-dom */
/** Forms whose values the server refuses: its word stands at the field, and the field has the focus. */
import { afterEach, expect, test } from "vitest";
import type { RunCommand, SavedAnswer } from "../../../../client/index.js";
import { SyncError } from "../../../../shared/errors.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { step, workflow } from "../samples.js";

let fake: FakePage;
afterEach(() => fake.stop());

const refusing = (...errors: { path: string; message: string }[]) => {
  const commands: RunCommand[] = [];
  const run = (command: RunCommand): Promise<SavedAnswer> => {
    commands.push(command);
    return Promise.reject(new SyncError("bad_message", "refused", { errors }));
  };
  return { commands, run };
};

async function press(button: string) {
  // A button that has just come up takes no press yet.
  await fake.pass(500);
  await fake.within(() => fake.root.querySelector<HTMLElement>(`[data-testid=${button}]`)!.click());
  // The server's answer.
  await fake.pass(0);
}

async function type(id: string, text: string) {
  await fake.within(() => {
    const input = document.getElementById(id) as HTMLInputElement;
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

const problemAt = (id: string) => {
  const described = document.getElementById(id)?.getAttribute("aria-describedby") ?? "";
  return described
    .split(" ")
    .map((one) => document.getElementById(one)?.textContent)
    .join(" ");
};

const DEFINITION = {
  name: "deploy",
  on_restart: "ask" as const,
  inputs: {
    host: { type: "string" as const, pattern: "^[a-z.]+$", title: "Host" },
    times: { type: "number" as const },
  },
  steps: [{ action: "copy", enabled: true, idempotent: false, asks: false }],
};
const definitions = async () => ({
  success: true as const,
  definitions: [DEFINITION],
  problems: [],
});

test("a start is refused at the input whose pattern does not fit", async () => {
  const { commands, run } = refusing({ path: "inputs.host", message: "must match ^[a-z.]+$" });
  fake = await openFakePage("/start/deploy", { rest: { definitions, run } });
  await type("input-host", "Not A Host");
  await press("start");
  expect(commands).toMatchObject([{ kind: "start", inputs: { host: "Not A Host" } }]);
  expect(problemAt("input-host")).toBe("Host must match ^[a-z.]+$");
  expect(document.activeElement?.id).toBe("input-host");
  expect(fake.text("[data-testid=errors]")).toBe("Host must match ^[a-z.]+$");
});

test("several refusals are told together, and the summary has the focus", async () => {
  const { run } = refusing(
    { path: "inputs.host", message: "must match ^[a-z.]+$" },
    { path: "inputs.times", message: "must be a number" },
  );
  fake = await openFakePage("/start/deploy", { rest: { definitions, run } });
  await type("input-host", "Not A Host");
  await type("input-times", "many");
  await press("start");
  expect([problemAt("input-host"), problemAt("input-times")]).toEqual([
    "Host must match ^[a-z.]+$",
    "Times must be a number.",
  ]);
  expect(document.activeElement?.getAttribute("data-testid")).toBe("errors");
});

test("an answer is refused at its field, and again when it is given again", async () => {
  const { commands, run } = refusing({ path: "answer.note", message: "must match ^[a-z ]*$" });
  fake = await openFakePage("/w/w1", { rest: { run } });
  const fields = { note: { type: "string", pattern: "^[a-z ]*$" } };
  const block_info = { id: "q1", step: 1, block_reason: "question", prompt: "Why?", fields };
  const steps = [step(0, { status: "completed" }), step(1, { status: "blocked" })];
  const state = workflow({ status: "blocked", steps, block_info });
  await fake.show("w1", { phase: "live", state, position: { epoch: "e", revision: 1 } });
  for (const times of [1, 2]) {
    await type("answer-note", "NO!");
    document.getElementById("answer-note")!.blur();
    await press("answer");
    expect(commands).toHaveLength(times);
    expect(problemAt("answer-note")).toContain("Note must match ^[a-z ]*$");
    expect(document.activeElement?.id).toBe("answer-note");
  }
});
