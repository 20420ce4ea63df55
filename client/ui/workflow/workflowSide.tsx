/** The side beside the log: notices that want a decision, and the steps. Both end where the window does, so that neither moves the log. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useFillWindow } from "../browser/fillWindow.js";

const FILLING = {
  property: "--side-height",
  belowPx: 16,
  leastPx: 240,
  isSticky: true,
} as const;

export function WorkflowSide({ children }: { children: ComponentChildren }) {
  const side = useRef<HTMLDivElement>(null);
  useFillWindow(side, FILLING);
  return (
    <div class="workflow-side" ref={side}>
      {children}
    </div>
  );
}
