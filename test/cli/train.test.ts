/** The training commands on TensorFlow.js without its native addon: slow, but every machine has it. */
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { InterruptError } from '../../src/cli/exit-codes.ts';
import { durationText } from '../../src/cli/report.ts';
import { readHeader } from '../../src/decompress.ts';
import { loadTensorFlow } from '../../src/tensorflow.ts';
import { costOf, pixelCost, positionMacs } from '../../src/train/cost.ts';
import { METHOD_CHOICES } from '../../src/training-methods.ts';
import { fixture, run, temporaryFile, temporaryFolder } from './run-main.ts';

vi.mock('../../src/tensorflow.ts', () => ({ loadTensorFlow: vi.fn(() => import('@tensorflow/tfjs')) }));

const CONFIG = {
  name: 'smoke',
  channels: 8,
  denoiserBlocks: 1,
  trunkBlocks: 1,
  filmHidden: 8,
  iterations: 3,
  batchPositions: 32,
  patchPositions: 4,
  mixture: { photos: 1, small: 0, tops: 0 },
  logEvery: 1,
};

function setUp(config: object = CONFIG) {
  const data = temporaryFolder();
  for (const name of ['photo-rgb8-256x192.png', 'smooth-rgb8-97x71.png']) copyFileSync(fixture(name), join(data, name));
  const out = join(temporaryFolder(), 'run');
  const argv = [
    'train',
    '--config',
    temporaryFile('config.json', JSON.stringify(config)),
    '--data',
    data,
    '--out',
    out,
  ];
  return { argv, out };
}

it('trains, goes on from a checkpoint, and exports a model that compresses', async () => {
  const { argv, out } = setUp();
  const first = await run([...argv, '--iterations', '2']);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/^1\/2: [\d.]+ bits\/dim, [\d.]+ it\/s, \d:\d\d:\d\d left$/m);
  expect(await run(argv)).toMatchObject({ code: 4 });
  const second = await run([...argv, '--resume']);
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(join(out, 'log.csv'), 'utf8').trimEnd().split('\n').slice(1).map(Number.parseFloat)).toEqual([
    1, 2, 3,
  ]);

  const model = join(temporaryFolder(), 'model');
  expect(await run(['export', '--run', out, '--out', model])).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(model)).toEqual(['model.json', 'weights.bin']);
  expect(await run(['export', '--run', out, '--out', model])).toMatchObject({ code: 4 });
  const image = fixture('gradient-rgb8-13x1.png');
  const compressed = await run(['compress', image, '-', '--model', model, '--method', 'diffusion', '--quiet']);
  expect(compressed).toMatchObject({ code: 0, stderr: '' });
  expect(readHeader(compressed.stdoutBytes).numSteps).toBe(8);
});

it('exports a run together with one for details, and not the latter alone', async () => {
  const [first, second] = [
    setUp({ ...CONFIG, iterations: 1 }),
    setUp({ ...CONFIG, iterations: 1, objective: 'details' }),
  ];
  for (const { argv } of [first, second]) expect(await run(argv)).toMatchObject({ code: 0, stderr: '' });
  const model = join(temporaryFolder(), 'model');
  const words = ['export', '--run', first.out, '--details', second.out, '--out', model];
  expect(await run(words)).toMatchObject({ code: 0, stderr: '' });
  const { training, detailsTraining } = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8'));
  expect([training.config.objective, detailsTraining.config.objective]).toEqual(['vlb', 'details']);
  const alone = await run(['export', '--run', second.out, '--out', join(model, 'alone')]);
  expect(alone.stderr).toMatch(/: usage: a run of the objective "details" needs one of another objective\n$/);
  expect(alone.code).toBe(2);
});

