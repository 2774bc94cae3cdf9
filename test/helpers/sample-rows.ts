/** Rows of samples whose mixtures are given. */
import { PixelMixture } from '../../src/absorbing/pixel-mixture.ts';
import { FACTS } from '../../src/absorbing/sample-facts.ts';
import { WINDOW_STARTS, windowOf } from '../../src/absorbing/window-mixture.ts';
import { ROW_FACTS, ROW_WINDOW, type SampleRows } from '../../src/kernels/samples.ts';
import { silentPredictor } from './pixels.ts';

export interface GivenMixture {
  /** [mean16, scale, share] of each component. */
  readonly components: readonly (readonly [number, number, number])[];
  readonly shift16?: number;
  readonly steps?: number;
}

/** The mixture, moved as it is to be. */
export function mixtureOf({ components, shift16 = 0, steps = 0 }: GivenMixture): PixelMixture {
  const mixture = new PixelMixture(components.length);
  for (const [k, component] of components.entries()) mixture.setComponent(k, ...component);
  mixture.adapt(shift16, steps);
  return mixture;
}

/** Rows that hold a mixture each, all of as many components. */
export function rowsOfMixtures(given: readonly GivenMixture[]): SampleRows {
  const rows = silentPredictor(given[0]!.components.length).rows();
  for (const [i, one] of given.entries()) {
    const mixture = mixtureOf(one);
    mixture.store(i, rows);
    rows.facts[i * ROW_FACTS + FACTS.shift16] = one.shift16 ?? 0;
    rows.facts[i * ROW_FACTS + FACTS.steps] = one.steps ?? 0;
    const { first, count } = windowOf(mixture);
    const starts = Array.from({ length: count + 1 }, (_, k) => mixture.start(first + k));
    rows.windows.set([first, count], i * ROW_WINDOW);
    rows.windows.set(starts, i * ROW_WINDOW + WINDOW_STARTS);
  }
  return rows;
}
