import { expect, test } from "vitest";
import { nearest } from "../../server/nearest.js";

const KNOWN = ["action", "title", "run", "cwd", "env", "timeout"];

test.each([
  ["tmeout", "timeout"],
  ["Title", "title"],
  ["actoin", "action"],
  ["rnu", "run"],
  ["envs", "env"],
  ["retries", null],
  ["x", null],
  ["", null],
])("%j means %j", (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});
