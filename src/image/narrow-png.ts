/** The smallest PNG files that are soon found: of images with few colours with a palette, or with fewer bits a sample. */
import { zlibSync } from 'fflate';
import { fewColours } from './colours.ts';
import { type ChannelCount, hasAlpha, type Image, requireImage8 } from './image.ts';
import { COLOUR_TYPES, encodePng } from './png.ts';
import {
  COLOUR_PALETTE,
  encodePngHeader,
  joinChunks,
  type PngChunk,
  type PngHeader,
  type PngTables,
} from './png-chunks.ts';
import { LEAST_SUM } from './png-filter-rules.ts';
import { FILTER_COUNT } from './png-filters.ts';
import { writeScanlines } from './png-samples.ts';
import { storedSamples } from './png-stored.ts';
import { BEST_SETTINGS, deflateWith } from './zlib-settings.ts';

/** Ways that are deflated with care, of those that are soonest small. */
const CAREFUL_WAYS = 4;

/**
 * The smallest of PNG files with filters, without, and with few bits, which decodePng turns into the same image.
 * @param palette of the file that the image is from: entries next to each other may be what filters see
 */
export function encodeSmallPng(image: Image, palette?: Uint8Array): Uint8Array {
  const isLarge = image.data.byteLength > MAX_ZLIB_BYTES;
  const kinds = [...(isLarge ? [] : [wideKind(image)]), ...narrowKinds(image, palette)];
  return smallestOf([...(isLarge ? [encodePng(image)] : []), ...carefulFiles(kinds, image)]);
}

/** The smallest of PNG files with this palette, which has all colours of the image, and this alpha. */
export function encodePalettePng(image: Image, tables: PngTables & { readonly palette: Uint8Array }): Uint8Array {
  const header = {
    ...wideKind(image).header,
    depth: indexDepth(tables.palette.length / 3),
    colourType: COLOUR_PALETTE,
  };
  return smallestOf(carefulFiles([{ ...tables, header }], image));
}

const smallestOf = (results: readonly Uint8Array[]): Uint8Array =>
  results.reduce((least, result) => (result.length < least.length ? result : least));

interface Kind extends PngTables {
  readonly header: PngHeader;
}

function carefulFiles(kinds: readonly Kind[], image: Image): Uint8Array[] {
  const ways = kinds.flatMap((kind) => waysOf(kind, image)).sort((one, other) => one.soonBytes - other.soonBytes);
  return ways.slice(0, CAREFUL_WAYS).map(({ kind, lines }) => fileOf(kind, deflate(lines())));
}

interface Way {
  readonly kind: Kind;
  readonly lines: () => Uint8Array;
  /** Of the file, deflated in a hurry. */
  readonly soonBytes: number;
}

/**
 * Without filters, with one for all lines, and by the rule that chooses one for each line: patterns may repeat by one filter and not by
 * those of the rule, as some rings take a seventh by sub.
 */
function waysOf(kind: Kind, image: Image): Way[] {
  const samples = storedSamples(image, kind);
  return FILTERS.map((filter) => {
    const lines = () => writeScanlines(samples, kind.header, new Uint8Array(image.height).fill(filter));
    return { kind, lines, soonBytes: fileOf(kind, zlibSync(lines())).length };
  });
}

const FILTERS = [...Array.from({ length: FILTER_COUNT }, (_, filter) => filter), LEAST_SUM];

const fileOf = ({ header, palette, transparency }: Kind, compressed: Uint8Array): Uint8Array =>
  joinChunks([
    { type: 'IHDR', data: encodePngHeader(header) },
    ...chunkOf('PLTE', palette),
    ...chunkOf('tRNS', transparency),
    { type: 'IDAT', data: compressed },
    { type: 'IEND', data: new Uint8Array(0) },
  ]);

/** Of more bytes, zlib may take a minute to do a little better. */
const MAX_ZLIB_BYTES = 1 << 20;

/** Of zlib. Where residuals are noise, short matches cost more than they save: by Huffman codes alone a photograph takes a tenth less. */
const STRATEGIES = [0, 1, 2, 3];

const deflate = (scanlines: Uint8Array): Uint8Array =>
  scanlines.length <= MAX_ZLIB_BYTES
    ? smallestOf(STRATEGIES.map((strategy) => deflateWith({ ...BEST_SETTINGS, strategy }, [scanlines])))
    : zlibSync(scanlines, { level: 9 });

const chunkOf = (type: string, data: Uint8Array | undefined): PngChunk[] =>
  data === undefined ? [] : [{ type, data }];

function wideKind({ height, width, channels, bitDepth }: Image): Kind {
  const header = { height, width, depth: bitDepth, colourType: COLOUR_TYPES[channels - 1]!, interlaced: false };
  return { header, palette: undefined, transparency: undefined };
}

/** With gray of few bits or palettes; none of many colours, gray with alpha, gray that needs all bits, and 16 bits a sample. */
function narrowKinds(image: Image, palette: Uint8Array | undefined): Kind[] {
  const { channels, bitDepth } = image;
  const colours = bitDepth === 16 || channels === 2 ? undefined : fewColours(requireImage8(image));
  if (colours === undefined) return [];
  const wide = wideKind(image);
  if (channels === 1) {
    const depth = grayDepth(colours);
    return depth === bitDepth ? [] : [{ ...wide, header: { ...wide.header, depth } }];
  }
  const orders = palette === undefined ? [colours] : [colours, inOrderOf(palette, colours, channels)];
  return orders.map((order) => paletteKind(wide.header, order, channels));
}

/** By the first entries that have their red, green and blue. */
function inOrderOf(palette: Uint8Array, colours: readonly number[], channels: ChannelCount): number[] {
  const entries = Array.from({ length: palette.length / 3 }, (_, i) => rgbText(palette.subarray(3 * i, 3 * i + 3)));
  const places = new Map(entries.map((entry, i) => [entry, i] as const).reverse());
  const placeOf = (colour: number) => places.get(rgbText(samplesOf(colour, channels))) ?? entries.length;
  return [...colours].sort((one, other) => placeOf(one) - placeOf(other));
}

const rgbText = (samples: ArrayLike<number>): string => `${samples[0]},${samples[1]},${samples[2]}`;

/** Red, green and blue. */
function samplesOf(colour: number, channels: ChannelCount): number[] {
  const rgb = hasAlpha(channels) ? Math.floor(colour / 256) : colour;
  return [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
}

function paletteKind(wide: PngHeader, colours: readonly number[], channels: ChannelCount): Kind {
  const palette = Uint8Array.from(colours.flatMap((colour) => samplesOf(colour, channels)));
  const transparency = hasAlpha(channels) ? Uint8Array.from(colours, (colour) => colour % 256) : undefined;
  const header = { ...wide, depth: indexDepth(colours.length), colourType: COLOUR_PALETTE };
  return { header, palette, transparency };
}

const DEPTHS = [1, 2, 4, 8];

/** The least bits whose grays, evenly from 0 to 255, are all that there are. */
const grayDepth = (grays: readonly number[]): number =>
  DEPTHS.find((depth) => grays.every((gray) => gray % (255 / ((1 << depth) - 1)) === 0))!;

const indexDepth = (count: number): number => DEPTHS.find((depth) => count <= 1 << depth)!;
