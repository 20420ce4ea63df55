/** The query of a request as tables: read from the address, each name once, and misspelt ids found. */
import type { Request, RequestHandler } from "express";
import { describe, expect, it } from "vitest";
import { noMisspeltId, onlyQuery, queryOf } from "../../../../server/ingress/request/query.js";
import { SyncError } from "../../../../shared/errors.js";

const refusalOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error instanceof SyncError ? error.errors : error;
  }
  return "taken";
};

const passing = (handler: RequestHandler, url: string): unknown =>
  refusalOf(() => handler({ url } as Request, {} as never, () => {}));

describe("the query of an address", () => {
  it.each([
    ["/x", {}],
    ["/x?", {}],
    ["/x?workflow_id=a%20b&wait=1s", { workflow_id: "a b", wait: "1s" }],
    ["/x?a", { a: "" }],
    ["/x?a[b]=1", { "a[b]": "1" }],
    ["/x?__proto__=1", JSON.parse('{"__proto__":"1"}')],
  ])("%s has these names and values, whatever query parser the host has set", (url, query) => {
    expect(queryOf({ url })).toEqual(query);
  });

  it("a name that stands there twice is refused, so that nobody has to guess which one counts", () => {
    expect(refusalOf(() => queryOf({ url: "/x?workflow_id=a&workflow_id=a" }))).toEqual([
      { path: "workflow_id", message: "stands there twice" },
    ]);
  });

  it("a name of any length is shown shortened", () => {
    const [error] = refusalOf(() =>
      queryOf({ url: `/x?${"n".repeat(5_000)}=1&${"n".repeat(5_000)}=2` }),
    ) as [{ path: string }];
    expect(error.path.length).toBeLessThanOrEqual(81);
  });
});

describe("the query of a write", () => {
  const writing = onlyQuery("workflow_id");

  it.each(["/x", "/x?workflow_id=a"])("%s is taken", (url) => {
    expect(passing(writing, url)).toBe("taken");
  });

  it.each(["workflowId", "workflow_id[]", "wait", "Workflow_id"])(
    "%s is refused, as it may be a misspelt id",
    (name) => {
      expect(passing(writing, `/x?${name}=a`)).toEqual([
        { path: `query.${name}`, message: "no such parameter" },
      ]);
    },
  );

  it("ten of many unknown names are named in the refusal", () => {
    const names = Array.from({ length: 50 }, (_, index) => `n${index}=1`);
    expect(passing(writing, `/x?${names.join("&")}`)).toHaveLength(10);
  });
});

describe("the query of a read", () => {
  it.each(["/x", "/x?workflow_id=a", "/x?since=3&cache=no"])(
    "%s is taken: names that mean nothing are ignored",
    (url) => {
      expect(passing(noMisspeltId, url)).toBe("taken");
    },
  );

  it.each([
    "id",
    "ID",
    "workflow",
    "workflowId",
    "workflow-id",
    "workflow_id[]",
    "WORKFLOW_ID",
    "wid",
  ])("%s is refused, as it looks like a misspelt workflow_id", (name) => {
    expect(passing(noMisspeltId, `/x?${name}=a`)).toEqual([
      { path: `query.${name}`, message: "no such parameter" },
    ]);
  });
});
