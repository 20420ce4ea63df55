/** Listeners that are told one after the other. */
import { describe, expect, it } from "vitest";
import { Listeners } from "../../shared/listeners.js";

describe("listeners", () => {
  it("listeners are told in the order they came, and one that was added twice is told twice", () => {
    const heard: string[] = [];
    const listeners = new Listeners<string>();
    const twice = (told: string) => void heard.push(`twice ${told}`);
    listeners.listen(twice);
    listeners.listen((told) => void heard.push(`once ${told}`));
    const stop = listeners.listen(twice);
    listeners.tell("a");
    stop();
    listeners.tell("b");
    expect(heard).toEqual(["twice a", "once a", "twice a", "twice b", "once b"]);
    expect(listeners.size).toBe(2);
  });

  it("a listener that throws keeps nothing from the others, and its error is handed on with what it was told", () => {
    const failures: unknown[] = [];
    const heard: number[] = [];
    const listeners = new Listeners<number>((error, told) => failures.push([error, told]));
    listeners.listen(() => {
      throw new Error("a bug");
    });
    listeners.listen((told) => void heard.push(told));
    listeners.tell(7);
    expect(heard).toEqual([7]);
    expect(failures).toEqual([[new Error("a bug"), 7]]);
  });

  it("a listener that another one takes back meanwhile is not told, and one that comes meanwhile waits for the next", () => {
    const heard: string[] = [];
    const listeners = new Listeners<void>();
    listeners.listen(() => {
      heard.push("first");
      stop();
      if (heard.length === 1) listeners.listen(() => void heard.push("late"));
    });
    const stop = listeners.listen(() => void heard.push("second"));
    listeners.tell();
    expect(heard).toEqual(["first"]);
    listeners.tell();
    expect(heard).toEqual(["first", "first", "late"]);
  });
});
