// @vitest-environment happy-dom
/** The list: newest first, in place, and helpful when empty. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Summary } from "../../../../client/index.js";
import { curlLine } from "../../../../client/ui/list/empty/curlLine.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { summary } from "../samples.js";

let fake: FakePage;
beforeEach(async () => {
  fake = await openFakePage("/");
});
afterEach(() => fake.stop());

const show = (...summaries: Summary[]) =>
  fake.show("*", {
    phase: "live",
    list: { workflows: Object.fromEntries(summaries.map((one) => [one.epoch, one])) },
  });
const ids = () => fake.all("[data-workflow-id]").map((row) => row.dataset.workflowId);

const old = summary({ workflow_id: "old", epoch: "e0", start_time: "2026-03-04T08:00:00Z" });
const young = summary({ workflow_id: "young", epoch: "e2", start_time: "2026-03-04T09:51:00Z" });

describe("the list", () => {
  test("the list has the newest first, with status, name, step and id", async () => {
    await show(old, summary(), young);
    expect(ids()).toEqual(["young", "w1", "old"]);
    const row = fake.text("[data-workflow-id=w1]");
    for (const part of ["Running", "Nightly backup", "w1", "2 of 3", "Copy"])
      expect(row).toContain(part);
  });

  test("the list lets new rows wait while the pointer is over it", async () => {
    await show(old);
    await fake.within(() =>
      fake.root.querySelector(".list")?.dispatchEvent(new PointerEvent("pointerenter")),
    );
    await show(old, young);
    expect(ids()).toEqual(["old"]);
    expect(fake.text(".list-waiting")).toBe("↑ 1 new workflow – show");
    await fake.within(() => fake.root.querySelector<HTMLElement>(".list-waiting")?.click());
    expect(ids()).toEqual(["young", "old"]);
  });

  test("the list shows an ended workflow's own time, and not where the server keeps it", async () => {
    await show(summary({ status: "failed", end_time: "2026-03-04T09:51:09Z", in_history: true }));
    expect(fake.text(".rows .row-duration")).toBe("1m 09s");
    expect(document.body.textContent?.toLowerCase()).not.toContain("history");
  });

  test("empty, it offers a line to try on this very server", async () => {
    await show();
    expect(fake.text("[data-testid=empty]")).toContain("Nothing has run yet");
    expect(fake.text("[data-testid=empty] code")).toContain(
      new URL("/workflow/state", window.location.href).href,
    );
  });

  test("the line names the mount, and a token only where one is needed", () => {
    const mount = new URL("https://host.example/instep/");
    expect(curlLine(mount, false)).toContain("'https://host.example/instep/workflow/state'");
    expect(curlLine(mount, false)).not.toContain("Authorization");
    expect(curlLine(mount, true)).toContain("Bearer $INSTEP_TOKEN");
  });
});
