/** Says why this browser does not notify, and what still tells how a workflow stands. */
import type { BellPermission } from "../bell/bellBrowser.js";
import { Modal } from "../parts/modal.js";

export function WhyNoBell({
  permission,
  onClose,
}: {
  permission: BellPermission;
  onClose(): void;
}) {
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
