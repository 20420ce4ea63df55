/** A reader that is slower than what is printed: the rest waits where it is kept, and nothing is lost or doubled. */
import { expect, test } from "vitest";
import type { FollowLogOptions, LogListener, View } from "../../../../client/index.js";
import { followLogs } from "../../../../server/cli/logs/followLogs.js";
import type { LogPrinter } from "../../../../server/cli/logs/printers/printer.js";
import { settled } from "../../../support/clocks/settled.js";

function followed() {
  const asked: FollowLogOptions[] = [];
  let listener: LogListener | null = null;
  let show: (view: View) => void = () => {};
  const client = {
    followLog: (_id: string, _step: number, options: FollowLogOptions, heard: LogListener) => {
      asked.push(options);
      listener = heard;
      return () => {
        listener = null;
      };
    },
    watch: (_id: string, hear: (view: View) => void) => {
      show = hear;
      return () => {};
    },
  };
  const printed: string[] = [];
  let catchUp = () => {};
  const printer = {
    isFull: false as boolean,
    piece: (_step, { text }) => void printed.push(text),
    bytes: () => {},
    heading: () => {},
    caughtUp: () => new Promise<void>((resolve) => (catchUp = resolve)),
    finish: async () => {},
  } satisfies LogPrinter;
  const steps = { workflow_id: "w", epoch: "e" };
  const said: string[] = [];
  const following = followLogs(steps, client as never, printer, (one) => void said.push(one));
  const state = { status: "running", steps: [{ index: 0, action: "a", status: "in_progress" }] };
  show({ state, position: { epoch: "e", revision: 1 }, closed: null } as unknown as View);
  return {
    asked,
    printed,
    printer,
    said,
    following,
    isListening: () => listener !== null,
    show: (view: object) => show(view as View),
    catchUp: () => catchUp(),
    away: (since: number | null) => listener?.away?.(since === null ? null : { node: "b", since }),
    say: (from: number, text: string) =>
      listener?.piece({ attempt: 1, from, next: from + text.length, text, skipped: 0 }),
  };
}

test("nothing more is asked for while much waits, and then it goes on behind what was had", async () => {
  const { asked, printed, printer, isListening, say, catchUp } = followed();
  expect(asked).toEqual([{ epoch: "e" }]);
  say(0, "one ");
  printer.isFull = true;
  say(4, "two ");
  expect(isListening()).toBe(false);
  printer.isFull = false;
  catchUp();
  await settled();
  expect(asked.at(-1)).toMatchObject({ epoch: "e", after: { attempt: 1, next: 8 } });
  say(8, "three");
  expect(printed.join("")).toBe("one two three");
});

test("a follower that stops while it waits is not asked again", async () => {
  const { asked, printer, following, say, catchUp } = followed();
  printer.isFull = true;
  say(0, "one");
  following.stop();
  catchUp();
  await settled();
  expect(asked).toHaveLength(1);
});

test("another workflow that takes the id is not followed", async () => {
  const { following, show, isListening } = followed();
  show({ state: null, position: { epoch: "next", revision: 1 }, closed: null });
  expect(await following.ended).toBe("cleared");
  expect(isListening()).toBe(false);
});

test("a follower says once that the output's node is away, and again only after output had come", () => {
  const { said, printed, say, away } = followed();
  const since = new Date(2026, 0, 2, 9, 41, 7).getTime();
  const sentence = "The output is on node b, which is away since 09:41:07.";
  say(0, "one ");
  away(since);
  // The link broke meanwhile, so the server says it once more.
  away(null);
  away(since);
  expect(said).toEqual([sentence]);
  away(null);
  say(4, "two");
  expect(printed.join("")).toBe("one two");
  away(since);
  expect(said).toEqual([sentence, sentence]);
});
