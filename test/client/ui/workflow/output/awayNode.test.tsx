// @vitest-environment happy-dom
/** The output of a step whose node is away: one quiet line says so, in place of what nobody can know meanwhile. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { LIVE, NOW, step, workflow } from "../../samples.js";

let fake: FakePage;
beforeEach(async () => {
  fake = await openFakePage("/w/w1");
});
afterEach(() => fake.stop());

const show = (status: "in_progress" | "completed") =>
  fake.show("w1", {
    phase: "live",
    state: workflow({ steps: [step(0, { status, log_bytes: 4 })] }),
    asOf: NOW,
  });
const away = { node: "b", since: new Date(2026, 0, 2, 9, 41, 7).getTime() };
const sentence = "The output is on node b, which is away since 09:41:07";
const status = () => fake.text("[data-testid=log-status]");

test("while the node that keeps an output is away, its line says so in place of following, until it is back", async () => {
  await show("in_progress");
  await fake.print(0, "one\n");
  await fake.pass(100);
  expect(status()).toBe("● Following · 1 line · 4 B");
  await fake.awayOutput(0, away);
  expect(status()).toBe(`${sentence} · 1 line · 4 B`);
  expect(fake.text("[data-testid=output]")).toContain("one");
  await fake.awayOutput(0, null);
  expect(status()).toBe("● Following · 1 line · 4 B");
});

test("an output of which nothing came from a node that is away is not said to be empty", async () => {
  await show("completed");
  await fake.within(() => fake.all("[data-step='0'] .step-name")[0]!.click());
  expect(fake.text("[data-testid=output]")).toBe("It printed nothing.");
  await fake.awayOutput(0, away);
  expect(fake.text("[data-testid=output]")).toBe("");
  expect(status()).toBe(sentence);
  await fake.awayOutput(0, null);
  expect(fake.text("[data-testid=output]")).toBe("It printed nothing.");
  expect(status()).toBe("");
});

test("a page that is not live says that first, whatever it heard of the node before", async () => {
  await show("in_progress");
  await fake.awayOutput(0, away);
  await fake.connect({ ...LIVE, staleSince: away.since });
  await fake.show("w1", { phase: "stale" });
  expect(status()).toContain("As of 09:41:07: newer lines may be missing");
});
