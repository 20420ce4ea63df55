/** What tools print where they draw their progress, and what a terminal of 80 columns and 24 rows shows of it at the end. */

export interface ToolOutput {
  readonly tool: string;
  readonly printed: string;
  /** The rows of the terminal; what a tool left blank at the end of one is cut. */
  readonly shown: readonly string[];
  /** The row that was changed last, of those that say something. */
  readonly said: string;
}

const ESC = "\u001b";
const up = (rows: number): string => `${ESC}[1A`.repeat(rows);

const wgetBar = (percent: string, bar: string, size: string, behind = "               "): string =>
  `\r/dev/null           ${percent}[${bar}] ${size}  2.00MB/s${behind}`;

const composeRows = (done: number, db: string, web: string): string =>
  `${ESC}[0G${ESC}[?25l[+] Running ${done}/2\n ${db} \n ${web} \n${ESC}[?25h`;

/** A layer's line, so many above the last. */
const layer = (above: number, id: string, text: string): string =>
  `${ESC}[${above}A${ESC}[2K\r${id}: ${text}\r${ESC}[${above}B`;

export const TOOL_OUTPUTS: readonly ToolOutput[] = [
  {
    tool: "rsync --info=progress2",
    printed:
      "\r         32,768   1%    0.00kB/s    0:00:00  \r      2,097,152  69%    1.96MB/s    0:00:00  \r      3,000,000 100%    2.11MB/s    0:00:01 (xfr#1, to-chk=0/2)\r      3,000,000 100%    1.94MB/s    0:00:01 (xfr#1, to-chk=0/2)\n",
    shown: ["      3,000,000 100%    1.94MB/s    0:00:01 (xfr#1, to-chk=0/2)"],
    said: "3,000,000 100%    1.94MB/s    0:00:01 (xfr#1, to-chk=0/2)",
  },
  {
    tool: "curl",
    printed:
      "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\r\n                                 Dload  Upload   Total   Spent    Left  Speed\r\n\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\r 50 2929k   50 1472k    0     0  2038k      0  0:00:01 --:--:--  0:00:01 2038k\r100 2929k  100 2929k    0     0  4054k      0 --:--:-- --:--:-- --:--:-- 4052k\r\n",
    shown: [
      "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current",
      "                                 Dload  Upload   Total   Spent    Left  Speed",
      "100 2929k  100 2929k    0     0  4054k      0 --:--:-- --:--:-- --:--:-- 4052k",
    ],
    said: "100 2929k  100 2929k    0     0  4054k      0 --:--:-- --:--:-- --:--:-- 4052k",
  },
  {
    tool: "wget",
    printed: `Saving to: ‘/dev/null’\r\n\r\n${wgetBar("  0%", "                    ", "      0")}${wgetBar(" 42%", "=======>            ", "  1.22M")}${wgetBar("100%", "===================>", "  2.86M", "    in 1.4s    ")}\r\n\r\n2026-11-26 07:11:47 (2.00 MB/s) - ‘/dev/null’ saved [3000000/3000000]\r\n\r\n`,
    shown: [
      "Saving to: ‘/dev/null’",
      "",
      "/dev/null           100%[===================>]   2.86M  2.00MB/s    in 1.4s",
      "",
      "2026-11-26 07:11:47 (2.00 MB/s) - ‘/dev/null’ saved [3000000/3000000]",
      "",
    ],
    said: "2026-11-26 07:11:47 (2.00 MB/s) - ‘/dev/null’ saved [3000000/3000000]",
  },
  {
    tool: "git clone --progress",
    printed: `Cloning into 'clone'...\nremote: Enumerating objects: 9, done.${ESC}[K\nremote: Counting objects:  11% (1/9)${ESC}[K\rremote: Counting objects: 100% (9/9)${ESC}[K\rremote: Counting objects: 100% (9/9), done.${ESC}[K\nReceiving objects:  11% (1/9)\rReceiving objects:  88% (8/9)\rremote: Total 9 (delta 1), reused 0 (delta 0), pack-reused 0${ESC}[K\nReceiving objects: 100% (9/9)\rReceiving objects: 100% (9/9), 552 bytes | 552.00 KiB/s, done.\nResolving deltas:   0% (0/1)\rResolving deltas: 100% (1/1)\rResolving deltas: 100% (1/1), done.\n`,
    shown: [
      "Cloning into 'clone'...",
      "remote: Enumerating objects: 9, done.",
      "remote: Counting objects: 100% (9/9), done.",
      "remote: Total 9 (delta 1), reused 0 (delta 0), pack-reused 0",
      "Receiving objects: 100% (9/9), 552 bytes | 552.00 KiB/s, done.",
      "Resolving deltas: 100% (1/1), done.",
    ],
    said: "Resolving deltas: 100% (1/1), done.",
  },
  {
    tool: "cargo build",
    printed: `${ESC}[1m${ESC}[92m   Compiling${ESC}[0m x v0.1.0 (/src/x)\n${ESC}[1m${ESC}[96m    Building${ESC}[0m [                             ] 0/2: x                           \r${ESC}[K${ESC}[1m${ESC}[92m   Compiling${ESC}[0m demo v0.1.0 (/src)\n${ESC}[1m${ESC}[96m    Building${ESC}[0m [=============>               ] 1/2: demo(bin)                   \r${ESC}[K${ESC}[1m${ESC}[92m    Finished${ESC}[0m \`dev\` profile [unoptimized + debuginfo] target(s) in 1.43s\n`,
    shown: [
      "   Compiling x v0.1.0 (/src/x)",
      "   Compiling demo v0.1.0 (/src)",
      "    Finished `dev` profile [unoptimized + debuginfo] target(s) in 1.43s",
    ],
    said: "Finished `dev` profile [unoptimized + debuginfo] target(s) in 1.43s",
  },
  {
    tool: "npm install",
    printed: `⠙${ESC}[1G${ESC}[0K⠹${ESC}[1G${ESC}[0K⠸${ESC}[1G${ESC}[0K\nadded 1 package in 537ms\n⠸${ESC}[1G${ESC}[0K`,
    shown: ["", "added 1 package in 537ms"],
    said: "added 1 package in 537ms",
  },
  {
    tool: "pip install",
    printed: `Collecting rich\n  Downloading rich-13.7.1-py3-none-any.whl (240 kB)\n${ESC}[?25l     ${ESC}[38;5;237m━━━━━━━━━━━━━━━━━━━━${ESC}[0m ${ESC}[32m0.0/240.7 kB${ESC}[0m ${ESC}[31m?${ESC}[0m eta ${ESC}[36m-:--:--${ESC}[0m\r${ESC}[2K     ${ESC}[38;2;114;156;31m━━━━━━━━━━━━━━━━━━━━${ESC}[0m ${ESC}[32m240.7/240.7 kB${ESC}[0m ${ESC}[31m7.1 MB/s${ESC}[0m eta ${ESC}[36m0:00:00${ESC}[0m\n${ESC}[?25hSuccessfully installed rich-13.7.1\n`,
    shown: [
      "Collecting rich",
      "  Downloading rich-13.7.1-py3-none-any.whl (240 kB)",
      "     ━━━━━━━━━━━━━━━━━━━━ 240.7/240.7 kB 7.1 MB/s eta 0:00:00",
      "Successfully installed rich-13.7.1",
    ],
    said: "Successfully installed rich-13.7.1",
  },
  {
    tool: "apt-get install",
    printed:
      "\rReading package lists... 0%\r\rReading package lists... 58%\r\rReading package lists... Done\r\r\n\rBuilding dependency tree... 0%\r\rBuilding dependency tree... 50%\r\rBuilding dependency tree... Done\r\r\n\rReading state information... 0% \r\rReading state information... Done\r\r\nInst hello (2.10-3 Debian:12.15/oldstable [amd64])\r\n",
    shown: [
      "Reading package lists... Done",
      "Building dependency tree... Done",
      "Reading state information... Done",
      "Inst hello (2.10-3 Debian:12.15/oldstable [amd64])",
    ],
    said: "Inst hello (2.10-3 Debian:12.15/oldstable [amd64])",
  },
  {
    tool: "tqdm, one bar below the other",
    printed: `epochs:   0%|          | 0/2 [00:00<?, ?it/s]\n\rsteps:   0%|          | 0/3 [00:00<?, ?it/s]${ESC}[A\n\rsteps:  67%|██████▋   | 2/3 [00:00<00:00, 9.98it/s]${ESC}[A\repochs:  50%|█████     | 1/2 [00:00<00:00,  3.32it/s]\n\rsteps: 100%|██████████| 3/3 [00:00<00:00, 9.97it/s]${ESC}[A\repochs: 100%|██████████| 2/2 [00:00<00:00,  3.32it/s]`,
    shown: [
      "epochs: 100%|██████████| 2/2 [00:00<00:00,  3.32it/s]",
      "steps: 100%|██████████| 3/3 [00:00<00:00, 9.97it/s]",
    ],
    said: "epochs: 100%|██████████| 2/2 [00:00<00:00,  3.32it/s]",
  },
  {
    tool: "ffmpeg",
    printed:
      "Press [q] to stop, [?] for help\nframe=   24 fps=0.0 q=0.0 size=       0kB time=00:00:00.96 bitrate=   0.4kbits/s speed=1.9x    \rframe=  250 fps=125 q=-1.0 Lsize=     812kB time=00:00:10.00 bitrate= 665.2kbits/s speed=5x    \nvideo:808kB audio:0kB subtitle:0kB\n",
    shown: [
      "Press [q] to stop, [?] for help",
      "frame=  250 fps=125 q=-1.0 Lsize=     812kB time=00:00:10.00 bitrate= 665.2kbits/s speed=5x",
      "video:808kB audio:0kB subtitle:0kB",
    ],
    said: "video:808kB audio:0kB subtitle:0kB",
  },
  {
    tool: "docker compose up",
    printed: `before\n${composeRows(0, "⠋ Container app-db-1   Starting                         0.1s", "⠋ Container app-web-1  Created                          0.1s")}${up(3)}${composeRows(1, "✔ Container app-db-1   Started                          0.4s", "⠙ Container app-web-1  Starting                         0.4s")}${up(3)}${composeRows(2, "✔ Container app-db-1   Started                          0.4s", "✔ Container app-web-1  Started                          0.7s")}after\n`,
    shown: [
      "before",
      "[+] Running 2/2",
      " ✔ Container app-db-1   Started                          0.4s",
      " ✔ Container app-web-1  Started                          0.7s",
      "after",
    ],
    said: "after",
  },
  {
    tool: "docker pull",
    printed: `latest: Pulling from library/nginx\na2abf6c4d29d: Pulling fs layer \na9edb18cadd1: Pulling fs layer \n589b7251471a: Waiting \n${layer(3, "a2abf6c4d29d", "Downloading [=====>     ]  14.2MB/31.36MB")}${layer(2, "a9edb18cadd1", "Download complete ")}${layer(3, "a2abf6c4d29d", "Pull complete ")}${layer(1, "589b7251471a", "Pull complete ")}${layer(2, "a9edb18cadd1", "Pull complete ")}Digest: sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31\n`,
    shown: [
      "latest: Pulling from library/nginx",
      "a2abf6c4d29d: Pull complete",
      "a9edb18cadd1: Pull complete",
      "589b7251471a: Pull complete",
      "Digest: sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31",
    ],
    said: "Digest: sha256:0d17b565c37bcbd895e9d92315a05c1c3c9a29f762b011a10c54a66cd53c9b31",
  },
  {
    tool: "a list of tasks that is drawn again",
    printed: `⠋ fetch\n⠋ build\n${ESC}[2K${ESC}[1A${ESC}[2K${ESC}[1A${ESC}[2K${ESC}[G✔ fetch\n⠙ build\n${ESC}[2A${ESC}[J✔ fetch\n✔ build\n`,
    shown: ["✔ fetch", "✔ build"],
    said: "✔ build",
  },
  {
    tool: "a spinner that moves far to the left",
    printed: [1, 2, 3, 4].map((n) => `${ESC}[1000D${ESC}[0K[${n}] fetch ${n} of 4`).join(""),
    shown: ["[4] fetch 4 of 4"],
    said: "[4] fetch 4 of 4",
  },
  {
    tool: "a spinner that erases its line first",
    printed: ["|", "/", "-"].map((sign) => `${ESC}[2K${ESC}[1Gspin ${sign}`).join(""),
    shown: ["spin -"],
    said: "spin -",
  },
  {
    tool: "a sign that turns behind its text",
    printed: `working |${ESC}[D/${ESC}[1D-\b\\`,
    shown: ["working \\"],
    said: "working \\",
  },
];
