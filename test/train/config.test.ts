import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, parseConfig } from '../../src/train/config.ts';

/** A row of a field that is without use under another. */
function unused(by: object, fields: object): [string, unknown, RegExp] {
  const [[decisive, value]] = Object.entries(by) as [[string, string]];
  const [field] = Object.keys(fields);
  return [
    `"${field}" under "${decisive}" "${value}"`,
    { ...by, ...fields },
    new RegExp(`^"${field}" means nothing to "${decisive}" "${value}"$`),
  ];
}

const WRONG: readonly [string, unknown, RegExp][] = [
  ['an unknown field', { chanels: 8 }, /unknown field "chanels"/],
  ['a field of every object', { constructor: 1 }, /unknown field "constructor"/],
  ['a string for a number', { channels: '96' }, /"channels" must be a multiple of 8, got "96"/],
  ['a number for a string', { name: 3 }, /"name" must be a string/],
  ['null for an object', { mixture: null }, /"mixture" must be shares/],
  ['a mixture with a field missing', { mixture: { photos: 1 } }, /"mixture" must be shares/],
  ['an object for a list', { levels: { 0: 1 } }, /"levels" must be shares/],
  ['shares that are all 0', { levels: [0, 0] }, /"levels" must be shares/],
  ['channels that are no multiple of 8', { channels: 12 }, /"channels" must be a multiple of 8, got 12/],
  ['no iterations', { iterations: 0 }, /"iterations" must be a positive integer/],
  ['half an iteration', { logEvery: 0.5 }, /"logEvery" must be a positive integer/],
  ['steps beside the grid of noise levels', { steps: { 3: 1 } }, /"steps" must be/],
  ['a negative rate', { adamLearningRate: -1 }, /"adamLearningRate" must be a number, 0 or more/],
  ['an average that grows', { emaDecay: 1.5 }, /"emaDecay" must be a number in 0..1/],
  ['a number for a switch', { fourier: 0 }, /"fourier" must be true or false, got 0/],
  ['half a block', { trunkBlocks: 0.5 }, /"trunkBlocks" must be an integer, 0 or more/],
  ['a schedule that there is not', { schedule: 'sigmoid' }, /"schedule" must be "learned" or "straight" or/],
  ['the error of noise with a learned schedule', { objective: 'simple' }, /needs a fixed "schedule", got "learned"/],
  ['a process that there is not', { process: 'uniform' }, /"process" must be "gaussian" or "absorbing", got "uniform"/],
  ['heads of no whole panel', { headChannels: 12 }, /"headChannels" must be a multiple of 8, got 12/],
  ['no components', { components: 0 }, /"components" must be a positive integer, got 0/],
  ['half a component', { components: 2.5 }, /"components" must be a positive integer/],
  ['5 levels', { process: 'absorbing', levels: [1, 1, 1, 1, 1] }, /"levels" must be shares of up to 4 levels/],
  ['4 levels of Gaussian diffusion', { levels: [1, 1, 1, 1] }, /"levels" must be shares of up to 3 levels, got 4/],
  ['a time that there is not', { time: 'half' }, /"time" must be "discrete" or "continuous", got "half"/],
  ...[
    { trunkBlocks: 1 },
    { filmHidden: 8 },
    { precision: 'bfloat16' },
    { fakeQuantize: false },
    { fourier: false },
    { steps: { 4: 1 } },
    { seedShare: 0 },
    { schedule: 'cosine' },
    { objective: 'details' },
    { variance: 'fixed' },
    { prediction: 'eps' },
    { timeSampler: 'uniform' },
  ].map((fields) => unused({ process: 'absorbing' }, fields)),
  [
    'tops of absorbing diffusion',
    { process: 'absorbing', mixture: { photos: 1, small: 0, tops: 0.1 } },
    /^"tops" of "mixture" means nothing to "process" "absorbing", got 0\.1$/,
  ],
  ...[
    { schedule: 'linear' },
    { variance: 'fixed' },
    { prediction: 'x' },
    { time: 'continuous' },
    { timeSampler: 'importance' },
    { steps: { 2: 1 } },
    { seedShare: 0.5 },
    { components: 3 },
  ].map((fields) => unused({ objective: 'details' }, fields)),
  ...[{ headChannels: 8 }, { components: 3 }].map((fields) => unused({ process: 'gaussian' }, fields)),
  ['a list', [], /must be a JSON object/],
  ['null', null, /must be a JSON object/],
];

