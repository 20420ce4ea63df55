import { describe, expect, it } from "vitest";
import { type Command, NoAnswerError, SyncError } from "../../../client/index.js";
import { LIMITS } from "../../../shared/limits.js";
import { settled } from "../../support/clocks/settled.js";
import { fakeClient } from "../../support/links/fakeClient.js";
import { problem } from "../../support/links/fakeFetch.js";

const report: Command = { kind: "step", workflow_id: "w", index: 0, update: { progress: 0.5 } };
const at = { workflow_id: "w", epoch: "e1", revision: 2 };
const accepted = (request_id: string) => ({ type: "accepted", request_id, ...at });
const refused = (request_id: string, code: string, retry: boolean, more: object = {}) => ({
  type: "refused",
  request_id,
  code,
  message: `refused: ${code}`,
  retry,
  ...more,
});

/** What a promise came to, as far as it has. */
function outcomeOf<T>(promise: Promise<T>) {
  const outcome: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => {
      outcome.value = value;
    },
    (error: unknown) => {
      outcome.error = error;
    },
  );
  return outcome;
}

describe("a proposal", () => {
  it("opens the connection by itself, and resolves with what was accepted", async () => {
    const { client, sockets } = fakeClient();
    const answer = client.propose(report, {
      requestId: "r",
      token: 3,
      expected: { epoch: "e1", revision: 1 },
    });
    const socket = sockets.newest.hello();
    expect(socket.sent).toEqual([
      {
        type: "propose",
        request_id: "r",
        command: report,
        expected_epoch: "e1",
        expected_revision: 1,
        token: 3,
      },
    ]);
    socket.says(accepted("r"));
    expect(await answer).toEqual(at);
  });

  it("rejects with the refusal, its position and its fields", async () => {
    const { client, sockets } = fakeClient();
    const answer = client.propose(report, { requestId: "r" });
    const errors = [{ path: "index", message: "no" }];
    const socket = sockets.newest.hello();
    socket.says(refused("r", "position_moved", false, { epoch: "e1", revision: 9, errors }));
    await expect(answer).rejects.toThrow(SyncError);
    await expect(answer).rejects.toMatchObject({
      code: "position_moved",
      at: { epoch: "e1", revision: 9 },
      errors,
    });
  });

  it("a proposal has a request id nobody else has", () => {
    const { client, sockets } = fakeClient();
    for (let one = 0; one < 100; one++) void client.propose(report).catch(() => {});
    const ids = sockets.newest
      .hello()
      .sentOf("propose")
      .map(({ request_id }) => request_id);
    expect(new Set(ids).size).toBe(100);
    client.close();
  });

  it("a proposal goes out again on each new socket, under the same id and in the same order, until it is answered", async () => {
    const { client, sockets, clock } = fakeClient();
    const outcomes = ["a", "b", "c"].map((requestId) =>
      outcomeOf(client.propose(report, { requestId })),
    );
    sockets.newest.hello().says(accepted("b")).breaks();
    clock.advance(10_000);
    const sent = sockets.newest.hello().sentOf("propose");
    expect(sent.map(({ request_id }) => request_id)).toEqual(["a", "c"]);
    sockets.newest.says(accepted("a")).says(accepted("c")).says(accepted("c"));
    await settled();
    expect(outcomes.map(({ value }) => value)).toEqual([at, at, at]);
  });

  it("a proposal is made again, more and more slowly, after refusals that may pass", async () => {
    const { client, sockets, clock } = fakeClient();
    const outcome = outcomeOf(client.propose(report, { requestId: "r" }));
    const socket = sockets.newest.hello();
    socket.says(refused("r", "not_saved", true));
    clock.advance(499);
    expect(socket.sentOf("propose")).toHaveLength(1);
    clock.advance(1);
    expect(socket.sentOf("propose")).toHaveLength(2);
    for (let more = 0; more < 2; more++) {
      socket.says(refused("r", "not_saved", true));
      clock.advance(1_000);
    }
    socket.says(accepted("r"));
    await settled();
    expect(outcome.value).toEqual(at);
  });

  it("a proposal with an id that waits already shares its answer", async () => {
    const { client, sockets } = fakeClient();
    const both = [
      client.propose(report, { requestId: "r" }),
      client.propose(report, { requestId: "r" }),
    ];
    const socket = sockets.newest.hello();
    expect(socket.sent).toHaveLength(1);
    socket.says(accepted("r"));
    expect(await Promise.all(both)).toEqual([at, at]);
  });

  it("a proposal that is too large is refused here, and never sent", async () => {
    const { client, sockets } = fakeClient();
    const note = "x".repeat(LIMITS.frameBytes);
    const update = { completion_note: note };
    const answer = client.propose({ kind: "step", workflow_id: "w", index: 0, update });
    await expect(answer).rejects.toMatchObject({ code: "too_large" });
    await expect(answer).rejects.toThrow(`${LIMITS.frameBytes}`);
    expect(sockets.all).toEqual([]);
  });

  it("a proposal that the server cut the socket for is not sent again, and the rest is", async () => {
    const { client, sockets, clock } = fakeClient();
    const large = outcomeOf(
      client.propose({ ...report, update: { message: "x".repeat(1_000) } } as Command),
    );
    const small = outcomeOf(client.propose(report, { requestId: "small" }));
    sockets.newest.hello().breaks(1009);
    clock.advance(10_000);
    const sent = sockets.newest.hello().sentOf("propose");
    expect(sent.map(({ request_id }) => request_id)).toEqual(["small"]);
    sockets.newest.says(accepted("small"));
    await settled();
    expect(large.error).toMatchObject({ code: "too_large" });
    expect(small.value).toEqual(at);
  });

  it("rejects when its deadline comes first, and is not sent after that", async () => {
    const { client, sockets, clock } = fakeClient();
    const outcome = outcomeOf(client.propose(report, { deadlineMs: 5_000 }));
    sockets.newest.hello();
    clock.advance(5_000);
    await settled();
    expect(outcome.error).toBeInstanceOf(NoAnswerError);
    sockets.newest.breaks();
    clock.advance(10_000);
    expect(sockets.newest.hello().sentOf("propose")).toEqual([]);
  });

  it("rejects with the reason of its signal", async () => {
    const { client, sockets } = fakeClient();
    const stop = new AbortController();
    const outcome = outcomeOf(client.propose(report, { signal: stop.signal }));
    sockets.newest.hello();
    stop.abort("enough");
    await settled();
    expect(outcome.error).toBe("enough");
    await expect(client.propose(report, { signal: stop.signal })).rejects.toBe("enough");
  });

  it("a proposal is refused when a thousand wait already", async () => {
    const { client } = fakeClient();
    const waiting = Array.from({ length: 1_000 }, () => outcomeOf(client.propose(report)));
    await expect(client.propose(report)).rejects.toMatchObject({ code: "too_many" });
    client.close();
    await settled();
    expect(waiting.every(({ error }) => error instanceof NoAnswerError)).toBe(true);
  });

  it("a proposal does not wait for a server that asks for a token", async () => {
    const { client, sockets, http } = fakeClient();
    http.answer = () => problem(401, "unauthorized");
    const outcome = outcomeOf(client.propose(report));
    sockets.newest.breaks();
    await settled();
    expect(outcome.error).toMatchObject({ code: "unauthorized" });
    await expect(client.propose(report)).rejects.toMatchObject({ code: "unauthorized" });
  });

  it("a proposal leaves no timer behind once it is answered and the client closed", async () => {
    const { client, sockets, clock } = fakeClient();
    const first = client.propose(report, { requestId: "r" });
    const second = outcomeOf(client.propose(report, { requestId: "s" }));
    sockets.newest
      .hello()
      .says(accepted("r"))
      .says(refused("s", "rate_limited", true));
    await first;
    client.close();
    expect(clock.waiting).toBe(0);
    await settled();
    expect(second.error).toBeInstanceOf(NoAnswerError);
    await expect(client.propose(report)).rejects.toThrow(NoAnswerError);
  });
});

