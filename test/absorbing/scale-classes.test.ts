import { expect, it } from 'vitest';
import { ScaleClasses } from '../../src/absorbing/scale-classes.ts';

/** The step after so many errors of one magnitude, in deviations. */
function stepAfter(count: number, error: number): number {
  const classes = new ScaleClasses(3);
  for (let i = 0; i < count; i++) {
    classes.step(1, 2, 0.5);
    classes.learn(1, error);
  }
  return classes.step(1, 2, 0.5);
}

it('begins with the scales of the network', () => {
  for (const deviation of [0.1, 1, 50]) expect(new ScaleClasses(1).step(0, deviation, 3)).toBe(0);
});

it.each([
  [0.9, -1],
  [0.4743, -16],
  [1.8974, 16],
  [4, 16],
  [0, -16],
])('errors of %f deviations lead to %i sixteenths of an octave', (error, step) => {
  expect(stepAfter(3000, error)).toBe(step);
});

it('errors beyond four deviations count as four', () => {
  expect(stepAfter(20, 1000)).toBe(stepAfter(20, 4));
});

it('planes, deviations and energies learn apart', () => {
  const classes = new ScaleClasses(2);
  for (let i = 0; i < 500; i++) {
    classes.step(0, 1, 0.5);
    classes.learn(0, 2);
  }
  expect(classes.step(0, 1, 0.5)).toBe(16);
  expect(classes.step(0, 1.9, 0.99)).toBe(16);
  for (const [plane, deviation, energy] of [
    [1, 1, 0.5],
    [0, 2, 0.5],
    [0, 0.99, 0.5],
    [0, 1, 1],
  ] as const) {
    expect(classes.step(plane, deviation, energy)).toBe(0);
  }
});
