/** Lists the action of every key, with a switch for those who want none of it. */
import { usePage } from "../page/page.js";
import { Modal } from "../parts/modal.js";

const NAMES: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  " ": "Space",
};

export function KeysDialog({ onClose }: { onClose(): void }) {
  const { keys } = usePage();
  const byLabel = new Map<string, string[]>();
  for (const { key, label } of keys.known()) {
    byLabel.set(label, [...(byLabel.get(label) ?? []), NAMES[key] ?? key]);
  }
  return (
    <Modal
      name="keys"
      title="Keys"
      class="keys"
      onClose={onClose}
      choices={
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      }
    >
      <dl class={keys.isOn.value ? "keys-list" : "keys-list is-off"}>
        {[...byLabel].map(([label, names]) => (
          <div key={label}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <label class="keys-switch">
        <input
          type="checkbox"
          checked={keys.isOn.value}
          onChange={({ currentTarget }) => keys.switchTo(currentTarget.checked)}
        />
        Single-key shortcuts
      </label>
    </Modal>
  );
}
