/** A watch that writes down what it is told. */
import type { EtcdClient, KeyEvent, Watch } from "../../../server/etcd/etcd.js";

export interface SeenWatch {
  readonly watch: Watch;
  readonly events: readonly KeyEvent[];
  /** Of every call, in order. */
  readonly revisions: readonly number[];
  /** `key=value` of a put, `-key` of a deletion. */
  readonly shown: readonly string[];
  readonly opened: number;
  readonly lost: readonly string[];
}

export function seeWatch(client: EtcdClient, prefix: string, from: number): SeenWatch {
  const events: KeyEvent[] = [];
  const revisions: number[] = [];
  const lost: string[] = [];
  let opened = 0;
  const watch = client.watch(prefix, from, {
    opened: () => {
      opened += 1;
    },
    events: (told, revision) => {
      events.push(...told);
      revisions.push(revision);
    },
    lost: (why) => void lost.push(why),
  });
  return {
    watch,
    events,
    revisions,
    lost,
    get shown() {
      return events.map((event) =>
        event.kind === "put"
          ? `${event.kv.key.slice(prefix.length)}=${event.kv.value}`
          : `-${event.key.slice(prefix.length)}`,
      );
    },
    get opened() {
      return opened;
    },
  };
}
