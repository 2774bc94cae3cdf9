/** PNG files of images with few colours: with a palette, or fewer bits a sample. */
import { zlibSync } from 'fflate';
import { fewColours } from './colours.ts';
import { hasAlpha, type Image8 } from './image.ts';
import { encodePng } from './png.ts';
import {
  COLOUR_GRAY,
  COLOUR_PALETTE,
  encodePngHeader,
  joinChunks,
  type PngChunk,
  type PngHeader,
  type PngParts,
} from './png-chunks.ts';
import { writeScanlines } from './png-samples.ts';
import { storedSamples } from './png-stored.ts';
import { BEST_SETTINGS, deflateWith } from './zlib-settings.ts';

/** The smaller one of encodePng's file and one that is narrow, which decodePng turns into the same image too. */
export function encodeSmallPng(image: Image8): Uint8Array {
  const [wide, narrow] = [encodePng(image), encodeNarrowPng(image)];
  return narrow !== undefined && narrow.length < wide.length ? narrow : wide;
}

type Kind = Pick<PngParts, 'header' | 'palette' | 'transparency'>;

function encodeNarrowPng(image: Image8): Uint8Array | undefined {
  const colours = fewColours(image);
  const kind = colours && kindOf(image, colours);
  if (kind === undefined) return undefined;
  const { header, palette, transparency } = kind;
  // Filters are for samples that are near their neighbours, which numbers of a palette are not.
  const scanlines = writeScanlines(storedSamples(image, kind), header, new Uint8Array(image.height));
  return joinChunks([
    { type: 'IHDR', data: encodePngHeader(header) },
    ...chunkOf('PLTE', palette),
    ...chunkOf('tRNS', transparency),
    { type: 'IDAT', data: deflate(scanlines) },
    { type: 'IEND', data: new Uint8Array(0) },
  ]);
}

/** Of more bytes, zlib may take a minute to do a little better. */
const MAX_ZLIB_BYTES = 1 << 20;

const deflate = (scanlines: Uint8Array): Uint8Array =>
  scanlines.length <= MAX_ZLIB_BYTES ? deflateWith(BEST_SETTINGS, scanlines) : zlibSync(scanlines, { level: 9 });

const chunkOf = (type: string, data: Uint8Array | undefined): PngChunk[] =>
  data === undefined ? [] : [{ type, data }];

/** Undefined for gray with alpha, which has no narrow kind. @param colours as of fewColours */
function kindOf({ height, width, channels }: Image8, colours: readonly number[]): Kind | undefined {
  const headerOf = (depth: number, colourType: number): PngHeader => {
    return { height, width, depth, colourType, interlaced: false };
  };
  if (channels === 2) return undefined;
  if (channels === 1) {
    const header = headerOf(grayDepth(colours), COLOUR_GRAY);
    return { header, palette: undefined, transparency: undefined };
  }
  const rgb = hasAlpha(channels) ? colours.map((colour) => Math.floor(colour / 256)) : colours;
  const palette = Uint8Array.from(rgb.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const transparency = hasAlpha(channels) ? Uint8Array.from(colours, (colour) => colour % 256) : undefined;
  return { header: headerOf(indexDepth(colours.length), COLOUR_PALETTE), palette, transparency };
}

const DEPTHS = [1, 2, 4, 8];

/** The least bits whose grays, evenly from 0 to 255, are all that there are. */
const grayDepth = (grays: readonly number[]): number =>
  DEPTHS.find((depth) => grays.every((gray) => gray % (255 / ((1 << depth) - 1)) === 0))!;

const indexDepth = (count: number): number => DEPTHS.find((depth) => count <= 1 << depth)!;
