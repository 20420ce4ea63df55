/** The links of a workflow that work now, as the server last said; made and taken back, and each refusal in words. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { makeShare, revokeShare, type ShareView, SyncError, sharesOf } from "../../../index.js";
import { usePage } from "../../page/page.js";

interface Known {
  /** Of this life of the workflow, the newest first; null until the server has said. */
  readonly shares: readonly ShareView[] | null;
  /** Server time (ms) when it was asked for these. */
  readonly asOf: number;
}

export interface Shares extends Known {
  /** A sentence; null where all went well. */
  readonly trouble: string | null;
  readonly isSending: boolean;
  /** The address of the link; null where it was not made. */
  make(forMs: number): Promise<{ readonly link: string; readonly share: ShareView } | null>;
  /** Whether it is taken back for sure. */
  revoke(number: string): Promise<boolean>;
  /** Asks for the list again. */
  look(): Promise<void>;
}

const DEADLINE_MS = 15_000;

export function useShares(workflow_id: string, epoch: string | undefined): Shares {
  const { client, serverNow } = usePage();
  const [known, setKnown] = useState<Known>({ shares: null, asOf: 0 });
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const isBusy = useRef(false);
  const gone = useRef(new AbortController());
  const options = { signal: gone.current.signal, deadlineMs: DEADLINE_MS };

  /** One at a time: the second press of two comes before the page is drawn again. */
  async function doing<T>(noAnswer: string, run: () => Promise<T>): Promise<T | null> {
    if (isBusy.current) return null;
    isBusy.current = true;
    setSending(true);
    setTrouble(null);
    try {
      return await run();
    } catch (error) {
      if (!options.signal.aborted)
        setTrouble(error instanceof SyncError ? `Refused: ${error.message}.` : noAnswer);
      return null;
    } finally {
      isBusy.current = false;
      setSending(false);
    }
  }
  async function read() {
    const asOf = serverNow.peek();
    const all = await sharesOf(client.rest, workflow_id, options);
    setKnown({ shares: all.filter((one) => one.epoch === epoch), asOf });
  }
  const look = async () => void (await doing("No answer came: the links are not known.", read));
  useLayoutEffect(() => {
    void look();
    return () => gone.current.abort();
  }, []);

  return {
    ...known,
    trouble,
    isSending,
    look,
    make: (forMs) =>
      doing("No answer came. If a link was made, it stands below once that is known.", async () => {
        const { share, path } = await makeShare(client.rest, workflow_id, forMs, options);
        setKnown(({ shares, ...rest }) => ({ ...rest, shares: [share, ...(shares ?? [])] }));
        await read().catch(() => {});
        return { link: new URL(path, document.baseURI).href, share };
      }),
    async revoke(number) {
      const noAnswer = "No answer came. Look whether it still works before you rely on that.";
      const isDone = await doing(noAnswer, async () => {
        await revokeShare(client.rest, number, options);
        setKnown(({ shares, ...rest }) => ({
          ...rest,
          shares: shares?.filter((one) => one.number !== number) ?? null,
        }));
        await read().catch(() => {});
        return true;
      });
      return isDone === true;
    },
  };
}
