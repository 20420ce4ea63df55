/** A workflow's situation in sentences: nothing is said that nobody knows. */
import { describe, expect, test } from "vitest";
import { interruptionText } from "../../../../client/ui/look/interruption.js";
import { situationOf } from "../../../../client/ui/look/situation.js";
import { NOW, process, step, workflow } from "../samples.js";

const at = (time: string) => `2026-03-04T${time}Z`;
const textOf = (interruption: object) =>
  interruptionText(
    workflow({
      status: "interrupted",
      definition: "backup",
      interruption: { at: at("10:00:00"), reason: "server_restart", step: 1, ...interruption },
    }),
  );

describe("an interruption", () => {
  test("an interruption says how long the step had run when it was last heard of, not how long nobody was there", () => {
    const text = textOf({ since: at("09:58:00"), last_seen: at("09:58:42") });
    expect(text).toContain("during step 2, “Copy”: the server that ran it was started again.");
    expect(text).toMatch(/It was last heard of at \S+, when the step had run for 42s\./);
    expect(text).toContain("Nothing runs until someone goes on.");
  });

  test("an interruption says no time where none can be told", () => {
    const brief = textOf({ since: at("09:58:00"), last_seen: at("09:58:00") });
    expect(brief).toMatch(/It was last heard of at [\d:]+\. /);
    expect(textOf({ since: at("09:58:00") })).not.toMatch(/run for|last heard/);
  });

  test("an interruption says that its command is gone, and of a reason that only a newer server knows no more than that there was one", () => {
    expect(textOf({ reason: "command_lost" })).toContain(
      "during step 2, “Copy”: its command is gone, and nobody knows how it ended.",
    );
    expect(textOf({ reason: "eaten" })).toContain("during step 2, “Copy”: it was interrupted.");
    expect(textOf({ reason: "toString" })).toContain("“Copy”: it was interrupted.");
  });
});

describe("what runs", () => {
  const viewpoint = { now: NOW, tabName: "browser tab 1", isHere: false };

  test("a workflow that runs is told with its step, but not beside its steps", () => {
    const { title, text } = situationOf(workflow(), viewpoint);
    expect(`${title}: ${text}`).toMatch(/^Still running: Step 2 of 3, “Copy”, driven by /);
    expect(situationOf(workflow(), { ...viewpoint, isShown: true }).text).toMatch(/^Driven by /);
  });

  test("a workflow that runs is told with its lost link", () => {
    const link_lost = { since: at("09:51:07"), why: "reset", next_try_at: null };
    const lost = step(1, { status: "in_progress", data: { process: process({ link_lost }) } });
    expect(situationOf(workflow({ steps: [step(0), lost] }), viewpoint).text).toMatch(
      /last report .+\. The link to its machine is lost since \d\d:51:07\.$/,
    );
  });

  test("a workflow is no longer said to run once nobody knows", () => {
    const { title } = situationOf(workflow(), { ...viewpoint, asOf: NOW });
    expect(title).toMatch(/^Was running, as of \d\d:\d\d:\d\d$/);
  });
});
