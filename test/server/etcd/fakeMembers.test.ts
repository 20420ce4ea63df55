import { afterEach, describe, expect, it } from "vitest";
import type { EtcdClient } from "../../../server/etcd/etcd.js";
import { openEtcd } from "../../../server/etcd/openEtcd.js";
import { systemClock } from "../../../shared/clock.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import {
  answerWith,
  begin,
  created,
  emptyPage,
  events,
  type FakeMember,
  progress,
  refuse,
  say,
  startFakeMember,
} from "../../support/etcd/fakeMember.js";
import { seeWatch } from "../../support/etcd/seenWatch.js";
import { put } from "../../support/etcd/writes.js";
import { freePort } from "../../support/links/freePort.js";

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function fake(...args: Parameters<typeof startFakeMember>): Promise<FakeMember> {
  const member = await startFakeMember(...args);
  undo.push(member.close);
  return member;
}

function client(endpoints: readonly string[], options = {}): EtcdClient {
  const opened = openEtcd({ endpoints, clock: systemClock, ...options });
  undo.push(() => opened.close());
  return opened;
}

const silent = () => fake(() => {});
const fine = () => fake((stream) => answerWith(stream, emptyPage(7)));
const refusing = (code: number, why: string) => fake((stream) => refuse(stream, code, why));
const nobody = async () => `http://127.0.0.1:${await freePort()}`;

describe("a member that does not answer", () => {
  it("a read goes to the next member after two seconds, and later ones go there at once", async () => {
    const clock = manualClock();
    const [first, second] = [await silent(), await fine()];
    const etcd = client([first.url, second.url], { clock });
    const read = etcd.get("a");
    await expect.poll(() => first.asked.length).toBe(1);
    clock.advance(2_000);
    expect(await read).toBeNull();
    expect(await etcd.get("a")).toBeNull();
    expect([first.asked.length, second.asked.length]).toEqual([1, 2]);
    expect(clock.waiting).toBe(0);
  });

  it("a transaction is sent once, and after two seconds it is unknown what became of it", async () => {
    const clock = manualClock();
    const [first, second] = [await silent(), await fine()];
    const write = put(client([first.url, second.url], { clock }), "a", "1");
    await expect.poll(() => first.asked.length).toBe(1);
    clock.advance(2_000);
    await expect(write).rejects.toMatchObject({ name: "EtcdUnreachable" });
    expect([first.asked, second.asked]).toEqual([["KV/Txn"], []]);
  });

  it("a read gives up after five seconds and names every member", async () => {
    const clock = manualClock();
    const members = [await silent(), await silent()];
    const read = client(
      members.map(({ url }) => url),
      { clock },
    ).get("a");
    const outcome = expect(read).rejects.toThrow(
      `${members[1]!.url} did not answer in 2000 ms; ${members[0]!.url} did not answer in 900 ms`,
    );
    await expect.poll(() => members[0]!.asked.length).toBe(1);
    clock.advance(2_000);
    await expect.poll(() => members[1]!.asked.length).toBe(1);
    clock.advance(2_000);
    await expect.poll(() => clock.waitingFor(100)).toBe(1);
    clock.advance(100);
    await expect.poll(() => members[0]!.asked.length).toBe(2);
    clock.advance(900);
    await outcome;
  });

  it("a transaction goes to the next member where the first one refuses the connection", async () => {
    const second = await fine();
    expect(await put(client([await nobody(), second.url]), "a", "1")).toBe(7);
  });

  it("where nobody can be reached, a call ends with its deadline", async () => {
    const clock = manualClock();
    const etcd = client([await nobody(), await nobody()], { clock, callMs: 250 });
    const outcome = expect(put(etcd, "a", "1")).rejects.toThrow(/ECONNREFUSED.*; .*ECONNREFUSED/);
    await expect.poll(() => clock.waitingFor(100)).toBe(1);
    clock.advance(250);
    await outcome;
  });
});

