/** Tells watchers of the records that cannot be read, as far as their scope reaches. */
import { CURRENT } from "../../shared/names.js";
import type { DamagedWorkflow } from "../../shared/wire/rest.js";
import { fileNameOf } from "../machine/fileName.js";
import type { Scope } from "./scope.js";
import { type DamagedRecord, type Damages, stemOf } from "./store/damages.js";

/** Those of the workflows in `scope`, of the history too; one whose file says no id any more is told only to who may see everything. */
export function toldDamages(
  damages: Damages | undefined,
  scope: Scope,
): readonly DamagedWorkflow[] {
  return (damages?.all ?? []).flatMap((damage) => {
    const told = toldDamage(damage);
    if (!told || scope.isEverything) return told ?? [];
    const isKnown = fileNameOf(told.workflow_id) === stemOf(told.file);
    return isKnown && scope.has(told.workflow_id) ? told : [];
  });
}

/** The one of the workflow that `subject` names, where it is in `scope`; for `current` any of them. */
export function toldDamageOf(
  damages: Damages | undefined,
  subject: string,
  scope: Scope,
): DamagedWorkflow | null {
  if (subject === CURRENT) return toldDamages(damages, scope)[0] ?? null;
  const [damage] = scope.has(subject) ? (damages?.of(subject) ?? []) : [];
  return damage ? toldDamage(damage) : null;
}

/** Null where the file belongs to no workflow. */
export function toldDamage(damage: DamagedRecord): DamagedWorkflow | null {
  const { workflow_id, file, why, at, in_history } = damage;
  const kept = damage.backup?.state;
  const backup = kept ? { saved_at: kept.last_update, status: kept.status } : null;
  return workflow_id === null ? null : { workflow_id, file, why, at, in_history, backup };
}
