/** Instep's own protocol, as PROTOCOL.md has it, with changes in fewer words where the server knows them. */
import { checkedNumber, stateOf } from "../scene.mjs";
import { merged, patched } from "./patch.mjs";

const PATH = { path: "/workflow/live", protocol: "instep.v1, instep.merge" };
const WORKFLOW = "bench";

export const instep = {
  address: async () => PATH,
  read(mirror, text) {
    const frame = JSON.parse(text);
    switch (frame.type) {
      case "hello":
        return { reply: JSON.stringify({ type: "subscribe", workflow_id: WORKFLOW }) };
      case "heartbeat":
        return undefined;
      case "snapshot":
        return { mirror: frame };
      case "changed": {
        const { epoch, base, revision, patch = [], merge = {} } = frame;
        if (epoch !== mirror.epoch || base !== mirror.revision || revision <= base)
          throw new Error(`a change from ${base} to ${revision} came at ${mirror.revision}`);
        return { mirror: { epoch, revision, state: merged(patched(mirror.state, patch), merge) } };
      }
      default:
        throw new Error(`an unexpected frame: ${text.slice(0, 200)}`);
    }
  },
  number: (mirror) => checkedNumber(mirror.state.steps),
  isSame: (one, other) => one.revision === other.revision && one.epoch === other.epoch,
  driver: ({ send, ready, acceptedOne, failed }) => ({
    receive(text) {
      if (text.startsWith('{"type":"accepted"')) acceptedOne();
      else if (text.startsWith('{"type":"refused"')) failed(text);
      else if (text.startsWith('{"type":"hello"')) ready();
    },
    report: (number, { index, update }) => {
      const command = { kind: "step", workflow_id: WORKFLOW, index, update };
      send(JSON.stringify({ type: "propose", request_id: `r${number}`, command }));
    },
  }),
  /** Starts the one workflow. */
  async prepare(port) {
    await startWorkflow(port, stateOf(WORKFLOW));
  },
};

export async function startWorkflow(port, state) {
  const answer = await fetch(`http://127.0.0.1:${port}/workflow/state`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(state),
  });
  if (!answer.ok) throw new Error(`the workflow did not start: ${await answer.text()}`);
}
