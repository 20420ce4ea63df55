/** A way to all of an attempt's output: its address, or a download where a plain link would come without the token. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { usePage } from "../../page.js";
import type { LogName } from "./logBytes.js";

interface WholeOutputProps extends LogName {
  readonly children: ComponentChildren;
}

const DEADLINE_MS = 120_000;

export function WholeOutput({ workflow_id, epoch, step, attempt, children }: WholeOutputProps) {
  const { client, hasToken, router } = usePage();
  const [trouble, setTrouble] = useState("");
  if (!hasToken) {
    const life = epoch === undefined ? {} : { epoch };
    const query = new URLSearchParams({ workflow_id, ...life, attempt: String(attempt) });
    const address = new URL(`workflow/state/steps/${step}/log?${query}`, router.mount.url);
    return (
      <a href={address.href} target="_blank" rel="noreferrer">
        {children}
      </a>
    );
  }
  async function download() {
    setTrouble("");
    try {
      const { bytes } = await client.rest.log(workflow_id, step, {
        epoch,
        attempt,
        deadlineMs: DEADLINE_MS,
      });
      save(new Blob([bytes], { type: "text/plain" }), `${workflow_id}.${step}.${attempt}.log`);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <>
      <button type="button" class="link-button" onClick={() => void download()}>
        {children}
      </button>
      {trouble && <span role="alert"> Not loaded: {trouble}.</span>}
    </>
  );
}

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
