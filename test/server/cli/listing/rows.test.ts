import { expect, test } from "vitest";
import { rowOf } from "../../../../server/cli/listing/rows.js";
import { summary } from "../../../client/ui/samples.js";

const LOST = "2026-03-04T09:52:00.000Z";
const now = Date.parse(LOST) + 12_500;

test("a row says since when a link is lost, and of a server that knows of no links nothing", () => {
  expect(rowOf(summary({ link_lost: LOST }), now)).toMatchObject({
    status: "running",
    why: "link lost 12s ago",
  });
  expect(rowOf(summary({ link_lost: LOST }), now - 60_000).why).toBe("link lost 0s ago");
  const { link_lost: _, ...old } = summary();
  expect(rowOf(old as never, now).why).toBe("");
});

test("a row says which node a workflow waits for", () => {
  const why_queued = "waits for a node with gpu";
  expect(rowOf(summary({ queued: true, why_queued }), now)).toMatchObject({
    status: "queued",
    why: why_queued,
  });
});
