/** The counter in the top line: the other runs that want somebody, and the way to them. On every page; nothing where there are none. */
import { useLayoutEffect, useState } from "preact/hooks";
import { LIST, type Summary } from "../../index.js";
import { Glyph } from "../look/glyph.js";
import { nameOf } from "../look/name.js";
import { lookOf } from "../look/status.js";
import { usePage } from "../page/page.js";
import { useView } from "../page/useView.js";
import { Link } from "../parts/link.js";
import { Menu } from "../parts/menu.js";
import { wantingAttention } from "./attention.js";
import { hasSeen, keepSeen } from "./seenFailures.js";

/** The connection first carries what the address names; the list that this menu needs is followed after so long. */
const PATIENCE_MS = 1_500;
/** The list has them all. */
const MOST_SHOWN = 12;

export function AttentionMenu() {
  const { client, router } = usePage();
  const isWorkflow = router.route.value.name === "workflow";
  const [isDue, setDue] = useState(!isWorkflow);
  useLayoutEffect(() => {
    if (isDue) return;
    return client.clock.after(PATIENCE_MS, () => setDue(true));
  }, [client, isDue]);
  return isDue ? <Counter /> : null;
}

function Counter() {
  const { router, serverNow, settings } = usePage();
  const { list } = useView(LIST);
  const route = router.route.value;
  const shown = route.name === "workflow" ? route.workflow_id : null;
  const all = Object.values(list?.workflows ?? {});
  const looked = all.find(
    ({ workflow_id, status }) => workflow_id === shown && status === "failed",
  );
  useLayoutEffect(() => {
    if (looked) keepSeen(settings, looked.epoch);
  }, [settings, looked?.epoch]);
  const wanting = wantingAttention(all, {
    now: serverNow.peek(),
    shown,
    hasSeen: (epoch) => hasSeen(settings, epoch),
  });
  const [first] = wanting;
  if (!first) return null;
  const count = wanting.length;
  return (
    <Menu
      label={count === 1 ? "1 other run needs someone" : `${count} other runs need someone`}
      testid="attention"
      class={`attention tone-${lookOf(first.status).tone}`}
      sign={
        <>
          <Glyph status={first.status} />
          {count}
          <span class="attention-word">{count === 1 ? " needs you" : " need you"}</span>
        </>
      }
    >
      {() => (
        <>
          {wanting.slice(0, MOST_SHOWN).map((one) => (
            <WantedRow key={one.epoch} wanted={one} />
          ))}
          {count > MOST_SHOWN && (
            <Link to={{ name: "list" }} class="menu-item">
              All workflows
            </Link>
          )}
        </>
      )}
    </Menu>
  );
}

function WantedRow({ wanted }: { wanted: Summary }) {
  const { workflow_id, status } = wanted;
  return (
    <Link to={{ name: "workflow", workflow_id }} class="menu-item attention-run">
      <Glyph status={status} />
      <span class="attention-name">
        {nameOf(wanted)} <code>{workflow_id}</code>
      </span>
      <span class={`attention-status tone-${lookOf(status).tone}`}>{lookOf(status).word}</span>
    </Link>
  );
}
