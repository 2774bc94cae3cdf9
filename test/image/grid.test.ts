import { expect, it } from 'vitest';
import { arrange } from '../../src/image/grid.ts';
import type { Image8 } from '../../src/image/image.ts';

const gray = (value: number): Image8 => ({
  height: 1,
  width: 2,
  channels: 1,
  bitDepth: 8,
  data: Uint8Array.of(value, value + 1),
});

it('puts images in rows, two white pixels apart', () => {
  const sheet = arrange([gray(10), gray(20), gray(30)], 2);
  expect(sheet).toMatchObject({ height: 4, width: 6, channels: 1 });
  const white = [255, 255, 255, 255, 255, 255];
  expect([...sheet.data]).toEqual([10, 11, 255, 255, 20, 21, ...white, ...white, 30, 31, 255, 255, 255, 255]);
});

it('gives one image back', () => {
  expect(arrange([gray(1)], 1)).toEqual(gray(1));
});

it.each([
  ['no images', [], 1],
  ['no columns', [gray(1)], 0],
  ['two sizes', [gray(1), { ...gray(1), height: 2, width: 1 }], 2],
] as const)('refuses %s', (_title, images, columns) => {
  expect(() => arrange(images, columns)).toThrow(RangeError);
});
