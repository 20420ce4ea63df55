/** `instep migrate`: moves all workflows between a data folder and etcd, or gives those of a store that was put back from a copy new epochs. */
import { hostname } from "node:os";
import { counted } from "../../../shared/text/counted.js";
import { nodeNameOf } from "../../cluster/nodeName.js";
import { type checkedStoreAddress, readStoreAddress } from "../../cluster/storeAddress.js";
import { openEtcd } from "../../etcd/openEtcd.js";
import { UnsafeFolder } from "../../machine/disk.js";
import { readStoreAccess } from "../../settings/readCluster.js";
import { type Flags, type Given, readSetting } from "../../settings/resolveSettings.js";
import { SettingError } from "../../settings/settingError.js";
import { checkVariables } from "../../settings/variables.js";
import { MoveUnfinished } from "../../state/store/moveMark.js";
import { givenTo } from "../connecting/whichServer.js";
import type { CliContext } from "../process/context.js";
import { diskProblem } from "../process/diskProblem.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { jsonLine } from "../text/jsonLine.js";
import { EtcdSide } from "./etcdSide.js";
import { openFolderSide } from "./folderSide.js";
import { type Moved, move } from "./move.js";
import { renew } from "./renew.js";
import type { Side } from "./side.js";

/** Besides those of the settings. */
export interface MigrateFlags {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly renew?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Exit code 75 where a server is at work on a side, 5 where etcd does not answer. */
export async function migrate(
  { from, to, renew: renewal, json = false }: MigrateFlags,
  flags: Flags,
  context: CliContext,
): Promise<number> {
  checkVariables(context.env);
  checkPlaces(from, to, renewal);
  const given = givenTo(flags, context);
  const sides: Side[] = [];
  // Wrong words are told before anything is opened.
  const [way, wayTo] = [
    wayInto(renewal ?? from!, { mayBeNew: false, given, context }),
    renewal === undefined ? wayInto(to!, { mayBeNew: true, given, context }) : null,
  ];
  const open = async (way: Way) => {
    const side = await way();
    sides.push(side);
    return side;
  };
  try {
    if (wayTo === null) {
      const side = await open(way);
      const count = await renew(side, context.clock.now());
      const said = `${counted(count, "workflow")} of ${side.name} began ${count === 1 ? "a new epoch" : "new epochs"}. Those that had not ended are interrupted: resume or cancel each.\n`;
      context.stdout.write(json ? jsonLine({ renewed: count, place: side.name }) : said);
      return ExitCode.ok;
    }
    const [source, target] = [await open(way), await open(wayTo)];
    const node = readSetting("node", given) ?? nodeNameOf(hostname());
    const moved = await move(source, target, node);
    context.stdout.write(
      json
        ? jsonLine({ ...moved.counts, from: source.name, to: target.name, kept: moved.kept })
        : told(moved, source, target, node),
    );
    return ExitCode.ok;
  } catch (error) {
    throw explained(error);
  } finally {
    for (const side of sides) await side.close();
  }
}

function checkPlaces(from?: string, to?: string, renewal?: string): void {
  if (renewal !== undefined) {
    if (from === undefined && to === undefined) return;
    throw new SettingError("--renew stands by itself: a move is --from and --to");
  }
  if (from === undefined || to === undefined)
    throw new SettingError("Give both --from and --to, or --renew");
  if (isEtcd(from) !== isEtcd(to)) return;
  throw new SettingError(
    "One of --from and --to must be a data folder, and the other an etcd such as etcd://host1:2379,host2:2379",
  );
}

const isEtcd = (place: string): boolean => /^etcds?:/i.test(place);

interface Around {
  readonly mayBeNew: boolean;
  readonly given: Given;
  readonly context: CliContext;
}

type Way = () => Promise<Side>;

/** Throws SettingError where it cannot be gone. */
function wayInto(place: string, { mayBeNew, given, context }: Around): Way {
  const { clock, cwd, stderr } = context;
  if (!isEtcd(place)) return () => openFolderSide({ place, cwd, clock, mayBeNew });
  const { endpoints, prefix } = addressOf(place);
  const { tls, auth } = readStoreAccess(place, given);
  let isSaid = false;
  const onWait = (nodes: readonly string[]) => {
    if (isSaid) return;
    isSaid = true;
    stderr.write(`Waiting for ${nodes.join(", ")} to leave ${place}.\n`);
  };
  return async () => {
    const client = openEtcd({ endpoints, ...(tls && { tls }), ...(auth && { auth }), clock });
    return new EtcdSide({ client, prefix, name: place, clock, onWait });
  };
}

function addressOf(place: string): ReturnType<typeof checkedStoreAddress> {
  try {
    return readStoreAddress(place);
  } catch (error) {
    throw new SettingError(`--from, --to, --renew: ${(error as Error).message}`);
  }
}

function told({ counts, kept, wasCopied }: Moved, from: Side, to: Side, node: string): string {
  const { in_view, history, traces, runs } = counts;
  const what = `${counted(in_view, "workflow")} in view, ${history} of the history, traces of ${traces} cleared, inputs and secrets of ${runs}`;
  const lines = wasCopied
    ? [`All was moved to ${to.name} before; what was left at ${from.name} is taken away now.`]
    : [`Moved from ${from.name} to ${to.name} and read back: ${what}.`];
  if (kept !== null) lines.push(`The files as they were: ${kept}. Remove them once all is well.`);
  lines.push(
    to.kind === "etcd"
      ? `Output stays in ${from.name}, which is the folder of node ${node} from here on: instep serve --store ${to.name} --node ${node} --data-dir ${from.name}`
      : `Output stays where it is: in ${to.name} is that of the node whose folder it was.`,
  );
  return `${lines.join("\n")}\n`;
}

function explained(error: unknown): unknown {
  if (error instanceof MoveUnfinished || error instanceof UnsafeFolder)
    return new CliError(ExitCode.failed, error.message);
  const problem = diskProblem(error);
  return problem === null ? error : new CliError(ExitCode.failed, `${problem}.`);
}
