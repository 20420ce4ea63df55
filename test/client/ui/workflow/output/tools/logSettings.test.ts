/** How somebody wants logs to be, as the browser keeps it. */
import { expect, test } from "vitest";
import {
  changeSettings,
  readSettings,
} from "../../../../../../client/ui/workflow/output/tools/logSettings.js";

function storage(first: string | null = null) {
  let kept = first;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
}

const FIRST = { wrap: true, aloud: false, timestamps: "off" };

test("a setting that was changed is so in the next tab", () => {
  const browser = storage();
  expect(readSettings(browser)).toEqual(FIRST);
  changeSettings(browser, { timestamps: "utc" });
  expect(readSettings(browser)).toEqual({ ...FIRST, timestamps: "utc" });
});

test("what another tab changed meanwhile stays changed", () => {
  const browser = storage();
  readSettings(browser);
  changeSettings(browser, { wrap: false });
  expect(changeSettings(browser, { aloud: true })).toEqual({ ...FIRST, wrap: false, aloud: true });
});

test.each(["{", "null", "7", '"utc"', "[]", '{"timestamps":"Mars","wrap":"no","aloud":1}'])(
  "of %s nothing is taken",
  (kept) => {
    expect(readSettings(storage(kept))).toEqual(FIRST);
  },
);
