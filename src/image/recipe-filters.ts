/** The filters of a PNG as a recipe says them: in as few bytes as they take. */
import { deflateSync } from 'fflate';
import type { PngHeader } from './png-chunks.ts';
import { filtersByRules } from './png-filter-rules.ts';
import { FILTER_COUNT } from './png-filters.ts';
import { filterStep, linePairs } from './png-samples.ts';

/**
 * Filters in fewer bytes, if there is a way to say them: by a rule that encoders have, on all lines that follow it.
 * @param filters of PNG, one for every line
 */
export function shortestFilters(samples: Uint8Array, header: PngHeader, filters: Uint8Array): Uint8Array {
  if (filters.every((filter) => filter === filters[0])) return filters;
  const byRules = filtersByRules(linePairs(samples, header), filterStep(header)).map((chosen, rule) =>
    filters.map((filter, i) => (filter === chosen[i] ? FILTER_COUNT + rule : filter)),
  );
  const sizes = [filters, ...byRules].map((candidate) => deflateSync(withoutRepeats(candidate), { level: 9 }).length);
  return [filters, ...byRules][sizes.indexOf(Math.min(...sizes))]!;
}

/** Without the lines at the end that follow from the one before them. */
export function withoutRepeats(filters: Uint8Array): Uint8Array {
  let length = filters.length;
  while (length > 0 && filters[length - 1] === (filters[length - 2] ?? 0)) length--;
  return filters.subarray(0, length);
}
