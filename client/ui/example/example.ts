/** The example a visitor can run: six steps that take their time and touch nothing. */
import {
  type Definition,
  type DriveOptions,
  type DriveResult,
  drive,
  type InstepClient,
  type StepContext,
  type StepHandler,
} from "../../index.js";
import { EXAMPLE_NAME } from "./exampleRuns.js";

const EXAMPLE: Definition = {
  name: EXAMPLE_NAME,
  title: "Publish a small site (example)",
  steps: [
    { action: "prepare", title: "Prepare a workspace" },
    { action: "download", title: "Download the sources" },
    { action: "check", title: "Check the files" },
    { action: "build", title: "Build the pages" },
    { action: "publish", title: "Publish" },
    { action: "tidy", title: "Tidy up" },
  ],
};

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** `pace` scales all waiting, so that a test need not sit through it. */
export function exampleHandlers(pause: Pause, pace = 1): Record<string, StepHandler> {
  const wait = (step: StepContext, ms: number) => pause(ms * pace, step.signal);
  return {
    async prepare(step) {
      step.message("Making an empty folder");
      await step.output("$ mkdir workspace\n");
      await wait(step, 900);
      step.message("Reading the list of sources");
      await step.output("Found 48 sources in sources.txt\n");
      await wait(step, 900);
      return { sources: 48 };
    },
    async download(step) {
      for (let files = 4; files <= 48; files += 4) {
        await wait(step, 320);
        step.progress(files / 48, `${files} of 48 files`);
        await step.output(`\rDownloading: ${files} of 48 files`);
      }
      await step.output("\n1,204,331 bytes in 48 files\n");
      return { files: 48, bytes: 1_204_331 };
    },
    async check(step) {
      const checks = ["Names", "Sizes", "Checksums"];
      for (const check of checks) step.task(check, "pending");
      for (const [done, check] of checks.entries()) {
        step.task(check, "in_progress");
        await wait(step, 900);
        step.task(check, "completed", "48 of 48 are fine");
        await step.output(`${check}: 48 of 48 are fine\n`);
        step.progress((done + 1) / checks.length);
      }
    },
    async build(step) {
      for (let pages = 1; pages <= 10; pages++) {
        await wait(step, 380);
        step.progress(pages / 10, `Page ${pages} of 10`);
        await step.output(`page-${pages}.html written\n`);
      }
      step.note("10 pages, no broken links");
    },
    async publish(step) {
      step.message("Copying the pages");
      await wait(step, 1_500);
      step.message("Switching over");
      await step.output("10 pages copied, switching over\n");
      await wait(step, 1_200);
      step.note("The new pages are in place");
    },
    async tidy(step) {
      await wait(step, 1_200);
      step.message("Workspace removed");
    },
  };
}

export const driveExample = (client: InstepClient, options: DriveOptions): Promise<DriveResult> =>
  drive(client, EXAMPLE, exampleHandlers(pause), options);

/** Waits, or rejects as soon as the step is called off. */
export const pause: Pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
