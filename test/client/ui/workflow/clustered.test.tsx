// @vitest-environment happy-dom
/** Servers of a cluster by their names, and what a page says as of when it was: only where a server said that it is one of a cluster. */
import { afterEach, describe, expect, test } from "vitest";
import { showList } from "../fakeList.js";
import { type FakePage, openFakePage } from "../fakePage.js";
import { NOW, step, summary, workflow } from "../samples.js";

let fake: FakePage;
afterEach(() => fake?.stop());

const SINCE = new Date(2026, 0, 1, 9, 41, 7).getTime();
const failed = { status: "failed", error: "Exit code 1" } as const;
const copying = (attempts: object[], more: object = {}) =>
  step(0, {
    ...{ status: "in_progress", title: "Copy", log_bytes: 4, node: "gpu-2" },
    attempt: attempts.length + 1,
    attempts: attempts.map((one, index) => ({ attempt: index + 1, ...failed, ...one })),
    ...more,
  } as object);
const state = (...attempts: object[]) =>
  workflow({ node: "gpu-1", current_step: 0, steps: [copying(attempts)] } as object);

async function open(node: string | null, ...attempts: object[]): Promise<void> {
  fake = await openFakePage("/w/w1");
  await fake.connect({ node });
  await fake.show("w1", {
    ...{ phase: "live", state: state(...attempts), asOf: NOW },
    position: { epoch: "e1", revision: 3 },
  });
}

const details = async () => {
  await fake.within(() => fake.root.querySelector<HTMLElement>("#tab-details")!.click());
  return fake.text(".details");
};
const columns = () => fake.all(".details th").map((cell) => cell.textContent);

describe("a page of a server of a cluster", () => {
  test("the head names the server that runs a workflow, and Details the one that keeps a step's output and the one that answers", async () => {
    await open("gpu-3");
    expect(fake.text(".workflow-head .is-node dd")).toBe("on gpu-1");
    expect(await details()).toContain("Revision 3 of epoch e1, served by gpu-3");
    expect(fake.text(".details .is-node dd")).toBe("gpu-2");
  });

  test("the table of attempts names each one's server where they were not all on the same", async () => {
    await open("gpu-3", { node: "gpu-1" }, { node: "gpu-2" });
    await details();
    expect(columns()).toEqual(["Attempt", "Status", "Started", "Took", "Node", "Why"]);
    const nodes = fake.all(".details tbody tr").map((row) => row.children[4]?.textContent);
    expect(nodes).toEqual(["gpu-1", "gpu-2", "gpu-2"]);
  });

  test("the table of attempts names no server where all were on the same", async () => {
    await open("gpu-3", { node: "gpu-2" });
    await details();
    expect(columns()).toEqual(["Attempt", "Status", "Started", "Took", "Why"]);
  });

  test("a line of the list names the server that runs its workflow", async () => {
    fake = await openFakePage("/");
    await fake.connect({ node: "gpu-3" });
    await showList(fake, summary({ node: "gpu-1", by: "cron" } as object));
    expect(fake.text(".row-origin-words")).toBe("by cronon gpu-1");
    expect(fake.all(".row-origin-words")[0]?.title).toBe("by cron · on gpu-1");
  });

  test("the log's line and an unknown workflow say as of when they are", async () => {
    await open("gpu-3");
    await fake.connect({ node: "gpu-3", staleSince: SINCE });
    await fake.show("w1", { phase: "stale", staleSince: SINCE });
    await fake.print(0, "line\n");
    expect(fake.text("[data-testid=log-status]")).toContain(
      "As of 09:41:07: newer lines may be missing",
    );
    fake.stop();
    fake = await openFakePage("/w/w1");
    await fake.show("w1", { phase: "closed", closed: "unknown", staleSince: SINCE });
    expect(fake.text("[data-testid=closed] h1")).toBe("There is no such workflow");
    expect(fake.text("[data-testid=closed] p")).toContain("So it was at 09:41:07.");
    await fake.show("w1", { staleSince: null });
    expect(fake.text("[data-testid=closed] p")).not.toContain("09:41:07");
  });
});

describe("a page of a server alone", () => {
  test("it shows nothing of what a driver calls a node", async () => {
    await open(null, { node: "gpu-1" });
    expect(fake.all("[data-testid=node]")).toEqual([]);
    expect(await details()).not.toContain("served by");
    expect(fake.all(".details .is-node")).toEqual([]);
    expect(columns()).not.toContain("Node");
    fake.stop();
    fake = await openFakePage("/");
    await showList(fake, summary({ node: "gpu-1", by: "cron" } as object));
    expect(fake.text(".row-origin-words")).toBe("by cron");
  });
});
