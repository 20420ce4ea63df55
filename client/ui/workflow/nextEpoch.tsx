/** Looks out for another workflow under the id of one that is gone, and has that shown. Draws nothing. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { isEnded, LIST } from "../../index.js";
import { usePage } from "../page/page.js";
import { useView } from "../page/useView.js";

interface NextEpochProps {
  readonly workflow_id: string;
  /** The epoch of the workflow that is gone; none where nobody knew one. */
  readonly epoch: string | undefined;
}

export function NextEpoch({ workflow_id, epoch }: NextEpochProps) {
  const { client } = usePage();
  const { list, phase } = useView(LIST);
  const known = useRef<ReadonlySet<string> | null>(null);
  const namesakes = Object.values(list?.workflows ?? {}).filter(
    (summary) => summary.workflow_id === workflow_id,
  );
  if (phase === "live") known.current ??= new Set(namesakes.map((one) => one.epoch));
  // The history may hold older ones: only a workflow that runs, or came after we looked, follows the one that is gone.
  const isThere =
    phase === "live" &&
    namesakes.some(
      (one) => one.epoch !== epoch && (!isEnded(one.status) || !known.current?.has(one.epoch)),
    );
  useLayoutEffect(
    // A new listener is a reason for the client to ask again.
    () => (isThere ? client.watch(workflow_id, () => {}) : undefined),
    [client, workflow_id, isThere],
  );
  return null;
}
