import { expect, test } from "vitest";
import { spanOf } from "../../../shared/state/stepSpan.js";

const at = (second: number) => new Date(Date.UTC(2026, 10, 26, 0, 0, second)).toISOString();
const ms = (second: number) => Date.parse(at(second));
const past = (attempt: number, from: number, to: number) => ({
  attempt,
  status: "failed" as const,
  started_at: at(from),
  finished_at: at(to),
});

test("a step that was tried again takes from the start of its first attempt to its end", () => {
  const step = { attempt: 3, attempts: [past(1, 0, 1), past(2, 3, 4)], started_at: at(6) };
  expect(spanOf({ ...step, status: "completed", finished_at: at(7) })).toEqual({
    from: ms(0),
    until: ms(7),
    attempts: 3,
  });
  expect(spanOf({ ...step, status: "in_progress" })).toEqual({
    from: ms(0),
    until: null,
    attempts: 3,
  });
});

test("a step that waits for its next attempt goes on", () => {
  const waiting = { status: "in_progress" as const, started_at: at(2), finished_at: at(3) };
  expect(spanOf(waiting)).toEqual({ from: ms(2), until: null, attempts: 1 });
});

test("the first start is known also where the oldest attempts are not kept, or no attempt is", () => {
  const step = { status: "failed" as const, started_at: at(50), finished_at: at(60) };
  const first_started_at = at(1);
  expect(spanOf({ ...step, attempt: 150, attempts: [past(50, 20, 21)], first_started_at })).toEqual(
    {
      from: ms(1),
      until: ms(60),
      attempts: 150,
    },
  );
  expect(spanOf({ ...step, attempt: 2, first_started_at })?.from).toBe(ms(1));
});

test("an interrupted step is known of until it was last heard of", () => {
  const step = { status: "interrupted" as const, started_at: at(2) };
  const interruption = { at: at(30), reason: "server_restart" as const, step: 0, last_seen: at(9) };
  expect(spanOf(step, interruption)).toEqual({ from: ms(2), until: ms(9), attempts: 1 });
  expect(spanOf(step)).toBeNull();
});

test("a step that has not begun, or whose end nobody saw, has no duration", () => {
  expect(spanOf({ status: "pending" })).toBeNull();
  expect(spanOf({ status: "completed", started_at: at(1) })).toBeNull();
});
