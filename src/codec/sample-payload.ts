/** The payload of noise, which nothing makes smaller: the samples as they are, those of 16 bits high byte first. */
import type { Header } from '../container/header.ts';
import { CodecError } from '../errors.ts';
import { type Image, imageOfBytes } from '../image/image.ts';

/** The image of such a payload. @throws CodecError 'truncated' or 'corrupt' where the payload has another size. */
export function decodeSamplePayload(header: Header, payload: Uint8Array): Image {
  const { height, width, channels, bitDepth } = header;
  const expected = (height * width * channels * bitDepth) / 8;
  if (payload.length === expected) return imageOfBytes(header, payload);
  const code = payload.length < expected ? 'truncated' : 'corrupt';
  throw new CodecError(code, `payload of samples has ${payload.length} bytes, expected ${expected}`);
}
