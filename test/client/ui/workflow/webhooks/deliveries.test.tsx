// @vitest-environment happy-dom
/** The deliveries of webhooks on the page of their workflow: when the server is asked, what is said of each, and one more try by hand. */
import { act } from "preact/test-utils";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type DeliveryView, SyncError } from "../../../../../client/index.js";
import { deliveryWords, isHeld } from "../../../../../client/ui/workflow/webhooks/deliveryWords.js";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { NOW, workflow } from "../../samples.js";

const ahead = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString();
const delivery = (part: Partial<DeliveryView> = {}): DeliveryView => ({
  ...{ id: "e_1_0", webhook: "team", host: "hooks.example", event: "ended", revision: 1 },
  ...{ status: "delivered", created_at: ahead(-5), tries: 1, next_try_at: null },
  ...{ last_try_at: ahead(-4), code: 204, error: null, answer: null, ...part },
});
const waiting = (part: Partial<DeliveryView> = {}) =>
  delivery({
    ...{ status: "waiting", next_try_at: ahead(30), code: 503, error: "answered 503", ...part },
  });
const WATCHER = { can: ["watch"] as const };

let fake: FakePage;
afterEach(() => {
  fake.stop();
  expect(fake.clock.waiting).toBe(0);
});

interface Asked {
  readonly method: string;
  readonly path: string;
}

/** The page of a workflow on a server that gives `answer` to each question. */
async function open(
  answer: (call: Asked) => unknown,
  connection: Parameters<FakePage["connect"]>[0] = {},
) {
  const asked = vi.fn(async (call: Asked, read: (answer: never) => unknown) =>
    read((await answer(call)) as never),
  );
  fake = await openFakePage("/w/w1", { rest: { ask: asked as never } });
  await fake.connect(connection);
  return asked;
}
const list = (...deliveries: DeliveryView[]) => ({ success: true, epoch: "e", deliveries });
const show = (status: "running" | "blocked" | "completed") =>
  fake.show("w1", {
    ...{ phase: "live", state: workflow({ status }), asOf: NOW },
    position: { epoch: "e", revision: 1 },
  });
const settle = () => act(async () => {});
const click = (selector: string) =>
  fake.within(() => fake.root.querySelector<HTMLElement>(selector)?.click());
const hasTab = () => fake.all("#tab-webhooks").length === 1;

describe("the server is asked", () => {
  test("once where a workflow is opened, once at each event, and at no other change", async () => {
    const asked = await open(() => list());
    await show("running");
    await settle();
    expect(asked).toHaveBeenCalledTimes(1);
    await show("running");
    await fake.pass(3_600_000);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(hasTab()).toBe(false);
    const times = { blocked: 2, running: 2, completed: 3 } as const;
    for (const [status, asksBefore] of Object.entries(times)) {
      await show(status as keyof typeof times);
      await settle();
      expect(asked).toHaveBeenCalledTimes(asksBefore);
    }
  });

  test("not at all by who may only watch, and not while the page is out of step", async () => {
    const asked = await open(() => list(delivery()), WATCHER);
    await show("completed");
    await settle();
    expect(asked).not.toHaveBeenCalled();
    await fake.connect({ phase: "waiting" });
    await settle();
    expect(asked).not.toHaveBeenCalled();
    await fake.connect({});
    await settle();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(hasTab()).toBe(true);
  });

  test.each([
    ["is older and has no such list", new SyncError("not_found", "there is nothing here")],
    ["does not show it to us", new SyncError("forbidden", "this token may only watch")],
  ])("once where it %s, and nothing is shown of it", async (_, refusal) => {
    const asked = await open(() => Promise.reject(refusal));
    await show("completed");
    await settle();
    await fake.pass(3_600_000);
    await settle();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(hasTab()).toBe(false);
  });

  test("while the list is open, behind the time of the next try, and no longer once all is over", async () => {
    let now = [waiting()];
    const asked = await open(() => list(...now));
    await show("completed");
    await settle();
    await click("#tab-webhooks");
    await settle();
    const before = asked.mock.calls.length;
    await fake.pass(29_000);
    await settle();
    expect(asked).toHaveBeenCalledTimes(before);
    now = [delivery({ tries: 2, last_try_at: ahead(30) })];
    await fake.pass(4_000);
    await settle();
    expect(asked.mock.calls.length).toBeGreaterThan(before);
    expect(fake.text("[data-testid=delivery]")).toContain("Delivered at");
    const then = asked.mock.calls.length;
    await fake.pass(3_600_000);
    await settle();
    expect(asked).toHaveBeenCalledTimes(then);
  });

  test("again where no answer came, and the list says so and stays as of when it was", async () => {
    let isAway = false;
    const asked = await open(() => (isAway ? Promise.reject(new Error("gone")) : list(waiting())));
    await show("completed");
    await settle();
    await click("#tab-webhooks");
    await settle();
    const asOf = fake.text("[data-testid=deliveries-as-of]");
    expect(asOf).toMatch(/^as of \d\d:\d\d:\d\d$/);
    isAway = true;
    await fake.pass(20_000);
    await click("[data-testid=ask-again]");
    await settle();
    expect(fake.text("[data-testid=deliveries-trouble]")).toBe("No answer came.");
    expect(fake.text("[data-testid=deliveries-as-of]")).toBe(asOf);
    isAway = false;
    const before = asked.mock.calls.length;
    await fake.pass(5_000);
    await settle();
    expect(asked).toHaveBeenCalledTimes(before + 1);
    expect(fake.all("[data-testid=deliveries-trouble]")).toEqual([]);
    expect(fake.text("[data-testid=deliveries-as-of]")).not.toBe(asOf);
  });
});

