/** The words of `instep migrate`, `instep backup` and `instep restore`: all workflows of a data folder, elsewhere. */
import type { Command } from "commander";
import type { Flags } from "../../settings/resolveSettings.js";
import { SETTINGS } from "../../settings/settings.js";
import type { MigrateFlags } from "../migrate/migrate.js";
import type { Call } from "./call.js";
import { examples, optionFor, withConfig } from "./sharedOptions.js";

/** The way into etcd, and whose the data folder is. */
const OF_SERVE = [
  "storeCa",
  "storeCert",
  "storeKey",
  "storeUser",
  "storePasswordFile",
  "node",
] as const;

export function addMigrate(program: Command, { context, ends }: Call): void {
  const migrate = program
    .command("migrate")
    .description("Move all workflows from a data folder to etcd, or back, while no server runs.")
    .option("--from <place>", "where they are: a data folder, or etcd://host:2379,…[/prefix]")
    .option("--to <place>", "where they go; it must hold no workflows")
    .option("--renew <place>", "new epochs for those of a store that was put back from a copy")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      `${examples(
        ["instep migrate --from .instep --to etcd://h1:2379,h2:2379", "from files to etcd"],
        ["instep migrate --from etcd://h1:2379,h2:2379 --to .instep", "and back"],
        ["instep migrate --renew etcd://h1:2379,h2:2379", "after a restore from a backup"],
      )}
Output stays in the data folder, which becomes that of the node. A move that was cut short is said again: until then one side is whole.
`,
    )
    .action(async ({ from, to, renew, json, ...flags }: Flags & MigrateFlags) => {
      const { migrate } = await import("../migrate/migrate.js");
      ends(await migrate({ from, to, renew, json }, flags, context));
    });
  for (const name of OF_SERVE) migrate.addOption(optionFor(SETTINGS[name]));
  withConfig(migrate);
}

export function addBackup(program: Command, { context, ends }: Call): void {
  withConfig(program.command("backup"))
    .description("Copy all workflows of a data folder as of one moment, also while a server runs.")
    .argument("<folder>", "where to: a folder that is not there yet")
    .addOption(optionFor(SETTINGS.dataDir))
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      `${examples(
        ["instep backup ~/backups/monday", ""],
        ["instep backup /mnt/b/monday --data-dir /var/lib/instep/data", ""],
      )}
It has inputs and secrets of runs in it. Commands at work, links and webhooks are not in it.
`,
    )
    .action(async (to: string, flags) => {
      ends(await (await import("../backup/backup.js")).backup(to, flags, context));
    });
}

export function addRestore(program: Command, { context, ends }: Call): void {
  withConfig(program.command("restore"))
    .description("Begin a data folder from a backup. Nothing in it runs by itself.")
    .argument("<folder>", "the backup")
    .addOption(optionFor(SETTINGS.dataDir))
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      `${examples(["instep restore ~/backups/monday --data-dir data", "an empty or new folder"])}
What had not ended is interrupted, so that no command runs twice: resume or cancel each.
`,
    )
    .action(async (from: string, flags) => {
      ends(await (await import("../backup/restore.js")).restore(from, flags, context));
    });
}
