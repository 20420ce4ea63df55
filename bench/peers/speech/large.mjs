/** A workflow of Instep whose updates have 64 KB each. Its watchers need not be checked: they are those that stand still. */
import { instep } from "./instep.mjs";

export const LARGE = "large";
const TEXT = "x".repeat(64 * 1024);

export const large = {
  address: instep.address,
  read(_mirror, text) {
    const { type, revision } = JSON.parse(text);
    if (type === "hello")
      return { reply: JSON.stringify({ type: "subscribe", workflow_id: LARGE }) };
    return revision === undefined ? undefined : { mirror: { revision } };
  },
  number: ({ revision }) => revision,
  isSame: () => true,
  driver: (events) => ({
    ...instep.driver(events),
    report: (number) => {
      const update = { data: `${number} ${TEXT}` };
      const command = { kind: "step", workflow_id: LARGE, index: 0, update };
      const request_id = `large${number}`;
      events.send(JSON.stringify({ type: "propose", request_id, command }));
    },
  }),
};
