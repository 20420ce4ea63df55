/** The error of a server that may not join its cluster, apart from what joins: whoever explains it does not load that. */

/** This server cannot be a node of that cluster; the message says why, and what to do. */
export class ClusterRefused extends Error {
  override readonly name = "ClusterRefused";
}
