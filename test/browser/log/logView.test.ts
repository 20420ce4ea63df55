/** The log in Chromium: never markup, at the same place after a reload, its older parts by REST, links to its lines, searched. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest, sender } from "../pageTest.js";
import { atRest } from "../tab.js";

const LOG = "/workflow/state/steps/0/log";

async function startAt(url: string, part: object = {}): Promise<void> {
  const step = { action: "copy", status: "in_progress", ...part };
  await sender(url)("POST", "/workflow/state", { workflow_id: "logs", steps: [step] });
}

async function print(url: string, text: string, attempt = 1): Promise<void> {
  for (let at = 0; at < text.length; at += 500_000) {
    const body = text.slice(at, at + 500_000);
    const headers = { "Content-Type": "text/plain" };
    const path = `${url}${LOG}?workflow_id=logs&attempt=${attempt}`;
    expect((await fetch(path, { method: "POST", headers, body })).status).toBe(200);
  }
}

const numbered = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, n) => `this is line ${from + n}\n`).join("");

const output = (tab: Page) => tab.locator("[data-testid=output]");

const line = (tab: Page, number: number) =>
  tab.locator(".output-line", { has: tab.locator(`[data-number="${number}"]`) });

/** The texts of the lines that are in view. */
const inView = (tab: Page): Promise<string[]> =>
  output(tab).evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect();
    return [...log.querySelectorAll(".output-line")]
      .filter((one) => {
        const box = one.getBoundingClientRect();
        return box.bottom > top + 1 && box.top < bottom - 1;
      })
      .map((one) => one.textContent ?? "");
  });

const untilInView = (tab: Page, text: string) => expect.poll(() => inView(tab)).toContain(text);

const scroll = (tab: Page, top: number) =>
  output(tab).evaluate((log, to) => {
    log.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }));
    log.scrollTop = to;
  }, top);

