/** The smallest PNG files that are soon found: of images with few colours with a palette, or with fewer bits a sample. */
import { zlibSync } from 'fflate';
import { fewColours } from './colours.ts';
import { hasAlpha, type Image, requireImage8 } from './image.ts';
import { COLOUR_TYPES, encodePng } from './png.ts';
import { COLOUR_PALETTE, encodePngHeader, joinChunks, type PngChunk, type PngParts } from './png-chunks.ts';
import { LEAST_SUM } from './png-filter-rules.ts';
import { FILTER_NONE } from './png-filters.ts';
import { writeScanlines } from './png-samples.ts';
import { storedSamples } from './png-stored.ts';
import { BEST_SETTINGS, deflateWith } from './zlib-settings.ts';

/** The smallest of PNG files with filters, without, and with few bits, which decodePng turns into the same image. */
export function encodeSmallPng(image: Image): Uint8Array {
  const isLarge = image.data.byteLength > MAX_ZLIB_BYTES;
  const kinds = [isLarge ? undefined : wideKind(image), narrowKind(image)].filter((kind) => kind !== undefined);
  const filtered = encodePng(image, isLarge ? undefined : deflate);
  const files = [filtered, ...kinds.flatMap((kind) => encodeAs(kind, image))];
  return files.reduce((least, file) => (file.length < least.length ? file : least));
}

type Kind = Pick<PngParts, 'header' | 'palette' | 'transparency'>;

/** Only indices of a byte have neighbours that filters see. */
const isWholeBytes = ({ header }: Kind): boolean => header.depth === 8 && header.colourType === COLOUR_PALETTE;

/** Without filters, and where these see neighbours in a palette's indices with them: wide kinds have them by encodePng. */
function encodeAs(kind: Kind, image: Image): Uint8Array[] {
  const { header, palette, transparency } = kind;
  const samples = storedSamples(image, kind);
  return (isWholeBytes(kind) ? [FILTER_NONE, LEAST_SUM] : [FILTER_NONE]).map((filter) => {
    const filters = new Uint8Array(image.height).fill(filter);
    return joinChunks([
      { type: 'IHDR', data: encodePngHeader(header) },
      ...chunkOf('PLTE', palette),
      ...chunkOf('tRNS', transparency),
      { type: 'IDAT', data: deflate(writeScanlines(samples, header, filters)) },
      { type: 'IEND', data: new Uint8Array(0) },
    ]);
  });
}

/** Of more bytes, zlib may take a minute to do a little better. */
const MAX_ZLIB_BYTES = 1 << 20;

const deflate = (scanlines: Uint8Array): Uint8Array =>
  scanlines.length <= MAX_ZLIB_BYTES ? deflateWith(BEST_SETTINGS, [scanlines]) : zlibSync(scanlines, { level: 9 });

const chunkOf = (type: string, data: Uint8Array | undefined): PngChunk[] =>
  data === undefined ? [] : [{ type, data }];

function wideKind({ height, width, channels, bitDepth }: Image): Kind {
  const header = { height, width, depth: bitDepth, colourType: COLOUR_TYPES[channels - 1]!, interlaced: false };
  return { header, palette: undefined, transparency: undefined };
}

/** With gray of few bits or a palette; undefined for many colours, gray with alpha, gray that needs all bits, and 16 bits a sample. */
function narrowKind(image: Image): Kind | undefined {
  const { channels, bitDepth } = image;
  const colours = bitDepth === 16 || channels === 2 ? undefined : fewColours(requireImage8(image));
  if (colours === undefined) return undefined;
  const wide = wideKind(image);
  if (channels === 1) {
    const depth = grayDepth(colours);
    return depth === bitDepth ? undefined : { ...wide, header: { ...wide.header, depth } };
  }
  const rgb = hasAlpha(channels) ? colours.map((colour) => Math.floor(colour / 256)) : colours;
  const palette = Uint8Array.from(rgb.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const transparency = hasAlpha(channels) ? Uint8Array.from(colours, (colour) => colour % 256) : undefined;
  const header = { ...wide.header, depth: indexDepth(colours.length), colourType: COLOUR_PALETTE };
  return { header, palette, transparency };
}

const DEPTHS = [1, 2, 4, 8];

/** The least bits whose grays, evenly from 0 to 255, are all that there are. */
const grayDepth = (grays: readonly number[]): number =>
  DEPTHS.find((depth) => grays.every((gray) => gray % (255 / ((1 << depth) - 1)) === 0))!;

const indexDepth = (count: number): number => DEPTHS.find((depth) => count <= 1 << depth)!;
