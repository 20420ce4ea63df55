/** The frame `refused` as a table: what of an error and of a frame it tells. */
import { describe, expect, it } from "vitest";
import { askedIn, readJson } from "../../../../server/ingress/socket/asked.js";
import { refusedFrame } from "../../../../server/ingress/socket/refusedFrame.js";
import { SyncError } from "../../../../shared/errors.js";

const asked = { requestId: "r1", workflow_id: undefined };

describe("the frame refused", () => {
  it("a refusal has the code, the words and whether to try again", () => {
    expect(refusedFrame(new SyncError("too_many", "full"), asked)).toEqual({
      type: "refused",
      request_id: "r1",
      code: "too_many",
      message: "full",
      retry: true,
    });
  });

  it("a refusal tells the position that its error tells, null for a workflow that is not there", () => {
    const at = { epoch: "e", revision: 3 };
    expect(refusedFrame(new SyncError("position_moved", "no", { at }), asked)).toMatchObject(at);
    expect(refusedFrame(new SyncError("position_moved", "no", { at: null }), asked)).toMatchObject({
      epoch: null,
      revision: null,
    });
  });

  it("a refusal names each faulty field, and the workflow that could not be followed", () => {
    const errors = [{ path: "a", message: "b" }];
    const error = new SyncError("bad_message", "a: b", { errors });
    expect(refusedFrame(error, { requestId: null, workflow_id: "w" })).toMatchObject({
      request_id: null,
      workflow_id: "w",
      errors,
    });
  });
});

describe("what can be told of a frame before it is checked", () => {
  it.each([
    ['{"type":"propose","request_id":"r","workflow_id":"w"}', "r", undefined],
    ['{"type":"subscribe","workflow_id":"w"}', null, "w"],
    ['{"type":"unsubscribe","workflow_id":"w"}', null, undefined],
    ['{"type":"subscribe","workflow_id":7,"request_id":[]}', null, undefined],
    [`{"request_id":"${"r".repeat(129)}"}`, null, undefined],
    ["null", null, undefined],
    ["7", null, undefined],
    ["not JSON", null, undefined],
  ])("%s is a request %j for the workflow %j", (text, requestId, workflow_id) => {
    expect(askedIn(readJson(text))).toEqual({ requestId, workflow_id });
  });
});
