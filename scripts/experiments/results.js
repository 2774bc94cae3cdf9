/** Results of experiments: a CSV with a row for each name and seed. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

/** T of the bounds. */
export const STEP_COUNTS = [2, 4, 8, 16, 64, 256];
export const RESULTS_NAME = 'results.csv';
const COLUMNS = [
  'name',
  'seed',
  'iterations',
  'examples',
  'minutes',
  ...STEP_COUNTS.map((numSteps) => `vlb${numSteps}`),
  'standardError8',
  'file',
];

/** Rows as objects of strings by column. */
export function readResults(path) {
  if (!existsSync(path)) return [];
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  if (head !== COLUMNS.join()) throw new Error(`${path} has other columns than ${COLUMNS.join()}`);
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [COLUMNS[i], cell])));
}

/** @param row by column; what is undefined stays empty */
export function appendResult(path, row) {
  if (!existsSync(path)) writeFileSync(path, `${COLUMNS.join()}\n`);
  appendFileSync(path, `${COLUMNS.map((column) => row[column] ?? '').join()}\n`);
}
