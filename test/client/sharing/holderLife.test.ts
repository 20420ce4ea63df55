import { expect, it } from "vitest";
import type { LiveSocket } from "../../../client/connection/socket.js";
import { Sharing } from "../../../client/sharing/sharing.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";
import { fakeSockets } from "../../support/links/fakeSockets.js";
import { FakeBrowser } from "../../support/links/fakeWorker.js";

/** One tab, asked for a socket again whenever that makes sense. */
function tab() {
  const clock = manualClock();
  const [shared, own] = [fakeSockets(), fakeSockets()];
  const browser = new FakeBrowser(
    clock,
    (url, protocols) => new shared.WebSocket(url, protocols),
    true,
  );
  const opened: LiveSocket[] = [];
  const look = { isLookedAt: true };
  const sharing: Sharing = new Sharing({
    clock,
    url: "ws://instep.test",
    protocols: [],
    openWorker: browser.tab().openSharedWorker,
    openOwn: () => new own.WebSocket("ws://instep.test"),
    onLeaving: () => () => {},
    watchLife: browser.watchLife,
    isLookedAt: () => look.isLookedAt,
    up: () => void opened.push(sharing.open()),
  });
  opened.push(sharing.open());
  return { clock, shared, own, browser, sharing, opened, look };
}

it("the holder's death is heard at once where the browser has locks, and another one takes over", async () => {
  const { shared, own, browser, opened } = tab();
  await settled();
  shared.newest.hello();
  await settled();
  const [first] = opened;
  const closed: number[] = [];
  first!.addEventListener("close", ({ code }) => closed.push(code));
  browser.kill();
  expect(closed).toEqual([1001]);
  await settled();
  shared.newest.hello();
  await settled();
  expect(opened).toHaveLength(2);
  expect(opened[1]).toMatchObject({ readyState: 1, isShared: true });
  expect(own.all).toEqual([]);
});

it("a browser that leads to the dead holder for a while is asked again, and for half a second only", async () => {
  const { clock, shared, own, browser, opened } = tab();
  await settled();
  shared.newest.hello();
  await settled();
  browser.kill({ isNextStuck: true });
  await settled();
  for (let i = 0; i < 3; i++) {
    expect(own.all).toEqual([]);
    clock.advance(150);
    await settled();
  }
  clock.advance(0);
  own.newest.hello();
  expect(opened[1]).toMatchObject({ readyState: 1, isShared: false });
});

it.each([
  { isLookedAt: false, after: 5_000 },
  { isLookedAt: true, after: 30_000 },
])(
  "a tab that came by its own socket changes to the shared one (looked at: $isLookedAt) after $after ms",
  async ({ isLookedAt, after }) => {
    const { clock, shared, own, browser, opened, look } = tab();
    look.isLookedAt = isLookedAt;
    const { thaw } = browser.hold();
    clock.advance(1_000);
    own.newest.hello();
    expect(opened[0]).toMatchObject({ readyState: 1, isShared: false });
    thaw();
    await settled();
    clock.advance(after - 1);
    expect(opened).toHaveLength(1);
    clock.advance(1);
    await settled();
    expect(opened).toHaveLength(2);
    shared.newest.hello();
    await settled();
    expect(opened[1]).toMatchObject({ readyState: 1, isShared: true });
  },
);
