import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type Command,
  createClient,
  drive,
  NoAnswerError,
  type View,
} from "../../../client/index.js";
import { settled } from "../../support/clocks/settled.js";
import { type FakeClient, fakeClient, snapshotOf } from "../../support/links/fakeClient.js";
import { type FakeAnswer, fakeFetch, NOTHING, problem } from "../../support/links/fakeFetch.js";

const AT = "No Instep server answers at http://instep.test/mount";
const SAVE: Command = { kind: "save", state: { steps: [] } };
const FOREIGN: FakeAnswer = { status: 404, body: "<h1>Not found</h1>" };

/** Lets time pass in small steps, so that what is answered meanwhile is heard. */
async function pass({ clock }: FakeClient, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    clock.advance(250);
    await settled();
  }
}

const outcomeOf = (promise: Promise<unknown>) => {
  const outcome: { error?: unknown; value?: unknown } = {};
  promise.then(
    (value) => Object.assign(outcome, { value }),
    (error: unknown) => Object.assign(outcome, { error }),
  );
  return outcome;
};

function watching(fake: FakeClient, subject = "w"): View[] {
  const views: View[] = [];
  fake.client.watch(subject, (view) => views.push(view));
  return views;
}

describe("an address where no Instep ever answered", () => {
  it("an address where something else answers is given up at once", async () => {
    const fake = fakeClient();
    fake.http.answer = () => FOREIGN;
    const views = watching(fake);
    const saved = outcomeOf(fake.client.propose(SAVE, { deadlineMs: Number.POSITIVE_INFINITY }));
    fake.sockets.newest.breaks();
    await settled();
    const sentence = `${AT} (something else answers there: HTTP 404).`;
    expect(saved.error).toBeInstanceOf(NoAnswerError);
    expect(saved.error).toMatchObject({ message: sentence, status: 404, mayPass: false });
    expect(fake.client.connection).toMatchObject({ phase: "waiting", problem: sentence });
    expect(views.at(-1)).toMatchObject({ phase: "unavailable", problem: sentence, state: null });
  });

  it.each([
    ["nobody answers", "unreachable", "it cannot be reached"],
    [
      "a proxy has nobody behind it",
      { status: 503, body: "<html>" },
      "a proxy does not reach it: HTTP 503",
    ],
    ["nothing is heard", "silence", "no answer came in time"],
  ] as const)("is waited at for eight seconds where %s", async (_, answer, why) => {
    const fake = fakeClient();
    fake.http.answer = () => answer;
    const driven = outcomeOf(drive(fake.client, { steps: [{ action: "a" }] }, { a: () => {} }));
    await pass(fake, 7_750);
    expect(driven).toEqual({});
    await pass(fake, 250);
    expect(driven.error).toMatchObject({ name: "NoAnswerError", message: `${AT} (${why}).` });
    await pass(fake, 2_000);
    expect(fake.client.connection.phase).toBe("idle");
    expect(fake.clock.waiting).toBe(0);
  });

  it("an address is tried on for those who watch, and is forgotten as a problem once Instep answers", async () => {
    const fake = fakeClient();
    fake.http.answer = () => FOREIGN;
    const views = watching(fake);
    fake.sockets.newest.breaks();
    await settled();
    for (let minute = 0; minute < 4; minute++) {
      const before = fake.sockets.all.length;
      await pass(fake, 60_000);
      expect(fake.sockets.all.length).toBeGreaterThan(before);
      expect(fake.http.calls.length).toBeLessThan(2 * fake.sockets.all.length + 2);
    }
    fake.sockets.newest.hello().says(snapshotOf("w", 1));
    await settled();
    expect(fake.client.connection).toMatchObject({ phase: "live", problem: null });
    expect(views.map(({ phase }) => phase)).toEqual(["loading", "unavailable", "live"]);
    expect(views.at(-1)?.problem).toBeNull();
  });

  it("an address where no Instep ever answered is looked at again at once for a later question", async () => {
    const fake = fakeClient();
    fake.http.answer = () => FOREIGN;
    watching(fake);
    fake.sockets.newest.breaks();
    await settled();
    await pass(fake, 30_000);
    const refused = outcomeOf(fake.client.propose(SAVE));
    await pass(fake, 250);
    expect(refused.error).toMatchObject({ status: 404 });
    const accepted = outcomeOf(fake.client.propose(SAVE));
    fake.client.retryNow();
    fake.sockets.newest.hello().says(snapshotOf("w", 1));
    const [{ request_id } = { request_id: "" }] = fake.sockets.newest.sentOf("propose");
    const at = { workflow_id: "w", epoch: "e1", revision: 2 };
    fake.sockets.newest.says({ type: "accepted", request_id, ...at });
    await settled();
    expect(accepted.value).toEqual(at);
  });

  it("an address is asked by HTTP where a socket opens and nobody says hello, and is polled where Instep is there", async () => {
    const fake = fakeClient();
    fake.http.answer = ({ path }) =>
      path.includes("summary") ? { body: { success: true, summary: {} } } : NOTHING;
    const views = watching(fake, "current");
    await pass(fake, 17_000);
    expect(fake.client.connection).toMatchObject({ phase: "polling", problem: null });
    expect(views.at(-1)).toMatchObject({ phase: "live", problem: null });
  });

  it("a client that had an answer before has no problem with the address: it waits as long as it takes", async () => {
    const fake = fakeClient();
    fake.http.answer = () => NOTHING;
    await fake.client.rest.load();
    fake.http.answer = () => FOREIGN;
    const views = watching(fake);
    const saved = outcomeOf(fake.client.propose(SAVE, { deadlineMs: Number.POSITIVE_INFINITY }));
    fake.sockets.newest.breaks();
    await pass(fake, 120_000);
    expect(saved).toEqual({});
    expect(fake.client.connection).toMatchObject({ phase: "waiting", problem: null });
    expect(views.map(({ phase }) => phase)).toEqual(["loading"]);
  });
});