it('evaluates a run on squares of one size, for steps of any number', async () => {
  const { argv, out } = setUp({ ...CONFIG, iterations: 1 });
  expect(await run(argv)).toMatchObject({ code: 0 });
  const image = fixture('smooth-rgb8-32x32.png');
  const result = await run(['eval', '--run', out, '--steps', '3,20', image, '--json']);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const { bounds, ...about } = JSON.parse(result.stdout);
  expect(about).toEqual({ run: out, iteration: 1, images: 1 });
  expect(bounds.map(({ steps }: { steps: number }) => steps)).toEqual([3, 20]);
  for (const { bitsPerDim } of bounds) expect(bitsPerDim).toBeGreaterThan(0);
  const table = await run(['eval', '--run', out, '--steps', '3', image]);
  expect(table.stdout.split('\n')[1]!.trim().split(/ +/)).toEqual(['3', bounds[0].bitsPerDim.toFixed(4), '-']);

  const gray = await run(['eval', '--run', out, fixture('levels-gray8-64x64.png')]);
  expect(gray.stderr).toMatch(/: usage: --run takes images with red, green and blue, got gray\n$/);
  expect(gray.code).toBe(2);

  const oblong = await run(['eval', '--run', out, fixture('smooth-rgb8-97x71.png')]);
  expect(oblong.stderr).toMatch(/: usage: --run takes squares of one size, a power of two, .*; got 97x71\n$/);
  expect(oblong.code).toBe(2);
  const list = await run(['eval', '--steps', '4,8', image]);
  expect(list.stderr).toBe('vdmz: usage: --steps must be one of 2, 4, 8, 16, unless with --run, got 4,8\n');
  expect(list.code).toBe(2);
});

it('has no bound by steps of a run for details', async () => {
  const { argv, out } = setUp({ ...CONFIG, iterations: 1, objective: 'details' });
  expect(await run(argv)).toMatchObject({ code: 0 });
  const result = await run(['eval', '--run', out, fixture('smooth-rgb8-32x32.png')]);
  expect(result.stderr).toMatch(/: usage: a run of the objective "details" has no latents\n$/);
  expect(result.code).toBe(2);
});

it('takes methods from options in place of the config, and goes on with them', async () => {
  const { argv, out } = setUp({ ...CONFIG, objective: 'simple' });
  const options = ['--schedule', 'cosine', '--objective=vlb', '--time-sampler', 'uniform'];
  expect(await run([...argv, ...options, '--iterations', '1'])).toMatchObject({ code: 0, stderr: '' });
  const saved = () => JSON.parse(readFileSync(join(out, 'checkpoint.bin'), 'latin1').split('\n')[0]!).state;
  const methods = { schedule: 'cosine', objective: 'vlb', timeSampler: 'uniform' };
  expect(saved()).toMatchObject({ iteration: 1, config: { ...methods, variance: 'learned' } });
  expect(await run([...argv, '--resume', '--iterations', '2'])).toMatchObject({ code: 0, stderr: '' });
  expect(await run([...argv, '--resume', '--schedule', 'cosine'])).toMatchObject({ code: 0, stderr: '' });
  expect(saved()).toMatchObject({ iteration: 3, config: methods });

  const before = readFileSync(join(out, 'checkpoint.bin'));
  const changed = await run([...argv, '--resume', '--schedule', 'linear']);
  expect(changed.stderr).toMatch(/: usage: "schedule" must be cosine as in the run to resume, got linear\n$/);
  expect(changed.code).toBe(2);
  expect(await run([...argv, '--resume', '--variance', 'fixed'])).toMatchObject({ code: 2 });
  const { argv: other } = setUp({ ...CONFIG, objective: 'simple', prediction: 'eps' });
  const file = await run([...other.slice(0, -1), out, '--resume']);
  expect(file.stderr).toMatch(/"prediction" must be v as in the run to resume, got eps\n$/);
  expect(readFileSync(join(out, 'checkpoint.bin'))).toEqual(before);
});

it('takes continuous time from options, and goes on with it', async () => {
  const { argv, out } = setUp({ ...CONFIG, variance: 'beta-tilde' });
  expect(await run([...argv, '--time', 'continuous', '--iterations', '1'])).toMatchObject({ code: 0, stderr: '' });
  expect(await run([...argv, '--resume', '--iterations', '2'])).toMatchObject({ code: 0, stderr: '' });
  const { state } = JSON.parse(readFileSync(join(out, 'checkpoint.bin'), 'latin1').split('\n')[0]!);
  expect(state).toMatchObject({
    iteration: 2,
    config: { time: 'continuous', schedule: 'learned' },
    replaced: ['time'],
  });
  const changed = await run([...argv, '--resume', '--time', 'discrete']);
  expect(changed.stderr).toMatch(/: usage: "time" must be continuous as in the run to resume, got discrete\n$/);
  expect(changed.code).toBe(2);
});

