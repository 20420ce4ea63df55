/** A host's hook that hangs, throws, is asked by a crowd, and changes its mind: what each caller hears, by a clock that is moved by hand. */

import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { Grant } from "../../../../server/ingress/access/grants.js";
import { type Authorize, HostHook } from "../../../../server/ingress/access/hostHook.js";
import type { Who } from "../../../../server/ingress/access/who.js";
import { SyncError } from "../../../../shared/errors.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";

const ANN: Who = { user: "ann", can: "drive" };
const AGAIN_MS = 60_000;

function hookWith(authorize: Authorize, againMs = AGAIN_MS) {
  const clock = manualClock();
  const logged: { kind: string; err: unknown }[] = [];
  const lines = {
    error: (kind: string, details: object) =>
      void logged.push({ kind, err: (details as { err: unknown }).err }),
  };
  return { clock, logged, hook: new HostHook({ authorize, againMs, clock, lines }) };
}

const request = (name = ""): IncomingMessage => ({ headers: { cookie: name } }) as IncomingMessage;
const codeOf = (error: unknown) => (error instanceof SyncError ? error.code : String(error));
const verdictOf = async (
  ask: () => Grant | null | Promise<Grant | null>,
): Promise<string | null> => {
  try {
    return (await ask())?.user ?? null;
  } catch (error) {
    return codeOf(error);
  }
};

/** Something that is open for as long as the grant counts. */
function opened(grant: Grant | null): { isOpen: boolean; close(): void } {
  const open = { isOpen: true, close: () => {} };
  open.close = grant!.whenOver(() => {
    open.isOpen = false;
  });
  return open;
}

