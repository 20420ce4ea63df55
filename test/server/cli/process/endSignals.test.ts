import { expect, test } from "vitest";
import type { EndSignal } from "../../../../server/cli/process/context.js";
import { onEndSignal } from "../../../../server/cli/process/endSignals.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

test("one press of Ctrl-C is told of once, however many signals it makes", () => {
  const clock = manualClock();
  const told: EndSignal[] = [];
  let send: (signal: EndSignal) => void = () => {};
  const onSignal = (listener: (signal: EndSignal) => void) => {
    send = listener;
    return () => {};
  };
  onEndSignal({ clock, onSignal }, (signal) => told.push(signal));
  send("SIGINT");
  clock.advance(20);
  send("SIGINT");
  expect(told).toEqual(["SIGINT"]);
  send("SIGTERM");
  expect(told).toEqual(["SIGINT", "SIGTERM"]);
  clock.advance(1_000);
  send("SIGTERM");
  expect(told).toEqual(["SIGINT", "SIGTERM", "SIGTERM"]);
  clock.setWall(clock.now() - 3_600_000);
  clock.advance(1_000);
  send("SIGTERM");
  expect(told).toHaveLength(4);
});
