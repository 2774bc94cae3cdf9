/** CSV files whose cells hold neither commas nor quotes: rows are objects of strings by column. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** No rows where there is no file. @param columns that it must have */
export function readCsv(path, columns) {
  if (!existsSync(path)) return [];
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  if (columns !== undefined && head !== columns.join()) {
    throw new Error(`${path} has other columns than ${columns.join()}`);
  }
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
}

/** @param rows what is undefined in them stays empty */
export function writeCsv(path, columns, rows) {
  writeFileSync(path, `${[columns.join(), ...rows.map((row) => lineOf(columns, row))].join('\n')}\n`);
}

/** Writes the rows of a file with those of some runs in place of what it has of these. */
export function addRuns(path, columns, rows) {
  const isNew = new Set(rows.map(({ run }) => run));
  const all = [...readCsv(path, columns).filter(({ run }) => !isNew.has(run)), ...rows];
  if (all.length > 0) writeCsv(path, columns, all);
}

export const lineOf = (columns, row) => columns.map((column) => row[column] ?? '').join();
