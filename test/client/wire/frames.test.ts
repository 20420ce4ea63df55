import { describe, expect, it } from "vitest";
import { parseFrame } from "../../../client/wire/frames.js";

const state = { workflow_id: "w", status: "running", steps: [{ action: "a", status: "pending" }] };
const at = { workflow_id: "w", epoch: "e", revision: 1 };
const place = { workflow_id: "w", step: 0 };
const patch = [{ op: "add", path: "/x", value: 1 }];

const GOOD: object[] = [
  {
    type: "hello",
    protocol: 1,
    server_time: "2026-01-01T00:00:00Z",
    boot_id: "b",
    heartbeat_ms: 1,
    can: ["watch"],
  },
  { type: "current", workflow_id: null },
  { type: "snapshot", ...at, state },
  { type: "snapshot", ...at, workflow_id: "*", state: { workflows: {} } },
  { type: "changed", ...at, base: 0, patch },
  { type: "resumed", ...at },
  { type: "closed", workflow_id: "w", epoch: null, revision: null, reason: "unknown" },
  { type: "accepted", request_id: "r", workflow_id: null, epoch: null, revision: null },
  { type: "accepted", request_id: "r", ...at, token: 3, lease_ms: 30_000 },
  { type: "refused", request_id: null, code: "of tomorrow", message: "", retry: false },
  { type: "log", ...place, attempt: 1, from: 0, next: 3, text: "one" },
  { type: "log", ...place, attempt: 1, from: 9, next: 9, text: "", skipped: 4 },
  { type: "log_end", ...place, attempt: 1, next: 3, reason: "over" },
  { type: "log_end", ...place, attempt: null, next: null, reason: "unknown" },
  { type: "heartbeat" },
  { type: "pong" },
];

describe("a frame", () => {
  it.each(GOOD)("a frame as promised is taken, with keys of tomorrow too: %j", (frame) => {
    const text = JSON.stringify({ ...frame, of_tomorrow: true });
    expect(parseFrame(text)).toMatchObject({ ok: true, frame });
  });

  it("a frame in the form merge is read as the patch that does the same", () => {
    const merge = { "": { last_update: "now" }, "/steps/0": { progress: 0.5, "a/b": null } };
    const removed = { op: "remove", path: "/note" };
    const merged = [
      { op: "add", path: "/last_update", value: "now" },
      { op: "add", path: "/steps/0/progress", value: 0.5 },
      { op: "add", path: "/steps/0/a~1b", value: null },
    ];
    const changed = { type: "changed", ...at, base: 0 };
    const read = (frame: object) => parseFrame(JSON.stringify(frame));
    expect(read({ ...changed, merge })).toEqual({ ok: true, frame: { ...changed, patch: merged } });
    const frame = { ...changed, patch: [removed, ...merged] };
    expect(read({ ...changed, patch: [removed], merge })).toEqual({ ok: true, frame });
  });

  it.each(["of_tomorrow", "constructor", "__proto__"])(
    "of the unknown type %s is ignored",
    (type) => {
      expect(parseFrame(JSON.stringify({ type }))).toEqual({ ok: true, frame: null });
    },
  );

  const wrong: [string, unknown][] = [
    ["not text", new ArrayBuffer(2)],
    ["not JSON", "{"],
    ["null", "null"],
    ["an array", "[]"],
    ["without a type", "{}"],
  ];
  const unkept = [
    { type: "hello", protocol: 1 },
    { ...GOOD[0], server_time: "yesterday" },
    { ...GOOD[0], heartbeat_ms: 0 },
    { type: "current" },
    { type: "snapshot", ...at },
    { type: "snapshot", ...at, state: { ...state, steps: [{}] } },
    { type: "snapshot", ...at, state: { ...state, steps: null } },
    { type: "snapshot", ...at, revision: -1, state },
    { type: "snapshot", ...at, epoch: "", state },
    { type: "snapshot", ...at, workflow_id: "*", state: { workflows: [1] } },
    { type: "changed", ...at, base: 1, patch },
    { type: "changed", ...at, base: 0, patch: {} },
    { type: "changed", ...at, base: 0 },
    { type: "changed", ...at, base: 0, merge: [] },
    { type: "changed", ...at, base: 0, merge: { "": 1 } },
    { type: "changed", ...at, base: 0, merge: { "": ["a"] } },
    { type: "changed", ...at, base: 0, patch: 1, merge: { "": { a: 1 } } },
    { type: "changed", ...at, base: 0, patch: [{ op: "move", path: "/a", from: "/b" }] },
    { type: "changed", ...at, base: 0, patch: [{ op: "add", path: "/a" }] },
    { type: "resumed", workflow_id: "w", epoch: "e", revision: 1.5 },
    { type: "closed", workflow_id: "w", epoch: null, revision: null },
    { type: "accepted", request_id: 1, ...at },
    { type: "accepted", request_id: "r", ...at, token: "3" },
    { type: "refused", request_id: "r", code: "internal", message: "" },
    { type: "log", ...place, attempt: 1, from: 3, next: 0, text: "one" },
    { type: "log", ...place, attempt: 0, from: 0, next: 3, text: "one" },
    { type: "log", ...place, step: -1, attempt: 1, from: 0, next: 3, text: "one" },
    { type: "log", ...place, attempt: 1, from: 0, next: 3 },
    { type: "log", ...place, attempt: 1, from: 0, next: 3, text: "one", skipped: "4" },
    { type: "log_end", ...place, attempt: 1, next: 3 },
  ];
  for (const frame of unkept) wrong.push([JSON.stringify(frame), JSON.stringify(frame)]);

  it.each(wrong)("a frame that breaks its promise is no frame: %s", (_, data) => {
    expect(parseFrame(data).ok).toBe(false);
  });
});
