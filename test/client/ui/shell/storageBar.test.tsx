// @vitest-environment happy-dom
/** What the page says while the server cannot save. */
import { afterEach, describe, expect, test } from "vitest";
import { type FakePage, openFakePage } from "../fakePage.js";

let fake: FakePage;
afterEach(() => fake?.stop());

const bar = () => fake.text('[data-testid="cannot-save"]');

describe("a server that cannot save", () => {
  test("a server that cannot save is said so on the page, with the reason, for as long as it is so", async () => {
    fake = await openFakePage("/");
    expect(bar()).toBe("");
    await fake.connect({ cannotSave: "disk_full" });
    expect(bar()).toBe(
      "The server cannot save: its disk is full. What you see is the last that was saved. What is reported now is refused.",
    );
    await fake.pass(500);
    expect(fake.page.announcer.warning.value).toBe("The server cannot save: its disk is full.");
    await fake.connect({ cannotSave: null });
    expect(bar()).toBe("");
    await fake.pass(500);
    expect(fake.page.announcer.text.value).toBe("The server saves again.");
  });

  test("a server that cannot save is not spoken of while the page has not heard of it lately", async () => {
    fake = await openFakePage("/");
    await fake.connect({ cannotSave: "read_only", phase: "waiting" });
    expect(bar()).toBe("");
  });
});
