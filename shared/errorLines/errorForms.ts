/** The forms in which tools say what went wrong, and those in which they say that something did. Tables for errorLines.ts. Pure. */

/**
 * None of these takes more than time in proportion to a line of a few hundred characters: a part of any length is followed by
 * what that part cannot hold.
 */
export interface Form {
  readonly name: string;
  readonly fits: RegExp;
  /** Its tool goes on after an error: of several, the first is the cause. */
  readonly isOfMany?: boolean;
  /** The next line says what it was. */
  readonly goesOn?: boolean;
}

/** `psql: `, `systemd[1]: ` */
const TOOL = String.raw`(?:[\w./@+-]+(?:\[\d+\])?:\s+)`;
export const NOTHING = String.raw`(?:0+(?:\.0+)?\s*%?|none|null|nil|false|no|n\/a|\[\]|\{\}|""|'')\W*`;

export const WARNING = new RegExp(
  String.raw`^(?:${TOOL}|[^\s:(]+[:(]\d+(?:[:,]\d+)?\)?:?\s+|\(node:\d+\)\s+)*(?:npm |pip )?(?:\[?warn(?:ing)?s?\]?\b|\w*Warning:|W: |level=warn)`,
  "i",
);

/** Forms of lines that name a failure and no reason: the reason stands elsewhere. Looked for before the statements, which some of these resemble. */
export const CONSEQUENCES: readonly Form[] = [
  { name: "make", fits: /^g?make(?:\[\d+\])?: \*\*\* \[/ },
  { name: "ninja", fits: /^(?:ninja: build stopped|FAILED: (?!.*::))/ },
  {
    name: "rsync",
    fits: /^rsync(?: error: |: (?:\[\w+\] )?(?:connection unexpectedly closed|write error: Broken pipe))/,
  },
  {
    name: "npm",
    fits: /^npm (?:ERR!|error)\s*(?:$|(?:code|errno|syscall|path|dest|command|signal|location|workspace|in workspace|at location|enoent This is related) |A complete log|Lifecycle script|Exit status|Failed at|This is probably)/,
  },
  { name: "yarn", fits: /^(?:error Command failed with exit code|ELIFECYCLE|ERR_PNPM_RECURSIVE)/ },
  { name: "dpkg", fits: /^(?:E: Sub-process \S+ returned an error code|Errors were encountered)/ },
  {
    name: "linker",
    fits: /^(?:collect2|clang(?:\+\+)?|gcc|cc): error: (?:ld returned|linker command failed)/,
  },
  {
    name: "rust",
    fits: /^(?:error: (?:could not compile|aborting due to|build failed|test failed)|test result: FAILED)/,
  },
  {
    name: "build",
    fits: /^(?:\[\w+\] )?(?:BUILD FAIL(?:ED|URE)|Build FAILED|FAILURE: Build failed|Configuring incomplete|compilation terminated|Compilation failed)/,
  },
  {
    name: "exit",
    fits: /\bexit(?:ed|s)?\b[^"']{0,30}\b(?:code|status)\b[ :=]+(?!0\b)-?\d|\bnon-zero (?:exit )?(?:code|status)\b|\bfailed with (?:exit )?(?:code|status) (?!0\b)|\bdid not complete successfully\b|^exit status [1-9]/i,
  },
  {
    name: "tar",
    fits: /^tar: (?:Exiting with failure|Error is not recoverable|Child returned status)/,
  },
  {
    name: "previous",
    fits: /\b(?:see|due to) (?:the )?(?:previous|above|prior)\b.{0,20}\berrors?\b/i,
  },
  {
    name: "count",
    fits: /^(?:[A-Za-z ]{0,30}[:(]?\s{0,20})?[1-9]\d* (?:fatal |build |test |tests |lint |type |new )?(?:failed|failures?|errors?|problems?)\b/i,
  },
  { name: "fail", fits: /^(?:FAIL\b|FAILED$|FAILED \()/ },
];

const ADJECTIVES = `(?:(?:an |the |fatal |internal |runtime |syntax |parse |parser |unexpected |unhandled |uncaught |compile |compilation |linker |build |configuration |config |connection |network |command |startup |installation |PHP )*)`;
const LEVEL = "(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|EMERG|ALERT)";

/** In this order: the first that fits names the line. */
export const STATEMENTS: readonly Form[] = [
  { name: "pytest", fits: /^FAILED \S+::\S/, isOfMany: true },
  { name: "pytest assert", fits: /^E {3,}\S/, isOfMany: true },
  {
    name: "compiler",
    fits: /^(?:[A-Za-z]:)?[^\s:(][^:(]*[:(]\d+(?:[:,]\d+)?\)?(?::| -)\s*(?:fatal |internal |syntax )?error\b/i,
    isOfMany: true,
  },
  { name: "go", fits: /^(?:vet: )?[\w./-]+\.go:\d+:\d+: /, isOfMany: true },
  { name: "rustc", fits: /^error\[E\d+\]: /, isOfMany: true },
  { name: "eslint", fits: /^\d+:\d+\s+error\s+\S/, isOfMany: true },
  { name: "maven", fits: /^\[ERROR\] \S/, isOfMany: true },
  {
    name: "linker",
    fits: /undefined reference to |^(?:[\w./-]*\bld(?:\.\w+)?: )cannot find /,
    isOfMany: true,
  },
  { name: "npm", fits: /^npm (?:ERR!|error) \S/, isOfMany: true },
  { name: "pnpm", fits: /^ERR_\w+\s+\S/ },
  { name: "apt", fits: /^E: \S/, isOfMany: true },
  { name: "rust panic", fits: /^thread '.*' (?:\(\d+\) )?panicked at .*:$/, goesOn: true },
  { name: "panic", fits: /^(?:thread '.*' panicked at |panic: |fatal error: |kernel panic)/i },
  { name: "curl", fits: /^curl: \(\d+\) / },
  {
    name: "ssh",
    fits: /^(?:(?:ssh|scp|sftp|ssh-\w+|kex_exchange_identification|ssh_exchange_identification|client_loop|banner exchange): |Host key verification failed|(?:\S+: )?Permission denied \(|Connection (?:closed|reset) by |Bad owner or permissions)/,
  },
  { name: "rsync", fits: /^rsync: / },
  { name: "wget", fits: /^(?:wget: |ERROR \d{3}: )/ },
  { name: "make", fits: /^(?:g?make(?:\[\d+\])?|\S+:\d+): \*\*\* / },
  { name: "git", fits: /^(?:! \[|CONFLICT \()/ },
  { name: "go test", fits: /^--- FAIL: /, isOfMany: true, goesOn: true },
  { name: "tap", fits: /^not ok \d/, isOfMany: true },
  { name: "jest", fits: /^● .+ › ./, isOfMany: true },
  { name: "c++", fits: /^terminate called after throwing /, goesOn: true },
  { name: "cmake", fits: /^CMake Error\b.*:$/, goesOn: true },
  {
    name: "heading",
    fits: /^(?:error during build:|\* What went wrong:|ERROR in \S|(?:fatal )?error:$)/i,
    goesOn: true,
  },
  {
    name: "daemon",
    fits: /^(?:(?:[\w./-]+: )?Error (?:response )?from (?:the )?(?:daemon|server)\b|Cannot connect to the \w+ daemon|(?:unauthorized|denied|forbidden): )/i,
  },
  { name: "aws", fits: /^An error occurred \(\w+\)/ },
  { name: "ansible", fits: /^fatal: \[[^\]]*\]: / },
  {
    name: "signal",
    fits: /^(?:\S+: (?:line )?\d+:\s+\d+ )?(?:Segmentation fault|Bus error|Aborted|Killed|Illegal instruction|Floating point exception)\b/,
  },
  {
    name: "abort",
    fits: /^(?:.{0,200}\bAssertion [`'].{1,200}' failed|Assertion failed: )/,
  },
  { name: "memory", fits: /^(?:FATAL ERROR: .*heap out of memory|out of memory\b)/i },
  {
    name: "exception",
    fits: /^(?:\[|Uncaught |Unhandled |Caused by: |Exception in thread "[^"]*" |Unhandled exception\. )*(?:[a-z_$][\w$]*\.)*[A-Z][\w$]*(?:\.[A-Z]\w*)*(?:Error|Exception)(?: \[\w+\])?(?::| ?\()/,
  },
  {
    name: "thrown",
    fits: /^(?:Uncaught |Exception in thread "[^"]*" |Unhandled exception\. )[\w.$]+/,
  },
  {
    name: "ruby",
    fits: /^[^\s:]+:\d+:in [`'][^`']*[`'][^(]*\((?:\w+::)*\w*(?:Error|Exception)\)/,
  },
  {
    name: "error",
    fits: new RegExp(
      String.raw`^(?:[\w.+-]+ )?${TOOL}{0,4}\(?${ADJECTIVES}(?:error|fatal|panic|critical|exception|failure)\)?(?: \w*\d+| \(\w+\)|\(\w+\))?(?: \(\w+\))?\s*:\s+(?!${NOTHING}$)\S`,
      "i",
    ),
  },
  { name: "redis", fits: /^\(error\) \S/ },
  {
    name: "level",
    fits: new RegExp(String.raw`^(?:\[?${LEVEL}\]?[\s:|\]-]+\S|\[(?:error|fatal)\]\s+\S)`),
  },
  {
    name: "fields",
    fits: /\blevel=(?:error|fatal|panic|critical)\b|"(?:level|severity|lvl)"\s*:\s*"(?:error|fatal|panic|critical)"/i,
  },
  { name: "klog", fits: /^[EF]\d{4} \d\d:\d\d:\d\d/ },
  {
    name: "shell",
    fits: /^[\w./-]+: (?:(?:line )?\d+: )?.*(?:(?:command )?not found|unbound variable|parameter not set|can't cd to \S+|bad interpreter: [\w ]+|Bad substitution|unexpected end of file|numeric argument required|integer expression expected)$/,
  },
  { name: "shell syntax", fits: /^[\w./-]+: (?:(?:line )?\d+: )?(?:eval: )?[Ss]yntax error\b/ },
  {
    name: "systemd",
    fits: /^(?:Failed to (?:start|stop|restart|enable|reload|connect)|Job for \S+ failed|Unit \S+ (?:not found|could not be found))/,
  },
];

/** `cp: cannot stat 'a': No such file or directory`: the parts of what a tool says of itself. */
export const TOOL_FIRST = /^([\w./@+-]+):\s+\S/;
export const TOOL_SAYS =
  /(?:^|: +)(?:(?:cannot|can't|could not|couldn't|unable to|failed to|invalid|illegal|unrecognized|unknown|unexpected|option requires|missing) |(?:no such file or directory|no such process|permission denied|operation not permitted|connection (?:refused|timed out|reset by peer)|operation timed out|no space left on device|is a directory|not a directory|file exists|device or resource busy|read-only file system|name or service not known|temporary failure in name resolution|network is unreachable|no route to host|host is down|broken pipe|too many open files|cannot allocate memory|argument list too long|exec format error|text file busy|directory not empty|input\/output error|disk quota exceeded|address already in use|stale file handle|invalid argument)\b)|\b(?:is required|does not exist|doesn't exist|already exists|not found|not recognized|does not look like)\b/i;
/** A clean-up says it of what was not there in the first place. */
export const CLEANERS = /^(?:rm|rmdir|umount|kill|killall|pkill|losetup|fuser|unlink)$/;
