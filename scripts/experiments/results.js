/** Results of experiments: a CSV with a row for each name and seed. */
import { appendFileSync, existsSync } from 'node:fs';
import { lineOf, readCsv, writeCsv } from './csv.js';

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

/** What files of one run are called after. */
export const runName = ({ name, seed }) => `${name}-${seed}`;

export const readResults = (path) => readCsv(path, COLUMNS);
export const writeResults = (path, rows) => writeCsv(path, COLUMNS, rows);

/** @param row by column; what is undefined stays empty */
export function appendResult(path, row) {
  if (existsSync(path)) appendFileSync(path, `${lineOf(COLUMNS, row)}\n`);
  else writeResults(path, [row]);
}