const CONTINUOUS = { time: 'continuous', variance: 'beta-tilde' } as const;

describe('parseConfig', () => {
  it.each([
    {},
    { schedule: 'straight', prediction: 'eps' },
    { schedule: 'linear', prediction: 'x', timeSampler: 'uniform' },
    { schedule: 'cosine', objective: 'simple' },
  ] as const)('takes continuous time with %j', (fields) => {
    expect(parseConfig({ ...fields }, CONTINUOUS)).toEqual({ ...DEFAULT_CONFIG, ...CONTINUOUS, ...fields });
  });

  it.each([
    [{ variance: 'learned' }, /^"time" "continuous" needs "variance" "beta-tilde", got "learned": .* cost the same/],
    [{ variance: 'interpolated' }, /needs "variance" "beta-tilde", got "interpolated"/],
    [{ steps: { 4: 1 } }, /^"steps" means nothing to "time" "continuous"$/],
    [{ seedShare: 0 }, /^"seedShare" means nothing to "time" "continuous"$/],
    [{ objective: 'hybrid', schedule: 'cosine' }, /means nothing to "objective" "hybrid"/],
    [{ objective: 'simple' }, /"objective" "simple" needs a fixed "schedule"/],
    [{ timeSampler: 'importance' }, /means nothing to "timeSampler" "importance"/],
  ] as const)('refuses continuous time with %j', (fields, message) => {
    expect(() => parseConfig({ ...CONTINUOUS, ...fields })).toThrow(message);
  });

  it('gives the defaults for an empty object', () => {
    expect(parseConfig({})).toEqual(DEFAULT_CONFIG);
  });

  it('takes the fields that are given over the defaults', () => {
    const fields = { name: 'n', channels: 48, steps: { 4: 1, 16: 2 }, levels: [1], warmup: 0 };
    expect(parseConfig(fields)).toEqual({ ...DEFAULT_CONFIG, ...fields });
  });

  it('takes the fields of absorbing diffusion', () => {
    const fields = { process: 'absorbing', headChannels: 16, components: 3, levels: [0.4, 0.3, 0.2, 0.1] };
    expect(parseConfig(fields)).toEqual({ ...DEFAULT_CONFIG, ...fields });
  });

  it('takes methods in place of those of the JSON', () => {
    const methods = { schedule: 'cosine', objective: 'hybrid' } as const;
    expect(parseConfig({ objective: 'vlb', name: 'n' }, methods)).toEqual({ ...DEFAULT_CONFIG, name: 'n', ...methods });
  });

  it('takes fields without use that are as they are by default', () => {
    for (const fields of [{ process: 'absorbing' }, { objective: 'details' }] as const) {
      expect(parseConfig({ ...DEFAULT_CONFIG, ...fields })).toEqual({ ...DEFAULT_CONFIG, ...fields });
    }
  });

  it('refuses methods without use from options, whatever they are', () => {
    const refused = () => parseConfig({ objective: 'details' }, { schedule: DEFAULT_CONFIG.schedule });
    expect(refused).toThrow(/^"schedule" means nothing to "objective" "details"$/);
    expect(() => parseConfig({}, { objective: 'details' })).not.toThrow();
  });

  it.each([
    ...['pixels-3', 'pixels-5', 'photo-6'].map((name) => `models/${name}/config.json`),
    'models/photo-6/details.json',
    ...['tiny', 'tiny-pixels'].map((name) => `fixtures/networks/${name}/config.json`),
  ])('takes %s', (path) => {
    expect(() => parseConfig(JSON.parse(readFileSync(path, 'utf8')))).not.toThrow();
  });

  it('accepts its own defaults', () => {
    expect(parseConfig(DEFAULT_CONFIG)).toEqual(DEFAULT_CONFIG);
  });

  it.each(WRONG)('refuses %s', (_, json, message) => {
    expect(() => parseConfig(json)).toThrow(RangeError);
    expect(() => parseConfig(json)).toThrow(message);
  });
});
