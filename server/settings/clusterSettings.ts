/** The settings that make a server a node of a cluster, once each: see `settings.ts`. */
import { isNodeName, NODE_NAME_FORM } from "../cluster/nodeName.js";
import { readStoreAddress } from "../cluster/storeAddress.js";
import { withoutSlash } from "./defaultServer.js";
import { readServerAddress } from "./serverAddress.js";
import { place, type ValueReader } from "./settingValues.js";

const storeText: ValueReader<string> = (text) => {
  readStoreAddress(text);
  return text;
};

const nodeName: ValueReader<string> = (text) => {
  if (isNodeName(text)) return text;
  throw new Error(`must have ${NODE_NAME_FORM}, not ${JSON.stringify(text.slice(0, 100))}`);
};

const nodeUrl: ValueReader<string> = (text) => {
  const address = readServerAddress(text);
  if (!address.ok) throw new Error(address.why);
  if (address.token !== undefined || address.workflow_id !== undefined)
    throw new Error("must be the address that Instep is mounted at, and nothing behind it");
  return withoutSlash(address.url);
};

const userName: ValueReader<string> = (text) => {
  if (/^[\x21-\x7e]{1,256}$/.test(text)) return text;
  throw new Error("must be the name of a user of etcd: visible ASCII, without spaces");
};

/** Those that mean something only with the first. */
export const CLUSTER_SETTINGS = {
  store: {
    flag: "--store <address>",
    env: ["INSTEP_STORE"],
    about: "etcd to share with other servers: etcd://host:2379,…[/prefix]; with TLS etcds://",
    read: storeText,
  },
  storeCa: {
    flag: "--store-ca <file>",
    env: ["INSTEP_STORE_CA"],
    about: "who vouches for the members of etcd, as PEM",
    read: place,
  },
  storeCert: {
    flag: "--store-cert <file>",
    env: ["INSTEP_STORE_CERT"],
    about: "the certificate that this server shows to etcd, as PEM",
    read: place,
  },
  storeKey: {
    flag: "--store-key <file>",
    env: ["INSTEP_STORE_KEY"],
    about: "the key of that certificate, as PEM",
    read: place,
  },
  storeUser: {
    flag: "--store-user <name>",
    env: ["INSTEP_STORE_USER"],
    about: "the user of etcd that this server is",
    read: userName,
  },
  storePasswordFile: {
    flag: "--store-password-file <file>",
    env: ["INSTEP_STORE_PASSWORD_FILE"],
    about: "the password of that user, in the first line",
    read: place,
  },
  node: {
    flag: "--node <name>",
    env: ["INSTEP_NODE"],
    about: "what this server is called among those that share the store (default: its machine)",
    read: nodeName,
  },
  nodeLabel: {
    flag: "--node-label <name>",
    env: ["INSTEP_NODE_LABEL"],
    about: "a word by which definitions ask for this server; may be repeated",
    repeatable: true,
    read: nodeName,
  },
  nodeUrl: {
    flag: "--node-url <url>",
    env: ["INSTEP_NODE_URL"],
    about: "where those servers reach this one (default: where it listens)",
    read: nodeUrl,
  },
  nodeCa: {
    flag: "--node-ca <file>",
    env: ["INSTEP_NODE_CA"],
    about: "who vouches for those servers where they are reached by https, as PEM",
    read: place,
  },
  outputDir: {
    flag: "--output-dir <folder>",
    env: ["INSTEP_OUTPUT_DIR"],
    about: "a folder that those servers share, for the output of steps",
    read: place,
  },
} as const;
