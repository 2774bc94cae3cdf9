/** Payloads that are PNG: of images that nothing else makes smaller what a PNG file has between its ends, and original files. */
import { encodeHeaderStart, type Header, imageChecksum } from '../container/header.ts';
import { PNG_STEPS } from '../container/payload-kind.ts';
import { CodecError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import { decodePng } from '../image/png.ts';
import { decodePngBody } from '../image/png-body.ts';
import { type PngTables, readChunks, readPngParts } from '../image/png-chunks.ts';
import { pngGeometry } from '../image/png-original.ts';

/** The image of a PNG payload, of so many bits a sample. @throws CodecError 'corrupt' */
export function decodePngPayload<Depth extends 8 | 16>(
  header: Header,
  payload: Uint8Array,
  bitDepth: Depth,
): Extract<Image, { bitDepth: Depth }> {
  const image = soundPng(() => {
    const png = decodePngBody(payload, header);
    if (readChunks(png).end < png.length) throw new CodecError('corrupt', 'there are chunks after its end');
    return decodePng(png, header);
  });
  if (image.bitDepth !== bitDepth) {
    const message = `the PNG payload has ${image.bitDepth} bits a sample, expected ${bitDepth}`;
    throw new CodecError('corrupt', message);
  }
  checkChannels(image, header);
  return image as Extract<Image, { bitDepth: Depth }>;
}

/** Palette and alpha of a PNG payload that is known to be sound; undefined for one of another kind. */
export const payloadTables = (header: Header, payload: Uint8Array): PngTables | undefined =>
  header.numSteps === PNG_STEPS ? readPngParts(decodePngBody(payload, header)) : undefined;

/** The image of a payload that is the original file. @throws CodecError 'corrupt', or 'unsupported-image' as decodePng. */
export function decodeOriginalPayload(header: Header, payload: Uint8Array): Image {
  const image = decodePng(decodeKeptPng(header, payload), header);
  checkChannels(image, header);
  return image;
}

/** The original PNG file that is the payload, of any kind. @throws CodecError 'corrupt' */
export function decodeKeptPng(header: Header, payload: Uint8Array): Uint8Array {
  if (imageChecksum(encodeHeaderStart(header), payload) !== header.checksum) {
    throw new CodecError('corrupt', 'checksum of the original PNG does not match');
  }
  const { height, width, bitDepth } = soundPng(() => pngGeometry(payload));
  if (height === header.height && width === header.width && bitDepth === header.bitDepth) return payload;
  const [found, stated] = [{ height, width, bitDepth }, header].map(geometryText);
  throw new CodecError('corrupt', `the original PNG has ${found}, the header states ${stated}`);
}

const geometryText = ({ height, width, bitDepth }: Pick<Header, 'height' | 'width' | 'bitDepth'>): string =>
  `${width} x ${height} pixels of ${bitDepth} bits a sample`;

function checkChannels({ channels }: Image, header: Header): void {
  if (channels === header.channels) return;
  throw new CodecError('corrupt', `the PNG payload has ${channels} channels, the header states ${header.channels}`);
}

/** A PNG that only a damaged file can hold is no 'unsupported-image', and the file around it is in our format. */
function soundPng<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new CodecError('corrupt', `the PNG payload is not sound: ${cause.message}`, { cause });
  }
}
