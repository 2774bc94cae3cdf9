import { describe, expect, it } from 'vitest';
import { rgbToYcocg, ycocgToRgb } from '../../src/pyramid/ycocg.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

/** Every combination of values at and near the ends of the range, and 4096 more. */
function colours(): Uint8Array {
  const values = [0, 1, 2, 127, 128, 129, 253, 254, 255];
  const edges = values.flatMap((red) => values.flatMap((green) => values.flatMap((blue) => [red, green, blue])));
  const random = seededRandom(1);
  return Uint8Array.from([...edges, ...Array.from({ length: 4096 * 3 }, () => randomInteger(random, 256))]);
}

describe('YCoCg-R', () => {
  it('is undone exactly', () => {
    expect(ycocgToRgb(rgbToYcocg(colours()))).toEqual(colours());
  });

  it('keeps Y in 0..255 and the colour differences in -255..255', () => {
    const planes = rgbToYcocg(colours());
    const plane = (index: number) => planes.filter((_, i) => i % 3 === index);
    const range = (index: number) => [Math.min(...plane(index)), Math.max(...plane(index))];
    expect([0, 1, 2].map(range)).toEqual([
      [0, 255],
      [-255, 255],
      [-255, 255],
    ]);
  });

  it.each([
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [255, 255, 255],
      [255, 0, 0],
    ],
    [
      [255, 0, 0],
      [63, 255, -127],
    ],
    [
      [0, 255, 0],
      [127, 0, 255],
    ],
    [
      [0, 0, 255],
      [63, -255, -127],
    ],
  ])('turns %j into %j', (rgb, expected) => {
    expect([...rgbToYcocg(Uint8Array.from(rgb))]).toEqual(expected);
  });

  it('leaves alpha out', () => {
    const rgba = Uint8Array.of(10, 20, 30, 99, 40, 50, 60, 98);
    expect(rgbToYcocg(rgba, 4)).toEqual(rgbToYcocg(Uint8Array.of(10, 20, 30, 40, 50, 60)));
  });

  it.each([
    [[256, 0, 0]],
    [[-1, 0, 0]],
    [[255, 2, 0]],
    [[0, 0, 2]],
    [[0, -2, 0]],
    [[32_767, 32_767, 32_767]],
    [[-32_768, -32_768, -32_768]],
  ])('refuses %j, which no RGB colour becomes', (planes) => {
    expect(() => ycocgToRgb(Int16Array.from(planes))).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});
