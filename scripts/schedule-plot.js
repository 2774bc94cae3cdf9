/**
 * Draws the learned noise schedule of a model: gamma(t) = 2 ln n_t of each condition.
 *
 *     node scripts/schedule-plot.js [models/NAME] [docs/schedule.svg]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { DEFAULT_MODEL } from '../dist/model/installed-models.js';
import { plotSvg } from './plot.js';

const CONDITIONS = ['level 0', 'level 1', 'level 2 and coarser', 'up to 64 pixels', 'up to 16', 'up to 4'];

const [model = `models/${DEFAULT_MODEL}`, output = 'docs/schedule.svg'] = process.argv.slice(2);
const { schedule } = JSON.parse(readFileSync(`${model}/model.json`, 'utf8'));
const series = schedule.map((noise, condition) => ({
  name: CONDITIONS[condition],
  points: noise.map((n, k) => ({ x: k / (noise.length - 1), y: 2 * Math.log(n) })),
}));
writeFileSync(
  output,
  plotSvg(series, { xTitle: 't', yTitle: 'gamma(t)', xStep: 0.2, yStep: 2, yDigits: 0, legend: 'left' }),
);
