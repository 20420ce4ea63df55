// @vitest-environment happy-dom
/** What a workflow was started with says by which recipe a retry runs, and who was told of its end. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { NOW, workflow } from "../../samples.js";

let fake: FakePage;
beforeEach(async () => {
  fake = await openFakePage("/w/w1");
});
afterEach(() => fake.stop());

async function open(part: object) {
  const state = workflow({ definition: "deploy", ...part });
  await fake.show("w1", { phase: "live", state, asOf: NOW });
  await fake.within(() =>
    fake
      .all("[role=tab]")
      .find((tab) => tab.textContent === "Inputs")!
      .click(),
  );
}
const retried = (recipe?: object) => ({
  retried_from: { workflow_id: "w0", step: 1, ...(recipe && { recipe }) },
});

test.each([
  [{}, "Started from the definition deploy."],
  [retried(), "Started from the definition deploy."],
  [retried({ from: "then", changed: false }), "Started from the definition deploy."],
  [
    retried({ from: "then", changed: true }),
    "Started from the definition deploy, by the recipe of the run before: it had changed since.",
  ],
  [
    retried({ from: "now", changed: true }),
    "Started from the definition deploy, by the recipe as it was at this retry: it had changed since the run before.",
  ],
])("of %j it says by which recipe", async (part, words) => {
  await open(part);
  expect(fake.text(".details > p:not(.pane-empty)")).toBe(words);
});

test("each command that was told of it stands there with how it ended", async () => {
  const at = "2026-03-04T09:52:00Z";
  await open({
    hook_runs: [
      {
        kind: "blocked",
        question: "q1",
        attempt: 1,
        status: "completed",
        started_at: at,
        last_lines: ["sent"],
      },
      { kind: "end", attempt: 2, status: "failed", started_at: at, error: "exit code 7" },
    ],
  });
  expect(fake.all("[data-testid=told] li").map((line) => line.textContent)).toEqual([
    "on_blockedCompletedsent",
    "on_endFailedexit code 7",
  ]);
});
