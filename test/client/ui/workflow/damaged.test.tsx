// @vitest-environment happy-dom
/** A damaged workflow on its page: what can be done about it, and what is said of one that was restored. */
import { afterEach, describe, expect, test } from "vitest";
import { formatClock } from "../../../../client/ui/look/time.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, workflow } from "../samples.js";

let fake: FakePage;
afterEach(() => fake.stop());

const SAVED_AT = "2026-03-04T09:07:00Z";
const TIME = formatClock(Date.parse(SAVED_AT));

async function openDamaged(backup: object | null, sent: unknown[] = []): Promise<void> {
  const run = async (command: unknown) => void sent.push(command);
  fake = await openFakePage("/w/w1", { rest: { run } as never });
  const damage = {
    workflow_id: "w1",
    file: "w1.json",
    why: "cut",
    at: SAVED_AT,
    in_history: false,
    backup,
  };
  await fake.show("*", {
    phase: "live",
    list: { workflows: {}, damaged: { "w1.json": damage } } as never,
  });
  await fake.show("w1", { phase: "closed", closed: "damaged" });
}

describe("a damaged workflow", () => {
  test("offers the version before it, and says first what is lost", async () => {
    const sent: unknown[] = [];
    await openDamaged({ saved_at: SAVED_AT, status: "running" }, sent);
    expect(fake.text("[data-testid=restore]")).toBe(`Restore the version of ${TIME}…`);
    await fake.within(() => fake.all("[data-testid=restore]")[0]!.click());
    expect(sent).toEqual([]);
    expect(fake.text("dialog")).toContain(`What came after ${TIME} is lost`);
    const yes = fake.all("dialog button").find((button) => button.textContent === "Restore it");
    await fake.pass(500);
    await fake.within(() => yes!.click());
    expect(sent).toEqual([{ kind: "restore", workflow_id: "w1" }]);
  });

  test("offers none where there is none", async () => {
    await openDamaged(null);
    expect(fake.all("[data-testid=restore]")).toEqual([]);
    expect(fake.all("[data-testid=put-away]")).toHaveLength(1);
  });

  test("a damaged workflow that was restored says from when it is", async () => {
    fake = await openFakePage("/w/w1");
    const recovered_from_backup = { at: SAVED_AT, saved_at: SAVED_AT };
    await fake.show("w1", { phase: "live", state: workflow({ recovered_from_backup }), asOf: NOW });
    expect(fake.text("[data-testid=restored]")).toBe(
      `Restored from the version of ${TIME}: what came after it is lost.`,
    );
  });
});
