/**
 * Time and memory by image size: npm run bench:scaling [-- --sizes 0.25,1,4,24] [--effort 3] [IMAGE]
 *
 * Sizes are megapixels, of parts of the image or of the image mirrored on and on; without one, of a fixture. Each is
 * compressed and decompressed by the command line in a process of its own, without the check, and compared. Writes
 * bench/results/scaling-effort3.json. Processor time counts all threads and tells more than wall time on a busy machine.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import { parseArgs } from 'node:util';
import { main as runCommand } from '../dist/cli/main.js';
import { defaultModelOf } from '../dist/default-model.js';
import { isSameImage } from '../dist/image/image.js';
import { encodePng } from '../dist/image/png.js';
import { photograph, resized, sourceName } from './images.js';
import { machine, peakMegabytes } from './machine.js';
import { described } from './peers.js';

const SCRIPT = fileURLToPath(import.meta.url);
const BIN = fileURLToPath(new URL('../bin/vdmz.js', import.meta.url));
/** Of the image that measures what a process costs before its first tile. */
const START_SIDE = 8;

/** Runs a command of vdmz in this process and says what it took. */
async function measureHere(words) {
  const { stdin, stdout, stderr } = process;
  const code = await runCommand(words, { stdin, stdout, stderr, signal: new AbortController().signal });
  if (code !== 0) throw new Error(`${BIN} ${words.join(' ')} ended with ${code}`);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / 1e6;
  console.log(JSON.stringify({ cpuSeconds, peakMegabytes: peakMegabytes() }));
}

function measure(words) {
  const started = performance.now();
  const text = execFileSync(process.execPath, [SCRIPT, 'here', ...words, '--quiet', '--force'], { encoding: 'utf8' });
  return { seconds: (performance.now() - started) / 1000, ...JSON.parse(text) };
}

async function measureSize(image, { effort, folder }) {
  const [input, file, output] = ['in.png', 'file.vdmz', 'out.png'].map((name) => join(folder, name));
  writeFileSync(input, encodePng(image));
  const compressing = measure(['compress', input, file, '--no-verify', '--effort', effort]);
  const decompressing = measure(['decompress', file, output]);
  if (!isSameImage(await photograph(output), image)) throw new Error('the image did not come back');
  const { height, width } = image;
  return { height, width, megapixels: (height * width) / 1e6, compressing, decompressing };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { sizes: { type: 'string', default: '0.25,1,4,24' }, effort: { type: 'string', default: '3' } },
  });
  const [path] = positionals;
  const image = await photograph(path);
  const folder = mkdtempSync(join(tmpdir(), 'vdmz-bench-'));
  const rows = [];
  const sides = values.sizes.split(',').map((megapixels) => Math.round(Math.sqrt((megapixels * 1e6) / 6)) * 2);
  for (const [height, width] of [[START_SIDE, START_SIDE], ...sides.map((side) => [side, 1.5 * side])]) {
    rows.push(await measureSize(resized(image, height, width), { effort: values.effort, folder }));
    console.log(JSON.stringify(rows.at(-1)));
  }
  rmSync(folder, { recursive: true });
  const [start, ...sizes] = rows;
  const result = {
    command: `npm run bench:scaling -- --sizes ${values.sizes} --effort ${values.effort}${path === undefined ? '' : ' IMAGE'}`,
    ...machine(),
    model: described(await defaultModelOf()),
    effort: Number(values.effort),
    source: sourceName(path),
    start,
    sizes,
  };
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(`bench/results/scaling-effort${values.effort}.json`, `${JSON.stringify(result, rounded, 1)}\n`);
}

const rounded = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);

const [command, ...words] = process.argv.slice(2);
await (command === 'here' ? measureHere(words) : main());
