/** Above the list: the workflows whose records the server cannot read. They are not gone, and their ids are not free. */
import type { ListState } from "../../index.js";
import { Glyph } from "../look/glyph.js";
import { Link } from "../parts/link.js";

/** After a disk that broke, more names would say no more. */
const MOST_NAMES = 20;

export function DamagedList({ list }: { list: ListState }) {
  const damaged = Object.values(list.damaged ?? {});
  if (damaged.length === 0) return null;
  const [one] = damaged;
  const what =
    damaged.length === 1
      ? "The record of one workflow"
      : `The records of ${damaged.length} workflows`;
  return (
    <aside class="banner tone-failed" data-testid="damaged-list" aria-label="Damaged workflows">
      <Glyph status="failed" />
      <div class="banner-body">
        <p>
          <strong>{what} cannot be read.</strong>{" "}
          <span>
            {one && damaged.length === 1 ? "Its file is" : "Their files are"} kept on the server’s
            disk:
          </span>{" "}
          {damaged.slice(0, MOST_NAMES).map(({ workflow_id, file }, index) => (
            <span key={file}>
              {index > 0 && ", "}
              <Link to={{ name: "workflow", workflow_id }}>{workflow_id}</Link>
            </span>
          ))}
          {damaged.length > MOST_NAMES && ` and ${damaged.length - MOST_NAMES} more`}
        </p>
      </div>
    </aside>
  );
}