describe("a member that says no", () => {
  it("a transaction goes on to the next member where the first one has no leader, and so has done nothing", async () => {
    const [first, second] = [await refusing(14, "etcdserver: no leader"), await fine()];
    expect(await put(client([first.url, second.url]), "a", "1")).toBe(7);
  });

  it("a transaction that timed out inside of etcd may have been done, and is not sent again", async () => {
    const first = await refusing(
      14,
      "etcdserver: request timed out, possibly due to previous leader failure",
    );
    const second = await fine();
    const etcd = client([first.url, second.url]);
    await expect(put(etcd, "a", "1")).rejects.toMatchObject({ name: "EtcdUnreachable" });
    expect(second.asked).toEqual([]);
    expect(await etcd.get("a")).toBeNull();
  });

  it.each([
    [8, "etcdserver: mvcc: database space exceeded", "full"],
    [3, "etcdserver: request is too large", "too_large"],
    [8, "grpc: received message larger than max (3000020 vs. 2097152)", "too_large"],
    [11, "etcdserver: mvcc: required revision has been compacted", "compacted"],
    [5, "etcdserver: requested lease not found", "no_lease"],
    [7, "etcdserver: permission denied", "not_allowed"],
    [3, "etcdserver: user name is empty", "not_allowed"],
    [12, "unknown service", "other"],
  ])("code %i with %j is a refusal: %s", async (code, why, reason) => {
    const member = await refusing(code, why);
    const write = put(client([member.url]), "a", "1");
    await expect(write).rejects.toMatchObject({ name: "EtcdRefused", why: reason });
    expect(member.asked).toHaveLength(1);
  });
});

describe("a member that talks nonsense", () => {
  const nonsense: Parameters<typeof startFakeMember>[0][] = [
    (stream) => answerWith(stream, Buffer.from("<html>not etcd</html>")),
    (stream) => answerWith(stream, Buffer.from([0x0a, 0xff])),
    (stream) => stream.respond({ ":status": 502 }, { endStream: true }),
    (stream) => stream.respond({ ":status": 200 }, { endStream: true }),
    (stream) => {
      begin(stream);
      stream.end(Buffer.from([1, 0, 0, 0, 1, 7]));
    },
    (stream) => {
      begin(stream);
      stream.end(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 7]));
    },
    (stream) => stream.session?.destroy(),
    (stream) => stream.close(2),
  ];

  it.each(nonsense.map((answer, index) => [index, answer] as const))(
    "nonsense %i is no answer: a transaction is not sent again, and no read ends with it",
    async (_index, answer) => {
      const member = await fake(answer);
      const clock = manualClock();
      const etcd = client([member.url], { clock, callMs: 300 });
      await expect(put(etcd, "a", "1")).rejects.toMatchObject({ name: "EtcdUnreachable" });
      expect(member.asked).toHaveLength(1);
      let isOver = false;
      const read = etcd.get("a").finally(() => {
        isOver = true;
      });
      const outcome = expect(read).rejects.toThrow(member.url);
      // One that is too long is not asked for again.
      await expect.poll(() => isOver || clock.waitingFor(100) === 1).toBe(true);
      clock.advance(300);
      await outcome;
    },
  );

  it("plain HTTP/1 is no etcd, and a read goes on to the next member", async () => {
    const { createServer } = await import("node:http");
    const plain = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((listening) => plain.listen(0, "127.0.0.1", listening));
    undo.push(async () => {
      plain.closeAllConnections();
      plain.close();
    });
    const { port } = plain.address() as { port: number };
    const second = await fine();
    expect(await client([`http://127.0.0.1:${port}`, second.url]).get("a")).toBeNull();
  });

  it("an endpoint that is no url of a member is refused at once", () => {
    const open = (endpoint: string) => () =>
      openEtcd({ endpoints: [endpoint], clock: systemClock });
    expect(open("ftp://127.0.0.1")).toThrow(TypeError);
    expect(open("127.0.0.1:2379")).toThrow(TypeError);
    expect(() => openEtcd({ endpoints: [], clock: systemClock })).toThrow(TypeError);
  });
});

