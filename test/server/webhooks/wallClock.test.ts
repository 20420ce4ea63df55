/** Webhooks under a clock of the wall that is set back or forward, by an hour, a day and a year: nothing is held for that long, and nothing is given up. */
import { describe, expect, onTestFinished, test } from "vitest";
import { attempt } from "../../../server/webhooks/attempt.js";
import { Attempts } from "../../../server/webhooks/attempts.js";
import { GIVEN_UP_AFTER_MS, LONGEST_DELAY_MS } from "../../../server/webhooks/backoff.js";
import { type Delivery, isWaiting, newDelivery } from "../../../server/webhooks/delivery.js";
import { Dispatch } from "../../../server/webhooks/dispatch.js";
import type { Shelf } from "../../../server/webhooks/outbox.js";
import type { PlacedWebhook } from "../../../server/webhooks/webhook.js";
import { workflowEvent } from "../../../shared/state/workflowEvent.js";
import { type ManualClock, manualClock } from "../../support/clocks/manualClock.js";
import { until } from "../../support/deadline.js";
import { stateOf } from "../../support/disks/records.js";

const HOUR = 3_600_000;
const STEPS = [HOUR, 24 * HOUR, 365 * 24 * HOUR].flatMap((ms) => [ms, -ms]);
const WEBHOOK: PlacedWebhook = {
  ...{ name: "team", url: "https://example.org/", events: ["ended"], format: "json" },
  ...{ headers: {}, allowPrivate: false, folder: "." },
};
const REFUSED = { code: 503, error: null, answer: "", retryAfter: undefined };

const fresh = (now: number, revision = 1): Delivery =>
  newDelivery({
    ...{ id: `e_${revision}_0`, webhook: WEBHOOK, isOwn: true, now },
    event: workflowEvent("ended", stateOf({ status: "completed" }), { epoch: "e", revision }),
  });

const tried = (delivery: Delivery, clock: ManualClock): Promise<Delivery> =>
  attempt(delivery, WEBHOOK, {
    ...{ clock, chance: () => 0.5, env: {}, page: null, signal: new AbortController().signal },
    post: async () => REFUSED as never,
  });

/** A server begins with what is kept: only the clock of the wall says how long that was. */
function begin(clock: ManualClock, deliveries: readonly Delivery[]) {
  const shelf: Shelf = {
    ...{ workflow_id: "w", epoch: "e", taken: 9, kept: 9, deliveries, keptDeliveries: [] },
  };
  const begun: string[] = [];
  const dispatch = new Dispatch({
    ...{ clock, shelves: new Map([["e", shelf]]) },
    attempt: async ({ delivery }) => {
      begun.push(delivery.id);
      shelf.deliveries = shelf.deliveries.filter((one) => one !== delivery);
    },
  });
  onTestFinished(() => dispatch.close());
  dispatch.look();
  return { begun, dispatch };
}

describe.each(STEPS)("a clock that is set by %i ms", (step) => {
  test("a delivery that fails is tried just as often, and over just as long, as it is anyway", async () => {
    const clock = manualClock();
    let delivery = fresh(clock.now());
    let tries = 0;
    for (; isWaiting(delivery) && tries < 100; tries += 1) {
      clock.setWall(clock.now() + (tries % 2 === 0 ? step : 0));
      delivery = await tried(delivery, clock);
      clock.advance(delivery.waited);
    }
    expect([tries, delivery.status]).toEqual([13, "failed"]);
    expect(delivery.waited).toBeLessThanOrEqual(GIVEN_UP_AFTER_MS);
  });

  test("the next server tries it after what was left at most, and after all of that at the latest", async () => {
    const before = manualClock();
    const kept = await tried(fresh(before.now()), before);
    expect(kept.next_try).toBe(before.now() + 5_000);
    const clock = manualClock(before.now() + step);
    const { begun } = begin(clock, [kept]);
    clock.advance(5_000);
    expect(begun).toEqual(["e_1_0"]);
  });
});

test("a next try that no clock of ours can have written down is made within the longest delay", () => {
  for (const at of ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "no time"]) {
    const clock = manualClock();
    const last = { at, code: 503, error: "answered 503", answer: null };
    const { begun } = begin(clock, [{ ...fresh(0), tries: 1, next_try: 9e15, last }]);
    clock.advance(LONGEST_DELAY_MS);
    expect(begun).toEqual(["e_1_0"]);
  }
});

test("two events of one workflow are told in their order, though the clock was set back between them", async () => {
  const clock = manualClock();
  const first = fresh(clock.now(), 1);
  clock.setWall(clock.now() - 24 * HOUR);
  const { begun } = begin(clock, [first, fresh(clock.now(), 2)]);
  await until(() => begun.length === 2, "both were tried");
  expect(begun).toEqual(["e_1_0", "e_2_0"]);
});

test("a fault of our own in each try is said in the list, and given up after a day of tries, not tried for ever", async () => {
  const clock = manualClock();
  const logged: unknown[] = [];
  const attempts = new Attempts({
    ...{ clock, chance: () => 0.5, own: [WEBHOOK], env: {} },
    log: { error: (about: unknown) => void logged.push(about) } as never,
    pageOf: () => {
      throw new Error("a fault of our own");
    },
  });
  const make = (one: Delivery) => attempts.make("w", one, new AbortController().signal);
  const once = await make(fresh(clock.now()));
  expect(once).toMatchObject({ status: "waiting", tries: 0, next_try: clock.now() + 60_000 });
  expect(once.last?.error).toBe("the server could not try it: its log says why");
  expect(await make({ ...once, waited: GIVEN_UP_AFTER_MS })).toMatchObject({ status: "failed" });
  expect(logged).toHaveLength(2);
});
