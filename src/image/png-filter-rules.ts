/**
 * How encoders choose the filter of a line: by the least sum of absolute residuals, as the standard advises (W3C PNG,
 * third edition, section 12.7). They differ in the filters that they try, and in which of equals they take.
 */
import { FILTER_COUNT, type LinePair, paeth } from './png-filters.ts';

/** Filters in the order in which they are tried; of equals the first is taken. */
const RULES: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4], // libpng, OpenCV, and the PNGs of this library
  [0, 2, 1, 3, 4], // Pillow, optimize
  [0, 2, 1, 4], // Pillow
];

/** The first rule. */
export const LEAST_SUM = FILTER_COUNT;
/** Filter types of recipes: those of PNG, then one for each rule. */
export const RECIPE_FILTER_COUNT = FILTER_COUNT + RULES.length;

/** The sum of absolute residuals of a line by each filter, in one go. @param step bytes from a byte to its left neighbour */
function filterCosts({ line, above }: LinePair, step: number): number[] {
  let [none, sub, up, average, paethSum] = [0, 0, 0, 0, 0];
  for (let i = 0; i < line.length; i++) {
    const [value, over] = [line[i]!, above[i]!];
    const left = i >= step ? line[i - step]! : 0;
    const upLeft = i >= step ? above[i - step]! : 0;
    none += magnitude(value);
    sub += magnitude(value - left);
    up += magnitude(value - over);
    average += magnitude(value - ((left + over) >> 1));
    paethSum += magnitude(value - paeth(left, over, upLeft));
  }
  return [none, sub, up, average, paethSum];
}

/** Of a residual modulo 256, as a signed byte. */
function magnitude(residual: number): number {
  const byte = residual & 255;
  return byte < 128 ? byte : 256 - byte;
}

const choose = (rule: readonly number[], costs: readonly number[]): number =>
  rule.reduce((best, filter) => (costs[filter]! < costs[best]! ? filter : best));

/** The filter type of PNG that a filter type of a recipe stands for. */
export function resolveFilter(filter: number, pair: LinePair, step: number): number {
  return filter < FILTER_COUNT ? filter : choose(RULES[filter - FILTER_COUNT]!, filterCosts(pair, step));
}

/** The filters that the rules choose: of each rule those of all lines. */
export function filtersByRules(pairs: Iterable<LinePair>, step: number): number[][] {
  const chosen: number[][] = RULES.map(() => []);
  for (const pair of pairs) {
    const costs = filterCosts(pair, step);
    for (const [i, rule] of RULES.entries()) chosen[i]!.push(choose(rule, costs));
  }
  return chosen;
}