it.each([
  [['--variance', 'none'], /^vdmz: usage: [^\n]*'none' is invalid\. Allowed choices are learned, fixed/],
  [['--time', 'continuous'], /config\.json: usage: "time" "continuous" needs "variance" "beta-tilde", got "learned": /],
  [['--objective', 'simple'], /config\.json: usage: "objective" "simple" needs a fixed "schedule", got "learned"\n$/],
])('refuses the methods %j, also of a dry run', async (options, message) => {
  for (const dry of [[], ['--dry-run']]) {
    const result = await run([...setUp().argv, ...options, ...dry]);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(2);
  }
});

it('has no methods for absorbing diffusion', async () => {
  const result = await run([...setUp({ ...CONFIG, process: 'absorbing' }).argv, '--prediction', 'eps']);
  expect(result.stderr).toMatch(/usage: "prediction" means nothing to "process" "absorbing"\n$/);
  expect(result.code).toBe(2);
});

it('shows the methods that there are', async () => {
  const { stdout } = await run(['train', '--help']);
  for (const [field, choices] of Object.entries(METHOD_CHOICES)) {
    const flag = `--${field.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;
    const [, shown] = new RegExp(`${flag} [^(]*\\(choices:([^)]*)\\)`).exec(stdout)!;
    expect([...shown!.matchAll(/"([^"]*)"/g)].map(([, choice]) => choice)).toEqual(choices);
  }
});

it('makes a dry run of the methods of options', async () => {
  const { argv } = setUp();
  expect(await run([...argv, '--dry-run', '--schedule', 'linear', '--objective', 'hybrid'])).toMatchObject({ code: 0 });
});

it('saves a checkpoint when it is interrupted', async () => {
  const { argv, out } = setUp({ ...CONFIG, iterations: 1000 });
  const abort = new AbortController();
  abort.abort(new InterruptError('SIGINT'));
  const result = await run(argv, { signal: abort.signal });
  expect(result.code).toBe(130);
  expect(result.stderr).toMatch(/saved at iteration 0, go on with --resume\nvdmz: interrupted: ended by SIGINT\n$/);
  expect(readdirSync(out)).toContain('checkpoint.bin');
});

it('tells a run that diverges from a bug', async () => {
  const { argv, out } = setUp({ ...CONFIG, adamLearningRate: 1e38, warmup: 0, checkpointSeconds: 0 });
  const line =
    /^vdmz: [^\n]*(run|config\.json): diverged: training stopped at iteration 1: [^\n]+; lower learning rates may help\n$/;
  for (const options of [[], ['--dry-run']]) {
    const result = await run([...argv, ...options]);
    expect(result.stderr).toMatch(line);
    expect(result.code).toBe(3);
  }
  expect(readdirSync(out)).toEqual(['log.csv']);
});

it('says what a run would take, and writes nothing', async () => {
  const { argv, out } = setUp({ ...CONFIG, iterations: 100 });
  const text = await run([...argv, '--dry-run']);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  const lines = text.stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^smoke: [\d,]+ parameters$/);
  // Patches of 8 pixels a side are 16 positions, of which a batch has 32.
  expect(lines).toContain('batch: 2 patches of photographs');
  expect(lines.at(-2)).toMatch(/^[\d.]+ s an iteration, 100 iterations in \d:\d\d:\d\d$/);
  expect(lines.at(-1)).toMatch(/^[\d.e-]+ GFLOPS of the network, .*; waiting for batches: \d+ % of it$/);
  const json = JSON.parse((await run([...argv, '--dry-run', '--json'])).stdout);
  expect(json).toMatchObject({ ...costOf(CONFIG, 8), examples: { photos: 2 } });
  expect(lines[0]).toContain(json.parameters.toLocaleString('en-US'));
  expect(json.totalSeconds).toBeCloseTo(100 * json.secondsPerIteration, 6);
  const { denoiser, trunk } = positionMacs(CONFIG);
  expect(json.gflops * json.secondsPerIteration).toBeCloseTo((6 * 32 * (denoiser + trunk)) / 1e9, 6);
  expect(json.batchShare).toBeGreaterThan(0);
  expect(json.batchShare).toBeLessThan(1);
  expect(readdirSync(dirname(out))).toEqual([]);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends a dry run at %s', async (name, code) => {
  const { argv } = setUp();
  const abort = new AbortController();
  abort.abort(new InterruptError(name));
  const result = await run([...argv, '--dry-run'], { signal: abort.signal });
  expect(result).toMatchObject({ code, stdout: '' });
  expect(result.stderr).toMatch(new RegExp(`^vdmz: [^\\n]*config\\.json: interrupted: ended by ${name}\\n$`));
});

it('says what a run of absorbing diffusion would take', async () => {
  const sizes = { channels: 16, denoiserBlocks: 1, headChannels: 8, components: 2 };
  const { trunkBlocks: _trunk, filmHidden: _film, ...config } = CONFIG;
  const { argv } = setUp({ ...config, process: 'absorbing', batchPositions: 256, ...sizes });
  const { stdout } = await run([...argv, '--dry-run']);
  // Input, a block of two layers, and heads of three channels.
  const macs = 125 * 16 + 2 * 16 * 16 + 3 * ((16 + 10) * 8 + 8 * 3 * 2);
  expect(stdout).toContain(`multiplications a pixel: ${macs.toLocaleString('en-US')}\n`);
  expect(stdout).toContain('batch: 256 pixels\n');
});

const PIXELS = {
  name: 'plain',
  domain: 'pixels',
  channels: 8,
  denoiserBlocks: 1,
  filmHidden: 8,
  iterations: 4,
  batchPositions: 32,
  patchPositions: 4,
  logEvery: 1,
};

it('trains a plain VDM on pixels, goes on with it, and does not export it', async () => {
  const { argv, out } = setUp(PIXELS);
  expect(await run([...argv, '--iterations', '2'])).toMatchObject({ code: 0, stderr: '' });
  const { code, stdout } = await run([...argv, '--resume']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^3\/4: [\d.]+ bits\/dim, [\d.]+ it\/s/m);
  const { argv: other } = setUp(CONFIG);
  const pyramid = await run([...other.slice(0, -1), out, '--resume']);
  expect(pyramid.stderr).toMatch(/: usage: "domain" must be pixels as in the run to resume, got pyramid\n$/);
  const exported = await run(['export', '--run', out, '--out', join(out, 'model')]);
  expect(exported.stderr).toMatch(
    /: usage: only runs with "domain" "pyramid" can be exported, this one has "pixels"\n$/,
  );
  expect([pyramid.code, exported.code]).toEqual([2, 2]);
  expect(readdirSync(out).sort()).toEqual(['checkpoint.bin', 'log.csv']);
});

it('says what a run of a plain VDM would take', async () => {
  const { stdout } = await run([...setUp(PIXELS).argv, '--dry-run']);
  const { callMacsPerPixel } = pixelCost(PIXELS, 8);
  const countText = (count: number) => count.toLocaleString('en-US');
  expect(stdout).toContain(`multiplications a pixel: ${countText(callMacsPerPixel)} of a call of the denoiser\n`);
  expect(stdout).toContain(`multiplications a pixel: ${countText(8 * callMacsPerPixel)} of an image, T = 8\n`);
  expect(stdout).toContain('batch: 2 patches of photographs\n');
});

it('saves a plain VDM when it is interrupted', async () => {
  const { argv, out } = setUp({ ...PIXELS, iterations: 1000 });
  const abort = new AbortController();
  abort.abort(new InterruptError('SIGINT'));
  const result = await run(argv, { signal: abort.signal });
  expect(result.stderr).toMatch(/saved at iteration 0, go on with --resume\n/);
  expect(result.code).toBe(130);
  expect(readdirSync(out)).toContain('checkpoint.bin');
});

it.each([
  [{ seedShare: 0.5 }, [], /config\.json: usage: "seedShare" means nothing to a plain VDM on pixels\n$/],
  [{}, ['--prediction', 'v'], /usage: "prediction" of a plain VDM on pixels must be "eps", got "v"\n$/],
])('refuses a plain VDM with %j and options %j', async (fields, options, message) => {
  const result = await run([...setUp({ ...PIXELS, ...fields }).argv, ...options]);
  expect(result.stderr).toMatch(message);
  expect(result.code).toBe(2);
});

it.each([
  [['--dry-run', '--resume'], /'--dry-run' cannot be used with option '--resume'/],
  [['--json'], /usage: --json is for --dry-run\n$/],
])('refuses %j', async (options, message) => {
  const result = await run([...setUp().argv, ...options]);
  expect(result.stderr).toMatch(message);
  expect(result.code).toBe(2);
});

it('writes events for TensorBoard only with TensorFlow.js of Node.js', async () => {
  const { argv, out } = setUp();
  const result = await run([...argv, '--tensorboard', join(out, 'events')]);
  expect(result.stderr).toMatch(/: usage: events for TensorBoard need @tensorflow\/tfjs-node or tfjs-node-gpu\n$/);
  expect(result.code).toBe(2);
  expect(readdirSync(dirname(out))).toEqual([]);
});

it('needs a folder for the run, unless it is dry', async () => {
  const { argv } = setUp();
  expect(await run(argv.slice(0, -2))).toMatchObject({
    code: 2,
    stderr: 'vdmz: usage: --out is needed, unless with --dry-run\n',
  });
  expect(await run([...argv.slice(0, -2), '--dry-run'])).toMatchObject({ code: 0 });
});

it('says in one line how to install TensorFlow.js', async () => {
  vi.mocked(loadTensorFlow).mockRejectedValueOnce(new Error('TensorFlow.js is not installed:\nrun npm install'));
  const { argv } = setUp();
  expect(await run(argv)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'vdmz: usage: TensorFlow.js is not installed: run npm install\n',
  });
});

it.each([
  ['a config with an unknown field', { ...CONFIG, chanels: 8 }, /config\.json: usage: unknown field "chanels"/],
  ['a config that is no object', 3, /config\.json: usage: a training config must be a JSON object/],
])('refuses %s', async (_what, config, message) => {
  const result = await run(setUp(config as object).argv);
  expect(result.stderr).toMatch(message);
  expect(result.code).toBe(2);
});

it.each([
  [
    'patches that are larger than every image',
    { ...CONFIG, patchPositions: 400 },
    /usage: no photograph has 800 pixels/,
  ],
  [
    'a mixture of images that are not there',
    { ...CONFIG, mixture: { photos: 0, small: 1, tops: 0 } },
    /usage: "mixture"/,
  ],
])('refuses %s', async (_what, config, message) => {
  const result = await run(setUp(config).argv);
  expect(result.stderr).toMatch(message);
  expect(result.code).toBe(2);
});

it('refuses to resume a run of another size', async () => {
  const { argv, out } = setUp();
  expect(await run([...argv, '--iterations', '1'])).toMatchObject({ code: 0 });
  const { argv: other } = setUp({ ...CONFIG, channels: 16 });
  const result = await run([...other.slice(0, -1), out, '--resume']);
  expect(result.stderr).toMatch(/: usage: "channels" must be 8 as in the run to resume, got 16\n$/);
  expect(result.code).toBe(2);
});

it.each(['train', 'export'])('%s refuses a checkpoint that is none', async (command) => {
  const out = dirname(temporaryFile('checkpoint.bin', 'hello'));
  const { argv } = setUp();
  const result = await run(
    command === 'train' ? [...argv.slice(0, -1), out, '--resume'] : ['export', '--run', out, '--out', join(out, 'm')],
  );
  expect(result.stderr).toMatch(/: corrupt: checkpoint does not begin with a line of JSON\n$/);
  expect(result.code).toBe(3);
});

it('names a file that is no image', async () => {
  const { argv } = setUp();
  const data = dirname(temporaryFile('text.png', 'hello'));
  const result = await run(argv.map((argument, i) => (argv[i - 1] === '--data' ? data : argument)));
  expect(result.stderr).toMatch(/: unsupported-image: [^\n]*text\.png: [^\n]+\n$/);
  expect(result.code).toBe(3);
});

it('refuses folders without images', async () => {
  const { argv } = setUp();
  const result = await run(argv.map((argument, i) => (argv[i - 1] === '--data' ? temporaryFolder() : argument)));
  expect(result.stderr).toMatch(/usage: no training images/);
  expect(result.code).toBe(2);
});

it.each([
  [0, '0:00:00'],
  [59.6, '0:01:00'],
  [3661, '1:01:01'],
])('writes %d seconds as %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
