// @vitest-environment happy-dom
/** Where a reader of a log was: kept for that very output, and for no other under the same id. */
import { beforeEach, expect, test } from "vitest";
import { createLogMemory } from "../../../../../../client/ui/workflow/output/reader/logMemory.js";

const memory = window.sessionStorage;
const NAME = { workflow_id: "w1", epoch: "first", step: 0, attempt: 1 };
beforeEach(() => memory.clear());

test("a place is there after a reload", () => {
  createLogMemory(memory, NAME).change({ isFollowing: false, offset: 4_096 });
  expect(createLogMemory(memory, NAME).read()).toMatchObject({ isFollowing: false, offset: 4_096 });
});

test("a place in the output of another workflow that had the id means nothing", () => {
  createLogMemory(memory, NAME).change({ isFollowing: false, offset: 4_096, search: "error" });
  const next = createLogMemory(memory, { ...NAME, epoch: "second" });
  expect(next.read()).toBeNull();
  next.change({ search: "warning" });
  expect(next.read()).toMatchObject({ isFollowing: true, offset: null, search: "warning" });
});
