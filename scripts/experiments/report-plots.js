/** Series and axes of the report's plots. */
import { join } from 'node:path';
import { readCsv } from './csv.js';
import { WHOLE } from './grid-file.js';
import { LOGS } from './merge.js';
import { STEP_COUNTS } from './results.js';
import { mean } from './summary.js';

/** Of raw pixels: bounds above it are not drawn, for they would hide the rest. */
const RAW_BITS = 8;
/** Of a coefficient: a loss is drawn from where it stays below. */
const HIGH_LOSS = 6;
/** Points of a loss curve, each the mean of as many lines of the log. */
const LOSS_POINTS = 40;

/** A step that cuts the range of numbers into four to ten parts. */
function stepFor(numbers) {
  const range = Math.max(...numbers) - Math.min(...numbers) || 1;
  const power = 10 ** Math.floor(Math.log10(range / 4));
  return [5, 2, 1].map((digit) => digit * power).find((step) => range / step >= 4);
}

const drawn = (series) => series.filter(({ points }) => points.length > 1);
const linearY = (series) => ({ yStep: stepFor(series.flatMap(({ points }) => points.map(({ y }) => y))) });

/** The bound against T. @param measured summaries by name */
export function vlbPlot(names, measured) {
  const series = drawn(names.map((name) => ({ name, points: vlbPoints(measured.get(name)) })));
  return { series, axes: { xTitle: 'steps T', yTitle: 'bound, bits/dim', ...linearY(series) } };
}

const vlbPoints = (row) =>
  row === undefined ? [] : STEP_COUNTS.map((x) => ({ x, y: Number(row[`vlb${x}`]) })).filter(({ y }) => y < RAW_BITS);

/** The bound in training against iterations. @param runOf the run of a name whose log is there */
export function lossPlot(names, data, runOf) {
  const series = drawn(names.map((name) => ({ name, points: lossPoints(join(data, LOGS, `${runOf(name)}.csv`)) })));
  const xs = series.flatMap(({ points }) => points.map(({ x }) => x));
  const titles = { xTitle: 'iterations', yTitle: 'bound in training, bits per coefficient' };
  return { series, axes: { ...titles, xStep: stepFor([0, ...xs]), legend: 'left', ...linearY(series) } };
}

/** From a tenth of the run on: the steep beginning would hide the rest. */
function lossPoints(path) {
  const all = readCsv(path).map(({ iteration, bitsPerDim }) => ({ x: Number(iteration), y: Number(bitsPerDim) }));
  const kept = all.filter(({ x }) => x > all.at(-1).x / 10);
  const size = Math.max(1, Math.ceil(kept.length / LOSS_POINTS));
  const points = Array.from({ length: Math.floor(kept.length / size) }, (_, i) => {
    const window = kept.slice(i * size, (i + 1) * size);
    return { x: window.at(-1).x, y: mean(window.map(({ y }) => y)) };
  });
  return points.slice(points.findLastIndex(({ y }) => y > HIGH_LOSS) + 1);
}

/** What each step costs against its time. @param terms { name, terms } */
export function termsPlot(names, terms) {
  const of = (name) => terms.find((one) => one.name === name)?.terms.steps ?? [];
  const points = (steps) => steps.map((y, k) => ({ x: (k + 1) / steps.length, y }));
  const series = drawn(names.map((name) => ({ name, points: points(of(name)) })));
  const titles = { xTitle: 'time t of the step from t to t - 1/T', yTitle: 'bits/dim of the step' };
  return { series, axes: { ...titles, xStep: 0.2 } };
}

/** The bound of lists of levels against T. @param rows of grid.csv @param run the one that is drawn */
export function gridPlot(rows, run) {
  const whole = rows.filter((row) => row.run === run && row.condition === WHOLE);
  const lists = [
    ['evenly spaced in the learned time', 'even'],
    ['coded lists', 'coded'],
    ['best lists', 'best'],
  ];
  const pointsOf = (column) => whole.map((row) => ({ x: Number(row.steps), y: Number(row[column]) }));
  const series = drawn(lists.map(([name, column]) => ({ name, points: pointsOf(column) })));
  return { series, axes: { xTitle: 'steps T', yTitle: `bound of ${run}, bits/dim`, ...linearY(series) } };
}
