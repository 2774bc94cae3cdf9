/** Means of experiments over their seeds: a CSV beside the report, which keeps what was measured when results are gone. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { STEP_COUNTS } from './results.js';

const BOUNDS = STEP_COUNTS.map((numSteps) => `vlb${numSteps}`);
const COLUMNS = ['name', 'seeds', 'iterations', 'examples', 'minutes', ...BOUNDS, 'spread8', 'file'];

/** Rows by name, as objects of strings by column; cells that are not measured are ''. */
export function readSummary(path) {
  if (!existsSync(path)) return new Map();
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  if (head !== COLUMNS.join()) throw new Error(`${path} has other columns than ${COLUMNS.join()}`);
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [COLUMNS[i], cell])));
  return new Map(rows.map((row) => [row.name, row]));
}

/** @param rows in the order in which they are written, if there are any */
export function writeSummary(path, rows) {
  if (rows.length === 0) return;
  const lines = rows.map((row) => COLUMNS.map((column) => row[column]).join());
  writeFileSync(path, `${[COLUMNS.join(), ...lines].join('\n')}\n`);
}

/** @param rows of results.csv, one for each seed of an experiment */
export function summaryOf(rows) {
  const [{ name, iterations, examples }] = rows;
  const meanOf = (column, digits) => mean(rows.map((row) => Number(row[column]))).toFixed(digits);
  const at8 = rows.map((row) => Number(row.vlb8));
  return {
    name,
    seeds: String(rows.length),
    iterations,
    examples,
    minutes: meanOf('minutes', 1),
    ...Object.fromEntries(BOUNDS.map((column) => [column, meanOf(column, 3)])),
    spread8: rows.length > 1 ? (Math.max(...at8) - Math.min(...at8)).toFixed(3) : '',
    file: rows.every(({ file }) => file === '') ? '' : meanOf('file', 3),
  };
}

export const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
