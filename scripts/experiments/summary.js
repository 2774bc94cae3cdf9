/** Means of experiments over their seeds. */
import { readCsv } from './csv.js';
import { STEP_COUNTS } from './results.js';

const BOUNDS = STEP_COUNTS.map((numSteps) => `vlb${numSteps}`);
const COLUMNS = ['name', 'seeds', 'iterations', 'examples', 'minutes', ...BOUNDS, 'spread8', 'file'];

/** Means of runs whose own rows are lost: they have seeds 1 .. `seeds`. */
export const MEANS_NAME = 'means.csv';

/**
 * Means by name, as objects of strings by column, with the `seeds` that they are of; cells that are not measured are ''.
 *
 * @param rows of results.csv
 * @param means path of a CSV of means, which hold until `rows` has as many seeds
 */
export function summaries(rows, means) {
  const all = new Map(readCsv(means, COLUMNS).map((row) => [row.name, ofMeans(row)]));
  for (const name of new Set(rows.map((row) => row.name))) {
    const ofName = rows.filter((row) => row.name === name);
    const known = all.get(name);
    const measured = summaryOf(ofName);
    if (known === undefined || ofName.length >= known.count) all.set(name, measured);
    else if (known.file === '') all.set(name, { ...known, file: measured.file });
  }
  return all;
}

function ofMeans({ seeds, ...row }) {
  const numbers = Array.from({ length: Number(seeds) }, (_, i) => i + 1);
  return { ...row, count: numbers.length, seeds: `${numbers.join(', ')} (means)` };
}

function summaryOf(rows) {
  const [{ name, iterations, examples }] = rows;
  const measured = (column) => rows.map((row) => row[column]).filter((cell) => cell !== '');
  const meanOf = (column, digits) => mean(measured(column).map(Number)).toFixed(digits);
  const at8 = rows.map((row) => Number(row.vlb8));
  return {
    name,
    seeds: rows.map(({ seed }) => seed).join(', '),
    iterations,
    examples,
    minutes: meanOf('minutes', 1),
    ...Object.fromEntries(BOUNDS.map((column) => [column, meanOf(column, 3)])),
    spread8: rows.length > 1 ? (Math.max(...at8) - Math.min(...at8)).toFixed(3) : '',
    file: measured('file').length === 0 ? '' : meanOf('file', 3),
  };
}

export const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
