/**
 * Palettes without what the image tells: its colours, of which only the order is to be kept.
 *
 *     PLTE: 0 where the entries are the colours of the image, each once, and else
 *           their number | lengths of runs of entries, used and unused in turn | colours of the unused ones
 *     tRNS: number of entries beyond it | alpha of the unused ones that it reaches
 *
 * Numbers are varints. Used is the first entry of each colour of the image, its alpha included where the image has that.
 */
import type { ByteReader } from '../container/byte-reader.ts';
import { encodeVarint } from '../container/varint.ts';
import { CodecError } from '../errors.ts';
import { fewColours, MAX_COLOURS } from './colours.ts';
import { hasAlpha, type Image } from './image.ts';
import { decodeOrder, encodeOrder, orderBytes } from './palette-order.ts';
import { concatenate } from './png-chunks.ts';

const OPAQUE = 255;
const NOTHING = new Uint8Array(0);

/** A palette taken apart. */
export interface HeldPalette {
  /** What stands in place of the contents of PLTE and tRNS. */
  readonly contents: Readonly<Record<string, Uint8Array>>;
  /** Of the colours of the image, as the used entries have them. */
  readonly order: Uint8Array;
}

/** @param transparency undefined without tRNS */
export function holdPalette(palette: Uint8Array, transparency: Uint8Array | undefined, image: Image): HeldPalette {
  const colours = coloursOf(image);
  const count = palette.length / 3;
  const numberOf = new Map(colours.map((colour, number) => [colour, number]));
  const [order, isUsed]: [number[], boolean[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const alpha = hasAlpha(image.channels) ? (transparency?.[i] ?? OPAQUE) : OPAQUE;
    const colour = colourNumber(palette.subarray(3 * i), alpha);
    const number = numberOf.get(colour);
    isUsed.push(number !== undefined);
    if (number !== undefined) order.push(number);
    numberOf.delete(colour);
  }
  const unusedOf = (bytes: Uint8Array, size: number) => bytes.filter((_, i) => !isUsed[Math.floor(i / size)]);
  const runs = isUsed.includes(false) ? [encodeVarint(count), ...runsOf(isUsed).map(encodeVarint)] : [encodeVarint(0)];
  const beyond = encodeVarint(count - (transparency?.length ?? 0));
  return {
    contents: {
      PLTE: concatenate([...runs, unusedOf(palette, 3)]),
      tRNS: concatenate([beyond, unusedOf(transparency ?? NOTHING, 1)]),
    },
    order: encodeOrder(order),
  };
}

function runsOf(isUsed: readonly boolean[]): number[] {
  const runs = [0];
  for (const [i, used] of isUsed.entries()) {
    if (used !== (i === 0 || isUsed[i - 1])) runs.push(0);
    runs[runs.length - 1]!++;
  }
  return runs;
}

/** Puts a palette together again. */
export class PaletteReader {
  /** Of the used entries. */
  readonly #colours: readonly number[];
  #isUsed: boolean[] | undefined;
  #hasAlpha = false;

  /** @param tail what ends with the order. @throws CodecError 'truncated' or 'corrupt' */
  constructor(image: Image, tail: Uint8Array) {
    const colours = coloursOf(image);
    const length = orderBytes(colours.length);
    if (length > tail.length) {
      throw new CodecError('truncated', `order of a palette has ${tail.length} bytes, expected ${length}`);
    }
    const order = decodeOrder(tail.subarray(tail.length - length), colours.length);
    this.#colours = order.map((number) => colours[number]!);
  }

  /** The content of a chunk; undefined for one of another type. @throws CodecError 'truncated' or 'corrupt' */
  read(type: string, reader: ByteReader): Uint8Array | undefined {
    if (type === 'PLTE') return this.#readPalette(reader);
    return type === 'tRNS' ? this.#readTransparency(reader) : undefined;
  }

  #readPalette(reader: ByteReader): Uint8Array {
    if (this.#isUsed !== undefined) throw corrupt('two palettes');
    const count = reader.varint();
    if (count > MAX_COLOURS) throw corrupt(`a palette of ${count} entries`);
    this.#isUsed = count === 0 ? this.#colours.map(() => true) : this.#readRuns(reader, count);
    return this.#join(this.#isUsed, reader, (colour) => [24, 16, 8].map((shift) => (colour >>> shift) & 255));
  }

  /** PLTE comes before it. */
  #readTransparency(reader: ByteReader): Uint8Array {
    const isUsed = this.#isUsed;
    if (isUsed === undefined || this.#hasAlpha) throw corrupt('alpha without a palette of its own');
    this.#hasAlpha = true;
    const count = isUsed.length - reader.varint();
    if (count < 0) throw corrupt('alpha beyond its palette');
    return this.#join(isUsed.slice(0, count), reader, (colour) => [colour & 255]);
  }

  /** Entries one after the other; those of the unused ones are read. */
  #join(isUsed: readonly boolean[], reader: ByteReader, bytesOf: (colour: number) => number[]): Uint8Array {
    const used = this.#colours.map(bytesOf);
    const size = used[0]!.length;
    let next = 0;
    return concatenate(isUsed.map((one) => (one ? Uint8Array.from(used[next++]!) : reader.take(size))));
  }

  #readRuns(reader: ByteReader, count: number): boolean[] {
    const isUsed: boolean[] = [];
    for (let used = true; isUsed.length < count; used = !used) {
      const length = reader.varint();
      if (length > count - isUsed.length || (length === 0 && isUsed.length > 0)) throw corrupt('a malformed palette');
      isUsed.push(...new Array<boolean>(length).fill(used));
    }
    if (isUsed.filter(Boolean).length === this.#colours.length) return isUsed;
    throw corrupt(`a palette of other colours than the ${this.#colours.length} of the image`);
  }
}

/** The distinct colours of an image that a palette can hold, by first pixel. @throws CodecError 'corrupt' */
function coloursOf(image: Image): number[] {
  const colours = image.bitDepth === 8 && image.channels >= 3 ? fewColours(image) : undefined;
  if (colours === undefined) throw corrupt('a palette, which the image cannot have');
  return hasAlpha(image.channels) ? colours : colours.map((colour) => colour * 256 + OPAQUE);
}

const colourNumber = (palette: Uint8Array, alpha: number): number =>
  ((palette[0]! * 256 + palette[1]!) * 256 + palette[2]!) * 256 + alpha;

const corrupt = (what: string): CodecError => new CodecError('corrupt', `recipe of the PNG has ${what}`);
