/** What the benches share: a raw socket that drives and watches, and figures. */
import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";

/** `until` resolves with the first frame of a document or an output that fits. */
export async function connect(url) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/workflow/live`, "instep.v1");
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const answers = new Map();
  let newest = {};
  let awaited = null;
  const name = randomUUID().slice(0, 8);
  let requests = 0;
  socket.on("message", (data) => {
    const frame = JSON.parse(data.toString());
    if (frame.type === "refused") throw new Error(frame.message);
    if (frame.type === "accepted") answers.get(frame.request_id)?.(frame);
    answers.delete(frame.request_id);
    if (["snapshot", "changed", "log", "log_end"].includes(frame.type)) newest = frame;
    if (awaited?.fits(newest)) {
      awaited.resolve();
      awaited = null;
    }
  });
  const send = (frame) => socket.send(JSON.stringify(frame));
  return {
    send,
    propose: (command) =>
      new Promise((resolve) => {
        const request_id = `${name}-${requests++}`;
        answers.set(request_id, resolve);
        send({ type: "propose", request_id, command });
      }),
    until: (fits) =>
      fits(newest)
        ? Promise.resolve()
        : new Promise((resolve) => {
            awaited = { fits, resolve };
          }),
    close: () => socket.terminate(),
  };
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export function round(number) {
  return Math.round(number * 1000) / 1000;
}
