/**
 * Draws a learning curve: validation against hours, from the log of a run.
 *
 *     node scripts/learning-curve.js [models/NAME/log.csv] [docs/learning-curve.svg]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { DEFAULT_MODEL } from '../dist/model/installed-models.js';
import { plotSvg } from './plot.js';

const [log = `models/${DEFAULT_MODEL}/log.csv`, output = 'docs/learning-curve.svg'] = process.argv.slice(2);
const [head, ...lines] = readFileSync(log, 'utf8').trimEnd().split('\n');
const columns = head.split(',');
const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell])));

const hours = Math.max(...rows.map(({ seconds }) => Number(seconds))) / 3600;
const validated = rows.filter(({ validation }) => validation !== '');
const points = validated.map(({ seconds, validation }) => ({ x: Number(seconds) / 3600, y: Number(validation) }));
/** The steep beginning would hide the rest. */
const shown = points.filter(({ x }) => x > Math.min(0.25, hours / 4));
const rates = shown.map(({ y }) => y);
const isFlat = Math.max(...rates) - Math.min(...rates) < 0.3;
const last = { ...shown.at(-1), label: shown.at(-1).y.toFixed(3) };
writeFileSync(
  output,
  plotSvg([{ own: true, points: [...shown.slice(0, -1), last] }], {
    xTitle: 'hours of training',
    yTitle: 'validation, bits per coefficient',
    xStep: hours > 4 ? 1 : 0.5,
    yStep: isFlat ? 0.02 : 0.1,
    yDigits: isFlat ? 2 : 1,
  }),
);
