/** The terms of a run's bound as a CSV: a row each, with the time of the latent that the model sees or, of the prior, says. */
import { readCsv, writeCsv } from './csv.js';

/** T of the terms of a run. */
export const TERM_STEPS = 64;
/** A run's terms beside its log, in a folder of results. */
export const termsName = (run) => `${run}-terms.csv`;
const COLUMNS = ['term', 't', 'bitsPerDim'];

/** @param terms { base, recon, steps, prior } in bits/dim */
export function writeTerms(path, { base, recon, steps, prior }) {
  const rows = [
    { term: 'base', bits: base },
    { term: 'recon', t: 0, bits: recon },
    ...steps.map((bits, k) => ({ term: 'step', t: (k + 1) / steps.length, bits })),
    { term: 'prior', t: 1, bits: prior },
  ];
  writeCsv(
    path,
    COLUMNS,
    rows.map(({ bits, ...row }) => ({ ...row, bitsPerDim: bits.toPrecision(5) })),
  );
}

/** What was written; undefined where there is no file. */
export function readTerms(path) {
  const rows = readCsv(path, COLUMNS);
  if (rows.length === 0) return undefined;
  const of = (term) => rows.filter((row) => row.term === term).map((row) => Number(row.bitsPerDim));
  const [[base], [recon], [prior]] = [of('base'), of('recon'), of('prior')];
  return { base, recon, steps: of('step'), prior };
}
