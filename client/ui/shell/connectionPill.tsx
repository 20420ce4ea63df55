/** How the link to the server is, in the corner of every page: text, shape and colour. */
import { useState } from "preact/hooks";
import { type Offer, type PillShape, pillOf } from "../look/pill.js";
import { usePage } from "../page/page.js";
import { Later } from "./laterViews.js";

/** Lines on a 16 by 16 grid; the dot alone is filled. */
const SHAPES: Record<PillShape, string> = {
  dot: "M8 4a4 4 0 1 1 0 8a4 4 0 1 1 0-8z",
  ring: "M8 3.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9z",
  turn: "M12.5 8A4.5 4.5 0 1 1 8 3.5h3.5M9.5 1.5l2 2-2 2",
  swap: "M3 6h9.5M10 3.5L12.5 6M13 10H3.5M6 12.5L3.5 10",
  cut: "M2.5 8h3M10.5 8h3M6.5 11.5l3-7",
  lock: "M4 7.5h8v5.5H4zM5.5 7.5V5.5a2.5 2.5 0 0 1 5 0v2",
  clock: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11zM8 5v3l2 1.5",
  up: "M8 12.5v-9M4.5 7L8 3.5 11.5 7",
};

const OFFERS: Record<Offer, string> = {
  retry: "Retry",
  reload: "Reload",
  "sign-in": "Sign in",
};

export function ConnectionPill() {
  const { client, connection, localNow, lostForMs, isLogBehind } = usePage();
  const [isSigningIn, setSigningIn] = useState(false);
  const pill = pillOf(connection.value, localNow.value, lostForMs.value, isLogBehind.value);
  const take = (offer: Offer) => {
    switch (offer) {
      case "retry":
        return client.retryNow();
      case "reload":
        return window.location.reload();
      case "sign-in":
        return setSigningIn(true);
    }
  };
  return (
    <div
      class={`pill is-${pill.tone}`}
      data-testid="connection"
      data-phase={connection.value.phase}
      title={connection.value.node ? `Served by ${connection.value.node}` : undefined}
    >
      <svg
        class={`pill-shape is-${pill.shape}`}
        viewBox="0 0 16 16"
        width="16"
        height="16"
        aria-hidden="true"
      >
        <path d={SHAPES[pill.shape]} />
      </svg>
      <span class="sr-only">Connection: </span>
      <span class="pill-text">{pill.text}</span>
      {pill.more && <span class="pill-more">({pill.more})</span>}
      {pill.offer && (
        <button type="button" class="pill-offer" onClick={() => take(pill.offer!)}>
          {OFFERS[pill.offer]}
          {pill.offer === "retry" && <span class="pill-now"> now</span>}
        </button>
      )}
      {isSigningIn && (
        <Later>{({ SignInDialog }) => <SignInDialog onClose={() => setSigningIn(false)} />}</Later>
      )}
    </div>
  );
}