describe("a host's hook", () => {
  it("a hook that knows at once is answered at once", () => {
    const { hook } = hookWith(() => ANN);
    expect(hook.ask(request())).toMatchObject({ user: "ann", can: ["watch", "drive"] });
    expect(hookWith(() => null).hook.ask(request())).toBe(null);
  });

  it("a hook that throws, rejects or gives junk has no verdict; the log knows why, the caller does not", async () => {
    const secret = new Error("the password of the session store is hunter2");
    for (const authorize of [
      () => {
        throw secret;
      },
      () => Promise.reject(secret),
      () => "hunter2",
      async () => ({ user: "hunter2" }),
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a promise that is none
        then: (_: unknown, no: (error: unknown) => void) => no(secret),
      }),
    ] as unknown as Authorize[]) {
      const { hook, logged, clock } = hookWith(authorize);
      const refusal = await Promise.resolve()
        .then(() => hook.ask(request()))
        .catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: "unavailable", httpStatus: 503 });
      expect(JSON.stringify(refusal)).not.toContain("hunter2");
      expect((refusal as Error).message).not.toContain("hunter2");
      expect(logged).toHaveLength(1);
      expect(clock.waiting).toBe(0);
    }
  });

  it.each<[string, () => unknown]>([
    ["whose `then` throws", () => withGetter("then")],
    ["whose user throws", () => withGetter("user")],
    ["whose workflows throw", () => ({ ...ANN, workflows: [withGetter("length")] })],
    ["that nobody may look at", () => hostile()],
    ["that is a list nobody may read", () => ({ ...ANN, workflows: hostile([]) })],
    ["that is a number", () => 1],
    ["that is not there", () => undefined],
    ["that is a function", () => () => ANN],
    ["that is another promise's", () => ({ ...ANN, user: Promise.resolve("ann") })],
  ])(
    "a verdict %s is none, at once and as a promise, also after a wait",
    async (_what, verdict) => {
      for (const authorize of [verdict, async () => verdict()]) {
        const { hook, logged, clock } = hookWith(authorize as Authorize);
        expect(await verdictOf(() => hook.ask(request()))).toBe("unavailable");
        expect([logged.length, clock.waiting]).toEqual([1, 0]);
      }
      const answers: (() => void)[] = [];
      const { hook } = hookWith((({ headers }: IncomingMessage) =>
        headers.cookie === "odd"
          ? verdict()
          : new Promise((resolve) => void answers.push(() => resolve(ANN)))) as Authorize);
      const others = Array.from({ length: 100 }, () => verdictOf(() => hook.ask(request())));
      const odd = verdictOf(() => hook.ask(request("odd")));
      for (const answer of answers) answer();
      expect([await odd, await others[99]]).toEqual(["unavailable", "ann"]);
    },
  );

  it.each<[string, () => unknown]>([
    ["an error whose name throws", () => Object.defineProperty(new Error(), "name", THROWS)],
    ["what nobody may look at", () => hostile()],
    ["nothing", () => undefined],
  ])("a hook that throws %s has no verdict", async (_what, thrown) => {
    for (const authorize of [
      () => {
        throw thrown();
      },
      () => Promise.reject(thrown()),
    ] as Authorize[]) {
      const { hook, logged, clock } = hookWith(authorize);
      expect(await verdictOf(() => hook.ask(request()))).toBe("unavailable");
      expect([logged.length, clock.waiting]).toEqual([1, 0]);
    }
  });

  it("a hook with no end to its verdicts (`Infinity`) is asked again only when the host says so", async () => {
    let asked = 0;
    const authorize = () => {
      asked += 1;
      return ANN;
    };
    const { hook, clock } = hookWith(authorize, Number.POSITIVE_INFINITY);
    const open = opened((await hook.ask(request())) as Grant);
    clock.advance(365 * 86_400_000);
    await settled();
    expect([asked, open.isOpen]).toEqual([1, true]);
    await hook.again();
    expect([asked, open.isOpen]).toEqual([2, true]);
    open.close();
    expect(clock.waiting).toBe(0);
  });

  it("a hook that hangs has no verdict after 5 s, and its late word counts for nothing", async () => {
    let answer = (_: Who | null) => {};
    const { hook, clock, logged } = hookWith(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const verdict = verdictOf(() => hook.ask(request()));
    clock.advance(5_000);
    expect(await verdict).toBe("unavailable");
    expect(String(logged[0]?.err)).toContain("within 5000 ms");
    answer(ANN);
    await settled();
    expect([hook.watched, clock.waiting]).toEqual([0, 0]);
  });

  it("a crowd is asked about 100 at a time; who finds no room in the line is told to come back", async () => {
    let asked = 0;
    const answers: ((who: Who) => void)[] = [];
    const { hook } = hookWith(() => {
      asked += 1;
      return new Promise((resolve) => void answers.push(resolve));
    });
    const verdicts = Array.from({ length: 1_000 }, () => verdictOf(() => hook.ask(request())));
    expect(asked).toBe(100);
    while (answers.length > 0) {
      answers.shift()?.(ANN);
      await settled();
    }
    expect(asked).toBe(1_000);
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(["ann"]));
    const many = Array.from({ length: 2_101 }, () => verdictOf(() => hook.ask(request())));
    expect(await many.at(-1)).toBe("too_many");
    hook.close();
    expect(new Set(await Promise.all(many.slice(0, -1)))).toEqual(new Set(["shutting_down"]));
  });

  it("a hook that hangs for a hundred has its slots back after the deadline", async () => {
    let hangs = true;
    const { hook, clock } = hookWith(() => (hangs ? new Promise(() => {}) : ANN));
    const lost = Array.from({ length: 100 }, () => verdictOf(() => hook.ask(request())));
    clock.advance(4_999);
    const waiting = verdictOf(() => hook.ask(request()));
    hangs = false;
    clock.advance(1);
    expect(await waiting).toBe("ann");
    expect(new Set(await Promise.all(lost))).toEqual(new Set(["unavailable"]));
  });
});

