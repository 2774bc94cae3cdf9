/** What images take by plain VDMs on pixels as a CSV: a row for each run and T. */
import { addRuns, readCsv } from './csv.js';

export const PIXEL_FILES_NAME = 'pixel-files.csv';
const COLUMNS = ['run', 'steps', 'images', 'net', 'together', 'alone'];

export const readPixelFiles = (path) => readCsv(path, COLUMNS);

/** The rows of a file with those of some runs in place of what it has of these. */
export const addToPixelFiles = (path, rows) => addRuns(path, COLUMNS, rows);
