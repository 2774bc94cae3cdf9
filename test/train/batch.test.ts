import { expect, it } from 'vitest';
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import { emptyBatch, fillExample } from '../../src/train/batch.ts';
import { Random } from '../../src/train/random.ts';

const SIDE = 4;

/** Colours [SIDE, SIDE, 3]. */
const rgb = Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, i) => new Random(i + 1).uniform() * 256);

/** YCoCg of the colours without any rounding. */
const real = Float64Array.from(rgb, (_, i) => {
  const [red, green, blue] = rgb.subarray(i - (i % 3), i - (i % 3) + 3);
  const middle = (red! + blue!) / 2;
  return [(middle + green!) / 2, red! - blue!, green! - middle][i % 3]!;
});

/** Details without any rounding, [SIDE / 2, SIDE / 2, 9]. */
function detailsOf(planes: ArrayLike<number>): number[] {
  const blocks = [0, 2 * 3, 2 * SIDE * 3, (2 * SIDE + 2) * 3];
  return blocks.flatMap((start) => {
    const pixels = (plane: number) => [0, 3, 3 * SIDE, 3 * SIDE + 3].map((offset) => planes[start + offset + plane]!);
    const ofBand = (signs: readonly number[]) =>
      [0, 1, 2].map((plane) => pixels(plane).reduce((sum, value, i) => sum + signs[i]! * value, 0));
    return [...ofBand([0.5, -0.5, 0.5, -0.5]), ...ofBand([0.5, 0.5, -0.5, -0.5]), ...ofBand([1, -1, -1, 1])];
  });
}

it.each([
  [true, 'colours and of means', real],
  [false, 'means alone', rgbToYcocg(rgb)],
])('adds to details what was rounded away (finest %s: of %s)', (isFinest, _of, planes) => {
  const batch = emptyBatch(2, SIDE);
  const patch = rgbToYcocg(rgb);
  fillExample(batch, 0, { patch, isFinest: !isFinest });
  fillExample(batch, 1, { patch, isFinest });
  const [detail, shift] = [batch.detail.subarray(36), batch.shift.subarray(36)];
  expect(Array.from(detail, (value, i) => value + shift[i]!)).toEqual(detailsOf(planes));
  expect(batch.shift.subarray(0, 36)).not.toEqual(shift);
});