describe("what a host's user has open", () => {
  it("what is open is asked about again every minute, for as long as it is open", async () => {
    let asked = 0;
    const { hook, clock } = hookWith(() => {
      asked += 1;
      return ANN;
    });
    const open = opened(hook.ask(request()) as Grant);
    for (let minute = 1; minute <= 3; minute++) {
      clock.advance(AGAIN_MS);
      await settled();
      expect([asked, open.isOpen]).toEqual([1 + minute, true]);
    }
    open.close();
    expect([hook.watched, clock.waiting]).toEqual([0, 0]);
  });

  it.each<[string, unknown, boolean]>([
    ["is nobody by now", null, false],
    ["may only watch by now", { ...ANN, can: "watch" }, false],
    ["may do more by now", { ...ANN, can: "admin" }, false],
    ["is bound by now", { ...ANN, workflows: ["deploy-*"] }, false],
    ["is somebody else by now", { ...ANN, user: "bob" }, false],
    ["is who it was", { ...ANN }, true],
  ])("what is open of a user who %s, by the verdict %j, stays: %s", async (_, then, stays) => {
    let who: unknown = ANN;
    const { hook, clock } = hookWith((() => who) as Authorize);
    const open = opened(hook.ask(request()) as Grant);
    who = then;
    clock.advance(AGAIN_MS);
    await settled();
    expect(open.isOpen).toBe(stays);
  });

  it("what is open stays for one verdict that fails, and ends with the second", async () => {
    let fails = false;
    const { hook, clock } = hookWith(() => {
      if (fails) throw new Error("no session store");
      return ANN;
    });
    const open = opened(hook.ask(request()) as Grant);
    const round = async () => {
      clock.advance(AGAIN_MS);
      await settled();
      return open.isOpen;
    };
    fails = true;
    expect(await round()).toBe(true);
    fails = false;
    expect(await round()).toBe(true);
    fails = true;
    expect([await round(), await round()]).toEqual([true, false]);
  });

  it("what is open is asked about on demand, of one user or of all, and what cannot be told then is cut off", async () => {
    const gone = new Set<string>();
    const { hook } = hookWith(({ headers: { cookie = "" } }) => {
      if (gone.has("store")) throw new Error("no session store");
      return gone.has(cookie) ? null : { ...ANN, user: cookie };
    });
    const [ann, bob, eve] = ["ann", "bob", "eve"].map((name) =>
      opened(hook.ask(request(name)) as Grant),
    );
    gone.add("ann").add("bob");
    await hook.again("ann");
    expect([ann?.isOpen, bob?.isOpen, eve?.isOpen]).toEqual([false, true, true]);
    await hook.again();
    expect([bob?.isOpen, eve?.isOpen]).toEqual([false, true]);
    gone.add("store");
    await hook.again("eve");
    expect(eve?.isOpen).toBe(false);
    expect(hook.watched).toBe(0);
    await hook.again();
  });

  it("a verdict that was asked for before a session ended does not outlive that", async () => {
    let isSignedIn = true;
    const answers: (() => void)[] = [];
    const { hook } = hookWith(() => {
      const who = isSignedIn ? ANN : null;
      return new Promise((resolve) => void answers.push(() => resolve(who)));
    });
    const asking = hook.ask(request());
    isSignedIn = false;
    await hook.again("ann");
    answers.shift()?.();
    const open = opened(await asking);
    answers.shift()?.();
    await settled();
    expect(open.isOpen).toBe(false);
  });

  it("a call that is over before its verdict leaves nothing behind", () => {
    const { hook, clock } = hookWith(() => ANN);
    const grant = hook.ask(request()) as Grant;
    const response = Object.assign(new EventEmitter(), { closed: true, destroyed: true });
    grant.carries(response as unknown as ServerResponse);
    expect([hook.watched, clock.waiting]).toEqual([0, 0]);
  });

  it("a thousand open things are asked about 20 at a time", async () => {
    let atWork = 0;
    let most = 0;
    let isFirst = true;
    const { hook, clock } = hookWith(() => {
      if (isFirst) return ANN;
      most = Math.max(most, ++atWork);
      return Promise.resolve().then(() => {
        atWork -= 1;
        return ANN;
      });
    });
    const open = Array.from({ length: 1_000 }, () => opened(hook.ask(request()) as Grant));
    isFirst = false;
    clock.advance(AGAIN_MS);
    for (let i = 0; i < 100; i++) await settled();
    expect(most).toBe(20);
    expect(open.every(({ isOpen }) => isOpen)).toBe(true);
    hook.close();
    expect(clock.waiting).toBe(0);
  });
});

const THROWS: PropertyDescriptor = {
  enumerable: true,
  get() {
    throw new Error("not for you");
  },
};
/** A verdict of which one key cannot be read. */
const withGetter = (name: string): object => Object.defineProperty({ ...ANN }, name, THROWS);
/** Throws, in answer to anything. */
const hostile = (target: object = { ...ANN }): object =>
  new Proxy(
    target,
    new Proxy(
      {},
      {
        get: () => () => {
          throw new Error("not for you");
        },
      },
    ),
  );
