import { expect, test } from "vitest";
import type { Step } from "../../../shared/schema/workflow.js";
import { processNews } from "../../../shared/state/processNews.js";

const at = (second: number) => new Date(Date.UTC(2026, 2, 4, 9, 41, second)).toISOString();
const step = (part: object, more: Partial<Step> = {}): Step => ({
  ...{ action: "copy", status: "in_progress", index: 0 },
  data: { process: { machine: "box", pid: 4711, since: at(0), ...part } },
  ...more,
});
const lost = { since: at(7), why: "reset", next_try_at: null };
const kindOf = (before: Step | undefined, after: Step) => processNews(before, after)?.kind ?? null;

test("A link is lost once, also for who sees the step for the first time", () => {
  expect(kindOf(step({}), step({ link_lost: lost }))).toBe("link_lost");
  expect(kindOf(undefined, step({ link_lost: lost }))).toBe("link_lost");
  expect(
    kindOf(step({ link_lost: lost }), step({ link_lost: { ...lost, why: "refused" } })),
  ).toBeNull();
});

test("A link that is back says for how long it was lost", () => {
  const taken_up = [{ from: at(7), to: at(20), gone: "link" }];
  const news = processNews(step({ link_lost: lost }), step({ taken_up }));
  expect(news).toMatchObject({ kind: "link_back", absence: taken_up[0] });
});

test("A server that was away is news to who was there before, and to nobody else", () => {
  const taken_up = [{ from: at(7), to: at(20) }];
  expect(processNews(step({}), step({ taken_up }))).toMatchObject({
    kind: "taken_up",
    absence: { ...taken_up[0], gone: "server" },
  });
  expect(kindOf(undefined, step({ taken_up }))).toBeNull();
  expect(kindOf(step({ taken_up }), step({ taken_up }))).toBeNull();
});

test("Nothing is news of a command that has ended, waits for its next try, or is another one", () => {
  const before = step({ link_lost: lost });
  expect(kindOf(before, step({}, { status: "completed" }))).toBeNull();
  expect(kindOf(before, step({}, { retry_at: at(30) }))).toBeNull();
  expect(kindOf(before, step({ pid: 4712 }))).toBeNull();
  expect(kindOf(before, step({}, { data: null }))).toBeNull();
});
