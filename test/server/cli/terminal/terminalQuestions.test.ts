/** What a workflow asks in its own terminal: answered by a person, never by itself. */
import { expect, test } from "vitest";
import type { WorkflowState } from "../../../../client/index.js";
import { createDisplay } from "../../../../server/cli/display/display.js";
import type { CliContext } from "../../../../server/cli/process/context.js";
import { keepAsking } from "../../../../server/cli/terminal/terminalQuestions.js";
import { askToAnswer } from "../../../../server/cli/terminal/values.js";
import { settled } from "../../../support/clocks/settled.js";
import { stateOf } from "../../../support/links/fakeClient.js";

test("a question without fields waits for Enter", async () => {
  const state = {
    ...stateOf("w"),
    status: "blocked",
    block_info: { id: "q1", prompt: "This erases the disk!" },
  } as WorkflowState;
  const said: object[] = [];
  const shown: string[] = [];
  let press: (line: string | null) => void = () => {};
  const context = {
    hostname: "here",
    input: {
      isTTY: true,
      line: (question: string) => {
        shown.push(question);
        return new Promise<string | null>((resolve) => (press = resolve));
      },
    },
  } as unknown as CliContext;
  const client = { rest: { run: async (command: object) => said.push(command) } };
  const display = { show() {}, note() {}, close() {} };
  const stop = keepAsking(
    client as unknown as Parameters<typeof keepAsking>[0],
    { state, watch: () => () => {} },
    display,
    context,
  );
  await settled();
  expect([shown.length, said.length]).toEqual([1, 0]);
  press("");
  await settled();
  expect(said).toEqual([expect.objectContaining({ kind: "answer", question: "q1", answer: {} })]);
  stop();
});

test("a question without fields is not confirmed by the end of what is typed", async () => {
  const context = { input: { isTTY: true, line: async () => null } } as unknown as CliContext;
  expect(await askToAnswer({}, {}, context)).toBeNull();
});

test("a quiet display still tells a question, and how to answer it", async () => {
  const written: string[] = [];
  const stderr = { write: (text: string) => void written.push(text) };
  const display = await createDisplay({ quiet: true }, { stderr } as unknown as CliContext);
  const asking = {
    workflow_id: "w",
    status: "blocked" as const,
    steps: [],
    block_info: { id: "q1", prompt: "Erase the disk?", fields: { go: { type: "boolean" } } },
  };
  display.show(asking as Parameters<typeof display.show>[0]);
  display.show(asking as Parameters<typeof display.show>[0]);
  expect(written.join("")).toBe("Erase the disk?\nAnswer on its page, or with: instep answer w\n");
});
