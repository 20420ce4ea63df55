/** The state as those see it who are bound to some workflows, and who sees the same as who. */
import { expect, test } from "vitest";
import { seenAlike, stateText, viewFor } from "../../../server/egress/frames.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";

const at = "2026-11-27T00:00:00.000Z";
const plain = { workflow_id: "mine", title: "t", steps: [] } as unknown as WorkflowState;
const naming = {
  ...plain,
  queued: { since: at, group: "one", behind: "theirs" },
  replaced_by: "theirs",
  retried_from: { workflow_id: "theirs", step: 1 },
};

test("a state that names no other workflow and has no secret is one object for everybody", () => {
  const alike = ["watch", "drive", "bound watch", "bound drive"];
  expect(seenAlike("bound watch", [plain])).toEqual(alike);
  expect(viewFor("bound drive", plain)).toBe(plain);
});

test("the bound see no name of another workflow, and all the rest", () => {
  for (const audience of ["bound watch", "bound drive"] as const) {
    expect(stateText(audience, naming)).not.toContain("theirs");
    expect(viewFor(audience, naming)).toEqual({ ...plain, queued: { since: at, group: "one" } });
  }
  expect(stateText("watch", naming)).toContain("theirs");
  expect(seenAlike("drive", [plain, naming])).toEqual(["watch", "drive"]);
  expect(seenAlike("bound drive", [plain, naming])).toEqual(["bound watch", "bound drive"]);
});

test("secrets are hidden from the bound who only watch, and not from those who drive", () => {
  const secret = { ...naming, inputs: { key: "p-a-s-s" }, hidden_inputs: ["key"] };
  expect(stateText("bound watch", secret)).not.toContain("p-a-s-s");
  expect(stateText("bound drive", secret)).toContain("p-a-s-s");
  expect(seenAlike("drive", [secret])).toEqual(["drive"]);
});
