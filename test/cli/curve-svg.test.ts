import { expect, it } from 'vitest';
import { curveSvg } from '../../src/cli/curve-svg.ts';

const TITLES = { xTitle: 'x', yTitle: 'y' };

it('puts points to scale, with axes from 0 to six round steps', () => {
  const svg = curveSvg({
    ...TITLES,
    points: [
      [0, 12],
      [3, 6],
      [6, 0],
    ],
  });
  // 64 to 696 stand for 0 to 6, 348 to 24 for 0 to 12.
  expect([...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)])).toEqual([
    [64, 24],
    [380, 186],
    [696, 348],
  ]);
  expect(svg).toContain('>12</text>');
  expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

it.each([[[[0, 0]]], [[[1e-5, 3e6]]]])('draws %j', (points) => {
  expect(curveSvg({ ...TITLES, points: points as [number, number][] })).not.toMatch(/NaN|Infinity|undefined/);
});
