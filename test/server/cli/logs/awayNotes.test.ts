import { expect, test } from "vitest";
import { SyncError } from "../../../../client/index.js";
import { awayNotes } from "../../../../server/cli/logs/awayNotes.js";
import { mayBeKept } from "../../../../server/cli/logs/tail.js";

const since = new Date(2026, 0, 2, 23, 4, 5).getTime();

test("branches that wait for the same node are told of it once, and another node by itself", () => {
  const said: string[] = [];
  const notes = awayNotes((one) => void said.push(one));
  notes.away(1, { node: "b", since });
  notes.away(1001, { node: "b", since });
  notes.away(2001, { node: "c", since });
  notes.came(1);
  notes.away(1, { node: "b", since });
  expect(said).toEqual([
    "The output is on node b, which is away since 23:04:05.",
    "The output is on node c, which is away since 23:04:05.",
  ]);
});

test("who follows an output waits for its node, and is told of whatever else is wrong", async () => {
  const refusal = (code: "unavailable" | "not_found" | "unauthorized") =>
    Promise.reject(new SyncError(code, "a sentence"));
  await expect(mayBeKept(refusal("unavailable"))).resolves.toBeUndefined();
  await expect(mayBeKept(refusal("not_found"))).rejects.toThrow("too old");
  await expect(mayBeKept(refusal("unauthorized"))).rejects.toThrow("a sentence");
});
