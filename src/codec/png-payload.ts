/** The payload of images that diffusion cannot make smaller, such as line art and noise: a whole PNG file. */
import type { Header } from '../container/header.ts';
import { CodecError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import { decodePng } from '../image/png.ts';
import { endsPng } from '../image/png-chunks.ts';

/** The image of a PNG payload. @throws CodecError 'corrupt' */
export function decodePngPayload(header: Header, payload: Uint8Array): Image {
  const { modelId, channels, alphaLength } = header;
  if (modelId !== 0 || alphaLength !== 0)
    throw new CodecError('corrupt', 'a PNG payload has no model and no alpha section');
  if (!endsPng(payload)) throw new CodecError('corrupt', 'the PNG payload does not end with its last chunk');
  const image = decodeSoundPng(payload, header);
  if (image.channels === channels) return image;
  throw new CodecError('corrupt', `the PNG payload has ${image.channels} channels, the header states ${channels}`);
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
