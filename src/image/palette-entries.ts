/**
 * Entries of a palette one after the other: the used ones as places among the colours of the image that are left, in an
 * order that makes places small, the unused ones as differences from the entry before.
 *
 * Colours are numbers, red, green, blue and alpha from the high byte down.
 */
import type { ByteReader } from '../container/byte-reader.ts';
import { CodecError } from '../errors.ts';
import { rgbOf } from './colours.ts';
import { concatenate } from './png-chunks.ts';

/** A colour of an image; its place among the colours, by their first pixels, is its number. */
export interface CountedColour {
  readonly colour: number;
  readonly number: number;
  /** Of the pixels that have it. */
  readonly count: number;
}

/** Negative where the first comes first; never 0. @param before the entry before */
type Ordering = (one: CountedColour, other: CountedColour, before: number) => number;

const ORDERINGS: readonly Ordering[] = [
  // by first pixels
  (one, other) => one.number - other.number,
  // by pixels, most first
  (one, other) => other.count - one.count || one.colour - other.colour,
  // nearest to the entry before
  (one, other, before) => distance(one.colour, before) - distance(other.colour, before) || one.number - other.number,
];

/** They are numbered from 0 on. */
export const NUM_ORDERINGS = ORDERINGS.length;

/** Squared, without alpha. */
function distance(one: number, other: number): number {
  let sum = 0;
  for (let shift = 8; shift <= 24; shift += 8) {
    const difference = ((one >>> shift) & 255) - ((other >>> shift) & 255);
    sum += difference * difference;
  }
  return sum;
}

/** The colours that no entry has had so far. */
class ColoursLeft {
  #left: readonly CountedColour[];
  readonly #ordering: Ordering;

  constructor(colours: readonly CountedColour[], ordering: number) {
    this.#left = colours;
    this.#ordering = ORDERINGS[ordering]!;
  }

  /** Takes a colour that is left. */
  placeOf(colour: number, before: number): number {
    const wanted = this.#left.find((one) => one.colour === colour)!;
    const place = this.#left.filter((one) => this.#ordering(one, wanted, before) < 0).length;
    this.#remove(wanted);
    return place;
  }

  /** @throws CodecError 'corrupt' */
  take(place: number, before: number): number {
    const taken = this.#left.toSorted((one, other) => this.#ordering(one, other, before))[place];
    if (taken === undefined) {
      throw new CodecError('corrupt', `recipe of the PNG has a palette with place ${place} of ${this.#left.length}`);
    }
    this.#remove(taken);
    return taken.colour;
  }

  #remove(taken: CountedColour): void {
    this.#left = this.#left.filter((one) => one !== taken);
  }
}

export function writeEntries(
  entries: readonly number[],
  isUsed: readonly boolean[],
  colours: readonly CountedColour[],
  ordering: number,
): Uint8Array {
  const left = new ColoursLeft(colours, ordering);
  const pieces = entries.map((colour, i) => {
    const before = entries[i - 1] ?? 0;
    if (isUsed[i]) return Uint8Array.of(left.placeOf(colour, before));
    const from = rgbOf(before);
    return Uint8Array.from(rgbOf(colour), (value, c) => value - from[c]!);
  });
  return concatenate(pieces);
}

/** Undoes writeEntries; the alpha of unused entries is 0. @throws CodecError 'truncated' or 'corrupt' */
export function readEntries(
  reader: ByteReader,
  isUsed: readonly boolean[],
  colours: readonly CountedColour[],
  ordering: number,
): number[] {
  const left = new ColoursLeft(colours, ordering);
  let before = 0;
  return isUsed.map((used) => {
    before = used ? left.take(reader.uint8(), before) : sumOf(before, reader.take(3));
    return before;
  });
}

const sumOf = (colour: number, differences: Uint8Array): number =>
  rgbOf(colour).reduce((sum, value, c) => sum * 256 + ((value + differences[c]!) & 255), 0) * 256;
