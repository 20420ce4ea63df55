/** The server's process killed, or stopped, while branches of a parallel step run: each is accounted for, ended, and gone on with. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import type { WorkflowState } from "../../../../shared/schema/workflow.js";
import { branchesOf, stepAtIndex } from "../../../../shared/state/stepPlace.js";
import { processesOf, untilNoneOf, untilSomeOf } from "../../../support/servers/processes.js";
import { type Life, livesTest as test } from "../../../support/servers/serverLives.js";

/** The first branch ends at once; each of the others prints, and goes on until there is a file "go". */
const recipe = (more = "", last = "idempotent: true") => `
name: copies
${more}
steps:
  - { action: before, run: echo before }
  - action: copy
    parallel:
      - { action: quick, run: echo quick }
      - action: web-1
        survives: false
        idempotent: true
        run: &copy |
          if test "$INSTEP_ATTEMPT" = 1; then setsid sleep 1000 > /dev/null 2>&1 & fi
          echo "$INSTEP_STEP begins, attempt $INSTEP_ATTEMPT"
          until test -e go; do sleep 0.02; done
          echo "$INSTEP_STEP ends"
      - { action: web-2, survives: false, idempotent: true, run: *copy }
      - action: web-3
        survives: false
        ${last}
        run: *copy
  - { action: after, run: echo after }
`;

const COPIES = [2001, 3001, 4001];

const begins = (life: Life, id: string, attempt: number) =>
  life.until(id, (state) => {
    const said = (index: number) => `${index} begins, attempt ${attempt}`;
    const areAtWork = COPIES.every((index) => stepAtIndex(state, index)?.message === said(index));
    return areAtWork && stepAtIndex(state, 1001)?.status === "completed";
  });

const statusesOf = ({ steps }: WorkflowState) => branchesOf(steps[1]).map(({ status }) => status);
const go = (folder: string) => writeFileSync(path.join(folder, "workflows", "go"), "");

async function begun(life: Life): Promise<{ id: string; state: WorkflowState }> {
  const id = await life.start("copies");
  const state = await begins(life, id, 1);
  await untilSomeOf(id, 6);
  return { id, state };
}

describe("a server killed in the middle of three branches", () => {
  test("branches of a killed server come back interrupted, what each left is ended, and those alone go on", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("copies.yaml", recipe());
    const { id, state: before } = await begun(first);
    await first.kill();
    expect(processesOf(id).length).toBeGreaterThanOrEqual(6);

    const second = await lives.begin();
    const found = await second.stateOf(id);
    expect(found).toMatchObject({
      status: "interrupted",
      interruption: { step: 1, branches: COPIES, since: before.steps[1]?.started_at },
    });
    expect(found.steps[1]?.status).toBe("interrupted");
    expect(statusesOf(found)).toEqual(["completed", "interrupted", "interrupted", "interrupted"]);
    expect(branchesOf(found.steps[1])[0]).toEqual(branchesOf(before.steps[1])[0]);
    const cleared = await second.until(
      id,
      ({ interruption }) => interruption?.processes === "ended",
    );
    expect(cleared.interruption?.note).toMatch(
      /^Its commands still ran .* and were ended: \d+ \(\w+\), .* and \d+ more\.$/,
    );
    await untilNoneOf(id);

    go(folder);
    expect(await second.command("resume", { workflow_id: id })).toMatchObject({ status: 200 });
    const done = await second.ended(id);
    expect(done.status).toBe("completed");
    expect(statusesOf(done)).toEqual(["completed", "completed", "completed", "completed"]);
    expect(branchesOf(done.steps[1])[0]).toEqual(branchesOf(before.steps[1])[0]);
    for (const index of COPIES) {
      expect(stepAtIndex(done, index)).toMatchObject({
        attempt: 2,
        attempts: [{ attempt: 1, status: "interrupted" }],
      });
      expect(await second.outputOf(id, index, 1)).toBe(`${index} begins, attempt 1\n`);
      expect(await second.outputOf(id, index, 2)).toBe(
        `${index} begins, attempt 2\n${index} ends\n`,
      );
    }
    expect(done.steps[1]).toMatchObject({ attempt: 2, progress: 1 });
  });

  test("a server killed in the middle of three branches goes on by itself where each of those at work may be repeated", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("copies.yaml", recipe("on_restart: resume"));
    const { id } = await begun(first);
    await first.kill();
    const second = await lives.begin();
    await begins(second, id, 2);
    go(folder);
    expect((await second.ended(id)).status).toBe("completed");
    await untilNoneOf(id);
  });

  test("a killed server waits for somebody where a branch may not be repeated, and takes their word for it", async ({
    lives,
    folder,
  }) => {
    const first = await lives.begin();
    first.define("copies.yaml", recipe("on_restart: resume", "title: Web 3"));
    const { id } = await begun(first);
    await first.kill();
    const second = await lives.begin();
    await second.until(id, ({ interruption }) => interruption?.processes === "ended");
    expect((await second.stateOf(id)).status).toBe("interrupted");
    go(folder);
    const answer = await second.command("resume", { workflow_id: id, done: "web-3", by: "ada" });
    expect(answer.status).toBe(200);
    const done = await second.ended(id);
    expect(statusesOf(done)).toEqual(["completed", "completed", "completed", "completed"]);
    expect(stepAtIndex(done, 4001)?.completion_note).toMatch(/done by ada/);
    expect(await second.outputOf(id, 4001)).toBe("4001 begins, attempt 1\n");
  });
});

test("a server that stops interrupts each branch, and none is called failed or cancelled", async ({
  lives,
  folder,
}) => {
  const first = await lives.begin();
  first.define("copies.yaml", recipe("on_restart: resume"));
  const { id } = await begun(first);
  first.process.signal("SIGTERM");
  await first.process.exitCode;
  expect(processesOf(id)).toEqual([]);
  const second = await lives.begin();
  await begins(second, id, 2);
  go(folder);
  const done = await second.ended(id);
  expect(done.status).toBe("completed");
  for (const index of COPIES)
    expect(stepAtIndex(done, index)?.attempts).toMatchObject([{ status: "interrupted" }]);
});
