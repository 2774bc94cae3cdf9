/**
 * Palettes without what the image tells: its colours, of which only the order is to be kept.
 *
 *     PLTE: 0 where the entries are the colours of the image, each once, and else
 *           their number | lengths of runs of entries, used and unused in turn | colours of the unused ones
 *     or    257 and up, which tells an ordering | 0, or number and lengths of runs as above | palette-entries.ts; used are
 *           all colours of the image or none, and there is no order beside it
 *     or    260: both are those of the payload, which is a PNG; of tRNS there is nothing then
 *     tRNS: number of entries beyond it | alpha of the unused ones that it reaches
 *
 * Numbers are varints. Used is the first entry of each colour of the image, its alpha included where the image has that.
 */
import { deflateSync } from 'fflate';
import type { ByteReader } from '../container/byte-reader.ts';
import { encodeVarint } from '../container/varint.ts';
import { CodecError } from '../errors.ts';
import { countFewColours, MAX_COLOURS, rgbaNumber, rgbOf } from './colours.ts';
import { hasAlpha, type Image } from './image.ts';
import { type CountedColour, NUM_ORDERINGS, readEntries, writeEntries } from './palette-entries.ts';
import { decodeOrder, encodeOrder, orderBytes } from './palette-order.ts';
import { concatenate, type PngTables } from './png-chunks.ts';

const OPAQUE = 255;
/** Numbers beyond any count of entries: the palette comes entry by entry, in one of the orderings. */
const FIRST_ORDERING = MAX_COLOURS + 1;
/** The palette, and alpha if there is any, are those of the payload. */
const IN_PAYLOAD = 260;
const NOTHING = new Uint8Array(0);

/** A palette taken apart. */
export interface HeldPalette {
  /** What stands in place of the contents of PLTE and tRNS. */
  readonly contents: Readonly<Record<string, Uint8Array>>;
  /** Of the colours of the image, as the used entries have them. */
  readonly order: Uint8Array;
}

/** One that the payload has as well. */
export const PAYLOAD_PALETTE: HeldPalette = {
  contents: { PLTE: encodeVarint(IN_PAYLOAD), tRNS: NOTHING },
  order: NOTHING,
};

/** The form of fewest bytes, without the payload's help, as deflated by itself. @param transparency undefined without tRNS */
export function holdPalette(palette: Uint8Array, transparency: Uint8Array | undefined, image: Image): HeldPalette {
  const parts = takeApart(palette, transparency, image);
  const none = { ...parts, isUsed: parts.isUsed.map(() => false) };
  const orderings = Array.from({ length: NUM_ORDERINGS }, (_, ordering) => holdEntries(parts, ordering));
  const forms = [holdOrder(parts), ...orderings, holdEntries(none, 0)];
  const sizes = forms.map(({ contents, order }) => deflatedSize(Object.values(contents)) + order.length);
  return forms[sizes.indexOf(Math.min(...sizes))]!;
}

const deflatedSize = (contents: readonly Uint8Array[]): number =>
  deflateSync(concatenate(contents), { level: 9 }).length;

interface PaletteParts {
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array;
  readonly colours: readonly CountedColour[];
  /** Colours of the entries. */
  readonly entries: readonly number[];
  readonly isUsed: readonly boolean[];
}

function takeApart(palette: Uint8Array, transparency: Uint8Array = NOTHING, image: Image): PaletteParts {
  const colours = coloursOf(image);
  const left = new Set(colours.map(({ colour }) => colour));
  const entries = Array.from({ length: palette.length / 3 }, (_, i) =>
    rgbaNumber(palette, 3 * i, hasAlpha(image.channels) ? (transparency[i] ?? OPAQUE) : OPAQUE),
  );
  return { palette, transparency, colours, entries, isUsed: entries.map((colour) => left.delete(colour)) };
}

/** The order of the used entries as a number. */
function holdOrder(parts: PaletteParts): HeldPalette {
  const { palette, colours, entries, isUsed } = parts;
  const numberOf = new Map(colours.map(({ colour, number }) => [colour, number]));
  const order = entries.filter((_, i) => isUsed[i]).map((colour) => numberOf.get(colour)!);
  return {
    contents: { PLTE: concatenate([...runsOf(isUsed), unusedOf(palette, isUsed, 3)]), tRNS: alphaOf(parts) },
    order: encodeOrder(order),
  };
}

/** Entry by entry. */
function holdEntries(parts: PaletteParts, ordering: number): HeldPalette {
  const { colours, entries, isUsed } = parts;
  const form = encodeVarint(FIRST_ORDERING + ordering);
  const PLTE = concatenate([form, ...runsOf(isUsed), writeEntries(entries, isUsed, colours, ordering)]);
  return { contents: { PLTE, tRNS: alphaOf(parts) }, order: NOTHING };
}

const alphaOf = ({ transparency, isUsed }: PaletteParts): Uint8Array =>
  concatenate([encodeVarint(isUsed.length - transparency.length), unusedOf(transparency, isUsed, 1)]);

const unusedOf = (bytes: Uint8Array, isUsed: readonly boolean[], size: number): Uint8Array =>
  bytes.filter((_, i) => !isUsed[Math.floor(i / size)]);

function runsOf(isUsed: readonly boolean[]): Uint8Array[] {
  if (!isUsed.includes(false)) return [encodeVarint(0)];
  const runs = [0];
  for (const [i, used] of isUsed.entries()) {
    if (used !== (i === 0 || isUsed[i - 1])) runs.push(0);
    runs[runs.length - 1]!++;
  }
  return [isUsed.length, ...runs].map(encodeVarint);
}

