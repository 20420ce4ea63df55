/** The links of a cluster: a key of etcd for each, and one for the secret that seals them. Every node has a copy, so that a link is gone everywhere at once. */
import { Listeners } from "../../../shared/listeners.js";
import type { KeyMirror } from "../../cluster/keyMirror.js";
import { readJsonValue } from "../../etcd/jsonValue.js";
import { KEY_BYTES, type KeptShare, KeptShareSchema, type ShareStore } from "./shareStore.js";

const LINKS = "link/";
const SECRET = "linkkey/";
/** The family of the secret has this one key. */
const ONLY = "1";

export interface ClusterSharesParts {
  readonly mirror: KeyMirror;
  readonly random: (bytes: number) => Buffer;
  /** Hears of a listener that throws: a bug. */
  readonly onFailure: (error: unknown) => void;
}

/** Resolves once the secret is there: made by whichever node is first. Rejects with SyncError as the mirror. */
export async function openClusterShares({
  mirror,
  random,
  onFailure,
}: ClusterSharesParts): Promise<ShareStore> {
  const shares = new Map<string, KeptShare>();
  const listeners = new Listeners<string>(onFailure);
  let key: Buffer | null = null;
  const stops = [
    mirror.follow(SECRET, (event) => {
      if (event.kind === "put") key = event.value;
    }),
    mirror.follow(LINKS, (event) => {
      const share = event.kind === "put" ? readJsonValue(KeptShareSchema, event.value) : null;
      if (share) shares.set(event.key, share);
      else if (shares.delete(event.key)) listeners.tell(event.key);
    }),
  ];
  const close = () => {
    for (const stop of stops) stop();
  };
  try {
    if (key === null) {
      const compare = [{ key: SECRET + ONLY, target: "create", is: "equal", than: 0 } as const];
      const writes = [{ put: SECRET + ONLY, value: random(KEY_BYTES) }];
      await mirror.transact({ compare, writes });
    }
    const secret = key as Buffer | null;
    if (secret?.length !== KEY_BYTES) throw new Error("the secret of the links is damaged");
    return {
      key: secret,
      find: (number) => shares.get(number) ?? null,
      all: () => [...shares.values()],
      hear: (number) => mirror.hear(LINKS + number),
      put: async (share, replaced) => {
        const value = Buffer.from(JSON.stringify(share));
        const gone = replaced.map((number) => ({ delete: LINKS + number }));
        const writes = [...gone, { put: LINKS + share.number, value }];
        await mirror.transact({ compare: [], writes });
      },
      remove: async (number) => {
        await mirror.transact({ compare: [], writes: [{ delete: LINKS + number }] });
      },
      listen: (gone) => listeners.listen(gone),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
