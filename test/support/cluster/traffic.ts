/** Writers and watching tabs over all servers of a cluster, and the reckoning of what they were told: nothing lost, nothing doubled, all of one opinion. */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Chance } from "../chance.js";
import { until, whileMoving } from "../deadline.js";
import { call } from "../links/rest.js";
import { longestGapMs } from "../model/gaps.js";
import { InsistentWriters } from "../model/insistentWriters.js";
import { PatientWatcher } from "../model/patientWatcher.js";
import { replay, writtenBy } from "../model/reckoning.js";
import type { ClusterServer } from "./clusterServer.js";
import { Roaming } from "./roaming.js";

const IDS = ["one", "two"];
/** As many changes to each tab as show that it is in step. */
const FEW = 3;

export class Traffic {
  readonly tabs: readonly PatientWatcher[];
  readonly writers: InsistentWriters;
  readonly #servers: readonly ClusterServer[];
  readonly #names: string[] = [];

  /** Two writers and one tab that begin at each server. Resolves once all of them get on. */
  static async start(servers: readonly ClusterServer[], chance: Chance): Promise<Traffic> {
    const traffic = new Traffic(servers, chance);
    const url = servers[0]!.url!;
    for (const workflow_id of IDS) {
      const { status, text } = await call(`${url}/workflow/state`, "POST", {
        body: { workflow_id },
      });
      if (status !== 200) throw new Error(text);
    }
    traffic.#begin();
    await traffic.flows();
    return traffic;
  }

  private constructor(servers: readonly ClusterServer[], chance: Chance) {
    this.#servers = servers;
    const firstOf = (writer: string) => Number(writer.split("-").at(-1));
    this.writers = new InsistentWriters(
      (writer) => new Roaming(servers, firstOf(writer)),
      chance,
      IDS,
    );
    this.tabs = servers.map((_, index) => new PatientWatcher(new Roaming(servers, index), IDS));
  }

  /** Resolves once so many more changes were acknowledged. */
  async writes(count: number): Promise<void> {
    const goal = this.writers.acks.length + count;
    await until(
      () => this.writers.acks.length >= goal,
      () => `${goal} changes are acknowledged: ${this.writers.acks.length} are`,
    );
  }

  /** Resolves once every writer was answered again, and every tab was told of more changes. */
  async flows(): Promise<void> {
    const acked = this.#acked();
    const told = this.tabs.map(toldOf);
    await until(
      () =>
        this.#names.every((name) => (this.#acked().get(name) ?? 0) >= (acked.get(name) ?? 0) + FEW),
      () => `each writer is answered: ${JSON.stringify([...this.#acked()])}`,
    );
    await until(
      () => this.tabs.every((tab, index) => toldOf(tab) >= told[index]! + FEW),
      () => `each tab is told: ${this.tabs.map(toldOf)}`,
    );
  }

  /** Ends the writing, and holds every server and tab against the answers. Resolves with what it took. */
  async settle(): Promise<Figures> {
    await whileMoving(this.writers.stop(), () => `${this.writers.acks.length} answers`);
    const { acks } = this.writers;
    const epochs = new Set(acks.map(({ workflow_id, epoch }) => `${workflow_id} ${epoch}`));
    expect(epochs.size).toBe(IDS.length);
    for (const id of IDS) {
      const { at, revisions } = replay(acks, id);
      const last = revisions.at(-1) ?? 1;
      // Each revision is the doing of exactly one request: none is lost, and none was done twice.
      const wanted = Array.from({ length: last - 1 }, (_, i) => i + 2);
      const strange = wanted.filter((revision) => !revisions.includes(revision));
      expect(
        strange.map((revision) => [
          revision,
          this.tabs.map((tab) => this.#doneAt(tab, id, revision)),
        ]),
      ).toEqual([]);
      expect(revisions).toEqual(wanted);
      for (const { node, url } of this.#servers.filter(({ url }) => url !== null)) {
        const body = await until(
          async () => {
            const answer = await call(`${url}/workflow/state?workflow_id=${id}`, "GET");
            return answer.body.revision >= last && answer.body;
          },
          () => `${node} has ${id} at ${last}`,
        );
        expect([node, body.revision]).toEqual([node, last]);
        expect(writtenBy(this.#names, body.state)).toEqual(at.get(last) ?? {});
      }
      for (const tab of this.tabs) {
        await until(
          () => tab.position(id)?.revision === last,
          () => `a tab shows ${id} at ${last}: ${JSON.stringify(tab.position(id))}`,
        );
        for (const [revision, state] of tab.told.get(id)!) {
          const told = writtenBy(this.#names, state);
          if (!isDeepStrictEqual(told, at.get(revision)))
            expect({ revision, told }).toEqual({ revision, told: at.get(revision) });
        }
      }
    }
    // A tab that was told something that does not fit says so now.
    for (const tab of this.tabs) await tab.stop();
    return this.#figures();
  }

  #begin(): void {
    for (const index of this.#servers.keys()) {
      this.#names.push(`rest-${index}`, `socket-${index}`);
      this.writers.startByRest(`rest-${index}`);
      this.writers.startBySocket(`socket-${index}`);
    }
    for (const tab of this.tabs) tab.start();
  }

  /** What a tab saw before that revision and at it: whose doing it was. */
  #doneAt({ told }: PatientWatcher, id: string, revision: number): unknown {
    const [before, after] = [revision - 1, revision].map((at) =>
      writtenBy(this.#names, told.get(id)?.get(at)),
    );
    const writer = this.#names.find((name) => before?.[name] !== after?.[name]);
    const ack = this.writers.acks.find(
      (one) => one.workflow_id === id && one.writer === writer && one.count === after?.[writer],
    );
    return { before, after, acknowledgedAt: ack?.revision };
  }

  #acked(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { writer } of this.writers.acks) counts.set(writer, (counts.get(writer) ?? 0) + 1);
    return counts;
  }

  #figures(): Figures {
    const { acks } = this.writers;
    const of = (name: string) => acks.filter(({ writer }) => writer === name).map(({ at }) => at);
    return {
      acknowledged: acks.length,
      writesMs: longestGapMs(acks.map(({ at }) => at)),
      writerMs: Math.max(...this.#names.map((name) => longestGapMs(of(name)))),
      tabMs: Math.max(...this.tabs.map(({ gaps }) => gaps.longestMs)),
    };
  }
}

/** The longest that nothing happened, in milliseconds. */
export interface Figures {
  readonly acknowledged: number;
  /** Between two acknowledged changes of all writers together. */
  readonly writesMs: number;
  /** Between two of the writer that had to wait longest. */
  readonly writerMs: number;
  /** Between two changes at the tab that had to wait longest. */
  readonly tabMs: number;
}

/** One line on the terminal where somebody wants figures: INSTEP_MEASURE=1. */
export function measured(
  fault: string,
  { acknowledged, writesMs, writerMs, tabMs }: Figures,
): void {
  if (process.env.INSTEP_MEASURE === undefined) return;
  const [all, one, tab] = [writesMs, writerMs, tabMs].map((ms) => (ms / 1_000).toFixed(2));
  process.stderr.write(
    `${fault}: ${acknowledged} acknowledged, 0 lost, 0 doubled; longest gap ${all} s over all writers, ${one} s for one writer, ${tab} s at one tab\n`,
  );
}

const toldOf = ({ told }: PatientWatcher): number =>
  [...told.values()].reduce((sum, { size }) => sum + size, 0);