describe("the log on the page", () => {
  pageTest(
    "hostile output is text, and only safe links are links",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url);
      const link = (address: string, text: string) =>
        `\u001b]8;;${address}\u0007${text}\u001b]8;;\u0007`;
      await print(
        url,
        [
          "<img src=x onerror=alert(1)>",
          "<script>alert(2)</script>",
          `\u001b[31m"><svg onload=alert(3)>\u001b[0m`,
          `${link("javascript:alert(4)", "evil")} ${link("data:text/html,<b>", "data")} ${link("https://example.org/?a=1&b=<2>", "good")}`,
          "::group::<b onclick=alert(5)>title</b>",
          "::endgroup::",
          "::note::<i>note</i>",
          "\u001b[1;31mbold red\u001b[0m",
          "",
        ].join("\n"),
      );
      const tab = await openTab(`${url}/w/logs`);
      await line(tab, 8).waitFor();
      expect((await inView(tab)).slice(0, 3)).toEqual([
        "<img src=x onerror=alert(1)>",
        "<script>alert(2)</script>",
        '"><svg onload=alert(3)>',
      ]);
      const strange = "img, script, svg, b, i, [onclick], [onerror], [onload], [style*=color]";
      expect(await output(tab).locator(strange).count()).toBe(0);
      const links = await output(tab)
        .locator(".output-text a")
        .evaluateAll((all) =>
          all.map((one) => [
            one.textContent,
            (one as HTMLAnchorElement).href,
            (one as HTMLAnchorElement).rel,
          ]),
        );
      expect(links).toEqual([
        ["good", "https://example.org/?a=1&b=%3C2%3E", "noopener noreferrer"],
      ]);
      const red = output(tab).locator(".in-red.is-bold");
      expect(await red.textContent()).toBe("bold red");
      expect(await red.evaluate((one) => getComputedStyle(one).fontWeight)).toBe("700");
    },
  );

  pageTest(
    "older lines come as the reader scrolls up, and what is in view stays there",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url);
      await print(url, numbered(30_000));
      const tab = await openTab(`${url}/w/logs`);
      await untilInView(tab, "this is line 30000");
      await line(tab, 30_000).waitFor();
      // A place high up, while the lines before it are still to come.
      await scroll(tab, 300);
      const [first] = await atRest(tab, () => inView(tab));
      await tab.locator(".output-notice", { hasText: "Loading" }).waitFor({ state: "detached" });
      const number = Number(/\d+$/.exec(first ?? "")?.[0]);
      await tab.waitForFunction(
        (key) => document.querySelector(`[data-number="${key}"]`) !== null,
        number - 1_000,
      );
      expect((await atRest(tab, () => inView(tab)))[0]).toBe(first);
      // All the way to the first line.
      await output(tab).press("g");
      await untilInView(tab, "this is line 1");
      expect((await inView(tab))[0]).toBe("this is line 1");
      const drawn = await output(tab).locator(".output-line").count();
      expect(drawn).toBeLessThan(9_000);
      await output(tab).press("End");
      await untilInView(tab, "this is line 30000");
      await print(url, "one more\n");
      await untilInView(tab, "one more");
    },
  );

  pageTest(
    "a reload leaves the reader where he was, also far from the end",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url);
      await print(url, numbered(40_000));
      const tab = await openTab(`${url}/w/logs?step=copy&attempt=1#L12345`);
      await untilInView(tab, "this is line 12345");
      await scroll(tab, await output(tab).evaluate((log) => log.scrollTop + 377));
      const before = await atRest(tab, () => inView(tab));
      await tab.waitForFunction(() =>
        Object.values(sessionStorage).some((kept) => kept.includes('"isFollowing":false')),
      );
      await print(url, numbered(100, 40_001));
      await tab.reload();
      await expect.poll(() => inView(tab)).toEqual(before);
      expect(await tab.locator("[data-testid=log-follow]").getAttribute("aria-pressed")).toBe(
        "false",
      );
      await print(url, "two\nmore\n");
      await tab.locator("[data-testid=new-lines]", { hasText: "2 new lines" }).waitFor();
      expect(await inView(tab)).toEqual(before);
      await tab.locator("[data-testid=new-lines]").click();
      await untilInView(tab, "more");
    },
  );

  pageTest(
    "a link to lines opens the attempt, finds the lines, and more can be chosen",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url, {
        attempt: 2,
        attempts: [{ attempt: 1, status: "failed", exit_code: 23 }],
      });
      await print(url, numbered(20_000), 1);
      await print(url, "the second try\n", 2);
      const tab = await openTab(`${url}/w/logs?step=copy&attempt=1#L9000-L9002`);
      await untilInView(tab, "this is line 9001");
      const selected = () => output(tab).locator(".is-selected").count();
      await expect.poll(selected).toBe(3);
      expect(await tab.locator(".output-attempt select").inputValue()).toBe("1");
      await line(tab, 9_004)
        .locator(".output-number")
        .click({ modifiers: ["Shift"] });
      await tab.waitForURL(/attempt=1#L9000-L9004$/);
      await expect.poll(selected).toBe(5);
      const before = await atRest(tab, () => inView(tab));
      await line(tab, 9_003).locator(".output-number").click();
      await tab.waitForURL(/#L9003$/);
      expect(await inView(tab)).toEqual(before);
      await tab.locator(".output-attempt select").selectOption("2");
      await untilInView(tab, "the second try");
      expect(new URL(tab.url()).searchParams.get("attempt")).toBe("2");
      await tab.evaluate(() => {
        location.hash = "#L777";
      });
      await tab.locator("[role=alert]", { hasText: "Line 777 is not there" }).waitFor();
    },
  );

  pageTest(
    "what is searched is counted, marked and gone to, here and beyond",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await startAt(url);
      await print(
        url,
        `needle at the start\n${numbered(30_000)}a needle\nERROR: no needle\nlast\n`,
      );
      const tab = await openTab(`${url}/w/logs`);
      await untilInView(tab, "last");
      await output(tab).press("/");
      const input = tab.locator(".output-search-text");
      await input.fill("NEEDLE");
      const count = tab.locator("[data-testid=search-count]");
      await expect.poll(() => count.textContent()).toBe("0/2+");
      await input.press("Enter");
      await expect.poll(() => count.textContent()).toBe("1/2+");
      expect(await tab.locator("[data-testid=log-follow]").getAttribute("aria-pressed")).toBe(
        "false",
      );
      await print(url, "more\n".repeat(5));
      await tab.locator("[data-testid=new-lines]").waitFor();
      await input.press("Enter");
      await expect.poll(() => count.textContent()).toBe("2/2+");
      await input.press("Shift+Enter");
      await input.press("Shift+Enter");
      await untilInView(tab, "needle at the start");
      await expect.poll(() => count.textContent()).toBe("1/1+");
      await tab.getByRole("button", { name: "Regular expression" }).click();
      // On a line of many letters it would not come back in a lifetime; the page goes on.
      const unlucky = `${"a".repeat(60)}!`;
      await print(url, `${unlucky}\n`);
      await output(tab).press("End");
      await untilInView(tab, unlucky);
      await input.fill("(a+)+$");
      const said = tab.locator("[data-testid=log-said]");
      await expect.poll(() => said.textContent()).toContain("this takes too long");
      await input.fill("ne[");
      await expect.poll(() => said.textContent()).toContain("not a valid expression");
      await output(tab).press("Home");
      await untilInView(tab, "this is line 1");
      await input.fill("^this is line 1[0-3]$");
      // At once, while it is still searched.
      await input.press("Enter");
      await expect.poll(() => count.textContent()).toBe("1/4+");
      await input.press("Escape");
      await output(tab).press("n");
      await untilInView(tab, "this is line 10");
      await output(tab).press("e");
      await untilInView(tab, "ERROR: no needle");
    },
  );

  pageTest(
    "what was left out of the middle is named where it is missing",
    async ({ startServer, openTab }) => {
      const { url } = await startServer({ limits: { outputBytes: 256 * 1024 } });
      await startAt(url);
      for (let round = 0; round < 15; round++) await print(url, numbered(4_000, round * 4_000 + 1));
      const tab = await openTab(`${url}/w/logs`);
      await untilInView(tab, "this is line 60000");
      // Heard of when it is drawn: where much comes at once, it is drawn and goes again between two looks.
      await output(tab).evaluate((log) => {
        const look = () => {
          for (const { textContent } of log.querySelectorAll(".output-notice"))
            if (textContent.includes("left out here")) log.dataset.notice = textContent;
        };
        new MutationObserver(look).observe(log, { childList: true, subtree: true });
      });
      await output(tab).press("g");
      await untilInView(tab, "this is line 1");
      const noticeOnTheWay = () =>
        output(tab).evaluate((log) => {
          if (log.dataset.notice === undefined) log.scrollTop = log.scrollHeight;
          return log.dataset.notice ?? "";
        });
      await expect.poll(noticeOnTheWay).toMatch(/^[\d,]+ bytes were left out here$/);
    },
  );
});
