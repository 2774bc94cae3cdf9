/**
 * PNG files without what is known of them: the kind of their samples in a byte, then the chunks between IHDR and IEND.
 *
 * A kind is the colour type, plus 8 where the file is interlaced, plus 16 times 0 to 4 for the depths 1, 2, 4, 8 and 16.
 */
import { CodecError } from '../errors.ts';
import { concatenate, decodePngHeader, encodePngHeader, joinChunks, type PngHeader, readChunks } from './png-chunks.ts';

type Size = Pick<PngHeader, 'height' | 'width'>;

const INTERLACED = 8;
const DEPTHS = [1, 2, 4, 8, 16];

export const encodeKind = ({ depth, colourType, interlaced }: PngHeader): number =>
  colourType + (interlaced ? INTERLACED : 0) + 16 * DEPTHS.indexOf(depth);

/** @throws CodecError 'corrupt' for a kind that PNG has not */
export function decodeKind(kind: number, size: Size): PngHeader {
  const [colourType, interlaced, depth] = [kind & 7, (kind & INTERLACED) !== 0, DEPTHS[kind >> 4] ?? 0];
  return decodePngHeader(encodePngHeader({ ...size, depth, colourType, interlaced }));
}

/** Signature and IHDR. */
const START_BYTES = 33;
const END = joinChunks([{ type: 'IEND', data: new Uint8Array(0) }]).subarray(8);

/** @param png a sound file without bytes after its end */
export function encodePngBody(png: Uint8Array): Uint8Array {
  const kind = encodeKind(decodePngHeader(readChunks(png).chunks[0]!.data));
  return concatenate([Uint8Array.of(kind), png.subarray(START_BYTES, -END.length)]);
}

/** Undoes encodePngBody; the file may be as unsound as its chunks are. @throws CodecError 'truncated' or 'corrupt' */
export function decodePngBody(body: Uint8Array, size: Size): Uint8Array {
  if (body.length === 0) throw new CodecError('truncated', 'PNG has no kind');
  const start = joinChunks([{ type: 'IHDR', data: encodePngHeader(decodeKind(body[0]!, size)) }]);
  return concatenate([start, body.subarray(1), END]);
}
