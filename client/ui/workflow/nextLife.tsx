/** While a workflow is shown that is gone: looks out for another one under its id, and has that shown. Draws nothing. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { isEnded, LIST } from "../../index.js";
import { usePage } from "../page/page.js";
import { useView } from "../page/useView.js";

interface NextLifeProps {
  readonly workflow_id: string;
  /** The epoch of the workflow that is gone; none where nobody knew one. */
  readonly epoch: string | undefined;
}

export function NextLife({ workflow_id, epoch }: NextLifeProps) {
  const { client } = usePage();
  const { list, phase } = useView(LIST);
  const known = useRef<ReadonlySet<string> | null>(null);
  const lives = Object.values(list?.workflows ?? {}).filter(
    (summary) => summary.workflow_id === workflow_id,
  );
  if (phase === "live") known.current ??= new Set(lives.map((life) => life.epoch));
  // The history may hold older ones: only what runs, or came after we looked, is another life.
  const isThere =
    phase === "live" &&
    lives.some(
      (life) => life.epoch !== epoch && (!isEnded(life.status) || !known.current?.has(life.epoch)),
    );
  useLayoutEffect(
    // A new listener is a reason for the client to ask again.
    () => (isThere ? client.watch(workflow_id, () => {}) : undefined),
    [client, workflow_id, isThere],
  );
  return null;
}
