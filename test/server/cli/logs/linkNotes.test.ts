import { expect, test } from "vitest";
import type { View, WorkflowState } from "../../../../client/index.js";
import { noteLinks } from "../../../../server/cli/logs/linkNotes.js";
import { emptyView, process, step, workflow } from "../../../client/ui/samples.js";

function noted(only?: number) {
  const said: string[] = [];
  let listener: (view: View) => void = () => {};
  let isWatched = true;
  const watch = (_: string, told: (view: View) => void) => {
    listener = told;
    return () => {
      isWatched = false;
    };
  };
  const stop = noteLinks({ workflow_id: "w1", step: only }, { watch }, (one) => said.push(one));
  const show = (state: WorkflowState | null) => listener({ ...emptyView("w1"), state });
  return { show, stop, said, isWatched: () => isWatched };
}

const since = "2026-03-04T09:51:07.000Z";
const link_lost = { since, why: "reset", next_try_at: null };
const taken_up = [{ from: since, to: "2026-03-04T09:51:17.000Z", gone: "link" }];
const at = (part: object) =>
  workflow({
    steps: [
      step(0),
      step(1, { status: "in_progress", title: "Copy", data: { process: process(part) } }),
    ],
  });

test("who follows the output hears once that its machine is not reached, and that it is again", () => {
  const { show, stop, said, isWatched } = noted();
  show(null);
  show(at({}));
  show(at({ link_lost }));
  show(at({ link_lost: { ...link_lost, next_try_at: since } }));
  show(at({ taken_up }));
  expect(said).toEqual([
    "Copy: the link to box is lost: reset; it is tried again",
    "Copy: the link to box is back after 10s; the command went on",
  ]);
  stop();
  expect(isWatched()).toBe(false);
});

test("who follows one step hears nothing of another one's machine", () => {
  const { show, said } = noted(0);
  show(at({ link_lost }));
  expect(said).toEqual([]);
});
