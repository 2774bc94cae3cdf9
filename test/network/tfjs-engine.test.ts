import { expect, it } from 'vitest';
import { type ConvWeights, KNOWN_PLANES, MAX_SHIFT } from '../../src/network/network.ts';
import { TfjsEngine } from '../../src/network/tfjs-engine.ts';
import { checkEngine, ENGINE_CASES, runEngine } from '../helpers/check-engine.ts';
import { randomFilm, randomInt8, randomNetwork } from '../helpers/random-network.ts';
import { clamp, roundShift } from '../helpers/reference-conv3x3.ts';
import { describeBackends } from '../helpers/tensorflow.ts';

/** Without the largest map, which takes long in plain JavaScript. */
const CASES = ENGINE_CASES.map((engineCase) => ({
  ...engineCase,
  calls: engineCase.calls.filter(({ height, width }) => height * width <= 256),
}));

/** Accumulators around the bound, powers of two and ties, with every shift. */
const ROUNDINGS = Array.from({ length: MAX_SHIFT + 1 }, (_, shift) => shift).flatMap((shift) =>
  [2 ** 24 - 2, 2 ** 24 - 1 - 2 ** 15, 2 ** 23, 2 ** 22, 3 * 2 ** shift, 2 ** shift, 2 ** shift / 2]
    .flatMap((value) => [value - 1, value, value + 1])
    .flatMap((value) => [Math.floor(value), -Math.floor(value)])
    .map((value) => ({ value, shift })),
);

const emptyLayer = (inChannels: number, outChannels: number): ConvWeights => ({
  inChannels,
  outChannels,
  weights: new Int8Array(9 * inChannels * outChannels),
  bias: new Int32Array(outChannels),
  shift: new Uint8Array(outChannels),
});

describeBackends('the engine', (tf) => {
  it.each(CASES)('equals the reference bit for bit: $title', ({ weights, calls }) => {
    const engine = new TfjsEngine(tf, weights);
    checkEngine(engine, { weights, calls });
    engine.dispose();
  });

  it('rounds every accumulator as the shift of an integer does', () => {
    const channels = Math.ceil(ROUNDINGS.length / 8) * 8;
    const trunkIn = {
      ...emptyLayer(KNOWN_PLANES, channels),
      bias: Int32Array.from({ length: channels }, (_, i) => ROUNDINGS[i]?.value ?? 0),
      shift: Uint8Array.from({ length: channels }, (_, i) => ROUNDINGS[i]?.shift ?? 0),
    };
    const [denoiserIn, denoiserOut] = [emptyLayer(54, channels), emptyLayer(channels, 18)];
    const blocks = { trunkBlocks: [], denoiserBlocks: [] };
    const engine = new TfjsEngine(tf, { channels, trunkIn, ...blocks, denoiserIn, denoiserOut });
    const stream = engine.trunk(new Int8Array(KNOWN_PLANES), 1, 1, randomFilm(1, 0, channels));
    engine.dispose();
    const expected = ROUNDINGS.map(({ value, shift }) => clamp(roundShift(value, shift), -32768, 32767));
    expect(stream.subarray(0, ROUNDINGS.length)).toEqual(Int16Array.from(expected));
  });

  it('uploads weights once and each film once, and disposes of all', () => {
    const before = tf.memory().numTensors;
    const weights = randomNetwork({ trunkBlocks: 1, denoiserBlocks: 0 });
    const engine = new TfjsEngine(tf, weights);
    const ofWeights = tf.memory().numTensors;
    expect(ofWeights - before).toBe(2 * 5); // kernel and bias of five layers
    const films = [randomFilm(1, 1, 8), randomFilm(2, 1, 8)];
    for (let i = 0; i < 6; i++) engine.trunk(randomInt8(i, KNOWN_PLANES * 12), 3, 4, films[i % 2]!);
    expect(tf.memory().numTensors - ofWeights).toBe(2 * 2);
    engine.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('returns copies that later calls do not change', () => {
    const weights = randomNetwork();
    const engine = new TfjsEngine(tf, weights);
    const first = runEngine(engine, weights, { height: 4, width: 4, seed: 1 });
    const copy = structuredClone(first);
    runEngine(engine, weights, { height: 4, width: 4, seed: 2 });
    engine.dispose();
    expect(first).toEqual(copy);
  });

  it('refuses arrays of the wrong size', () => {
    const engine = new TfjsEngine(tf, randomNetwork());
    const film = randomFilm(1, 1, 8);
    expect(() => engine.trunk(new Int8Array(4), 1, 1, film)).toThrow('"known" must have 17 values, got 4');
    expect(() => engine.denoise(new Int8Array(54), new Int16Array(9), 1, 1, film)).toThrow('"context" must have 8');
    engine.dispose();
  });

  it('refuses a network whose sums may reach 2^24', () => {
    const weights = randomNetwork();
    weights.trunkIn.bias[0] = 2 ** 24;
    expect(() => new TfjsEngine(tf, weights)).toThrow('layer trunkIn, channel 0: accumulator may reach');
  });
});
