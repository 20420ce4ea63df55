/** The file that says of which cluster a data folder's server is a node: its workflows are not in the folder. */

/** In the data folder; missing in one of a server alone. */
export const CLUSTER_FILE = "instep.cluster";
