/** One POST to an address that strangers may have a say in: where it goes, and how long it may take. */
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { HEAD_MS, type PostOptions, post, WHOLE_MS } from "../../../server/webhooks/post.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { until } from "../../support/deadline.js";
import { openReceiver } from "../../support/links/receiver.js";

const send = (url: string, more: Partial<PostOptions> = {}) => {
  const clock = manualClock();
  const signal = new AbortController().signal;
  const posted = post({
    ...{ url: new URL(url), headers: {}, body: "{}", allowPrivate: true, clock, signal, ...more },
  });
  return { clock, posted };
};
/** A name server that says other addresses each time. */
const saying = (...answers: readonly string[][]) => {
  let asked = 0;
  return {
    asked: () => asked,
    resolve: ((_name, done) => {
      const addresses = answers[Math.min(asked++, answers.length - 1)]!;
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    }) as NonNullable<PostOptions["resolve"]>,
  };
};

describe("where it goes", () => {
  test("a name is looked up once, and what was looked at is what is connected to", async () => {
    const receiver = await openReceiver();
    const names = saying(["127.0.0.1"], ["169.254.169.254"]);
    const { posted } = send(`http://rebinding.test:${receiver.port}/`, { resolve: names.resolve });
    expect(await posted).toMatchObject({ code: 204, error: null });
    expect(names.asked()).toBe(1);
  });

  test.each([
    [["10.0.0.1"], false, "https", "10.0.0.1 is a private address, and allow_private is not set"],
    [["8.8.8.8", "127.0.0.1"], false, "https", "127.0.0.1 is a private address"],
    [["8.8.8.8", "::ffff:10.0.0.1"], false, "https", "::ffff:10.0.0.1 is a private address"],
    [["169.254.169.254"], true, "https", "169.254.169.254 is an address that no webhook may lead"],
    [["fe80::1"], true, "https", "fe80::1 is an address that no webhook may lead to"],
    [["8.8.8.8"], true, "http", "8.8.8.8 is a public address, which needs https"],
    [[], true, "https", "names.test has no address"],
  ])(
    "of the addresses %j, with private ones allowed %s, %s says why not",
    async (addresses, allowPrivate, scheme, why) => {
      const { resolve } = saying([...addresses]);
      const { posted, clock } = send(`${scheme}://names.test/`, { resolve, allowPrivate });
      expect(await posted).toMatchObject({ code: null, error: expect.stringContaining(why) });
      expect(clock.waiting).toBe(0);
    },
  );

  test("a port where nobody listens is said", async () => {
    const receiver = await openReceiver();
    await receiver.close();
    const { posted } = send(receiver.url);
    expect((await posted).error).toMatch(/ECONNREFUSED/);
  });
});

describe("how long it takes", () => {
  test("a name that is never answered ends the wait for the connection", async () => {
    const { posted, clock } = send("https://silent.test/", { resolve: () => {} });
    await until(() => clock.waitingFor(HEAD_MS) > 0, "it is under way");
    clock.advance(5_000);
    expect(await posted).toMatchObject({ code: null, error: "no connection within 5 s" });
    expect(clock.waiting).toBe(0);
  });

  test("an answer without an end counts by its head, and is cut", async () => {
    const receiver = await openReceiver((response) => void response.writeHead(200).write("so far"));
    const { posted, clock } = send(receiver.url);
    await until(() => clock.waitingFor(WHOLE_MS) > 0, "the head is there");
    clock.advance(WHOLE_MS);
    expect(await posted).toMatchObject({ code: 200, error: null });
    expect(clock.waiting).toBe(0);
  });

  test("a receiver that speaks no HTTP, and one that hangs up, are said", async () => {
    for (const words of ["SSH-2.0-OpenSSH\r\n", null]) {
      const server = createServer((socket) => {
        socket.on("error", () => {});
        socket.on("data", () => (words === null ? socket.destroy() : socket.end(words)));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      onTestFinished(() => void server.close());
      const { port } = server.address() as { port: number };
      const { posted } = send(`http://127.0.0.1:${port}/`);
      expect(await posted).toMatchObject({ code: null, error: expect.stringMatching(/./) });
    }
  });

  test("an end of the server ends it at once", async () => {
    const receiver = await openReceiver(() => {});
    const stop = new AbortController();
    const { posted, clock } = send(receiver.url, { signal: stop.signal });
    await receiver.untilTold(1);
    stop.abort();
    expect(await posted).toMatchObject({ error: "the server was stopping" });
    expect(clock.waiting).toBe(0);
  });
});
