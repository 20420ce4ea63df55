/** The calls for links that show one workflow. Functions beside `rest`, so that only who calls them loads them. */
import type {
  ShareAnswer,
  ShareMadeAnswer,
  SharesAnswer,
  ShareView,
} from "../../shared/wire/rest.js";
import type { ReadOptions, RestClient } from "./rest.js";

type Asks = Pick<RestClient, "ask">;

const SHARE = "workflow/share";

/** A new link, for `forMs` ms or else for a day; its token is told this once. Rejects as `rest` does: also with `forbidden` for who may only watch, and with `bad_message` where the server asks nobody for a token. */
export const makeShare = (
  { ask }: Asks,
  workflow_id: string,
  forMs?: number,
  options?: ReadOptions,
): Promise<ShareMadeAnswer> => {
  const body = { workflow_id, for_ms: forMs };
  return ask({ method: "POST", path: SHARE, body, ...options }, (answer) => {
    const { share, path, token } = answer as Partial<ShareMadeAnswer>;
    const isWhole = isShare(share) && typeof path === "string" && typeof token === "string";
    return isWhole ? (answer as unknown as ShareMadeAnswer) : null;
  });
};

/** The links that have not ended, of that workflow or of all, the newest first. Rejects as `rest` does: also with `forbidden` for who may only watch. */
export const sharesOf = (
  { ask }: Asks,
  workflow_id?: string,
  options?: ReadOptions,
): Promise<readonly ShareView[]> =>
  ask({ method: "GET", path: "workflow/shares", query: { workflow_id }, ...options }, (answer) => {
    const { shares } = answer as Partial<SharesAnswer>;
    return Array.isArray(shares) && shares.every(isShare) ? shares : null;
  });

/** Takes a link back, by its number or its token. Rejects as `rest` does: also with `not_found`, and with `forbidden` for a link of somebody else. */
export const revokeShare = (
  { ask }: Asks,
  share: string,
  options?: ReadOptions,
): Promise<ShareView> =>
  ask({ method: "DELETE", path: SHARE, body: { share }, ...options }, (answer) => {
    const { share: gone } = answer as Partial<ShareAnswer>;
    return isShare(gone) ? gone : null;
  });

/** As far as somebody who shows it relies on it. */
function isShare(value: unknown): value is ShareView {
  const { number, workflow_id, epoch, ends_at } = (value ?? {}) as Partial<ShareView>;
  return [number, workflow_id, epoch, ends_at].every((one) => typeof one === "string");
}
