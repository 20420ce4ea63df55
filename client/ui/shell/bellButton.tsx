/** The bell beside a workflow that is not over: tells when it ends or needs somebody, while no tab of ours is looked at. */
import { useState } from "preact/hooks";
import { usePage } from "../page/page.js";
import { useView } from "../page/useView.js";
import { WhyNoBell } from "./whyNoBell.js";

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
        <WhyNoBell permission={bells.permission.value} onClose={() => setExplaining(false)} />
      )}
    </>
  );
}