describe("a watch of members that misbehave", () => {
  it("events that were told are not told again, also where a member goes back in time", async () => {
    const first = await fake((stream) => {
      begin(stream);
      for (const content of [
        created(),
        events([
          ["a", 5],
          ["b", 6],
        ]),
        events([
          ["a", 4],
          ["b", 6],
          ["c", 8],
        ]),
      ])
        say(stream, content);
      stream.end();
    });
    const second = await fake((stream) => {
      begin(stream);
      for (const content of [created(), events([["c", 8]]), events([["d", 9]])])
        say(stream, content);
    });
    const seen = seeWatch(client([first.url, second.url]), "", 5);
    await expect.poll(() => seen.shown).toEqual(["a=5", "b=6", "c=8", "d=9"]);
    expect(seen.opened).toBe(2);
  });

  it("the changes of one revision are told together, although they come in parts", async () => {
    const member = await fake((stream) => {
      begin(stream);
      for (const content of [
        created(),
        events(
          [
            ["a", 5],
            ["b", 6],
          ],
          true,
        ),
        events([["c", 6]], true),
        events([
          ["d", 6],
          ["e", 7],
        ]),
      ])
        say(stream, content);
    });
    const seen = seeWatch(client([member.url]), "", 1);
    await expect.poll(() => seen.revisions).toEqual([5, 7]);
    expect(seen.shown).toEqual(["a=5", "b=6", "c=6", "d=6", "e=7"]);
  });

  it("half a revision is forgotten with its connection, and comes whole with the next one", async () => {
    const member = await fake((stream, _method, times) => {
      begin(stream);
      say(stream, created());
      if (times > 1)
        return say(
          stream,
          events([
            ["b", 6],
            ["c", 6],
          ]),
        );
      say(
        stream,
        events(
          [
            ["a", 5],
            ["b", 6],
          ],
          true,
        ),
      );
      stream.end();
    });
    const seen = seeWatch(client([member.url]), "", 1);
    await expect.poll(() => seen.shown).toEqual(["a=5", "b=6", "c=6"]);
  });

  it("how far it is is told where nothing changes, and never goes back", async () => {
    const member = await fake((stream) => {
      begin(stream);
      for (const content of [created(), progress(9), progress(8), events([["a", 10]])])
        say(stream, content);
    });
    const seen = seeWatch(client([member.url]), "", 5);
    await expect.poll(() => seen.revisions).toEqual([9, 10]);
  });

  it("a member that does not say that the watch is on, or talks nonsense, is left for the next one, more and more slowly", async () => {
    const clock = manualClock();
    const first = await silent();
    const second = await fake((stream) => answerWith(stream, Buffer.from("nonsense")));
    const seen = seeWatch(client([first.url, second.url], { clock }), "", 5);
    await expect.poll(() => first.asked.length).toBe(1);
    clock.advance(2_000);
    for (const [member, pause] of [
      [second, 100],
      [first, 200],
    ] as const) {
      await expect.poll(() => clock.waitingFor(pause)).toBe(1);
      clock.advance(pause);
      await expect.poll(() => member.asked.length).toBe(member === second ? 1 : 2);
    }
    expect(seen).toMatchObject({ opened: 0, lost: [], shown: [] });
  });

  it("a watch that is silent is begun anew on the next member, from behind what was told", async () => {
    const frozen = await fake((stream) => {
      begin(stream);
      say(stream, created());
      say(stream, events([["a", 5]]));
    });
    const second = await fake((stream) => {
      begin(stream);
      say(stream, created());
      say(stream, events([["b", 6]]));
    });
    const seen = seeWatch(client([frozen.url, second.url]), "", 5);
    await expect.poll(() => seen.shown).toEqual(["a=5"]);
    seen.watch.restart();
    await expect.poll(() => seen.shown).toEqual(["a=5", "b=6"]);
    await expect.poll(() => frozen.connections).toBe(0);
  });
});

describe("a client that is closed", () => {
  it("everything under way ends, nothing is told any more, and neither a connection nor a timer stays", async () => {
    const clock = manualClock();
    const member = await fake((stream, method) => {
      if (method !== "Watch/Watch") return;
      begin(stream);
      say(stream, created());
    });
    const etcd = openEtcd({ endpoints: [member.url, await nobody()], clock });
    const seen = seeWatch(etcd, "", 5);
    const read = etcd.get("a");
    const failed = expect(read).rejects.toMatchObject({ name: "EtcdUnreachable" });
    await expect.poll(() => [seen.opened, member.asked.length]).toEqual([1, 2]);
    expect(member.connections).toBe(2);
    await etcd.close();
    await failed;
    expect(clock.waiting).toBe(0);
    await expect.poll(() => member.connections).toBe(0);
    await expect(etcd.get("a")).rejects.toMatchObject({ name: "EtcdUnreachable" });
    seeWatch(etcd, "", 5).watch.restart();
    expect([member.asked.length, clock.waiting, seen.lost.length]).toEqual([2, 0, 0]);
  });
});
