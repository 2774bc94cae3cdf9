/** Lists of noise levels and their bounds as a CSV: a row for each run, condition and T, and one for whole images. */
import { addRuns, readCsv } from './csv.js';

export const GRID_NAME = 'grid.csv';
/** The condition of rows that are sums over all, with the base. */
export const WHOLE = 'all';
const COLUMNS = ['run', 'condition', 'steps', 'even', 'coded', 'best', 'levels'];

export const readGrid = (path) => readCsv(path, COLUMNS);

/** The rows of a file with those of some runs in place of what it has of these. */
export const addToGrid = (path, rows) => addRuns(path, COLUMNS, rows);
