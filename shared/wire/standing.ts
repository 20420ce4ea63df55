/** The headers by which a server of a cluster says which one it is, and since when it cannot follow the store: the same words at both ends. */

/** On every answer of REST of a server of a cluster: its name. */
export const SERVED_BY_HEADER = "Instep-Served-By";

/** On every answer of REST while the server cannot follow the store: since when, RFC 3339. What is read is as of then. */
export const STALE_HEADER = "Instep-Stale";
