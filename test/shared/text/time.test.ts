/** Times as languages write them, and as they are kept. */
import { afterEach, describe, expect, it } from "vitest";
import { StepUpdate, WorkflowState } from "../../../shared/schema/workflow.js";
import { isSameMoment, utcTime } from "../../../shared/text/time.js";

describe("a time with a zone", () => {
  it.each([
    ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"],
    ["2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z"],
    ["2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00.123456789Z"],
    ["2024-01-01T00:00Z", "2024-01-01T00:00:00Z"],
    ["2024-01-01t00:00:00z", "2024-01-01T00:00:00Z"],
    ["2024-01-01 00:00:00+00:00", "2024-01-01T00:00:00Z"],
    ["2024-01-01T01:30:00.5+02:00", "2023-12-31T23:30:00.5Z"],
    ["2024-02-29T23:59:59-00:30", "2024-03-01T00:29:59Z"],
    ["2024-01-01T01:30:00+0530", "2023-12-31T20:00:00Z"],
    ["2024-01-01T01:30:00-05", "2024-01-01T06:30:00Z"],
    ["2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00Z"],
  ])("%s is kept as %s", (sent, kept) => {
    expect(utcTime(sent)).toBe(kept);
    expect(WorkflowState.shape.start_time.safeParse(kept).success).toBe(true);
  });

  it.each([
    "",
    "yesterday",
    "2024-01-01",
    "00:00:00",
    "2024-1-1T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2023-02-29T00:00:00",
    "2024-13-01T00:00:00Z",
    "2024-00-01T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:60:00Z",
    "2016-12-31T23:59:60Z",
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00+00:60",
    "2024-01-01T00:00:00 Z",
    " 2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00Z\n",
    "+275760-09-13T00:00:00Z",
    "-000001-01-01T00:00:00Z",
    "0000-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "1704067200",
    "2024-01-01T00:00:00,5Z",
    "Mon, 01 Jan 2024 00:00:00 GMT",
    "2024-01-01T00:00:00[UTC]",
    "2024-W01-1T00:00:00Z",
    "２０２４-01-01T00:00:00Z",
  ])("%j is none", (sent) => {
    expect(utcTime(sent)).toBeNull();
    const parsed = StepUpdate.safeParse({ started_at: sent });
    expect(parsed.error?.issues[0]?.message).toContain("must be a date with a time");
  });

  it("a time with a zone is the same moment, however it is written", () => {
    expect(isSameMoment("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000Z")).toBe(true);
    expect(isSameMoment("2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00")).toBe(true);
    expect(isSameMoment("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.001Z")).toBe(false);
  });
});

describe("a time without a zone", () => {
  const SENT = [
    "2026-11-25T21:07:50.123456",
    "2026-11-25 21:07:50",
    "2026-07-25T21:07",
    // In March an hour is left out, in November one comes twice.
    "2026-03-08T02:30:00",
    "2026-11-01T01:30:00",
    "2026-02-30T00:00:00",
  ];
  const own = process.env.TZ;
  const inZone = (zone: string) => {
    process.env.TZ = zone;
    return SENT.map(utcTime);
  };
  afterEach(() => {
    if (own === undefined) delete process.env.TZ;
    else process.env.TZ = own;
  });

  it("a time without a zone is the process's own, as ECMAScript takes it", () => {
    expect(inZone("America/New_York")).toEqual([
      "2026-11-26T02:07:50.123456Z",
      "2026-11-26T02:07:50Z",
      "2026-07-26T01:07:00Z",
      "2026-03-08T07:30:00Z",
      "2026-11-01T05:30:00Z",
      null,
    ]);
    for (const sent of SENT.slice(0, -1)) expect(Date.parse(utcTime(sent)!)).toBe(Date.parse(sent));
    expect(inZone("Asia/Kolkata")[0]).toBe("2026-11-25T15:37:50.123456Z");
    expect(inZone("UTC")[0]).toBe("2026-11-25T21:07:50.123456Z");
  });
});
