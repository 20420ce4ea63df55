/** Reading a tab: its picture, its pill, and what went wrong in it. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

export interface Picture {
  readonly title: string;
  readonly status: string;
  readonly steps: readonly { readonly status: string; readonly text: string }[];
}

/** What a person sees of the workflow, without the clocks: two tabs in step have the same one. */
export function pictureOf(page: Page): Promise<Picture> {
  return page.evaluate(() => {
    const text = (element: Element | null) =>
      (element?.textContent ?? "").replaceAll(/\s+/g, " ").trim();
    return {
      title: text(document.querySelector("h1")),
      status: text(document.querySelector("[data-testid=workflow-status]")),
      steps: [...document.querySelectorAll<HTMLElement>("[data-step]")].map((row) => ({
        status: row.dataset.status ?? "",
        text: text(row.querySelector(".step-body")),
      })),
    };
  });
}

export async function untilStep(page: Page, index: number, status: string): Promise<void> {
  await page.locator(`[data-step="${index}"][data-status="${status}"]`).waitFor();
}

export async function untilStatus(page: Page, status: string): Promise<void> {
  await page.locator(`[data-testid=workflow-status][data-status="${status}"]`).waitFor();
}

/** The button, and yes to its question. */
export async function press(page: Page, testid: string): Promise<void> {
  await page.locator(`[data-testid=${testid}]`).first().click();
  await page.locator("[data-testid=confirm]").click();
}

export async function untilPill(page: Page, text: string): Promise<void> {
  await page.locator("[data-testid=connection]", { hasText: text }).waitFor();
}

/** What `read` gives once it stays the same, also in what is painted next: a page that scrolls, or measures itself, does that frame by frame. */
export async function atRest<T>(page: Page, read: () => Promise<T>): Promise<T> {
  let now = await read();
  await expect
    .poll(async () => {
      const before = JSON.stringify(now);
      for (let frame = 0; frame < 3; frame++)
        await page.evaluate(() => new Promise(requestAnimationFrame));
      now = await read();
      return JSON.stringify(now) === before;
    })
    .toBe(true);
  return now;
}

/** Loads it again without SharedWorker: what is done to the tab's network then is done to its socket. */
export async function withOwnSocket(page: Page): Promise<void> {
  await page.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
  await page.reload();
}

/** Errors of the page's code, and everything its content policy had to refuse; filled while the tab lives. */
export async function watchTab(page: Page): Promise<string[]> {
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) troubles.push(message.text());
  });
  await page.exposeFunction("reportViolation", (what: string) => troubles.push(what));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as unknown as { reportViolation(what: string): void }).reportViolation;
      report(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return troubles;
}
