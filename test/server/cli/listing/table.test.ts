import pc from "picocolors";
import { describe, expect, test } from "vitest";
import type { Row } from "../../../../server/cli/listing/rows.js";
import { table } from "../../../../server/cli/listing/table.js";
import { measureFor } from "../../../../server/cli/text/measure.js";

const plain = pc.createColors(false);
const row = (more: Partial<Row>): Row => ({
  id: "workflow_1795631580299_3ff3c6",
  status: "completed",
  done: "100%",
  step: "5/5 clean up",
  started: "2h 05m ago",
  definition: "",
  retryOf: "",
  node: "",
  title: "Set up a GPU machine",
  why: "",
  ...more,
});
const FAILED = row({
  id: "nightly-backup",
  status: "failed",
  done: "40%",
  step: "2/5 把文件复制到别处 🚀",
  definition: "backup",
  retryOf: "workflow_1795631580299_3ff3c6",
  title: "备份一个小网站",
  why: "copy: ssh: Could not resolve hostname web-7.example.org: Name or service not known",
});
const ROWS = [row({}), FAILED];

async function shown(columns: number | null, rows = ROWS) {
  const text = await table(rows, columns, plain);
  const lines = text.trimEnd().split("\n");
  const measure = await measureFor(lines);
  return { text, lines, widest: Math.max(...lines.map(measure.cells)) };
}

describe("the table of workflows", () => {
  test("the table of workflows is complete in a pipe, one line each", async () => {
    const { lines } = await shown(null);
    expect(lines).toHaveLength(3);
    for (const value of Object.values(FAILED)) expect(lines[2]).toContain(value);
  });

  test("the table of workflows is the same in a terminal that is wide enough", async () => {
    expect((await shown(300)).text).toBe((await shown(null)).text);
  });

  test("stands in its columns, whatever their characters take", async () => {
    const { lines } = await shown(null);
    const measure = await measureFor(lines);
    const [head = "", first = "", second = ""] = lines;
    const place = (line: string, word: string) => measure.cells(line.slice(0, line.indexOf(word)));
    expect(place(first, "Set up")).toBe(place(head, "TITLE"));
    expect(place(second, "备份一个")).toBe(place(head, "TITLE"));
  });

  for (const columns of [20, 40, 60, 80, 100, 120, 160]) {
    test(`the table of workflows is no wider than ${columns} columns, and keeps ids and reasons whole`, async () => {
      const { lines, text, widest } = await shown(columns);
      expect(widest).toBeLessThanOrEqual(Math.max(columns, "workflow_1795631580299_3ff3c6".length));
      for (const { id } of ROWS) expect(text).toContain(id);
      const bare = (some: string) => some.replace(/\s+/g, "");
      expect(bare(lines.map((line) => line.trim()).join(""))).toContain(bare(FAILED.why));
    });
  }

  test("puts one below the other what no table has room for", async () => {
    expect((await shown(40)).text).toBe(`workflow_1795631580299_3ff3c6
  completed  100%  5/5 clean up
  2h 05m ago
  Set up a GPU machine
nightly-backup
  failed  40%  2/5 把文件复制到别处 🚀
  2h 05m ago
  备份一个小网站
  backup
  retry of workflow_1795631580299_3ff3c6
  copy: ssh: Could not resolve hostname
  web-7.example.org: Name or service not
  known
`);
  });

  test("the table of workflows gives a reason its own line before it leaves anything out", async () => {
    const short = [row({ id: "a" }), row({ id: "b", status: "failed", why: "copy: exit code 1" })];
    const { lines } = await shown(70, short);
    expect(lines[0]).toMatch(/^ID +STATUS +DONE +STEP +STARTED +TITLE$/);
    expect(lines.at(-1)).toBe("  copy: exit code 1");
    expect((await shown(120, short)).lines[0]).toMatch(/WHY$/);
  });
});
