/** Tables of the report in Markdown. */
import { WHOLE } from './grid-file.js';
import { STEP_COUNTS } from './results.js';

/** Training images of CIFAR-10. */
const TRAINING_IMAGES = 50_000;
/** Examples in a batch of finest stages, and of a coarser one (src/train/batch.ts, 16,384 positions). */
const BATCH = { finest: 64, coarser: 256 };

/** @param columns of text; the others are numbers */
function markdown(head, columns, rows) {
  const rule = head.map((_, i) => (i < columns ? '---' : '---:'));
  return [`| ${head.join(' | ')} |`, `|${rule.join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

/** @param measured summaries by name */
export function resultsTable({ base, rows }, measured) {
  const ran = rows.filter(({ name }) => measured.has(name));
  if (ran.length === 0) return 'No rows yet.';
  const bounds = STEP_COUNTS.map((numSteps) => `T = ${numSteps}`);
  const budget = ['seeds', 'iterations', 'examples', 'passes', 'minutes'];
  const head = ['name', 'change', ...budget, ...bounds, 'spread', 'to baseline', 'files'];
  const config = Object.entries(base).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  const lines = ran.map((experiment) => resultsRow(experiment, measured));
  return `Base: ${config.join(', ')}.\n\n${markdown(head, 2, lines)}`;
}

function resultsRow({ name, config }, measured) {
  const row = measured.get(name);
  const baseline = measured.get('baseline');
  const changes = Object.entries(config);
  return [
    name,
    changes.map(([key, value]) => `${key} ${value}`).join(', '),
    row.seeds,
    row.iterations,
    row.examples,
    (finestStages(row, config.domain) / TRAINING_IMAGES).toFixed(1),
    row.minutes,
    ...STEP_COUNTS.map((numSteps) => row[`vlb${numSteps}`]),
    row.spread8,
    baseline === undefined ? '' : signed(row.vlb8 - baseline.vlb8),
    row.file,
  ];
}

/** Of the examples, which are whole images in the domain of pixels; how many batches had which size follows from their number. */
function finestStages({ iterations, examples }, domain) {
  if (domain === 'pixels') return Number(examples);
  const coarser = (Number(examples) - BATCH.finest * iterations) / (BATCH.coarser - BATCH.finest);
  return BATCH.finest * (iterations - coarser);
}

const signed = (difference) => `${difference < 0 ? '-' : '+'}${Math.abs(difference).toFixed(3)}`;

/** @param terms { name, run, terms } of the runs that there are terms of */
export function termsTable(terms) {
  const head = ['run', 'base', 'L0', 'steps', 'prior', 'bound'];
  const rows = terms.map(({ run, terms: { base, recon, steps, prior } }) => {
    const all = steps.reduce((sum, step) => sum + step, 0);
    return [run, ...[base, recon, all, prior, base + recon + all + prior].map((bits) => bits.toFixed(3))];
  });
  return markdown(head, 1, rows);
}

/** @param rows of pixel-files.csv */
export function pixelFilesTable(rows) {
  const lines = rows.map(({ run, ...numbers }) => [run, ...Object.values(numbers)]);
  return markdown(['run', 'T', 'images', 'net', 'one file for all', 'a file each'], 1, lines);
}

/** @param rows of grid.csv */
export function gridTable(rows) {
  const conditions = [...new Set(rows.map(({ condition }) => condition))].filter((condition) => condition !== WHOLE);
  const head = ['run', 'T', ...conditions.map((i) => `best list, condition ${i}`), 'even', 'coded lists', 'best lists'];
  const lines = rows
    .filter(({ condition }) => condition === WHOLE)
    .map(({ run, steps, even, coded, best }) => {
      const levelsOf = (condition) =>
        rows.find((row) => row.run === run && row.steps === steps && row.condition === condition)?.levels ?? '';
      const lists = conditions.map((condition) =>
        levelsOf(condition).split(' ').length > 16 ? 'all' : levelsOf(condition),
      );
      return [run, steps, ...lists, ...[even, coded, best].map((bits) => Number(bits).toFixed(3))];
    });
  return markdown(head, 2 + conditions.length, lines);
}
