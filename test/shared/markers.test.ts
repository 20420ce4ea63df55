/** Marker lines: what counts as one, and what stays a line like any other. */
import { describe, expect, it } from "vitest";
import { parseMarker, spokenLine } from "../../shared/markers.js";

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

describe("behind a progress bar, which leaves its line without an end,", () => {
  it.each([
    [" 10%|██▌  | 1/10 [00:01<00:09,  1.00it/s]", "::progress 10::epoch 1"],
    ["\u001b[32m 50 %\u001b[0m", "::error::no space"],
    ["copying 3/10 ", "::note::x"],
    ["12.5% ", "::task running::a"],
  ])("%s, a marker is one", (bar, marker) => {
    expect(spokenLine(bar + marker)).toEqual({ text: bar, marker: parseMarker(marker) });
    expect(parseMarker(marker)).not.toBeNull();
  });

  it.each([
    "no bar ::progress 10::x",
    "+ echo 10% ::error::x",
    "10% '::error::x'",
    "a 10% std::error::Error::X",
    "say 10%: `::note::x`",
    "10% ::output token=x",
    "10% ::error x",
    "10% ::group::x",
    "::note::",
    `10%${" ".repeat(5_000)}::note::x`,
  ])("%s is text as it was", (line) => {
    expect(spokenLine(line)).toEqual({ text: line, marker: null });
  });
});
