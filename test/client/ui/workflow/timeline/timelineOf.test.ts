/** When each step ran, as bars: what is over, what goes on, and what nobody knows. */
import { describe, expect, test } from "vitest";
import { timelineOf } from "../../../../../client/ui/workflow/timeline/timelineOf.js";
import { process, step, workflow } from "../../samples.js";

const at = (time: string): string => `2026-03-04T${time}Z`;
const ms = (time: string): number => Date.parse(at(time));
const barsOf = (part: Parameters<typeof step>[1], more: Parameters<typeof workflow>[0] = {}) =>
  timelineOf(workflow({ steps: [step(0, part)], ...more })).rows[0]!.bars.map(
    ({ kind, status, from, to }) => [kind, status, from, to],
  );

describe("a timeline", () => {
  test("a timeline ends now while the workflow goes on, and with its last step after that", () => {
    const steps = [
      step(0, { status: "completed", started_at: at("10:00:00"), finished_at: at("10:00:10") }),
      step(1),
    ];
    expect(timelineOf(workflow({ steps }))).toMatchObject({ from: ms("10:00:00"), to: null });
    expect(timelineOf(workflow({ steps, status: "failed" }))).toMatchObject({ to: ms("10:00:10") });
  });

  test("a timeline shows each attempt, and the wait between two", () => {
    const attempts = [
      {
        attempt: 1,
        status: "failed" as const,
        started_at: at("10:00:00"),
        finished_at: at("10:00:05"),
      },
    ];
    const own = { status: "in_progress", attempt: 2, started_at: at("10:00:08") } as const;
    expect(barsOf({ ...own, attempts })).toEqual([
      ["attempt", "failed", ms("10:00:00"), ms("10:00:05")],
      ["wait", "pending", ms("10:00:05"), ms("10:00:08")],
      ["attempt", "in_progress", ms("10:00:08"), null],
    ]);
  });

  test("the timeline of a step that waits for its next try shows the failure, and the wait that goes on", () => {
    const waiting = {
      status: "in_progress",
      started_at: at("10:00:00"),
      finished_at: at("10:00:05"),
      retry_at: at("10:00:30"),
    } as const;
    expect(barsOf(waiting)).toEqual([
      ["attempt", "failed", ms("10:00:00"), ms("10:00:05")],
      ["wait", "pending", ms("10:00:05"), null],
    ]);
  });

  test("the timeline of an interrupted step ends where the work was interrupted", () => {
    const interruption = { at: at("10:00:20"), reason: "server_restart" as const, step: 0 };
    const found = barsOf(
      { status: "interrupted", started_at: at("10:00:00") },
      { status: "interrupted", interruption },
    );
    expect(found).toEqual([["attempt", "interrupted", ms("10:00:00"), ms("10:00:20")]]);
    const seen = { ...interruption, last_seen: at("10:00:05") };
    const known = barsOf(
      { status: "interrupted", started_at: at("10:00:00") },
      { status: "interrupted", interruption: seen },
    );
    expect(known).toEqual([["attempt", "interrupted", ms("10:00:00"), ms("10:00:05")]]);
  });

  test("a timeline leaves out of the bars what was kept from an earlier workflow, and says when it ran", () => {
    const steps = [
      step(0, { status: "completed", started_at: at("01:00:00"), finished_at: at("01:00:10") }),
      step(1, { status: "completed", started_at: at("10:00:00"), finished_at: at("10:00:10") }),
    ];
    const retried_from = { workflow_id: "old", step: 1 };
    const picture = timelineOf(workflow({ steps, retried_from, status: "completed" }));
    expect(picture.from).toBe(ms("10:00:00"));
    expect(picture.rows[0]).toMatchObject({ bars: [], isKept: true, from: ms("01:00:00") });
  });

  test("a timeline shows over an attempt when nobody watched it, up to now while its link is lost", () => {
    const at_work = { status: "in_progress", started_at: at("10:00:00") } as const;
    const since = at("10:00:30");
    const known = process({
      taken_up: [{ from: at("10:00:10"), to: at("10:00:15"), gone: "server" }],
      link_lost: { since, why: "reset", next_try_at: null },
    });
    expect(barsOf({ ...at_work, data: { process: known } })).toEqual([
      ["attempt", "in_progress", ms("10:00:00"), null],
      ["unwatched", "unlinked", ms("10:00:10"), ms("10:00:15")],
      ["unwatched", "unlinked", ms("10:00:30"), null],
    ]);
    const ended = { ...at_work, status: "completed", finished_at: at("10:01:00") } as const;
    expect(barsOf({ ...ended, data: { process: known } })).toEqual([
      ["attempt", "completed", ms("10:00:00"), ms("10:01:00")],
      ["unwatched", "unlinked", ms("10:00:10"), ms("10:00:15")],
    ]);
  });

  test.each([
    ["without a start", { status: "completed", finished_at: at("10:00:00") }],
    [
      "that ends before it starts",
      { status: "completed", started_at: at("10:00:05"), finished_at: at("10:00:00") },
    ],
    ["that ended nobody knows when", { status: "failed", started_at: at("10:00:05") }],
  ] as const)("draws nothing for a step %s", (_what, part) => {
    expect(barsOf(part)).toEqual([]);
  });

  test("the timeline of nothing is empty", () => {
    expect(timelineOf(workflow({ steps: [step(0)] }))).toMatchObject({ from: null });
  });
});
