/** How a driver reports to many workflows: to Instep, and to the small servers that only make durable. */
import { updateOf } from "../scene.mjs";
import { instep } from "./instep.mjs";
import { ws } from "./ws.mjs";

/** The next report of a side: it goes round `spread` workflows, and counts what each of them was sent by whatever side. */
function nextReport(aim) {
  const workflow_id = `w${aim.next++ % aim.spread}`;
  const number = (aim.counts.get(workflow_id) ?? 0) + 1;
  aim.counts.set(workflow_id, number);
  return { workflow_id, ...updateOf(number, aim.steps) };
}

let drivers = 0;

export function spreading(isInstep, aim) {
  const driver_id = drivers++;
  const base = isInstep ? instep : ws;
  return {
    address: base.address,
    driver(events) {
      const { send } = events;
      return {
        ...base.driver(events),
        report(sent) {
          const { workflow_id, index, update } = nextReport(aim);
          const request_id = `d${driver_id}.${sent}`;
          const command = { kind: "step", workflow_id, index, update };
          send(
            JSON.stringify(
              isInstep
                ? { type: "propose", request_id, command }
                : { request_id, workflow_id, index, update },
            ),
          );
        },
      };
    },
  };
}
