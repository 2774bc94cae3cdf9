import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TilePredictor } from '../../src/codec/predictor.ts';
import { StageContext } from '../../src/codec/stage-context.ts';
import { compress } from '../../src/compress.ts';
import { decompress } from '../../src/decompress.ts';
import { NUM_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { NUM_COEFFICIENTS, TIME_GRID } from '../../src/diffusion/dimensions.ts';
import { NUM_PASSES, passGamma, seenBefore } from '../../src/diffusion/passes.ts';
import { isSameImage } from '../../src/image/image.ts';
import { loadGaussianModel } from '../../src/model/installed-models.ts';
import { type Condition, encodeTables, type Model } from '../../src/model/model.ts';
import { assertAccumulatorBounds } from '../../src/network/bounds.ts';
import { denoiserPlanes as integerPlanes, knownPlanes } from '../../src/network/features.ts';
import type { KnownMap } from '../../src/network/local-contrast.ts';
import { DENOISER_OUTPUTS, type Film, KNOWN_PLANES, type NetworkWeights } from '../../src/network/network.ts';
import { createReferenceEngine } from '../../src/network/reference-engine.ts';
import { scaleSigma } from '../../src/rans/discretised-gaussian.ts';
import type { Tensor2D, Tensor4D, Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { exportModel } from '../../src/train/export-model.ts';
import { denoiserFilm, denoiserPlanes, network, type Parameters, scheduleOf } from '../../src/train/model.ts';
import { Random } from '../../src/train/random.ts';
import { gammaAt } from '../../src/train/schedule.ts';
import { smallPhoto } from '../helpers/fixtures.ts';
import { describeBackends } from '../helpers/tensorflow.ts';
import { randomRun, TINY_CONFIG, temporaryFolder } from '../helpers/tiny-runs.ts';

const SIDE = 6;
const POSITIONS = SIDE * SIDE;
const COEFFICIENTS = POSITIONS * 9;
const CONDITION = 2;

async function exported(tf: Tf, run: RunState, details?: RunState): Promise<Model> {
  const folder = await temporaryFolder();
  await exportModel(tf, run, folder, details);
  return loadGaussianModel(folder);
}

const oneHot = (tf: Tf, condition: number): Tensor2D =>
  tf.oneHot(tf.tensor1d([condition], 'int32'), NUM_CONDITIONS).toFloat() as Tensor2D;

/** n_t of the averaged weights at t = k / TIME_GRID. */
function noiseAt(tf: Tf, { config, optimizer }: RunState, condition: number, k: number): number {
  const times = Float32Array.of(k / TIME_GRID);
  const { schedule: kind } = config;
  const gamma = gammaAt(tf, scheduleOf(optimizer.average), { kind, condition: oneHot(tf, condition), times });
  return Math.exp(gamma.dataSync()[0]! / 2);
}

/** Deviations are the same in every class. */
const CLASSES = new Uint8Array(POSITIONS * 3);
const mapOf = (data: Int16Array): KnownMap => ({ height: SIDE, width: SIDE, planes: 3, data });

interface Scene {
  /** [SIDE, SIDE, 3] */
  readonly low: Int16Array;
  /** [SIDE, SIDE, 9] */
  readonly y: Int32Array;
}

/** A known image, and coefficients of 1.2 standard deviations with noise n. */
function sceneOf({ standardDeviations }: RunState, n: number): Scene {
  const random = new Random(31);
  const low = Int16Array.from(random.normal(POSITIONS * 3), (v, i) => (i % 3 === 0 ? 128 : 0) + Math.round(40 * v));
  const sd = standardDeviations[CONDITION]!;
  const [u, eps] = [random.normal(COEFFICIENTS), random.normal(COEFFICIENTS)];
  return { low, y: Int32Array.from(u, (value, i) => Math.round(1.2 * sd[i % 9]! * value + n * eps[i]!)) };
}

/** What the network is told in a call. */
interface Call {
  readonly n: number;
  readonly gamma: number;
  /** [9]: 1 for coefficients that it sees. */
  readonly seen: readonly number[];
}

const NONE = new Array<number>(9).fill(0);
const ALL = new Array<number>(9).fill(1);

/** At noise level k; without y for k = undefined. */
function levelCall(tf: Tf, run: RunState, k: number | undefined): Call {
  const n = noiseAt(tf, run, CONDITION, k ?? 0);
  return { n, gamma: 2 * Math.log(n), seen: k === undefined ? NONE : ALL };
}

const passCall = (pass: number): Call => ({ n: 0, gamma: passGamma(pass), seen: seenBefore(pass) });

/** F and G in real units as training computes them. */
function floatOutputs(tf: Tf, run: RunState, { low, y }: Scene, { n, gamma, seen }: Call): Float32Array {
  return tf.tidy(() => {
    const p = run.optimizer.average;
    const inverse = run.standardDeviations[CONDITION]!.slice(0, 9).map((sd) => 1 / Math.hypot(sd, n));
    const planes = denoiserPlanes(tf, tf.tensor4d(y, [1, SIDE, SIDE, 9]), tf.tensor4d(inverse, [1, 1, 1, 9]));
    const condition = oneHot(tf, CONDITION);
    const film = { gamma: tf.tensor2d([[gamma]]), known: tf.tensor2d([[Math.max(...seen)]]), condition };
    const output = network(tf, p, run.config, {
      known: tf.tensor4d(
        Float32Array.from(knownPlanes(mapOf(low)), (value) => value / 32),
        [1, SIDE, SIDE, KNOWN_PLANES],
      ),
      planes: tf.mul(planes, tf.tensor4d([seen, seen, seen, seen, seen, seen].flat(), [1, 1, 1, 54])) as Tensor4D,
      condition,
      film: denoiserFilm(tf, p, film),
    });
    return output.dataSync() as Float32Array as never;
  }) as unknown as Float32Array;
}

interface IntegerCall {
  readonly weights: NetworkWeights;
  readonly trunkFilm: Film;
  readonly film: Film;
  readonly planes: Int8Array;
}

/** Outputs of an exported network. */
function integerOutputs({ weights, trunkFilm, film, planes }: IntegerCall, { low }: Scene): Float32Array {
  const engine = createReferenceEngine(weights);
  const context = engine.trunk(knownPlanes(mapOf(low)), SIDE, SIDE, trunkFilm);
  return Float32Array.from(engine.denoise(planes, context, SIDE, SIDE, film), (value) => value / 256);
}

/** Those at noise level k; without y for k = undefined. */
function levelOutputs({ weights, conditions }: Model, scene: Scene, k: number | undefined): Float32Array {
  const { trunkFilm, films, priorFilm, inScales } = conditions[CONDITION]!;
  const film = k === undefined ? priorFilm : films[k]!;
  const planes =
    k === undefined
      ? new Int8Array(POSITIONS * 54)
      : integerPlanes(scene.y, { inScale: inScales[k]!, classes: CLASSES });
  return integerOutputs({ weights, trunkFilm, film, planes }, scene);
}

/** Those of a pass of the network for details. */
function passOutputs({ details }: Model, scene: Scene, pass: number): Float32Array {
  const { trunkFilm, films, inScale } = details.conditions[CONDITION]!;
  const planes = integerPlanes(scene.y, { inScale, classes: CLASSES, seen: seenBefore(pass) });
  return integerOutputs({ weights: details.weights, trunkFilm, film: films[pass]!, planes }, scene);
}

interface Difference {
  readonly rms: number;
  readonly max: number;
  /** Of the float outputs. */
  readonly scale: number;
}

function compare(expected: Float32Array, actual: Float32Array): Difference {
  const rms = (values: readonly number[]) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  const differences = Array.from(expected, (value, i) => actual[i]! - value);
  return { rms: rms(differences), max: Math.max(...differences.map(Math.abs)), scale: rms(Array.from(expected)) };
}

const CALLS = [0, 1, 5, 11, TIME_GRID, undefined];

function expectAgreement(tf: Tf, run: RunState, model: Model): void {
  for (const k of CALLS) {
    const scene = sceneOf(run, noiseAt(tf, run, CONDITION, k ?? 0));
    const expected = floatOutputs(tf, run, scene, levelCall(tf, run, k));
    expectClose(expected, levelOutputs(model, scene, k), `level ${k}`);
  }
}

function expectClose(expected: Float32Array, actual: Float32Array, what: string): void {
  const { rms, max, scale } = compare(expected, actual);
  expect(scale, `outputs at ${what}`).toBeGreaterThan(0.1);
  expect(rms / scale, what).toBeLessThan(RMS_TOLERANCE);
  expect(max / scale, what).toBeLessThan(MAX_TOLERANCE);
}

/** Differences are those of rounding between convolutions: activations that fall on the other side of a half. */
const RMS_TOLERANCE = 0.03;
const MAX_TOLERANCE = 0.15;

/** The run with some averaged weights replaced. */
const withAverage = (run: RunState, average: Parameters): RunState => ({
  ...run,
  optimizer: { ...run.optimizer, average: { ...run.optimizer.average, ...average } },
});

describeBackends('the exported network', (tf) => {
  it('has the F and G of the trained one at every noise level and without y', async () => {
    for (const seed of [1, 2, 3]) {
      const run = randomRun(tf, { seed });
      expectAgreement(tf, run, await exported(tf, run));
    }
  });

  it('also where the trained one sees no Fourier features, although it has weights for them', async () => {
    const run = randomRun(tf, { seed: 1, config: { ...TINY_CONFIG, fourier: false } });
    expectAgreement(tf, run, await exported(tf, run));
  });

  it.each(['fixed', 'beta-tilde'] as const)(
    'has no G where the variance is %s, although the run has weights for it',
    async (variance) => {
      const run = randomRun(tf, { seed: 1, config: { ...TINY_CONFIG, variance } });
      const scene = sceneOf(run, noiseAt(tf, run, CONDITION, 5));
      const expected = floatOutputs(tf, run, scene, levelCall(tf, run, 5));
      const isG = (_: number, i: number) => i % DENOISER_OUTPUTS >= NUM_COEFFICIENTS;
      const found = levelOutputs(await exported(tf, run), scene, 5);
      expect(expected.filter(isG).some((value) => value !== 0)).toBe(true);
      expect(found.filter(isG).every((value) => value === 0)).toBe(true);
      const withoutG = (outputs: Float32Array) => outputs.filter((value, i) => !isG(value, i));
      expectClose(withoutG(expected), withoutG(found), variance);
    },
  );

  it('also without a trunk, whose first layer is then all that sees the known image', async () => {
    const run = randomRun(tf, { seed: 1, config: { ...TINY_CONFIG, trunkBlocks: 0 } });
    expectAgreement(tf, run, await exported(tf, run));
  });

  it('also where multipliers are far from 1 and the sums they scale are large', async () => {
    const run = randomRun(tf, { seed: 4 });
    const { hidden, filmOutBias, trunkFilm } = run.optimizer.average;
    // Multipliers of 0.1 after 10-fold weights: the sums exceed 16, where the integer network clamps.
    const small = withAverage(run, {
      hidden: tf.mul(hidden!, tf.tensor3d([[[10]], [[1]], [[10]], [[1]]])),
      filmOutBias: tf.sub(filmOutBias!, tf.concat([tf.fill([8], 0.9), tf.zeros([8])])),
      trunkFilm: tf.sub(trunkFilm!, tf.concat([tf.fill([8], 0.9), tf.zeros([8])])),
    });
    expectAgreement(tf, small, await exported(tf, small));
    // Multipliers of 6, beyond the 1023 / 256 that the format has, after small weights.
    const large = withAverage(run, {
      hidden: tf.mul(hidden!, tf.tensor3d([[[0.2]], [[1]], [[0.2]], [[1]]])),
      filmOutBias: tf.add(filmOutBias!, tf.concat([tf.fill([8], 5), tf.zeros([8])])),
      trunkFilm: tf.add(trunkFilm!, tf.concat([tf.fill([8], 5), tf.zeros([8])])),
    });
    expectAgreement(tf, large, await exported(tf, large));
  });

  it('stays within the bounds of accumulators and shifts, whatever the size of the weights', async () => {
    const run = randomRun(tf, { seed: 5 });
    for (const factor of [1e-6, 1, 1e3]) {
      const model = await exported(tf, withAverage(run, { hidden: tf.mul(run.optimizer.average.hidden!, factor) }));
      expect(() => assertAccumulatorBounds(model.weights)).not.toThrow();
      const blocks = [...model.weights.trunkBlocks, ...model.weights.denoiserBlocks];
      for (const { shift } of blocks.flatMap(({ conv1, conv2 }) => [conv1, conv2])) {
        expect(Math.max(...shift)).toBeLessThanOrEqual(20);
      }
    }
  });

  it('is not made of weights that are not finite', async () => {
    const run = randomRun(tf, { seed: 6 });
    const broken = withAverage(run, { filmOutBias: tf.fill([16], Number.NaN) });
    await expect(exported(tf, broken)).rejects.toThrow('weights "filmOutBias" are not finite');
  });

  it('has the same bytes when it is exported again, and leaves no tensors behind', async () => {
    const run = randomRun(tf, { seed: 7 });
    const before = tf.memory().numTensors;
    const [first, second] = [await temporaryFolder(), await temporaryFolder()];
    const results = [await exportModel(tf, run, first), await exportModel(tf, run, second)];
    expect(tf.memory().numTensors).toBe(before);
    expect(results[1]).toEqual({ ...results[0], folder: second });
    for (const name of ['weights.bin', 'model.json']) {
      expect(await readFile(join(second, name))).toEqual(await readFile(join(first, name)));
    }
    const manifest = JSON.parse(await readFile(join(first, 'model.json'), 'utf8'));
    expect(manifest).toMatchObject({ channels: 8, trunkBlocks: 1, denoiserBlocks: 1, sha256: results[0]!.sha256 });
    expect(manifest.training).toEqual({ iterations: 7, hours: 0.03, config: JSON.parse(JSON.stringify(TINY_CONFIG)) });
  });
});

/** A run whose FiLM rows differ much from call to call. */
const withStrongFilm = (tf: Tf, run: RunState): RunState =>
  withAverage(run, {
    filmIn: tf.mul(run.optimizer.average.filmIn!, FILM_FACTOR),
    filmOut: tf.mul(run.optimizer.average.filmOut!, FILM_FACTOR),
  });

const FILM_FACTOR = 4;
const DETAILS_CONFIG: TrainConfig = { ...TINY_CONFIG, objective: 'details' };
const PASSES = Array.from({ length: NUM_PASSES }, (_, pass) => pass);

describeBackends('the exported network for details', (tf) => {
  it('has the F and G of the run that learned them in every pass, and its deviations', async () => {
    for (const seed of [1, 2]) {
      const run = randomRun(tf, { seed });
      const other = withStrongFilm(tf, randomRun(tf, { seed: seed + 10, config: DETAILS_CONFIG }));
      const details = { ...other, standardDeviations: other.standardDeviations.map((row) => row.map((sd) => 2 * sd)) };
      const model = await exported(tf, run, details);
      const scene = sceneOf(details, 0);
      for (const pass of PASSES) {
        expectClose(floatOutputs(tf, details, scene, passCall(pass)), passOutputs(model, scene, pass), `pass ${pass}`);
      }
      const { head } = model.details.conditions[CONDITION]!;
      expect(head.gain[0]! / model.conditions[CONDITION]!.direct.gain[0]!).toBeCloseTo(2, 3);
    }
  });

  it('leaves the other network as it is', async () => {
    const run = randomRun(tf, { seed: 1 });
    const alone = await exported(tf, run);
    const both = await exported(tf, run, randomRun(tf, { seed: 2, config: DETAILS_CONFIG }));
    const bytesOf = (model: Model, details: Model['details']) => Buffer.from(encodeTables({ ...model, details }));
    expect(bytesOf(both, alone.details).equals(bytesOf(alone, alone.details))).toBe(true);
    expect(bytesOf(both, both.details).equals(bytesOf(alone, alone.details))).toBe(false);
  });

  it('has those of the call without y of the only run, whatever the details', async () => {
    const run = withStrongFilm(tf, randomRun(tf, { seed: 1 }));
    const model = await exported(tf, run);
    const scene = sceneOf(run, 0);
    const expected = floatOutputs(tf, run, scene, levelCall(tf, run, undefined));
    for (const pass of PASSES) {
      const outputs = passOutputs(model, scene, pass);
      expectClose(expected, outputs, `pass ${pass}`);
      expect(passOutputs(model, { ...scene, y: scene.y.map((value) => value + 9) }, pass)).toEqual(outputs);
    }
    const { head } = model.details.conditions[CONDITION]!;
    expect(head).toEqual(model.conditions[CONDITION]!.direct);
  });

  it('also of a run that sees no Fourier features', async () => {
    const details = randomRun(tf, { seed: 2, config: { ...DETAILS_CONFIG, fourier: false } });
    const model = await exported(tf, randomRun(tf, { seed: 1 }), details);
    const scene = sceneOf(details, 0);
    expectClose(floatOutputs(tf, details, scene, passCall(5)), passOutputs(model, scene, 5), 'pass 5');
  });

  it('tells in the manifest where both come from', async () => {
    const [folder, details] = [await temporaryFolder(), randomRun(tf, { seed: 2, config: DETAILS_CONFIG })];
    await exportModel(tf, randomRun(tf, { seed: 1 }), folder, { ...details, iteration: 99 });
    const { training, detailsTraining } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    expect([training.iterations, training.config.objective]).toEqual([7, TINY_CONFIG.objective]);
    expect([detailsTraining.iterations, detailsTraining.config.objective]).toEqual([99, 'details']);
  });

  it.each([
    [DETAILS_CONFIG, undefined, 'a run of the objective "details" needs one of another objective'],
    [DETAILS_CONFIG, DETAILS_CONFIG, 'a run of the objective "details" needs one of another objective'],
    [TINY_CONFIG, TINY_CONFIG, 'the run for details must have "objective" "details", this one has "vlb"'],
    [TINY_CONFIG, { ...DETAILS_CONFIG, channels: 16 }, 'both runs must have the same "channels", they have 8 and 16'],
    [
      TINY_CONFIG,
      { ...DETAILS_CONFIG, denoiserBlocks: 2 },
      'both runs must have the same "denoiserBlocks", they have 1 and 2',
    ],
  ])('is not made of runs that do not fit together (row %#)', async (config, detailsConfig, message) => {
    const run = randomRun(tf, { seed: 1, config });
    const details = detailsConfig === undefined ? undefined : randomRun(tf, { seed: 2, config: detailsConfig });
    await expect(exported(tf, run, details)).rejects.toThrow(new RangeError(message));
  });

  it('is not made of weights that are not finite', async () => {
    const details = withAverage(randomRun(tf, { seed: 2, config: DETAILS_CONFIG }), {
      hidden: tf.fill([4, 72, 8], Number.NaN),
    });
    const failure = exported(tf, randomRun(tf, { seed: 1 }), details);
    await expect(failure).rejects.toThrow('weights "hidden" are not finite');
  });
});

/** Outputs of the network that a predictor is made to see: F and G of every coefficient, units 2^-8. */
interface Outputs {
  readonly f: number;
  readonly g: number;
}

/** A predictor on one position whose network says F and G. */
function predictorOf(model: Model, condition: number, { f, g }: Outputs): TilePredictor {
  const engine = {
    trunk: () => new Int16Array(8),
    denoise: () => Int16Array.from({ length: 18 }, (_, o) => (o < 9 ? f : g)),
  };
  const known = { height: 1, width: 1, planes: 3, data: new Int16Array(3) } as const;
  const tile = { row: 0, column: 0, height: 1, width: 1 };
  const tables = model.conditions[condition]!;
  const context = new StageContext({ engine, architecture: model, trunkFilm: tables.trunkFilm }, known).of(tile);
  return new TilePredictor(engine, tables, tile, context);
}

const variancesOf = (forwardScale: Uint8Array): number[] => {
  let sum = 0;
  return Array.from(forwardScale, (scale) => (sum += scaleSigma(scale) ** 2 + 1 / 12));
};

const OUTPUTS: readonly Outputs[] = [
  { f: 0, g: 0 },
  { f: 300, g: -200 },
  { f: -77, g: 131 },
];

/** The variance of a scale that stands for `variance` before rounding, at least the least scale's. */
const expectScale = (scale: number, variance: number, octaves: number, what: string): void => {
  const expected = Math.max(variance, scaleSigma(0) ** 2);
  expect(Math.abs(Math.log2(scaleSigma(scale) ** 2 / expected)), what).toBeLessThanOrEqual(2 * octaves + 1e-9);
};

describeBackends('the exported tables', (tf) => {
  it('have forward scales that follow the learned noise within the precision of the grid', async () => {
    const run = randomRun(tf, { seed: 8 });
    const model = await exported(tf, run);
    for (const [index, { chains }] of model.conditions.entries()) {
      for (const { levels, forwardScale } of chains) {
        const variances = variancesOf(forwardScale);
        for (const [i, level] of levels.entries()) {
          const added = noiseAt(tf, run, index, level) ** 2 - (variances[i - 1] ?? 0);
          // A scale is off by at most a half of 1/16 octave, its square by 2^(1/16).
          const difference = variances[i]! - (noiseAt(tf, run, index, level) ** 2 + 1 / 12);
          expect(added).toBeGreaterThan(0);
          expect(Math.abs(difference)).toBeLessThanOrEqual(added * (2 ** (1 / 16) - 1) + 1e-6);
        }
      }
    }
  });

  it.each([
    {},
    { prediction: 'eps' },
    { prediction: 'x' },
    { variance: 'beta-tilde' },
    { variance: 'interpolated' },
  ] as const)('have heads whose means and scales are those of the posterior, with %j', async (fields) => {
    const run = randomRun(tf, { seed: 9, config: { ...TINY_CONFIG, ...fields } });
    const model = await exported(tf, run);
    for (const [index, condition] of model.conditions.entries()) {
      for (const outputs of OUTPUTS) expectHeads(tf, { run, model, index, condition, outputs });
    }
  });

  it.each([
    { prediction: 'eps' },
    { prediction: 'x' },
    { variance: 'beta-tilde' },
    { variance: 'interpolated' },
    { trunkBlocks: 0 },
  ] as const)('code images with %j, which come back', async (fields) => {
    const image = await smallPhoto();
    const model = await exported(tf, randomRun(tf, { seed: 10, config: { ...TINY_CONFIG, ...fields } }));
    const file = await compress(image, { model, method: 'diffusion', numSteps: 4 });
    expect(isSameImage(await decompress(file, { model }), image)).toBe(true);
  });

  it('say in the manifest what the outputs stand for, where that is not the default', async () => {
    const manifestOf = async (fields: Partial<TrainConfig>) => {
      const folder = await temporaryFolder();
      await exportModel(tf, randomRun(tf, { seed: 1, config: { ...TINY_CONFIG, ...fields } }), folder);
      const { prediction, stepVariance } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
      return { prediction, stepVariance };
    };
    expect(await manifestOf({ variance: 'fixed' })).toEqual({});
    expect(await manifestOf({ prediction: 'x' })).toEqual({ prediction: 'x' });
    for (const variance of ['beta-tilde', 'interpolated'] as const) {
      expect(await manifestOf({ variance })).toEqual({ stepVariance: variance });
    }
  });
});

/** skip, gain and tau at G = 0, as docs/method.md, section 9, has them. */
const POSTERIOR = {
  v: (sd: number, n: number) => {
    const gain = (n * sd) / Math.hypot(n, sd);
    return [sd ** 2 / (sd ** 2 + n * n), gain, gain] as const;
  },
  eps: (_: number, n: number) => [1, -n, n] as const,
  x: (sd: number) => [0, sd, sd] as const,
};

/** Of y_s, or of u where varS is 0, as docs/method.md, section 9, has it. */
function stepVarianceOf(
  variance: TrainConfig['variance'],
  { varS, varT, sd, tau, g }: Readonly<Record<'varS' | 'varT' | 'sd' | 'tau' | 'g', number>>,
): number {
  const rest = 1 - varS / varT;
  const betaTilde = varS * rest;
  if (varS === 0 || variance === 'learned' || variance === 'fixed') return betaTilde + (rest * tau) ** 2;
  if (variance === 'beta-tilde') return betaTilde;
  const beta = ((varT - varS) * (sd ** 2 + varS)) / (sd ** 2 + varT);
  return betaTilde * (beta / betaTilde) ** ((g + 1) / 2);
}

interface HeadCase {
  readonly run: RunState;
  readonly model: Model;
  readonly index: number;
  readonly condition: Condition;
  readonly outputs: Outputs;
}

function expectHeads(tf: Tf, { run, model, index, condition, outputs }: HeadCase): void {
  const predictor = predictorOf(model, index, outputs);
  const [f, g] = [outputs.f / 256, outputs.g / 256];
  const sds = run.standardDeviations[index]!.slice(0, 9);
  const y = Int32Array.from(sds, (sd, c) => Math.round(sd * (c - 4)));
  const direct = predictor.direct();
  for (const [c, sd] of sds.entries()) {
    // Rounding to 1/16; tau on a grid of 1/16 octave, rounded where its base and where G enter.
    expect(Math.abs(direct.mean16[c]! / 16 - sd * f)).toBeLessThan(0.04);
    expectScale(direct.scale[c]!, (sd * 2 ** g) ** 2, 1 / 16, 'direct');
  }
  for (const chain of condition.chains) {
    const variances = variancesOf(chain.forwardScale);
    for (const [i, level] of chain.levels.entries()) {
      const n = noiseAt(tf, run, index, level);
      const [varS, varT] = [variances[i - 1] ?? 0, variances[i]!];
      const rest = 1 - varS / varT;
      const gaussians = predictor.reverse(chain, i, y);
      for (const [c, sd] of sds.entries()) {
        const [skip, gain, deviation] = POSTERIOR[run.config.prediction](sd, n);
        const uHat = skip * y[c]! + gain * f;
        const tau = deviation * 2 ** g;
        const rounding = i === 0 ? 0 : 1 / 12;
        expect(Math.abs(gaussians.mean16[c]! / 16 - ((1 - rest) * y[c]! + rest * uHat))).toBeLessThan(0.04);
        const variance = stepVarianceOf(run.config.variance, { varS, varT, sd, tau, g }) - rounding;
        // Subtracting 1/12 makes an error of tau relatively larger where little else is left.
        const excess = (variance + rounding) / Math.max(variance, 1e-9);
        expectScale(gaussians.scale[c]!, variance, (1.5 / 16) * Math.max(1, excess), `step ${i} of ${chain.levels}`);
      }
    }
    const prior = predictor.prior(chain);
    for (const [c, sd] of sds.entries()) {
      expect(Math.abs(prior.mean16[c]! / 16 - sd * f)).toBeLessThan(0.04);
      expectScale(prior.scale[c]!, variances.at(-1)! + (sd * 2 ** g) ** 2 - 1 / 12, 1.5 / 16, 'prior');
    }
  }
}
