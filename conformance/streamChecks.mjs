/** The checks of what a server streams: server-sent events, and output by offsets. */
import { same } from "./talk.mjs";
import { STATE } from "./trial.mjs";

const LOG = `${STATE}/steps/0/log`;
const TEXT = { "Content-Type": "text/plain" };

/** Server-sent events, from the last one that was heard. */
export async function eventsResumed(it) {
  const at = await it.save();
  const first = await events(it, {}, "snapshot");
  same(
    "id and revision of the snapshot",
    [first.id, first.frame.revision],
    [`${at.epoch}.${at.revision}`, at.revision],
  );
  const resumed = await events(it, { "Last-Event-ID": first.id }, "resumed");
  same("the position", [resumed.frame.epoch, resumed.frame.revision], [at.epoch, at.revision]);
}

/** The first event of the type, which is the answer: none about the workflow may come before. */
async function events(it, headers, wanted) {
  const stop = new AbortController();
  const { status, stream } = await it.get("/workflow/live", {
    headers: { Accept: "text/event-stream", ...headers },
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(30_000)]),
    isStream: true,
  });
  same("the status", status, 200);
  let text = "";
  try {
    for await (const bytes of stream.pipeThrough(new TextDecoderStream())) {
      text += bytes;
      for (const event of text.split("\n\n").slice(0, -1)) {
        const fields = Object.fromEntries(
          event
            .split("\n")
            .map((line) => [
              line.slice(0, line.indexOf(":")),
              line.slice(line.indexOf(":") + 1).trim(),
            ]),
        );
        const frame = fields.data ? JSON.parse(fields.data) : null;
        if (frame?.workflow_id !== it.id) continue;
        same("the event", fields.event, wanted);
        return { id: fields.id, frame };
      }
    }
  } finally {
    stop.abort();
  }
  throw new Error("the stream ended before it answered");
}

/** Output by REST. */
export async function outputAtOffsets(it) {
  await it.save();
  const append = (body, query = {}) =>
    it.call("POST", LOG, { body, headers: TEXT, query: { workflow_id: it.id, ...query } });
  const first = await append("é one\n");
  same("status, from and next", [first.status, first.body?.from, first.body?.next], [200, 0, 7]);
  same("the status at the end", (await append("two\n", { at: 7 })).status, 200);
  const late = await append("two\n", { at: 7 });
  same(
    "status, code and next of what is sent again",
    [late.status, late.body?.code, late.body?.next],
    [409, "offset_moved", 11],
  );
  const { text, headers } = await it.get(LOG, { query: { from: 7 } });
  same(
    "the output from 7, and where to go on",
    [text, headers.get("instep-log-next")],
    ["two\n", "11"],
  );
}

/** Output by frames. */
export async function outputFollowed(it) {
  await it.save();
  const append = (body) =>
    it.call("POST", LOG, { body, headers: TEXT, query: { workflow_id: it.id } });
  await append("first\n");
  const link = await it.link();
  link.send({ type: "follow_log", workflow_id: it.id, step: 0, from: 2 });
  let read = "";
  let next = 2;
  link.heard = ({ type, from, next: to, text }) => {
    if (type !== "log") return;
    same("where a piece begins", from, next);
    read += text;
    next = to;
  };
  await link.until(() => read === "rst\n", "the rest of the first line");
  await append("é\n");
  await link.until(() => next === 9, "the second line");
  same("the text", read, "rst\né\n");
  await it.call("PATCH", `${STATE}/steps/0`, {
    body: { status: "completed" },
    query: { workflow_id: it.id },
  });
  const end = await link.take("log_end");
  same("the end", [end.reason, end.next], ["over", 9]);
}
