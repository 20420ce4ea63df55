/** A button that opens a small panel of controls beneath it. Escape, a click elsewhere or the focus going elsewhere closes it. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

interface MenuProps {
  /** Read aloud in place of the sign on the button. */
  readonly label: string;
  readonly testid: string;
  /** Shown on the button: three dots where missing. */
  readonly sign?: ComponentChildren;
  readonly class?: string;
  /** `close` gives the focus back to the button. */
  children(close: () => void): ComponentChildren;
}

/** From its lower edge to that of the window. */
const MARGIN_PX = 8;
/** Lower than this it is no help; then the page scrolls. */
const LEAST_PX = 160;

export function Menu({ label, testid, sign = "⋯", class: className, children }: MenuProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  const close = () => {
    setOpen(false);
    button.current?.focus({ preventScroll: true });
  };
  useLayoutEffect(() => {
    if (!isOpen) return;
    const onPress = ({ target }: Event) => {
      if (!(target instanceof Node) || !whole.current?.contains(target)) setOpen(false);
    };
    const fitWindow = () => {
      const element = panel.current;
      if (!element) return;
      const room = window.innerHeight - element.getBoundingClientRect().top - MARGIN_PX;
      element.style.maxHeight = `${Math.max(LEAST_PX, room)}px`;
    };
    fitWindow();
    document.addEventListener("pointerdown", onPress);
    window.addEventListener("resize", fitWindow);
    return () => {
      document.removeEventListener("pointerdown", onPress);
      window.removeEventListener("resize", fitWindow);
    };
  }, [isOpen]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears what its controls do not
    <div
      ref={whole}
      class="menu"
      onKeyDown={(event) => {
        if (!isOpen) return;
        if (event.key === "Escape") close();
        else if (!panel.current || !moved(panel.current, event)) return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onFocusOut={({ relatedTarget }) => {
        // Null where nothing takes the focus: a click on the panel's ground is one in it.
        if (relatedTarget instanceof Node && !whole.current?.contains(relatedTarget))
          setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        class={className ?? "button is-small is-quiet menu-button"}
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        data-testid={testid}
        onClick={() => setOpen(!isOpen)}
      >
        {sign}
      </button>
      {isOpen && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset has a look of its own that differs from browser to browser
        <div ref={panel} id={id} class="menu-panel" role="group" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** Up and down go from one control of the panel to the next; within a choice they choose, as in every browser. */
function moved(panel: HTMLElement, { key, target }: KeyboardEvent): boolean {
  const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  if (by === 0 || (target instanceof HTMLInputElement && target.type === "radio")) return false;
  const controls = [
    ...panel.querySelectorAll<HTMLElement>("a[href], button:not(:disabled), input"),
  ];
  const at = controls.indexOf(target as HTMLElement);
  const next = at === -1 ? (by > 0 ? 0 : controls.length - 1) : at + by;
  controls[Math.max(0, Math.min(controls.length - 1, next))]?.focus();
  return true;
}
