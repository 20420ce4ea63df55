/** The bell beside a workflow that is not over: tells when it ends or needs somebody, while no tab of ours is looked at. */
import { useState } from "preact/hooks";
import type { BellPermission } from "../bell/bellBrowser.js";
import { usePage } from "../page/page.js";
import { useView } from "../page/useView.js";
import { Modal } from "../parts/modal.js";

export function BellButton({ workflow_id }: { workflow_id: string }) {
  const { bells, announcer } = usePage();
  const { state, closed } = useView(workflow_id);
  const [isExplaining, setExplaining] = useState(false);
  const isOn = bells.on.value.has(workflow_id) && bells.permission.value === "granted";
  if (!state || closed !== null || state.end_time != null) return null;

  async function press() {
    if (!state) return;
    if (isOn) {
      bells.switchOff(workflow_id);
      return announcer.say("You will not be notified.");
    }
    await bells.switchOn(state);
    if (bells.permission.value !== "granted") return setExplaining(true);
    announcer.say("You will be notified when it ends or needs you, while no tab shows this page.");
  }
  return (
    <>
      <button
        type="button"
        class="top-button"
        data-testid="bell"
        aria-pressed={isOn}
        aria-label="Notify me"
        title={isOn ? "You will be notified when it ends or needs you" : "Notify me"}
        onClick={() => void press()}
      >
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <path
            d="M3 11.5c1-1 1.2-2.2 1.2-4.2a3.8 3.8 0 0 1 7.6 0c0 2 .2 3.2 1.2 4.2z"
            fill={isOn ? "currentColor" : undefined}
          />
          <path d="M6.7 13.7a1.4 1.4 0 0 0 2.6 0" />
        </svg>
      </button>
      {isExplaining && (
        <WhyNot permission={bells.permission.value} onClose={() => setExplaining(false)} />
      )}
    </>
  );
}

function WhyNot({ permission, onClose }: { permission: BellPermission; onClose(): void }) {
  return (
    <Modal
      name="bell"
      title="No notifications here"
      onClose={onClose}
      choices={
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      }
    >
      <p>
        {REASONS[permission]} Without them the title and the icon of this tab still say how it
        stands, also while the tab is hidden.
      </p>
    </Modal>
  );
}

const REASONS: Record<BellPermission, string> = {
  denied:
    "The browser blocks notifications of this address. Its settings for this site, beside the address, allow them again.",
  default: "The browser was not given leave to show them. Press the bell again to be asked.",
  insecure:
    "Browsers show notifications only for secure addresses: https, or localhost on this machine.",
  missing: "This browser has no notifications for pages.",
  granted: "",
};
