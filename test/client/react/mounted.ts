/** A React root in the simulated browser, drawn and taken away in React's own turns. */
import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { settled } from "../../support/clocks/settled.js";

export interface Mounted {
  readonly text: string;
  draw(node: ReactNode): Promise<void>;
  /** Runs what may draw something anew, and what follows from it. */
  after(run: () => void): Promise<void>;
  unmount(): Promise<void>;
}

export async function mount(node: ReactNode): Promise<Mounted> {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  const place = document.createElement("div");
  document.body.append(place);
  const root = createRoot(place, { onCaughtError: () => {} });
  const after = (run: () => void) =>
    act(async () => {
      run();
      await settled();
    });
  const draw = (next: ReactNode) => after(() => root.render(next));
  await draw(node);
  return {
    get text() {
      return place.textContent ?? "";
    },
    draw,
    after,
    unmount: async () => {
      await after(() => root.unmount());
      place.remove();
    },
  };
}
