import { describe, expect, test } from "vitest";
import { PlacedOutput } from "../../../../server/runner/report/placedOutput.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

function output({ begin = 0, room = async () => {} } = {}) {
  let kept = "";
  const clock = manualClock();
  const placed = new PlacedOutput(
    {
      begin,
      write: (bytes) => {
        kept += Buffer.from(bytes).toString();
        return bytes.length === 0 ? Promise.resolve() : room();
      },
      finish: async () => {},
    },
    clock,
  );
  return {
    placed,
    clock,
    kept: () => kept,
    write: (text: string) => placed.write(Buffer.from(text)),
  };
}

describe("a line of our own in a command's output", () => {
  test("stands at once where no line is being written", () => {
    const { placed, kept, write } = output();
    placed.say("first");
    void write("a\n");
    placed.say("second");
    expect(kept()).toBe("instep: first\na\ninstep: second\n");
  });

  test("a line of our own in a command's output waits for the end of the line that is being written, and tears none", () => {
    const { placed, kept, write } = output();
    void write("one\ntw");
    placed.say("stopping");
    placed.say("waiting");
    expect(kept()).toBe("one\ntw");
    void write("o");
    void write("\nthree\nfo");
    expect(kept()).toBe("one\ntwo\nthree\ninstep: stopping\ninstep: waiting\nfo");
    void write("ur\n");
    expect(kept()).toBe("one\ntwo\nthree\ninstep: stopping\ninstep: waiting\nfour\n");
  });

  test("a line of our own in a command's output does not wait for a line without an end", async () => {
    const { placed, clock, kept, write } = output();
    void write("Password: ");
    placed.say("stopping");
    clock.advance(250);
    expect(kept()).toBe("Password: \ninstep: stopping\n");
    void write("more");
    placed.say("ended");
    await placed.finish();
    expect(kept()).toBe("Password: \ninstep: stopping\nmore\ninstep: ended\n");
    expect(clock.waiting).toBe(0);
  });

  test("a line of our own in a command's output holds nothing that steers a terminal and no second line", () => {
    const { placed, kept } = output();
    placed.say("ended 12 (a\nb\u001b[2Jc)");
    expect(kept()).toBe("instep: ended 12 (a bc)\n");
  });

  test("a line of our own in a command's output leaves the places of the command's lines right", () => {
    const { placed, kept, write } = output();
    placed.say("first");
    void write("one\ntw");
    placed.say("second");
    const bytes = Buffer.from("o\nthree\nfour");
    const place = placed.placesIn(bytes);
    const places = [0, 1, 2, 3].map(place);
    void placed.write(bytes);
    const lines = kept().split("\n");
    const found = places.map(({ offset, line }) => [
      kept().slice(offset).split("\n")[0],
      lines[line! - 1],
    ]);
    expect(found).toEqual([
      ["two", "two"],
      ["three", "three"],
      ["four", "four"],
      ["four", "four"],
    ]);
    expect(placed.placesIn(Buffer.from(""))(1)).toEqual(places[3]);
  });

  test("a line of our own in a command's output does not make the command print faster than what it printed is taken", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { placed, write } = output({ room: () => held });
    void write("tw");
    placed.say("waiting");
    let isTaken = false;
    const taking = write("o\n").then(() => {
      isTaken = true;
    });
    await Promise.resolve();
    expect(isTaken).toBe(false);
    release();
    await taking;
  });
});

test("a line of our own that could be taken for the command's later is not written", () => {
  const { placed, kept, write } = output();
  placed.onOwn = () => false;
  void write("a\n");
  placed.say("it is not kept");
  void write("b\n");
  expect(kept()).toBe("a\nb\n");
  expect(placed.next).toBe(4);
});
