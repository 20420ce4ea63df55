/** A store's commits, told to readers that must not throw. */
import { Commits } from "../../../server/state/commits.js";
import type { Store } from "../../../server/state/store/store.js";

export const commitsOf = (store: Store): Commits =>
  new Commits(store, (error) => {
    throw error;
  });