describe("one more try by hand", () => {
  async function sendAgain(answer: (call: Asked) => unknown) {
    const asked = await open((call) =>
      call.method === "POST" ? answer(call) : list(delivery({ status: "failed" })),
    );
    await show("completed");
    await settle();
    await click("#tab-webhooks");
    await settle();
    await click("[data-testid=send-again]");
    expect(fake.text("[data-testid=confirm-dialog] h2")).toBe("Tell team (hooks.example) again?");
    await fake.pass(600);
    await click("[data-testid=confirm]");
    await settle();
    return asked;
  }

  test("it is sent again once that was confirmed, and the list shows what the server said", async () => {
    const asked = await sendAgain(() => ({ success: true, delivery: waiting() }));
    const posted = asked.mock.calls.map(([call]) => call).filter(({ method }) => method === "POST");
    expect(posted).toMatchObject([{ path: "workflow/state/deliveries/e_1_0/retry" }]);
    expect(fake.all("[data-testid=confirm-dialog]")).toEqual([]);
  });

  test("a refusal is told in words, and the question stays", async () => {
    await sendAgain(() => Promise.reject(new SyncError("not_found", "there is no such delivery")));
    expect(fake.text("[data-testid=trouble]")).toBe("Refused: there is no such delivery.");
  });
});

describe("the words for a delivery", () => {
  test.each([
    [delivery(), /^Delivered at \d\d:\d\d:\d\d$/, "1 try, last: answered 204"],
    [
      waiting({ tries: 3, answer: "later" }),
      /^Waiting for the next try at \d\d:\d\d:\d\d$/,
      "3 tries, last: answered 503: “later”",
    ],
    [
      waiting({ tries: 0, error: null, code: null, next_try_at: ahead(-1) }),
      /^About to be sent$/,
      "not tried yet",
    ],
    [
      waiting({ next_try_at: ahead(200_000) }),
      /at \d+ \w{3} \d\d:\d\d$/,
      "1 try, last: answered 503",
    ],
    [
      delivery({ status: "failed", code: 410, error: "410: it wants no more", tries: 1 }),
      /^Given up$/,
      "1 try, last: 410: it wants no more",
    ],
    [delivery({ status: "dropped", tries: 0 }), /^Dropped, as too many waited$/, "not tried yet"],
    [delivery({ status: "held" as never }), /^held$/, "1 try, last: answered 204"],
  ])("a delivery is told by its state, its tries and its last answer (%#)", (one, state, more) => {
    const words = deliveryWords(one, [one], NOW);
    expect(words).toMatchObject({ to: "team (hooks.example)", about: "that it ended", more });
    expect(words.state).toMatch(state);
  });

  test("a delivery behind one of the same webhook that waits is told as held up by it", () => {
    const all = [waiting(), waiting({ id: "e_2_0" }), waiting({ id: "e_2_1", webhook: "other" })];
    expect(all.map((one) => isHeld(one, all))).toEqual([false, true, false]);
    expect(deliveryWords(all[1]!, all, NOW).state).toBe("Waiting for the one before it");
  });
});
