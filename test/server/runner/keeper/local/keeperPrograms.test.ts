/** What a machine is asked before a command is kept on it. */
import { expect, test } from "vitest";
import { findPrograms } from "../../../../../server/runner/keeper/local/keeperPrograms.js";

test("a machine that was too slow to say what it has is not taken for one that keeps no commands", () => {
  // Its answer takes ten times as long: it sleeps once.
  expect(findPrograms(1)).toBe(undefined);
  expect(findPrograms()).toMatchObject({ shell: "/bin/sh", pause: "0.05" });
});
