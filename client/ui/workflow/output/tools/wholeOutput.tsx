/** All of an attempt's output as a file: a plain link, or a download by script where a link would come without the token. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { usePage } from "../../../page/page.js";
import type { LogName } from "../bytes/logBytes.js";

interface WholeOutputProps extends LogName {
  readonly class?: string;
  readonly title?: string;
  readonly children: ComponentChildren;
}

const DEADLINE_MS = 120_000;

export function WholeOutput(props: WholeOutputProps) {
  const { workflow_id, epoch, step, attempt, class: className, title, children } = props;
  const { client, hasToken, router } = usePage();
  const [trouble, setTrouble] = useState("");
  const fileName = `${workflow_id}.step-${step + 1}.attempt-${attempt}.log`;
  if (!hasToken) {
    return (
      <a
        class={className}
        title={title}
        href={rawAddress(router.mount.url, { workflow_id, epoch, step, attempt })}
        download={fileName}
        data-testid="log-download"
      >
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
      save(new Blob([bytes], { type: "text/plain" }), fileName);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <>
      <button
        type="button"
        class={className ?? "link-button"}
        title={trouble || title}
        data-testid="log-download"
        onClick={() => void download()}
      >
        {trouble ? "Not downloaded" : children}
      </button>
      {trouble && (
        <span class="sr-only" role="alert">
          Not downloaded: {trouble}
        </span>
      )}
    </>
  );
}

/** Where the raw output can be read: for a browser, for curl, for a link in a chat. */
export function rawAddress(mount: URL, { workflow_id, epoch, step, attempt }: LogName): string {
  const ofEpoch = epoch === undefined ? {} : { epoch };
  const query = new URLSearchParams({ workflow_id, ...ofEpoch, attempt: String(attempt) });
  return new URL(`workflow/state/steps/${step}/log?${query}`, mount).href;
}

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