describe("a server that turns a client away", () => {
  it.each([
    [401, "unauthorized", "a token is needed"],
    [401, "unauthorized", "this token is not known"],
    [403, "forbidden", "this server is not known as host.example."],
  ])(
    "with %i %s is quoted with its address, the same by socket and by REST",
    async (status, code, message) => {
      const fake = fakeClient();
      fake.http.answer = () => problem(status, code, { message });
      const views = watching(fake);
      const problems: string[] = [];
      fake.client.followLog(
        "w",
        0,
        {},
        { piece: () => {}, problem: (told) => problems.push(told) },
      );
      const driven = outcomeOf(drive(fake.client, { steps: [{ action: "a" }] }, { a: () => {} }));
      fake.sockets.newest.breaks();
      await settled();
      const sentence = `The server at http://instep.test/mount turns this client away: ${message.replace(/\.$/, "")}.`;
      expect(fake.client.connection).toMatchObject({
        phase: "stopped",
        why: "unauthorized",
        problem: sentence,
      });
      expect(views.at(-1)).toMatchObject({ phase: "unavailable", problem: sentence });
      expect(problems).toEqual([sentence]);
      expect(driven.error).toMatchObject({ code, message });
      await expect(fake.client.propose(SAVE)).rejects.toMatchObject({ code, message });
      await expect(fake.client.rest.load()).rejects.toMatchObject({ code, message });
    },
  );

  it("a server that turns a client away after it was there leaves the last state standing, and says why it is old", async () => {
    const fake = fakeClient();
    const views = watching(fake);
    fake.sockets.newest.hello().says(snapshotOf("w", 1));
    await settled();
    fake.http.answer = () => problem(401, "unauthorized", { message: "this token is not known" });
    fake.sockets.newest.breaks(4401);
    await pass(fake, 250);
    fake.sockets.newest.breaks();
    await settled();
    expect(views.at(-1)).toMatchObject({
      phase: "stale",
      problem:
        "The server at http://instep.test/mount turns this client away: this token is not known.",
    });
  });

  it("a server of another protocol that turns a client away is said to be that", async () => {
    const fake = fakeClient();
    const views = watching(fake);
    fake.sockets.newest.hello({ protocol: 2 });
    await settled();
    expect(views.at(-1)?.problem).toBe(
      "The server at http://instep.test/mount speaks another version of the protocol than this client.",
    );
  });
});

describe("a call", () => {
  it("follows no redirect, so that neither its token nor its body reaches another server", async () => {
    const given: RequestInit[] = [];
    const fetch: typeof globalThis.fetch = async (_, init) => {
      given.push(init ?? {});
      return new Response(null, { status: 307, headers: { Location: "https://other.example/x" } });
    };
    const client = createClient({ url: "http://instep.test", token: "secret", fetch });
    await expect(client.rest.save({ steps: [] })).rejects.toThrow(
      "No Instep server answers at http://instep.test (it redirects to https://other.example/x).",
    );
    expect(given.map(({ redirect }) => redirect)).toEqual(["manual"]);
  });

  it.each([
    ["ENOTFOUND", "its name is not known"],
    ["EAI_AGAIN", "its name is not known"],
    ["EHOSTUNREACH", "there is no way to it"],
    ["UND_ERR_CONNECT_TIMEOUT", "no answer came in time"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "its certificate is not trusted"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "what answers there does not speak TLS"],
    ["HPE_INVALID_CONSTANT", "what answers there does not speak HTTP"],
    ["E_OF_TOMORROW", "E_OF_TOMORROW"],
  ])("that fails in Node with %s says in words what that means", async (code, words) => {
    const fetch = async () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) });
    };
    const client = createClient({ url: "http://instep.test:1/a/", fetch });
    await expect(client.rest.load()).rejects.toMatchObject({
      message: `No Instep server answers at http://instep.test:1/a (${words}).`,
      mayPass: !/TLS|HTTP|certificate/.test(words),
    });
  });

  it.each([
    ["clear", { success: false }],
    ["summary", { success: true }],
    ["list", { workflows: [1], next: null }],
    ["definitions", { definitions: {} }],
    ["load", { state: { workflow_id: "w" } }],
  ] as const)("to %s takes no other JSON for an answer of Instep", async (name, body) => {
    const { fetch } = fakeFetch(() => ({ body }));
    const client = createClient({ url: "http://instep.test", fetch });
    await expect(client.rest[name]()).rejects.toThrow("something else answers there: HTTP 200");
  });
});

describe("createClient", () => {
  it.each(["localhost:4747", "127.0.0.1:4747", "ws://127.0.0.1:4747", "/instep", ""])(
    "refuses %j for an address, and says what one looks like",
    (url) => {
      expect(() => createClient({ url })).toThrow(
        `url must be an address like http://127.0.0.1:4747, not "${url}"`,
      );
    },
  );

  it("createClient takes a path of the page's own server in a browser", async () => {
    vi.stubGlobal("document", { baseURI: "https://shop.example/orders/7?x#y" });
    onTestFinished(() => void vi.unstubAllGlobals());
    const { fetch } = fakeFetch();
    const client = createClient({ url: "/instep", fetch });
    await expect(client.rest.load()).rejects.toThrow(" https://shop.example/instep (");
  });

  it("createClient takes no password in an address, and does not repeat it", () => {
    expect(() => createClient({ url: "http://me:secret@host" })).toThrow(
      /^url must have no user name/,
    );
  });
});
