/** Links in texts can be followed where they stand: in a log, and in a row that is a link itself. */
import { describe, expect } from "vitest";
import { pageTest, sender } from "../pageTest.js";

describe("a link in a text", () => {
  pageTest(
    "a link is what is hit where it stands, also in the row of a step, and shows its letters in their order",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await sender(url)("POST", "/workflow/state", {
        workflow_id: "links",
        steps: [
          {
            action: "copy",
            status: "in_progress",
            message: "see https://example.org/message for more",
          },
        ],
      });
      await fetch(`${url}/workflow/state/steps/0/log`, {
        method: "POST",
        headers: { "Content-Type": "text/plain" },
        body: "\u202eturned round https://example.org/log\n",
      });
      const tab = await openTab(`${url}/w/links`);
      await tab.locator(".output-text .text-link").waitFor();
      const hits = await tab.evaluate(() =>
        [".step .text-link", ".output-text .text-link"].map((where) => {
          const link = document.querySelector(where)!;
          const { left, top, width, height } = link.getBoundingClientRect();
          const hit = document.elementFromPoint(left + width / 2, top + height / 2);
          const letterAt = (at: number) => {
            const range = document.createRange();
            range.setStart(link.firstChild!, at);
            range.setEnd(link.firstChild!, at + 1);
            return range.getBoundingClientRect().left;
          };
          return [hit === link, letterAt(0) < letterAt(5)];
        }),
      );
      expect(hits).toEqual([
        [true, true],
        [true, true],
      ]);
    },
  );
});