describe("a proposal that was refused for now", () => {
  const step = (workflow_id: string, message: string): Command => ({
    ...{ kind: "step", index: 0, workflow_id },
    update: { message },
  });

  it("a proposal that was refused for now is not overtaken by later ones for its workflow", async () => {
    const { client, sockets, clock } = fakeClient();
    const ids = ["a", "b", "c"];
    const answers = ids.map((requestId) => client.propose(step("w", requestId), { requestId }));
    const socket = sockets.newest.hello();
    const sent = () => socket.sentOf("propose").map(({ request_id }) => request_id);
    socket.says(refused("b", "rate_limited", true)).says(refused("c", "rate_limited", true));
    socket.says(accepted("a"));
    answers.push(client.propose(step("w", "d"), { requestId: "d" }));
    void client.propose(step("other", "e"), { requestId: "e" }).catch(() => {});
    expect(sent()).toEqual(["a", "b", "c", "e"]);
    clock.advance(10_000);
    expect(sent()).toEqual(["a", "b", "c", "e", "b"]);
    socket.says(accepted("b"));
    expect(sent()).toEqual(["a", "b", "c", "e", "b", "c"]);
    socket.says(accepted("c"));
    expect(sent()).toEqual(["a", "b", "c", "e", "b", "c", "d"]);
    socket.says(accepted("d"));
    expect(await Promise.all(answers)).toEqual([at, at, at, at]);
    client.close();
  });
});
