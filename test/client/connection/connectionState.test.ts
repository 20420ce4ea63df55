import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectionEvent, Effect } from "../../../client/connection/connectionEvents.js";
import {
  type ConnectionState,
  step,
  type Transition,
} from "../../../client/connection/connectionState.js";
import {
  BLOCKED_WITHIN_MS,
  delayBefore,
  FIRST_DELAY_MS,
  LASTING_MS,
  LONGEST_DELAY_MS,
  LONGEST_LOOKED_AT_MS,
  RETRY_SOCKET_MS,
} from "../../../client/wire/connectionTimes.js";

const IDLE: ConnectionState = { name: "idle" };

interface Seen {
  state: ConnectionState;
  effects: Effect[];
  now: number;
}

/** Plays events one after the other; a number lets that much time pass. */
function play(events: (ConnectionEvent | number)[], from: ConnectionState = IDLE): Seen {
  const seen: Seen = { state: from, effects: [], now: 1_000_000 };
  for (const event of events) {
    if (typeof event === "number") {
      seen.now += event;
      continue;
    }
    const around = {
      now: seen.now,
      elapsed: seen.now - 1_000_000,
      random: 1,
      online: true,
      isLookedAt: false,
    };
    const [next, ...todo]: Transition = step(seen.state, event, around);
    seen.state = next;
    seen.effects = todo;
  }
  return seen;
}

const start: ConnectionEvent = { type: "start" };
const greeted: ConnectionEvent = { type: "greeted" };
const synced: ConnectionEvent = { type: "synced" };
const timer: ConnectionEvent = { type: "timer" };
const wake: ConnectionEvent = { type: "wake" };
const broken: ConnectionEvent = { type: "broken" };
const closed = (code = 1006): ConnectionEvent => ({ type: "closed", code });
const http = (answer: "yes" | "no" | "unauthorized"): ConnectionEvent => ({ type: "http", answer });

const waits = (effects: Effect[]) => effects.flatMap((one) => (one.do === "wait" ? [one.ms] : []));
const does = (effects: Effect[]) => effects.map((one) => one.do);

describe("a connection", () => {
  it("opens nothing before somebody needs it", () => {
    expect(play([wake, timer, http("yes")]).effects).toEqual([]);
    expect(does(play([start]).effects)).toContain("open");
  });

  it("a connection is live once synced, not once greeted", () => {
    expect(play([start, greeted]).state.name).toBe("connecting");
    expect(play([start, greeted, synced]).state.name).toBe("live");
  });

  it("doubles the longest wait from a quarter of a second up to ten seconds", () => {
    const longest = Array.from({ length: 8 }, (_, attempt) => delayBefore(attempt, 1));
    expect(longest).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(delayBefore(5_000, 1)).toBe(LONGEST_DELAY_MS);
    expect(delayBefore(3, 0)).toBe(0);
  });

  it("a connection lets nobody who is looking wait longer than three seconds", () => {
    const waitAfter = (failures: number, isLookedAt: boolean) => {
      const around = { now: 0, elapsed: 0, random: 1, online: true, isLookedAt };
      let state: ConnectionState = { name: "idle" };
      let todo: Effect[] = [];
      [state] = step(state, start, around);
      for (let failure = 0; failure < failures; failure += 1) {
        [state, ...todo] = step(state, closed(), around);
        [state] = step(state, timer, around);
      }
      return waits(todo);
    };
    expect([4, 5, 30].map((failures) => waitAfter(failures, true))).toEqual([
      [2_000],
      [LONGEST_LOOKED_AT_MS],
      [LONGEST_LOOKED_AT_MS],
    ]);
    expect(waitAfter(30, false)).toEqual([LONGEST_DELAY_MS]);
  });

  it("a connection keeps the backoff through a server that greets and drops", () => {
    const round = [greeted, closed(), timer];
    const { state } = play([start, ...round, ...round, ...round]);
    expect(state).toMatchObject({ name: "connecting", trouble: { attempt: 3 } });
  });

  it("a connection keeps the backoff through a server that syncs and drops at once", () => {
    const round = [greeted, synced, closed(), timer];
    expect(play([start, ...round, ...round]).state).toMatchObject({ trouble: { attempt: 2 } });
  });

  it("a connection starts the backoff over after a sync that lasted", () => {
    const { effects } = play([
      start,
      greeted,
      closed(),
      timer,
      greeted,
      synced,
      LASTING_MS,
      closed(),
    ]);
    expect(waits(effects)).toEqual([FIRST_DELAY_MS]);
  });

  it.each([1001, 1006, 1012, 4000, 4001, 4008, 4029, 4401])(
    "a connection comes back after close code %i",
    (code) => {
      expect(play([start, greeted, synced, closed(code)]).state.name).toBe("waiting");
    },
  );

  it.each([1002, 1003, 1008, 1009, 4500, 4501, 4999])(
    "a connection stays away after close code %i",
    (code) => {
      for (const before of [[start], [start, greeted], [start, greeted, synced]]) {
        expect(play([...before, closed(code)]).state).toEqual({ name: "stopped", why: "refused" });
      }
    },
  );

  it("tries at once when the machine wakes, or the user asks", () => {
    for (const event of [wake, { type: "retry" } as const]) {
      expect(does(play([start, closed(), event]).effects)).toContain("open");
    }
  });

  it("a connection asks a live socket for a sign of life on waking, and does not open another", () => {
    expect(play([start, greeted, synced, wake]).effects).toEqual([{ do: "check" }]);
  });

  it("drops a broken socket and comes back", () => {
    const { state, effects } = play([start, greeted, synced, broken]);
    expect(state.name).toBe("waiting");
    expect(does(effects)).toContain("close");
  });

  it("a connection keeps a socket the browser believes offline: it may lead to this machine", () => {
    const { state, effects } = play([start, greeted, synced, { type: "offline" }]);
    expect(state.name).toBe("live");
    expect(does(effects)).toEqual(["check"]);
  });

  it("a connection is offline rather than waiting without a network, and still tries now and then", () => {
    const lost = play([start, greeted, synced, closed()]).state;
    const [state, ...todo] = step(
      lost,
      { type: "offline" },
      { now: 0, elapsed: 0, random: 0, online: false, isLookedAt: true },
    );
    expect(state.name).toBe("offline");
    expect(waits(todo)).toEqual([LONGEST_DELAY_MS]);
  });

  it("a connection does not come back from another protocol version, until the user asks", () => {
    const { state } = play([start, { type: "foreign" }]);
    expect(state).toEqual({ name: "stopped", why: "version" });
    expect(play([start, wake, timer], state).state).toBe(state);
    expect(play([{ type: "retry" }], state).state.name).toBe("connecting");
  });

  it("a connection never opens again once it was stopped", () => {
    const { state } = play([start, { type: "stop" }]);
    expect(play([start, { type: "retry" }, wake, timer], state).state).toBe(state);
  });
});