/** Puts a palette together again. */
export class PaletteReader {
  readonly #colours: readonly CountedColour[];
  readonly #tail: Uint8Array;
  readonly #payload: PngTables | undefined;
  #isUsed: readonly boolean[] | undefined;
  /** Alphas of the used entries. */
  #alphas: readonly number[] = [];
  #hasAlpha = false;
  #isInPayload = false;

  /**
   * @param tail what ends with the order, where there is one
   * @param payload the tables of a payload that is a PNG
   * @throws CodecError 'corrupt'
   */
  constructor(image: Image, tail: Uint8Array, payload?: PngTables) {
    this.#colours = coloursOf(image);
    this.#tail = tail;
    this.#payload = payload;
  }

  /** The content of a chunk; undefined for one of another type. @throws CodecError 'truncated' or 'corrupt' */
  read(type: string, reader: ByteReader): Uint8Array | undefined {
    if (type === 'PLTE') return this.#readPalette(reader);
    return type === 'tRNS' ? this.#readTransparency(reader) : undefined;
  }

  #readPalette(reader: ByteReader): Uint8Array {
    if (this.#isUsed !== undefined) throw corrupt('two palettes');
    const first = reader.varint();
    if (first === IN_PAYLOAD) return this.#takePalette();
    if (first >= FIRST_ORDERING + NUM_ORDERINGS) throw corrupt(`a palette of ${first} entries`);
    return first < FIRST_ORDERING ? this.#readOrder(reader, first) : this.#readEntries(reader, first - FIRST_ORDERING);
  }

  #readOrder(reader: ByteReader, count: number): Uint8Array {
    const isUsed = this.#readUsed(reader, count);
    if (!isUsed.includes(true)) throw this.#otherColours();
    const length = orderBytes(this.#colours.length);
    if (length > this.#tail.length) {
      throw new CodecError('truncated', `order of a palette has ${this.#tail.length} bytes, expected ${length}`);
    }
    const order = decodeOrder(this.#tail.subarray(this.#tail.length - length), this.#colours.length);
    const colours = order.map((number) => this.#colours[number]!.colour);
    this.#alphas = colours.map(alphaOfColour);
    return join(isUsed, reader, colours.map(rgbOf), 3);
  }

  #readEntries(reader: ByteReader, ordering: number): Uint8Array {
    const isUsed = this.#readUsed(reader, reader.varint());
    const entries = readEntries(reader, isUsed, this.#colours, ordering);
    this.#alphas = entries.filter((_, i) => isUsed[i]).map(alphaOfColour);
    return Uint8Array.from(entries.flatMap(rgbOf));
  }

  #takePalette(): Uint8Array {
    this.#isUsed = [];
    this.#isInPayload = true;
    return this.#payload?.palette ?? fail('the palette of a payload that has none');
  }

  /** PLTE comes before it. */
  #readTransparency(reader: ByteReader): Uint8Array {
    const isUsed = this.#isUsed;
    if (isUsed === undefined || this.#hasAlpha) throw corrupt('alpha without a palette of its own');
    this.#hasAlpha = true;
    if (this.#isInPayload) return this.#payload?.transparency ?? fail('the alpha of a payload that has none');
    const count = isUsed.length - reader.varint();
    if (count < 0) throw corrupt('alpha beyond its palette');
    return join(
      isUsed.slice(0, count),
      reader,
      this.#alphas.map((alpha) => [alpha]),
      1,
    );
  }

  #readUsed(reader: ByteReader, count: number): readonly boolean[] {
    if (count > MAX_COLOURS) throw corrupt(`a palette of ${count} entries`);
    this.#isUsed = count === 0 ? this.#colours.map(() => true) : this.#readRuns(reader, count);
    return this.#isUsed;
  }

  #readRuns(reader: ByteReader, count: number): boolean[] {
    const isUsed: boolean[] = [];
    for (let used = true; isUsed.length < count; used = !used) {
      const length = reader.varint();
      if (length > count - isUsed.length || (length === 0 && isUsed.length > 0)) throw corrupt('a malformed palette');
      isUsed.push(...new Array<boolean>(length).fill(used));
    }
    if ([0, this.#colours.length].includes(isUsed.filter(Boolean).length)) return isUsed;
    throw this.#otherColours();
  }

  #otherColours(): CodecError {
    return corrupt(`a palette of other colours than the ${this.#colours.length} of the image`);
  }
}

/** Entries one after the other; those of the unused ones are read. @param size bytes of an entry */
function join(
  isUsed: readonly boolean[],
  reader: ByteReader,
  used: readonly (readonly number[])[],
  size: number,
): Uint8Array {
  let next = 0;
  return concatenate(isUsed.map((one) => (one ? Uint8Array.from(used[next++]!) : reader.take(size))));
}

/** The distinct colours of an image that a palette can hold, by first pixel. @throws CodecError 'corrupt' */
function coloursOf(image: Image): CountedColour[] {
  const counts = image.bitDepth === 8 && image.channels >= 3 ? countFewColours(image) : undefined;
  if (counts === undefined) throw corrupt('a palette, which the image cannot have');
  return Array.from(counts, ([colour, count], number) => ({
    colour: hasAlpha(image.channels) ? colour : colour * 256 + OPAQUE,
    number,
    count,
  }));
}

const alphaOfColour = (colour: number): number => colour & 255;

function fail(what: string): never {
  throw corrupt(what);
}

const corrupt = (what: string): CodecError => new CodecError('corrupt', `recipe of the PNG has ${what}`);
