/** Frames of our own making: what any WebSocket reader takes for one whole text. */
import { describe, expect, it } from "vitest";
import * as ws from "ws";
import { textFrame, textOf } from "../../../server/egress/textFrame.js";

/** ws exports it, its types do not. */
const { Sender } = ws as unknown as {
  Sender: { frame(data: Buffer, options: object): Buffer[] };
};
const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
const LETTERS = ["a", "é", "€", "𝄞", "\ud800"];

describe("a text as a frame", () => {
  it("a text as a frame is byte for byte what ws makes of it, whatever its length and its letters", () => {
    for (const letter of LETTERS) {
      for (const length of LENGTHS) {
        const text = letter.repeat(length);
        const parts = Sender.frame(Buffer.from(text), { fin: true, opcode: 1, mask: false });
        expect(textFrame(text).equals(Buffer.concat(parts))).toBe(true);
      }
    }
  });

  it("a text as a frame gives its text back", () => {
    for (const letter of LETTERS.slice(0, -1)) {
      for (const length of LENGTHS)
        expect(textOf(textFrame(letter.repeat(length)))).toBe(letter.repeat(length));
    }
  });
});
