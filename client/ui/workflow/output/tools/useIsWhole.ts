/** Whether an attempt that is over can be downloaded whole: the server may have left out a part for want of room. */
import { useLayoutEffect, useState } from "preact/hooks";
import { usePage } from "../../../page/page.js";
import type { LogName } from "../bytes/logBytes.js";

/** True until the server says otherwise, and where it does not answer: then the file itself says what is missing. */
export function useIsWhole(name: LogName, isOver: boolean): boolean {
  const { client } = usePage();
  const { workflow_id, epoch, step, attempt } = name;
  const [isWhole, setWhole] = useState(true);
  useLayoutEffect(() => {
    if (!isOver) return setWhole(true);
    const stop = new AbortController();
    const ask = async () => {
      const { signal } = stop;
      const asked = { epoch, attempt, tail: 0, signal };
      const answer = await client.rest.log(workflow_id, step, asked);
      if (!signal.aborted) setWhole(answer.isWhole !== false);
    };
    ask().catch(() => {});
    return () => stop.abort();
  }, [client, workflow_id, epoch, step, attempt, isOver]);
  return isWhole;
}
