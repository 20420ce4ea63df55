/** Links that show one workflow: made for a time, copied, and taken back. */
import { useState } from "preact/hooks";
import type { ShareView, WorkflowState } from "../../../index.js";
import { nameOf } from "../../look/name.js";
import { parseTime } from "../../look/time.js";
import { commandObstacle } from "../../page/inStep.js";
import { usePage } from "../../page/page.js";
import { Modal } from "../../parts/modal.js";
import { whenText } from "../webhooks/deliveryWords.js";
import { LinkField } from "./linkField.js";
import { type Shares, useShares } from "./useShares.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Within what the server takes: a second to 30 days. */
const TIMES = [
  ["1 hour", HOUR],
  ["8 hours", 8 * HOUR],
  ["1 day", DAY],
  ["2 days", 2 * DAY],
  ["7 days", 7 * DAY],
  ["30 days", 30 * DAY],
] as const;

interface ShareDialogProps {
  readonly state: WorkflowState;
  readonly epoch: string | undefined;
  onClose(): void;
}

export function ShareDialog({ state, epoch, onClose }: ShareDialogProps) {
  const { connection, hasToken } = usePage();
  const { phase, user } = connection.value;
  // A server that asks for no token and knows no name lets in everybody.
  const isOpen = phase === "live" && !hasToken && user === null;
  return (
    <Modal
      name="share"
      title={`Share “${nameOf(state)}”`}
      onClose={onClose}
      choices={
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      }
    >
      {isOpen ? <OpenToAll /> : <Links workflow_id={state.workflow_id} epoch={epoch} />}
    </Modal>
  );
}

function OpenToAll() {
  const { origin, pathname } = window.location;
  return (
    <>
      <p>
        This server asks nobody for a token: whoever reaches it sees all workflows, and may change
        them. Send the address of this page.
      </p>
      <LinkField label="Address of this page" what="the address" link={origin + pathname} />
    </>
  );
}

interface LinksProps {
  readonly workflow_id: string;
  readonly epoch: string | undefined;
}

function Links({ workflow_id, epoch }: LinksProps) {
  const { announcer, connection } = usePage();
  const shares = useShares(workflow_id, epoch);
  const [forMs, setForMs] = useState<number>(8 * HOUR);
  const [made, setMade] = useState<{ link: string; share: ShareView } | null>(null);
  const obstacle = commandObstacle(connection.value);
  const isReady = obstacle === null && !shares.isSending;
  const isThere = made && shares.shares?.some(({ number }) => number === made.share.number);
  async function make() {
    setMade(null);
    const link = await shares.make(forMs);
    setMade(link);
    if (link) announcer.say(`Link ${link.share.number} is made.`);
  }
  return (
    <>
      <p>
        Anyone with the link can watch this one workflow, with its log, until the link ends: nobody
        asks who they are. They can change nothing, and see no other workflow.
      </p>
      <div class="share-make">
        <label>
          For{" "}
          <select
            class="field form-input"
            data-testid="share-for"
            data-first
            value={forMs}
            onChange={({ currentTarget }) => setForMs(Number(currentTarget.value))}
          >
            {TIMES.map(([words, ms]) => (
              <option key={ms} value={ms}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button is-primary"
          data-testid="make-link"
          disabled={!isReady}
          onClick={() => void make()}
        >
          Make a link
        </button>
      </div>
      {obstacle !== null && <p role="status">{obstacle}</p>}
      {shares.trouble !== null && (
        <p class="dialog-trouble" role="alert" data-testid="share-trouble">
          {shares.trouble}
        </p>
      )}
      {isThere && (
        <LinkField
          key={made.share.number}
          label={`Link ${made.share.number}, shown this once`}
          what="the link"
          link={made.link}
        />
      )}
      <Working shares={shares} isReady={isReady} />
    </>
  );
}

/** The links that work now. */
function Working({ shares, isReady }: { shares: Shares; isReady: boolean }) {
  const { announcer, serverNow } = usePage();
  const { shares: known, asOf } = shares;
  const now = serverNow.value;
  const working = known?.filter(({ ends_at }) => (parseTime(ends_at) ?? 0) > now) ?? [];
  async function revoke(number: string) {
    if (await shares.revoke(number)) announcer.say(`Link ${number} shows nothing any more.`);
  }
  return (
    <section class="share-links" data-testid="share-links">
      <h3>Links that work</h3>
      <p>
        {known === null ? "Not known yet" : `as of ${whenText(asOf, now)}`}{" "}
        <button
          type="button"
          class="button is-small"
          disabled={!isReady}
          onClick={() => void shares.look()}
        >
          Ask again
        </button>
      </p>
      {known !== null && working.length === 0 && <p>None.</p>}
      <ul>
        {working.map(({ number, ends_at, by }) => (
          <li key={number} data-testid="share-link">
            <span>
              {number}, until{" "}
              <time dateTime={ends_at}>{whenText(parseTime(ends_at) ?? 0, now)}</time>
              {by !== undefined && `, by ${by}`}
            </span>
            <button
              type="button"
              class="button is-small"
              disabled={!isReady}
              onClick={() => void revoke(number)}
            >
              Revoke<span class="sr-only"> link {number}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
