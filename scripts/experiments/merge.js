/** Takes a folder of results into the folder beside the report, which holds all that its tables and plots are made of. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { addToGrid, GRID_NAME, readGrid } from './grid-file.js';
import { addToPixelFiles, PIXEL_FILES_NAME, readPixelFiles } from './pixel-files.js';
import { RESULTS_NAME, readResults, runName, writeResults } from './results.js';
import { termsName } from './terms-file.js';

/** Folders of what there is one file of for each run. */
export const LOGS = 'logs';
export const TERMS = 'terms';

/**
 * Rows of results.csv, grid.csv and pixel-files.csv take the place of those of the same runs, as logs and terms do; cells that are empty leave the old ones.
 *
 * @param names of the experiments in their order, in which rows are written
 */
export function mergeResults(from, data, names) {
  for (const folder of [data, join(data, LOGS), join(data, TERMS)]) mkdirSync(folder, { recursive: true });
  const path = join(data, RESULTS_NAME);
  const rows = new Map();
  for (const row of [...readResults(path), ...readResults(join(from, RESULTS_NAME))]) {
    rows.set(runName(row), { ...rows.get(runName(row)), ...withoutEmpty(row) });
  }
  const place = ({ name, seed }) => 1000 * names.indexOf(name) + Number(seed);
  const sorted = [...rows.values()].sort((a, b) => place(a) - place(b));
  if (sorted.length > 0) writeResults(path, sorted);
  for (const run of rows.keys()) {
    copyIfThere(join(from, `${run}.csv`), join(data, LOGS, `${run}.csv`));
    copyIfThere(join(from, termsName(run)), join(data, TERMS, `${run}.csv`));
  }
  addToGrid(join(data, GRID_NAME), readGrid(join(from, GRID_NAME)));
  addToPixelFiles(join(data, PIXEL_FILES_NAME), readPixelFiles(join(from, PIXEL_FILES_NAME)));
}

const withoutEmpty = (row) => Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== ''));

function copyIfThere(from, to) {
  if (existsSync(from)) copyFileSync(from, to);
}
