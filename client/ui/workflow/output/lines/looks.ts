/** How a piece of output looks: what `ESC [ … m` and terminal links ask for, as class names of ours. Unreadable colours become the nearest readable ones. */
import Anser from "anser";
import { safeAddress } from "../../../look/links.js";

export interface Look {
  /** Names for output.css; empty for plain text. */
  readonly classes: string;
  /** Only ever http or https. */
  readonly href: string | null;
}

export const PLAIN: Look = { classes: "", href: null };

/** Remembers what is switched on, from line to line. */
export interface Pen {
  readonly look: Look;
  /** The parameters of a sequence that ends in `m`. */
  style(parameters: string): void;
  /** The text of an operating system command; all but links are ignored. */
  command(text: string): void;
}

const DECORATIONS = ["bold", "dim", "italic", "underline", "strikethrough"] as const;

export function createPen(): Pen {
  const anser = new Anser();
  let look = PLAIN;
  return {
    get look() {
      return look;
    },
    style(parameters) {
      // Another family of sequences, as `ESC [ ? … m` or `ESC [ > … m`.
      if (/[^\d;:]/.test(parameters)) return;
      const chunk = `${withSemicolons(parameters)}m`;
      const entry = anser.processChunkJson(chunk, { use_classes: true }, true);
      const decorations = new Set(entry.decorations);
      // It is Anser's own list, and grows with each repetition.
      entry.decorations.splice(0, entry.decorations.length, ...decorations);
      const foreground = nearest(entry.fg, entry.fg_truecolor);
      const background = nearest(entry.bg, entry.bg_truecolor);
      const classes = [
        ...colourClasses(foreground, background, decorations.has("reverse")),
        ...DECORATIONS.filter((one) => decorations.has(one)).map((one) => `is-${one}`),
      ].join(" ");
      look = asLook(classes, look.href);
    },
    command(text) {
      const link = /^8;[^;]*;(.*)$/.exec(text);
      if (link) look = asLook(look.classes, safeAddress(link[1]!)?.href ?? null);
    },
  };
}

const asLook = (classes: string, href: string | null): Look =>
  classes === "" && href === null ? PLAIN : { classes, href };

/** Every colour is made to be read on the log's ground: alone it may be ground itself, two of them would not do. */
function colourClasses(foreground: string, background: string, isReverse: boolean): string[] {
  const [text, ground] = isReverse ? [background, foreground || "plain"] : [foreground, background];
  if (ground === "") return text === "" ? [] : [`in-${text}`];
  return text === "" ? [`on-${ground}`] : [`in-${text}`, `over-${ground}`];
}

/** The newer way to write it: `38:5:n`, `38:2:<space>:r:g:b`, and `4:3` for a curly line. */
function withSemicolons(parameters: string): string {
  if (!parameters.includes(":")) return parameters;
  const one = (part: string): string => {
    const [kind = "", mode, ...more] = part.split(":");
    if (kind === "38" || kind === "48")
      return [kind, mode, ...more.slice(mode === "2" ? -3 : 0)].join(";");
    return kind === "4" && mode === "0" ? "24" : kind;
  };
  return parameters.split(";").map(one).join(";");
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const SIXTEEN: readonly (readonly [string, number, number, number])[] = [
  ...NAMES.map((name, n) => [name, ...channels(n, 0, 187)] as const),
  ...NAMES.map((name, n) => [`bright-${name}`, ...channels(n, 85, 255)] as const),
];
const LEVELS = [0, 95, 135, 175, 215, 255];

function channels(bits: number, low: number, high: number): [number, number, number] {
  return [1, 2, 4].map((bit) => (bits & bit ? high : low)) as [number, number, number];
}

/** Anser says `ansi-red`, `ansi-palette-208`, or `ansi-truecolor` with the numbers beside it. */
function nearest(anserClass: string | null, truecolor: string | null): string {
  if (anserClass === null) return "";
  const name = anserClass.slice("ansi-".length);
  if (name === "truecolor") return nearestTo((truecolor ?? "").split(",").map(Number));
  if (!name.startsWith("palette-")) return name;
  const index = Number(name.slice("palette-".length)) - 16;
  if (index >= 216) return nearestTo(Array(3).fill(8 + (index - 216) * 10));
  return nearestTo([
    LEVELS[Math.floor(index / 36)]!,
    LEVELS[Math.floor(index / 6) % 6]!,
    LEVELS[index % 6]!,
  ]);
}

function nearestTo([red = 0, green = 0, blue = 0]: number[]): string {
  let best = "";
  let least = Number.POSITIVE_INFINITY;
  for (const [name, r, g, b] of SIXTEEN) {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}
