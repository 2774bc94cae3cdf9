import { expect, it } from 'vitest';
import { NUM_CLASSES, ScaleClasses, scaleClassOf } from '../../src/absorbing/scale-classes.ts';

/** Octaves of the deviation, and levels of the energy of each. */
it('has 6 times 4 classes', () => expect(NUM_CLASSES).toBe(6 * 4));

it.each([
  [0.1, 0, 0],
  [0.4999, 0.9999, 0],
  [0.4999, 1, 1],
  [0.1, 2.9999, 1],
  [0.1, 3, 2],
  [0.1, 6.9999, 2],
  [0.1, 7, 3],
  [0.1, 1e9, 3],
  [0.5, 0, 4],
  [0.9999, 7, 7],
  [1, 0, 8],
  [2, 0, 12],
  [4, 0, 16],
  [7.9999, 0, 16],
  [8, 0, 20],
  [1e6, 7, 23],
  [1e6, 1e6, NUM_CLASSES - 1],
])('a deviation of %f and an energy of %f are class %i', (deviation, energy, index) => {
  expect(scaleClassOf(deviation, energy)).toBe(index);
});

const stepsOf = (classes: ScaleClasses, plane: number): number[] => {
  const steps = new Int32Array(NUM_CLASSES).fill(99);
  classes.writeSteps(plane, steps);
  return [...steps];
};

/** The step after so many errors of one magnitude, in deviations. */
function stepAfter(count: number, error: number): number {
  const classes = new ScaleClasses(3);
  const index = scaleClassOf(2, 0.5);
  for (let i = 0; i < count; i++) classes.learn(1, index, error);
  return stepsOf(classes, 1)[index]!;
}

it('begins with the scales of the network', () => {
  const classes = new ScaleClasses(3);
  for (const plane of [0, 1, 2]) expect(stepsOf(classes, plane)).toEqual(new Array(NUM_CLASSES).fill(0));
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

it('errors count by their magnitude', () => {
  expect(stepAfter(20, -2)).toBe(stepAfter(20, 2));
});

it('a step is the ratio of squares to what was expected of them, in sixteenths of octaves', () => {
  const classes = new ScaleClasses(1);
  let [squares, expected] = [20, 20];
  for (let i = 0; i < 300; i++) {
    const error = (i % 7) / 3;
    classes.learn(0, 0, error);
    [squares, expected] = [0.998 * squares + error * error, 0.998 * expected + 0.9];
    const exact = 8 * Math.log2(squares / expected);
    expect(Math.abs(stepsOf(classes, 0)[0]! - exact)).toBeLessThan(0.501);
  }
});

it('classes and planes learn apart', () => {
  const classes = new ScaleClasses(3);
  for (let i = 0; i < 500; i++) classes.learn(1, 5, 2);
  const steps = [0, 1, 2].map((plane) => stepsOf(classes, plane));
  expect(steps).toEqual(steps.map((own, plane) => own.map((_, index) => (plane === 1 && index === 5 ? 16 : 0))));
});
