/** Reads the head of a Linux program (ELF): the machine it was built for, and its loader. */

export interface ElfHead {
  /** As `uname -m` names them; `machine 243` for one without a name here. */
  readonly machine: string;
  /** The program that loads its libraries; null for one that needs none. */
  readonly loader: string | null;
}

const MAGIC = "\x7fELF";
const CLASS_64 = 2;
const BIG_ENDIAN = 2;
const INTERPRETER = 3;
const MOST_HEADERS = 64;
const MOST_LOADER_BYTES = 4_096;
const NATIVE: Readonly<Record<string, string>> = {
  x64: "x86_64",
  ia32: "i386",
  arm64: "aarch64",
  arm: "arm",
  riscv64: "riscv",
  ppc64: "ppc64",
  s390x: "s390x",
  mips: "mips",
  mipsel: "mips",
  loong64: "loongarch64",
};
const MACHINES: Readonly<Record<number, string>> = {
  3: "i386",
  8: "mips",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x86_64",
  183: "aarch64",
  243: "riscv",
  258: "loongarch64",
};

/** The name of this machine; undefined where it has none here. */
export const ownMachine = (arch: string): string | undefined => NATIVE[arch];

/** `bytes` are the file's first ones. Null where it is no such program, or its head is cut. */
export function elfHead(bytes: Buffer): ElfHead | null {
  if (bytes.length < 64 || bytes.toString("latin1", 0, 4) !== MAGIC) return null;
  const isLarge = bytes[4] === CLASS_64;
  const isBig = bytes[5] === BIG_ENDIAN;
  const short = (at: number) => (isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const word = (at: number) => (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const address = (at: number) =>
    Number(isLarge ? (isBig ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at)) : word(at));
  const number = short(18);
  const machine = MACHINES[number] ?? `machine ${number}`;
  const [table, size, count] = isLarge
    ? [address(32), short(54), short(56)]
    : [address(28), short(42), short(44)];
  for (let index = 0; index < Math.min(count, MOST_HEADERS); index++) {
    const header = table + index * size;
    if (header + (isLarge ? 40 : 20) > bytes.length) break;
    if (word(header) !== INTERPRETER) continue;
    const begin = address(header + (isLarge ? 8 : 4));
    const length = Math.min(address(header + (isLarge ? 32 : 16)), MOST_LOADER_BYTES);
    if (begin + length > bytes.length) break;
    const loader = bytes.toString("utf8", begin, begin + length).replace(/\0.*$/s, "");
    return { machine, loader: loader || null };
  }
  return { machine, loader: null };
}
