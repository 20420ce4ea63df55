/** Every bound and every interval, in one place. Embedders may change them; both sides read them here. */

export const LIMITS = {
  /** Bytes of one frame from a client, or of one HTTP body. */
  frameBytes: 1024 * 1024,
  /** Bytes of one state as JSON. */
  stateBytes: 1024 * 1024,
  /** With their branches. */
  steps: 1_000,
  /** In one parallel step. */
  branches: 100,
  jsonDepth: 64,
  /** Characters of one key: a file's path is one, a text is none. */
  keyCharacters: 1_024,
  /** All keys that lead to a value together: each is said again wherever it changes. */
  pathCharacters: 4_096,
  openWorkflows: 10_000,
  sockets: 10_000,
  /** HTTP connections and sockets of one port together; fewer where the process may not open so many files. */
  connections: 20_000,
  /** How long a peer may take nothing of an answer that waits for it. */
  unreadMs: 60_000,
  subscriptionsPerSocket: 1_000,
  heldAnswers: 10_000,
  commandsPerSecond: 100,
  commandBurst: 500,
  /** How many refusals for speed in a row a socket may collect before it is closed. */
  rateRefusals: 1_000,
  /** So many wrong tokens an address may send in `wrongTokensMs` and be told that they are wrong. */
  wrongTokens: 20,
  wrongTokensMs: 60_000,
  receiptsPerWorkflow: 64,
  /** Traces of cleared workflows, kept only so that a repeated clear is recognised. */
  tombstones: 256,
  recentChanges: 2_048,
  recentBytes: 1024 * 1024,
  recentTotalBytes: 256 * 1024 * 1024,
  /** Waiting in a socket: above this its patches are replaced by one snapshot when it drains. */
  slowBytes: 64 * 1024,
  /** Waiting answers in a socket: above this it is closed. */
  stuckBytes: 1024 * 1024,
  /** The output of one attempt: bytes between the head and the newest are left out. */
  outputBytes: 64 * 1024 * 1024,
  /** All outputs of one workflow, on the disk: the one that was printed to least lately gives first. */
  outputWorkflowBytes: 256 * 1024 * 1024,
  /** All outputs there are: the oldest of the history goes first. */
  outputTotalBytes: 1024 * 1024 * 1024,
  /** So many attempts of a step keep what they printed, the newest. */
  outputAttempts: 128,
  /** Bytes of output in one frame. */
  outputFrameBytes: 64 * 1024,
  followsPerSocket: 64,
  /** Workflows of the server's own runner that wait for their turn. */
  queuedWorkflows: 1_000,
  heartbeatMs: 15_000,
  /** How late a pong, or any sign of life, may be. */
  graceMs: 8_000,
  leaseMs: 30_000,
  longestWaitMs: 60_000,
  listGatherMs: 100,
  /** So many of the history, those started last, are in the list that is followed; the others are asked for page by page. */
  listHistory: 1_000,
} as const;

/** The limits as an embedder may set them. */
export type Limits = { readonly [name in keyof typeof LIMITS]: number };

export const DEFAULTS = {
  port: 4747,
  /** Both loopback addresses, IPv4 and IPv6. */
  host: "localhost",
  clearAfterMs: 30_000,
  history: 100,
  silentAfterMs: 10 * 60_000,
  authorizeAgainMs: 60_000,
  maxConcurrent: 10,
} as const;
