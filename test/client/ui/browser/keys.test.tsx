// @vitest-environment happy-dom
/** Single keys: they do what is listed, only where nobody else wants them, and can be switched off. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKeys, type Keys } from "../../../../client/ui/browser/keys.js";

let keys: Keys;
beforeEach(() => {
  document.body.innerHTML = "";
  window.localStorage.clear();
  keys = createKeys(window, window.localStorage);
});
afterEach(() => keys.stop());

const add = (actions: Parameters<Keys["add"]>[0]["actions"]["current"]) =>
  keys.add({ actions: { current: actions } });

function press(key: string, on = "", init: KeyboardEventInit = {}): void {
  if (on !== "") document.body.innerHTML = on;
  const target = document.body.firstElementChild ?? document.body;
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }),
  );
}

describe("a key", () => {
  test("a key does what was given to it last, until that is gone", () => {
    const below = vi.fn();
    const above = vi.fn();
    add({ j: { label: "Below", run: below } });
    const remove = add({ j: { label: "Above", run: above } });
    press("j");
    expect([below.mock.calls.length, above.mock.calls.length]).toEqual([0, 1]);
    remove();
    press("j");
    expect([below.mock.calls.length, above.mock.calls.length]).toEqual([1, 1]);
  });

  test("a key that is not to be had just now is left to whoever had it before", () => {
    const below = vi.fn();
    add({ c: { label: "Below", run: below } });
    add({ c: null });
    press("c");
    expect(below).toHaveBeenCalledOnce();
    expect(keys.known()).toEqual([{ key: "c", label: "Below" }]);
  });

  test.each([
    ["a field", "j", "<input>"],
    ["a text", "j", "<textarea></textarea>"],
    ["a choice", "j", "<select></select>"],
    ["a dialog", "j", "<dialog open></dialog>"],
    ["a page under a dialog", "j", "<p></p><dialog open></dialog>"],
    ["a button", "Enter", "<button></button>"],
    ["a link", "Enter", '<a href="/"></a>'],
    ["a log", "ArrowDown", '<div role="log" tabindex="0"></div>'],
  ])("is not taken away from %s", (_, key, on) => {
    const run = vi.fn();
    add({ [key]: { label: "Some", run } });
    press(key, on);
    expect(run).not.toHaveBeenCalled();
  });

  test("a key counts again as soon as a dialog is closed, though the focus is still in it", () => {
    const run = vi.fn();
    add({ t: { label: "Timeline", run } });
    press("t", "<dialog></dialog>");
    expect(run).toHaveBeenCalledOnce();
  });

  test("a key with Ctrl, Alt or Meta is the browser's", () => {
    const run = vi.fn();
    add({ j: { label: "Next", run } });
    for (const modifier of ["ctrlKey", "altKey", "metaKey"]) press("j", "", { [modifier]: true });
    expect(run).not.toHaveBeenCalled();
  });

  test("held down counts once, unless it moves on", () => {
    const cancel = vi.fn();
    const next = vi.fn();
    add({ c: { label: "Cancel", run: cancel }, j: { label: "Next", run: next, repeats: true } });
    press("c", "", { repeat: true });
    press("j", "", { repeat: true });
    expect([cancel.mock.calls.length, next.mock.calls.length]).toEqual([0, 1]);
  });
});

test("letters can be switched off, and stay off in every tab; arrows and Escape are no letters", () => {
  const run = vi.fn();
  keys.switchTo(false);
  keys.stop();
  keys = createKeys(window, window.localStorage);
  add({ j: { label: "Next", run }, "?": { label: "Keys", run } });
  press("j");
  press("?");
  expect(run).not.toHaveBeenCalled();
  add({ ArrowDown: { label: "Next", run } });
  press("ArrowDown");
  expect(run).toHaveBeenCalledOnce();
});
