/** Marker lines: what counts as one, and what stays a line like any other. */
import { describe, expect, it } from "vitest";
import { parseMarker } from "../../shared/markers.js";

describe("a marker line", () => {
  it.each([
    ["::progress 42::Copying models", { kind: "progress", percent: 42, text: "Copying models" }],
    ["::progress 99.5%::", { kind: "progress", percent: 99.5, text: "" }],
    [
      "::task completed::node-x::a note",
      { kind: "task", status: "completed", name: "node-x", note: "a note" },
    ],
    ["::task running::node-x", { kind: "task", status: "in_progress", name: "node-x" }],
    ["::task failed::a::b::c", { kind: "task", status: "failed", name: "a", note: "b::c" }],
    ["::group::Install", { kind: "group", title: "Install" }],
    ["::endgroup::", { kind: "endgroup" }],
    [
      "::note::three files were there already",
      { kind: "note", text: "three files were there already" },
    ],
    ["::error::The disk is full.", { kind: "error", text: "The disk is full." }],
    ["::output version=1.4", { kind: "output", name: "version", value: "1.4" }],
    ["::output a= b=c::d ", { kind: "output", name: "a", value: " b=c::d " }],
    ["::output empty=", { kind: "output", name: "empty", value: "" }],
  ])("%s is understood", (line, marker) => {
    expect(parseMarker(line)).toEqual(marker);
  });

  it.each([
    "progress 42::x",
    " ::progress 42::x",
    "::progress::x",
    "::progress 101::x",
    "::progress -1::x",
    "::progress 1e1::x",
    "::progress 4 2::x",
    "::progress 42",
    "::task done::x",
    "::task completed::",
    "::task ::x",
    "::note::",
    "::error::",
    "::error 3::x",
    "::group::",
    "::endgroup::x",
    "::",
    "::::",
    "::constructor::x",
    "::output version",
    "::output =x",
    "::output 1a=x",
    "::output a-b=x",
    "::output::a=x",
    `::output ${"a".repeat(65)}=x`,
    `::output a=${"x".repeat(5_000)}`,
    `::note::${"x".repeat(5_000)}`,
  ])("%s is a line like any other", (line) => {
    expect(parseMarker(line)).toBeNull();
  });
});
