/**
 * Lossless WebP of RGB pixels without its RIFF frame: the data of the VP8L chunk alone (RFC 9649), which sharp's libwebp
 * encodes and decodes.
 */
import { CodecError } from '../errors.ts';
import { MAX_PIXELS } from './image.ts';

/** RGB pixels without alpha, [height, width, 3]. */
export interface RgbPixels {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Longest side that libwebp encodes; the 14 bits of VP8L could state one more. */
const MAX_SIDE = 16_383;
/** 'RIFF', size, 'WEBP', 'VP8L', size of the chunk. */
const FRAME_BYTES = 20;
const SIGNATURE = 0x2f;

/** 'quick' finds about how small an image gets, in a fifteenth of the time of 'thorough'. */
type WebpCare = 'quick' | 'thorough';
const SETTINGS = { quick: { effort: 2 }, thorough: { effort: 6, quality: 100 } } as const;

export const fitsWebp = ({ height, width }: Pick<RgbPixels, 'height' | 'width'>): boolean =>
  Math.max(height, width) <= MAX_SIDE;

/** Encodes pixels; undefined where an image is too large for WebP, or sharp does not run on this machine. */
export async function encodeWebp({ height, width, data }: RgbPixels, care: WebpCare): Promise<Uint8Array | undefined> {
  if (!fitsWebp({ height, width })) return undefined;
  const sharp = await loadSharp().catch(() => undefined);
  if (sharp === undefined) return undefined;
  const input = sharp(data, { raw: { height, width, channels: 3 }, limitInputPixels: MAX_PIXELS });
  const file = await input.webp({ lossless: true, ...SETTINGS[care] }).toBuffer();
  if (file.toString('latin1', 12, 16) !== 'VP8L') return undefined;
  return new Uint8Array(file.subarray(FRAME_BYTES, FRAME_BYTES + file.readUInt32LE(FRAME_BYTES - 4)));
}

/**
 * Decodes what encodeWebp made.
 * @param expected its size, checked before anything of that size is allocated
 * @throws CodecError 'corrupt'; 'unsupported-image' where sharp does not run
 */
export async function decodeWebp(vp8l: Uint8Array, expected: Pick<RgbPixels, 'height' | 'width'>): Promise<Uint8Array> {
  checkVp8lHeader(vp8l, expected);
  const sharp = await loadSharp().catch(failLoading);
  const input = sharp(frame(vp8l), { limitInputPixels: MAX_PIXELS });
  const { data, info } = await input.raw().toBuffer({ resolveWithObject: true }).catch(fail);
  if (info.channels !== 3) throw new CodecError('corrupt', 'the WebP payload has alpha');
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

/** Signature, then width - 1 and height - 1 in 14 bits each. */
function checkVp8lHeader(vp8l: Uint8Array, { height, width }: Pick<RgbPixels, 'height' | 'width'>): void {
  if (vp8l.length < 5 || vp8l[0] !== SIGNATURE) throw new CodecError('corrupt', 'the payload is no lossless WebP');
  const bits = new DataView(vp8l.buffer, vp8l.byteOffset + 1, 4).getUint32(0, true);
  const [columns, rows] = [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
  if (columns === width && rows === height) return;
  throw new CodecError('corrupt', `the WebP payload has ${columns} x ${rows} pixels, expected ${width} x ${height}`);
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
