/** The list of Instep, where each update gives a workflow a new title. */
import { instep } from "./instep.mjs";

const TITLE = "files copied: ";
const idOf = (number, workflows) => `w${number % workflows}`;
const numberIn = (summary) =>
  summary?.title?.startsWith(TITLE) ? Number(summary.title.slice(TITLE.length)) : 0;

export function listOf(workflows) {
  return {
    ...instep,
    read(mirror, text) {
      if (text.startsWith('{"type":"hello"'))
        return { reply: JSON.stringify({ type: "subscribe", workflow_id: "*" }) };
      return instep.read(mirror, text);
    },
    number: ({ state }) => Math.max(...Object.values(state.workflows).map(numberIn)),
    driver: (events) => ({
      ...instep.driver(events),
      report: (number) => {
        const workflow_id = idOf(number, workflows);
        const state = { title: TITLE + number };
        const command = { kind: "save", merge: true, workflow_id, state };
        const request_id = `list${number}`;
        events.send(JSON.stringify({ type: "propose", request_id, command }));
      },
    }),
    /** Throws where a title is not the last that its workflow was given. */
    check({ state }, number) {
      const shown = new Map(Object.values(state.workflows).map((one) => [one.workflow_id, one]));
      if (shown.size !== workflows) throw new Error(`a list of ${shown.size} workflows`);
      for (let last = number; last > Math.max(0, number - workflows); last--) {
        const id = idOf(last, workflows);
        const title = numberIn(shown.get(id));
        if (title !== last)
          throw new Error(`the list shows ${id} with update ${title}, not ${last}`);
      }
    },
  };
}
