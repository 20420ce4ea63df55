import { expect, test } from "vitest";
import {
  linkForgotten,
  processOf,
  takenUp,
  withLink,
  withoutLink,
} from "../../../shared/state/stepProcess.js";

const at = (second: number) => new Date(Date.UTC(2026, 2, 4, 9, 41, second)).toISOString();
const PROCESS = { machine: "box", pid: 4711, since: at(0) };
const LOST = { since: at(7), why: "Connection reset by peer", next_try_at: at(9) };

test("A process is read as it was written", () => {
  const process = {
    ...PROCESS,
    over: "ssh",
    taken_up: [{ from: at(1), to: at(2), gone: "link" }],
    unwatched_ms: 1_000,
    link_lost: LOST,
  };
  expect(processOf({ process })).toEqual(process);
  expect(processOf({ process: PROCESS, outputs: { process: "7" } })).toEqual(PROCESS);
});

test.each([
  null,
  "process",
  [],
  {},
  { process: 4711 },
  { process: [PROCESS] },
  { process: { ...PROCESS, machine: "" } },
  { process: { ...PROCESS, pid: "4711" } },
  { process: { ...PROCESS, pid: -1 } },
  { process: { ...PROCESS, pid: 1.5 } },
  { process: { ...PROCESS, since: "yesterday" } },
  { process: { ...PROCESS, since: "5" } },
  Object.create({ process: PROCESS }),
])("What a driver keeps under that name for itself is no process: %j", (data) => {
  expect(processOf(data)).toBeNull();
});

test("What makes no sense in a process is left out, and the rest counts", () => {
  const process = {
    ...PROCESS,
    over: "pigeon",
    taken_up: [7, { from: at(1) }, { from: at(1), to: "2026-03-04T10:41:02+01:00", gone: "tea" }],
    unwatched_ms: "5",
    link_lost: { since: "now" },
  };
  const taken_up = [{ from: at(1), to: at(2), gone: "server" }];
  expect(processOf({ process })).toEqual({ ...PROCESS, taken_up });
  const bare = { ...PROCESS, link_lost: { since: at(7) }, taken_up: "often" };
  const link_lost = { since: at(7), why: "", next_try_at: null };
  expect(processOf({ process: bare })).toEqual({ ...PROCESS, link_lost });
});

test("Each absence is added, and the newest twenty are kept while all of the time counts", () => {
  let process = takenUp(PROCESS, { from: at(1), to: at(3), gone: "server" });
  expect(process).toEqual({
    ...PROCESS,
    taken_up: [{ from: at(1), to: at(3), gone: "server" }],
    unwatched_ms: 2_000,
  });
  for (let second = 10; second < 50; second += 2)
    process = takenUp(process, { from: at(second), to: at(second + 1), gone: "link" });
  expect(process.taken_up).toHaveLength(20);
  expect(process.taken_up?.[0]).toEqual({ from: at(10), to: at(11), gone: "link" });
  expect(process.unwatched_ms).toBe(22_000);
  expect(processOf({ process })).toEqual(process);
});

test("A clock that was moved back makes no absence of less than nothing", () => {
  const once = takenUp(PROCESS, { from: at(5), to: at(9), gone: "server" });
  expect(takenUp(once, { from: at(30), to: at(20), gone: "server" }).unwatched_ms).toBe(4_000);
});

test("A lost link that is back is one of the absences, and a server that was away meanwhile counts once", () => {
  const lost = withoutLink(PROCESS, LOST);
  expect(lost).toEqual({ ...PROCESS, link_lost: LOST });
  const restarted = takenUp(lost, { from: at(10), to: at(13), gone: "server" });
  const back = withLink(restarted, at(20));
  expect(back).toEqual({
    ...PROCESS,
    taken_up: [
      { from: at(10), to: at(13), gone: "server" },
      { from: at(7), to: at(20), gone: "link" },
    ],
    unwatched_ms: 13_000,
  });
  expect(withLink(back, at(30))).toBe(back);
});

test("A lost link that nobody tries any more is told of no longer", () => {
  expect(linkForgotten(withoutLink(PROCESS, LOST))).toEqual(PROCESS);
});
