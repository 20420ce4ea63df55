/** The share of open files that connections may have. */
import { expect, test } from "vitest";
import { connectionsWithin } from "../../../server/machine/openFiles.js";

test.each([
  [64, 32],
  [256, 128],
  [1_024, 768],
  [1_000_000, 20_000],
  [null, 20_000],
])("%s open files leave room for so many connections: %s", (limit, connections) => {
  expect(connectionsWithin(limit, 20_000)).toBe(connections);
});
