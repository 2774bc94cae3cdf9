/** The payload of images that diffusion cannot make smaller, such as line art and noise: a whole PNG file. */
import { encodeHeaderStart, type Header, imageChecksum } from '../container/header.ts';
import { CodecError } from '../errors.ts';
import type { Image, Image8 } from '../image/image.ts';
import { decodePng } from '../image/png.ts';
import { endsPng } from '../image/png-chunks.ts';

/** The image of a PNG payload, 8 bits a sample. @throws CodecError 'corrupt' */
export function decodePngPayload(header: Header, payload: Uint8Array): Image8 {
  const { channels } = header;
  if (!endsPng(payload)) throw new CodecError('corrupt', 'the PNG payload does not end with its last chunk');
  const image = decodeSoundPng(payload, header);
  if (image.bitDepth !== 8) throw new CodecError('corrupt', 'the PNG payload has 16 bits a sample, expected 8');
  if (image.channels === channels) return image;
  throw new CodecError('corrupt', `the PNG payload has ${image.channels} channels, the header states ${channels}`);
}

/** The image of a payload that is the original file. @throws CodecError 'corrupt', or 'unsupported-image' as decodePng. */
export const decodeOriginalPayload = (header: Header, payload: Uint8Array): Image =>
  decodePng(decodeKeptPng(header, payload), header);

/** The original PNG file that is the payload, of any kind. @throws CodecError 'corrupt' */
export function decodeKeptPng(header: Header, payload: Uint8Array): Uint8Array {
  if (imageChecksum(encodeHeaderStart(header), payload) === header.checksum) return payload;
  throw new CodecError('corrupt', 'checksum of the original PNG does not match');
}

/** A PNG that only a damaged file can hold is no 'unsupported-image', and the file around it is in our format. */
function decodeSoundPng(payload: Uint8Array, header: Header): Image {
  try {
    return decodePng(payload, header);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new CodecError('corrupt', `the PNG payload is not sound: ${cause.message}`, { cause });
  }
}
