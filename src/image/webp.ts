/**
 * Lossless WebP without its RIFF frame: the data of the VP8L chunk alone (RFC 9649), which sharp's libwebp
 * encodes and decodes.
 */
import { CodecError } from '../errors.ts';
import { MAX_PIXELS } from './image.ts';

/** RGB or RGBA, [height, width, channels]. */
export interface WebpPixels {
  readonly height: number;
  readonly width: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

type Shape = Omit<WebpPixels, 'data'>;

/** Longest side that libwebp encodes; the 14 bits of VP8L could state one more. */
const MAX_SIDE = 16_383;
/** 'RIFF', size, 'WEBP', 'VP8L', size of the chunk. */
const FRAME_BYTES = 20;
const SIGNATURE = 0x2f;

/**
 * 'quick' finds about how small an image gets, in a fifteenth of the time of 'thorough'; 'fair' takes half as long again as
 * 'quick', and gets drawings of many colours nearly as small as 'thorough'.
 */
export type WebpCare = 'quick' | 'fair' | 'thorough';
/** All of a list are tried. Less effort takes a tenth of the time of the greatest, and is smaller by up to 2 % at times. */
const SETTINGS = {
  quick: [{ effort: 2 }],
  fair: [{ effort: 4, quality: 100 }],
  thorough: [6, 5, 4].map((effort) => ({ effort, quality: 100 })),
} as const;
/** Takes next to no time, and finds the copies in tiled textures that others pass over. */
const COPIES = { effort: 0 } as const;

export const fitsWebp = ({ height, width }: Pick<Shape, 'height' | 'width'>): boolean =>
  Math.max(height, width) <= MAX_SIDE;

/**
 * Encodes pixels; undefined where an image is too large for WebP, or sharp does not run on this machine. The colours of
 * pixels of alpha 0 may come out as others.
 */
export async function encodeWebp(
  { height, width, channels, data }: WebpPixels,
  care: WebpCare,
): Promise<Uint8Array | undefined> {
  if (!fitsWebp({ height, width })) return undefined;
  const sharp = await loadSharp().catch(() => undefined);
  if (sharp === undefined) return undefined;
  const input = sharp(data, { raw: { height, width, channels }, limitInputPixels: MAX_PIXELS });
  const encode = (settings: object) =>
    input
      .clone()
      .webp({ lossless: true, ...settings })
      .toBuffer();
  let least = await encode(COPIES);
  for (const settings of SETTINGS[care]) {
    const file = await encode(settings);
    if (file.length <= least.length) least = file;
  }
  return vp8lOf(least);
}

function vp8lOf(file: Buffer): Uint8Array | undefined {
  if (file.toString('latin1', 12, 16) !== 'VP8L') return undefined;
  return new Uint8Array(file.subarray(FRAME_BYTES, FRAME_BYTES + file.readUInt32LE(FRAME_BYTES - 4)));
}

/**
 * Decodes what encodeWebp made.
 * @param expected its size, and whether it has alpha: checked before anything of that size is allocated
 * @throws CodecError 'corrupt'; 'unsupported-image' where sharp does not run
 */
export async function decodeWebp(vp8l: Uint8Array, expected: Shape): Promise<Uint8Array> {
  checkVp8lHeader(vp8l, expected);
  const sharp = await loadSharp().catch(failLoading);
  const input = sharp(frame(vp8l), { limitInputPixels: MAX_PIXELS });
  const { data, info } = await input.raw().toBuffer({ resolveWithObject: true }).catch(fail);
  if (info.channels !== expected.channels) fail(new Error(`it has ${info.channels} channels`));
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

/** Loaded on demand: files of the other methods need no native module. */
const loadSharp = async () => (await import('sharp')).default;

function failLoading(cause: unknown): never {
  throw new CodecError('unsupported-image', 'the file keeps a WebP, which needs the package sharp', { cause });
}

function fail(cause: unknown): never {
  throw new CodecError('corrupt', 'the WebP payload cannot be decoded', { cause });
}

/** Signature, then width - 1 and height - 1 in 14 bits each, and the bit alpha_is_used. */
function checkVp8lHeader(vp8l: Uint8Array, { height, width, channels }: Shape): void {
  if (vp8l.length < 5 || vp8l[0] !== SIGNATURE) throw new CodecError('corrupt', 'the payload is no lossless WebP');
  const bits = new DataView(vp8l.buffer, vp8l.byteOffset + 1, 4).getUint32(0, true);
  const [columns, rows] = [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
  if (columns !== width || rows !== height) {
    throw new CodecError('corrupt', `the WebP payload has ${columns} x ${rows} pixels, expected ${width} x ${height}`);
  }
  if (((bits >>> 28) & 1) === channels - 3) return;
  throw new CodecError('corrupt', channels === 3 ? 'the WebP payload has alpha' : 'the WebP payload has no alpha');
}

/** The chunk in a file of its own; chunks have an even number of bytes. */
function frame(vp8l: Uint8Array): Buffer {
  const padded = vp8l.length + (vp8l.length % 2);
  const file = Buffer.alloc(FRAME_BYTES + padded);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(FRAME_BYTES - 8 + padded, 4);
  file.write('WEBPVP8L', 8, 'latin1');
  file.writeUInt32LE(vp8l.length, FRAME_BYTES - 4);
  file.set(vp8l, FRAME_BYTES);
  return file;
}
