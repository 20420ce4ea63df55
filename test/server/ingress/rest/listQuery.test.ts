/** The query of `GET /workflows` and its cursors, as tables. */
import { describe, expect, it } from "vitest";
import { cursorAfter, readListQuery } from "../../../../server/ingress/rest/listQuery.js";
import { SyncError } from "../../../../shared/errors.js";

const NOW = Date.UTC(2026, 0, 2);
const reading = (query: Readonly<Record<string, string>>): unknown => {
  try {
    return readListQuery(query, NOW);
  } catch (error) {
    return error instanceof SyncError ? error.errors.map(({ path }) => path) : error;
  }
};

describe("the query of the list", () => {
  it("a query that asks for nothing is for the newest hundred, in the order of their starts", () => {
    const asked = { filter: {}, order: null, limit: 100, after: null, at: NOW, counts: false };
    expect(reading({})).toEqual(asked);
    expect(reading({ q: "", sort: "", cursor: "" })).toEqual(asked);
  });

  it.each([
    [{ limit: "0" }, "limit"],
    [{ limit: "1001" }, "limit"],
    [{ limit: "x" }, "limit"],
    [{ counts: "yes" }, "counts"],
    [{ sort: "colour" }, "sort"],
    [{ status: "broken" }, "status"],
    [{ cursor: "x" }, "cursor"],
    [{ cursor: "9", sort: "name" }, "cursor"],
    [{ before: "9", sort: "name" }, "before"],
    [{ before: "9", cursor: "9" }, "before"],
    [{ before: "-1" }, "before"],
  ])("%j is refused at %s", (query, path) => {
    expect(String((reading(query) as string[])[0])).toContain(path);
  });
});

describe("a cursor", () => {
  it("a cursor in the order of the starts is a number, as `before` is", () => {
    const query = readListQuery({ limit: "2" }, NOW);
    const cursor = cursorAfter(query, { key: 7, started: 0, epoch: "" });
    expect(cursor).toBe("7");
    const after = { key: 7, started: 0, epoch: "" };
    expect(readListQuery({ cursor }, NOW + 5).after).toEqual(after);
    expect(readListQuery({ before: "7" }, NOW).after).toEqual(after);
  });

  it("a cursor of another order keeps the place, and when the first page was asked for", () => {
    const query = readListQuery({ sort: "-duration" }, NOW);
    const place = { key: 12, started: 3, epoch: "e" };
    const cursor = cursorAfter(query, place);
    const next = readListQuery({ sort: "-duration", cursor }, NOW + 60_000);
    expect([next.after, next.at]).toEqual([place, NOW]);
    expect(reading({ sort: "duration", cursor })).toEqual(["cursor"]);
  });
});
