/** The outbox keeps within its bounds: the oldest fall out, and say so. */
import { describe, expect, test } from "vitest";
import { dropped, MOST_WAITING, tooMany } from "../../../server/webhooks/bounds.js";
import type { Delivery } from "../../../server/webhooks/delivery.js";
import type { Shelf } from "../../../server/webhooks/outbox.js";
import { workflowEvent } from "../../../shared/state/workflowEvent.js";
import { stateOf } from "../../support/disks/records.js";

const eventWith = (title: string) =>
  workflowEvent("ended", stateOf({ status: "completed", title }), { epoch: "e", revision: 1 });
const SHORT = eventWith("short");

const delivery = (at: number, more: Partial<Delivery> = {}): Delivery => ({
  ...{ id: `d${at}`, webhook: "team", own: null, host: null, event: SHORT, status: "waiting" },
  ...{ created_at: new Date(at).toISOString(), waited: 0, tries: 0, next_try: at, last: null },
  ...more,
});
const shelvesOf = (...all: (readonly Delivery[])[]): Map<string, Shelf> =>
  new Map(
    all.map((deliveries, n) => [
      `e${n}`,
      { workflow_id: `w${n}`, epoch: `e${n}`, taken: 1, kept: 1, deliveries, keptDeliveries: [] },
    ]),
  );
const row = (count: number, first = 0, more: Partial<Delivery> = {}) =>
  Array.from({ length: count }, (_, n) => delivery(first + n, more));
const idsOf = (placed: ReturnType<typeof tooMany>) => placed.map((one) => one.delivery.id);
const none = () => false;

describe("too many deliveries", () => {
  test("as many as may wait fall out none, and each more makes the oldest of all workflows fall out", () => {
    expect(tooMany(shelvesOf(row(MOST_WAITING)), none)).toEqual([]);
    const shelves = shelvesOf(row(MOST_WAITING - 1, 10), row(3, 0));
    expect(idsOf(tooMany(shelves, none))).toEqual(["d0", "d1"]);
  });

  test("one that is under way stays, and those that are over do not count", () => {
    const over = row(500, 0, { status: "delivered", next_try: null });
    const shelves = shelvesOf(over, row(MOST_WAITING + 1, 1_000));
    expect(idsOf(tooMany(shelves, (id) => id === "d1000"))).toEqual(["d1001"]);
  });

  test("a few long ones are too many, too: they are dropped until 8 MiB are left", () => {
    const own = {
      ...{ name: "team", url: "https://example.org/", events: [], format: "json" as const },
      ...{ headers: { "X-Long": "x".repeat(3 * 2 ** 20) }, allowPrivate: false, folder: "/" },
    };
    const shelves = shelvesOf(
      [1, 2, 3, 4].map((at) => delivery(at, { event: eventWith(`number ${at}`), own })),
    );
    expect(idsOf(tooMany(shelves, none))).toEqual(["d1", "d2"]);
  });

  test("one that fell out says why, keeps what was answered before, and is tried no more", () => {
    const last = { at: "2026-01-01T00:00:00.000Z", code: 503, error: "answered 503", answer: "no" };
    expect(dropped(delivery(1, { tries: 1, last }))).toMatchObject({
      status: "dropped",
      next_try: null,
      last: { ...last, error: "more than 1000 deliveries, or more than 8 MiB of them, waited" },
    });
  });
});
