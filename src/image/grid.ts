/** Images of one size side by side in one image, for people to look at. */
import { hasAlpha, type Image8 } from './image.ts';

/** Pixels between the images. */
const GAP = 2;
const WHITE = 255;

/** Size of a grid of `count` images. */
export const gridSize = ({ height, width }: Pick<Image8, 'height' | 'width'>, count: number, columns: number) => ({
  height: Math.ceil(count / columns) * (height + GAP) - GAP,
  width: columns * (width + GAP) - GAP,
});

/** Puts images of the same size and channels, gray or RGB, in rows of `columns`, white where there is none. */
export function arrange(images: readonly Image8[], columns: number): Image8 {
  const [first] = images;
  if (first === undefined || !Number.isInteger(columns) || columns < 1) throw new RangeError('a grid needs images');
  const { height, width, channels } = first;
  if (images.some((image) => image.height !== height || image.width !== width || image.channels !== channels)) {
    throw new RangeError('the images of a grid must have one size and as many channels');
  }
  if (hasAlpha(channels)) throw new RangeError('the images of a grid must be without alpha');
  const sheet = gridSize({ height, width }, images.length, columns);
  const data = new Uint8Array(sheet.height * sheet.width * channels).fill(WHITE);
  for (const [i, image] of images.entries()) {
    const [top, left] = [Math.floor(i / columns) * (height + GAP), (i % columns) * (width + GAP)];
    for (let row = 0; row < height; row++) {
      const line = image.data.subarray(row * width * channels, (row + 1) * width * channels);
      data.set(line, ((top + row) * sheet.width + left) * channels);
    }
  }
  return { ...sheet, channels, bitDepth: 8, data };
}
