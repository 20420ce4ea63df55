/** The definitions whose runs the screenshots show. */
/** By the name of their file. */
export const DEFINITIONS = {
  "backup.yaml": `
name: backup
title: Nightly backup
steps:
  - { action: check-ssh, title: Check the connection, run: 'echo "gpu-box-7 answers, host key known"' }
  - { action: packages, title: List the packages, run: 'echo "214 packages, 3 newer than last night"' }
  - action: copy
    title: Copy the files
    run: |
      echo "sending incremental file list"
      echo "::group::etc"
      for name in nginx.conf sites/shop sites/blog cron.d/renew; do echo "etc/$name"; done
      echo "::endgroup::"
      for day in 10 11 12 13 14 15 16 17 18 19 20 21; do printf 'photos/2026-02-%s.tar   \\033[32m%s kB\\033[0m\\n' $day $((day * 731 % 977 + 4000)); done
      printf '\\033[33mwarning: photos/2026-02-13.tar changed while it was read\\033[0m\\n'
      echo "::progress 62::1,204,331 of 1,942,470 kB"
      printf '  1,204,331,008  62%%   11.80MB/s    0:01:02\\r'
      test -n "$INPUT_QUICK" || sleep 600
  - { action: verify, title: Compare what arrived, run: 'echo "all 1,204 files are the same"' }
  - { action: tidy, title: Remove what is older than 30 days, run: 'echo "2 removed"' }
inputs:
  quick: { type: string, title: Quick }
`,
  "deploy.yaml": `
name: deploy
title: Deploy the shop
steps:
  - { action: fetch, title: Fetch the sources, run: 'echo "at 4f1c2ab"' }
  - action: build
    title: Build
    run: |
      echo "building 214 modules"
      printf '\\033[31merror TS2345\\033[0m: src/cart.ts:41:12 - Argument of type string is not assignable\\n' >&2
      exit 1
  - { action: publish, title: Publish, run: "true" }
`,
  "migrate.yaml": `
name: migrate
title: Move the database
steps:
  - { action: dump, title: Dump the old one, run: 'echo "1.2 GB in 31 tables"' }
  - action: load
    title: Load it into the new one
    run: |
      for table in accounts carts customers invoices items orders payments; do echo "loading $table"; done
      echo "::progress 45::14 of 31 tables"
      sleep 600
  - { action: switch, title: Switch over, run: "true" }
`,
  "setup.yaml": `
name: setup
title: Set up gpu-box-7
steps:
  - { action: check, title: Check the machine, run: 'echo "8 GPUs"' }
  - action: confirm-dns
    title: Confirm the DNS entry
    ask:
      prompt: The A record of gpu-box-7 still points to 10.0.0.9. Switch it now?
      fields:
        switch: { type: boolean, required: true, title: Switch it }
        ttl: { type: number, default: 300, min: 60, title: Time to live in seconds }
  - { action: reload, title: Reload the zone, run: "true" }
`,
};