describe("a blocked WebSocket", () => {
  const blocked = [start, closed(), 250, timer, closed()];

  it("a blocked WebSocket is polled around after two failed upgrades within ten seconds while HTTP answers", () => {
    expect(play([...blocked, http("yes")]).state.name).toBe("polling");
  });

  it("a blocked WebSocket is no reason to poll while HTTP does not answer either", () => {
    expect(play([...blocked, http("no")]).state.name).toBe("waiting");
  });

  it("a blocked WebSocket is not concluded from one failure, nor from two far apart", () => {
    expect(play([start, closed(), http("yes")]).state.name).toBe("waiting");
    const apart = [start, closed(), timer, BLOCKED_WITHIN_MS + 1, closed(), http("yes")];
    expect(play(apart).state.name).toBe("waiting");
  });

  it("a blocked WebSocket is not concluded from sockets that were greeted", () => {
    const { state } = play([start, greeted, closed(), timer, greeted, closed(), http("yes")]);
    expect(state.name).toBe("waiting");
  });

  it("a blocked WebSocket is tried again every thirty seconds, and left polling until synced", () => {
    const polling = play([...blocked, http("yes"), timer, closed()]);
    expect(polling.state).toEqual({ name: "polling", trying: "no" });
    expect(waits(polling.effects)).toEqual([RETRY_SOCKET_MS]);
    const trying = play([timer, greeted], polling.state);
    expect(trying.state.name).toBe("polling");
    expect(play([synced], trying.state).state.name).toBe("live");
  });

  it("a blocked WebSocket is taken for an absent server again when polling fails", () => {
    expect(play([...blocked, http("yes"), http("no")]).state.name).toBe("waiting");
  });

  it("a blocked WebSocket leads to a stop at a missing token, which only HTTP can tell from a blocked WebSocket", () => {
    const stopped = { name: "stopped", why: "unauthorized" };
    expect(play([start, closed(), http("unauthorized")]).state).toEqual(stopped);
    expect(play([...blocked, http("yes"), http("unauthorized")]).state).toEqual(stopped);
  });
});

describe("whatever happens", () => {
  const simple = ["start", "unwanted", "stop", "greeted", "synced", "broken", "foreign", "timer"];
  const event = fc.oneof(
    fc.constantFrom(...simple, "wake", "offline", "retry").map((type) => ({ type })),
    fc.constantFrom(1001, 1006, 1008, 1012, 4000, 4500).map((code) => ({ type: "closed", code })),
    fc.constantFrom("yes", "no", "unauthorized").map((answer) => ({ type: "http", answer })),
  ) as fc.Arbitrary<ConnectionEvent>;
  const moment = fc.record({
    event,
    passed: fc.nat({ max: 60_000 }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
    online: fc.boolean(),
    isLookedAt: fc.boolean(),
  });

  it("there is one timer where time has to pass and none where not, one socket at most, and waits within bounds", () => {
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 60 }), (moments) => {
        let state: ConnectionState = { name: "idle" } as ConnectionState;
        let now = 0;
        let hasTimer = false;
        let hasSocket = false;
        let wasStopped = false;
        for (const { event, passed, random, online, isLookedAt } of moments) {
          // The shell sends a timer's event only while one runs, and a socket's only while there is one.
          if (event.type === "timer" && !hasTimer) continue;
          const isOfSocket = ["greeted", "synced", "closed", "broken", "foreign"];
          if (isOfSocket.includes(event.type) && !hasSocket) continue;
          if (event.type === "timer") hasTimer = false;
          if (event.type === "closed") hasSocket = false;
          now += passed;
          const [next, ...todo] = step(state, event, {
            now,
            elapsed: now,
            random,
            online,
            isLookedAt,
          });
          for (const effect of todo) {
            if (effect.do === "wait") {
              expect(effect.ms).toBeGreaterThanOrEqual(0);
              expect(effect.ms).toBeLessThanOrEqual(30_000);
              hasTimer = true;
            }
            if (effect.do === "cancelWait") hasTimer = false;
            if (effect.do === "close") hasSocket = false;
            if (effect.do === "open") {
              expect(hasSocket).toBe(false);
              expect(wasStopped).toBe(false);
              hasSocket = true;
            }
          }
          state = next;
          wasStopped ||= event.type === "stop";
          const isAtRest = ["idle", "stopped", "live"].includes(state.name);
          expect(hasTimer).toBe(!isAtRest);
          expect(hasSocket).toBe(
            state.name === "connecting" ||
              state.name === "live" ||
              (state.name === "polling" && state.trying !== "no"),
          );
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
