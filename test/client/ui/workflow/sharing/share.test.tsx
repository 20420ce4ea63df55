// @vitest-environment happy-dom
/** Links that show one workflow, on its page: made, copied, listed, taken back, and refused in words. */
import { act } from "preact/test-utils";
import { afterEach, describe, expect, test } from "vitest";
import { SyncError } from "../../../../../client/index.js";
import { type FakePage, openFakePage } from "../../fakePage.js";
import { NOW, workflow } from "../../samples.js";

const share = (number: string, part: object = {}) => ({
  ...{ number, workflow_id: "w1", epoch: "e", made_at: new Date(NOW).toISOString() },
  ...{ ends_at: new Date(NOW + 3_600_000).toISOString(), ...part },
});

interface Call {
  readonly method: string;
  readonly body?: unknown;
}

let fake: FakePage;
afterEach(() => fake.stop());

async function open(answer: (call: Call) => unknown, part: object = {}) {
  const ask = async (call: Call, read: (answer: never) => unknown) =>
    read((await answer(call)) as never);
  fake = await openFakePage("/w/w1", { hasToken: true, rest: { ask: ask as never } });
  await fake.connect(part);
  await fake.show("w1", {
    ...{ phase: "live", state: workflow(), asOf: NOW },
    position: { epoch: "e", revision: 1 },
  });
}
const click = async (selector: string) => {
  await fake.within(() => fake.root.querySelector<HTMLElement>(selector)?.click());
  // An answer passes several hands before it is drawn.
  for (let hand = 0; hand < 10; hand++) await act(async () => {});
};

describe("links on the page of a workflow", () => {
  test("a link is made for the time that was chosen, shown once, listed, and taken back", async () => {
    let shares = [share("111111"), share("222222", { epoch: "of the run before" })];
    const asked: Call[] = [];
    await open((call) => {
      asked.push(call);
      if (call.method === "GET") return { success: true, shares };
      const made = share("333333", { by: "ann" });
      shares = call.method === "POST" ? [made, ...shares] : shares.slice(1);
      return { success: true, share: made, token: "share.x.y", path: "w/w1#t=share.x.y" };
    });
    await click("[data-testid=share]");
    expect(fake.all("[data-testid=share-link]")).toHaveLength(1);
    await click("[data-testid=make-link]");
    const post = asked.find(({ method }) => method === "POST");
    expect(post?.body).toEqual({ workflow_id: "w1", for_ms: 8 * 3_600_000 });
    const field = fake.root.querySelector<HTMLInputElement>("[data-testid=made-link]");
    expect(field?.value).toMatch(/\/w\/w1#t=share\.x\.y$/);
    expect(fake.text("[data-testid=share-link]")).toMatch(/^333333, until .*, by ann/);
    await click("[data-testid=share-link] button");
    expect(asked.find(({ method }) => method === "DELETE")?.body).toEqual({ share: "333333" });
    expect(fake.all("[data-testid=share-link]")).toHaveLength(1);
    expect(fake.all("[data-testid=made-link]")).toEqual([]);
    await fake.pass(3_700_000);
    expect(fake.all("[data-testid=share-link]")).toEqual([]);
  });

  test("a refusal is told in words", async () => {
    const why = "this link is somebody else's: they or an admin take it back";
    await open(({ method }) => {
      if (method === "GET") return { success: true, shares: [share("111111")] };
      throw new SyncError("forbidden", why);
    });
    await click("[data-testid=share]");
    await click("[data-testid=share-link] button");
    expect(fake.text("[data-testid=share-trouble]")).toBe(`Refused: ${why}.`);
    expect(fake.all("[data-testid=share-link]")).toHaveLength(1);
  });

  test("a server that asks nobody for a token has its own address shown, and no link is made", async () => {
    await open(() => ({ success: true, shares: [] }));
    fake.stop();
    fake = await openFakePage("/w/w1");
    await fake.show("w1", { phase: "live", state: workflow(), asOf: NOW });
    await click("[data-testid=share]");
    const field = fake.root.querySelector<HTMLInputElement>("[data-testid=made-link]");
    expect(field?.value).toBe(window.location.href);
    expect(fake.all("[data-testid=make-link]")).toEqual([]);
  });

  test.each([
    [["watch"], 0],
    [[], 0],
    [["watch", "drive"], 1],
  ] as const)("who may %s is offered %s of it", async (can, times) => {
    await open(() => ({ success: true, shares: [] }), { can });
    expect(fake.all("[data-testid=share]")).toHaveLength(times);
  });
});
