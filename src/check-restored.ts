/** What comes back, compared with what was given. */
import { type Image, isSameImage } from './image/image.ts';
import { decodePng } from './image/png.ts';
import { isSame } from './image/png-original.ts';

/** @throws Error when the images differ, which is a bug of the codec. */
export function assertSameImage(decoded: Image, image: Image): void {
  if (!isSameImage(decoded, image)) throw new Error('the decoded image differs from the input, nothing was written');
}

/** @param isExact the file is to be the same, not only its image. @throws Error when it is not, which is a bug */
export function assertRestored(restored: Uint8Array, source: Uint8Array, isExact: boolean): void {
  if (!isExact) assertSameImage(decodePng(restored), decodePng(source));
  else if (!isSame(restored, source)) throw new Error('the restored file differs from the input, nothing was written');
}
