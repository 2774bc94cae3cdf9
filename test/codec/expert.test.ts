import { describe, expect, it } from 'vitest';
import { MAX_SQUARE } from '../../src/codec/error-classes.ts';
import { Expert, NUM_COMPONENTS } from '../../src/codec/expert.ts';
import { DEVIATIONS16 } from '../../src/codec/neighbour-residuals.ts';
import { NUM_SCALES, scaleIndexForVariance } from '../../src/rans/discretised-gaussian.ts';
import { GaussianMixture } from '../../src/rans/gaussian-mixture.ts';
import { seededRandom } from '../helpers/random.ts';

const NUM_CLASSES = 3;
const OFFSET = 2;
const SCALE = 112;
const MEAN16 = 40;
const CENTRE = 3;
const DEVIATION = DEVIATIONS16[SCALE]! / 16;
const COMPONENTS = [0, 1, 2, 3, 4];
/** A bin of which no component has a part, whatever its scale. */
const FAR_BIN = 30_000;
const FIRST_WEIGHTS = [0.02, 0.16, 0.64, 0.16, 0.02];

interface Component {
  readonly mean16: number;
  readonly scale: number;
  readonly weight: number;
}

/** Keeps what it is told. */
class OpenMixture extends GaussianMixture {
  readonly components: Component[] = [];

  override setComponent(k: number, mean16: number, scale: number, weight: number): void {
    super.setComponent(k, mean16, scale, weight);
    this.components[k] = { mean16, scale, weight };
  }
}

/** An expert and the mixture that it speaks in, from the third component on. */
class Listener {
  readonly mixture = new OpenMixture(OFFSET + NUM_COMPONENTS);
  readonly expert = new Expert(this.mixture, OFFSET, NUM_CLASSES);

  /** What it says of a detail; nothing is learned from that. */
  hear({ entry = 0, scale = SCALE, mean16 = MEAN16, trust = 1 } = {}): Component[] {
    this.expert.say(entry, scale, mean16, trust);
    this.mixture.setCentre(CENTRE);
    return this.mixture.components.slice(OFFSET);
  }

  scales = (said = {}): number[] => this.hear(said).map(({ scale }) => scale);
  weights = (said = {}): number[] => this.hear(said).map(({ weight }) => weight);

  /** A detail that is so many deviations off, of which no weights are learned. */
  err(deviations: number, said: { entry?: number; scale?: number } = {}): void {
    this.hear(said);
    this.expert.learn(FAR_BIN, MEAN16 + deviations * DEVIATIONS16[said.scale ?? SCALE]!);
  }

  /** A detail of a bin. */
  learn(bin: number): void {
    this.hear();
    this.expert.learn(bin, 16 * (CENTRE + bin));
  }
}

/** Scales of components whose middle one has this variance, in those of the network. */
function scalesOf(variance: number, deviation = DEVIATION): number[] {
  const middle = scaleIndexForVariance(Math.max(variance * deviation * deviation - 1 / 12, 1 / 512));
  return [-32, -16, 0, 16, 32].map((step) => Math.min(Math.max(middle + step, 0), NUM_SCALES - 1));
}

describe('an expert', () => {
  it('says five Gaussians an octave apart around the deviation of the network', () => {
    const said = new Listener().hear({ mean16: 41.25 });
    const expected = scalesOf(1).map((scale, k) => ({ mean16: 41.25, scale, weight: FIRST_WEIGHTS[k] }));
    expect(said).toEqual(expected);
    expect(Math.abs(said[2]!.scale - SCALE)).toBeLessThanOrEqual(1);
  });

  it('shares the weight that it is trusted with, and its part of a bin is in proportion', () => {
    const [full, quarter] = [new Listener(), new Listener()];
    const whole = full.weights();
    const part = full.expert.learn(1, MEAN16);
    expect(part).toBe(COMPONENTS.reduce((sum, k) => sum + full.mixture.part(OFFSET + k, 1), 0));
    expect(quarter.weights({ trust: 0.25 })).toEqual(whole.map((weight) => weight / 4));
    expect(quarter.expert.learn(1, MEAN16)).toBeCloseTo(part / 4, 6);
  });

  it('follows the variance of errors: fast at first, then by 1 / 192', () => {
    const [listener, random] = [new Listener(), seededRandom(3)];
    const [heard, expected]: [number[][], number[][]] = [[], []];
    let variance = 1;
    for (let count = 0; count < 4000; count++) {
      heard.push(listener.scales());
      expected.push(scalesOf(variance));
      const error = (count % 1000 < 500 ? 1 : 3) * (random() - 0.5);
      listener.err(error);
      variance += Math.max(1 / (count + 4), 1 / 192) * (error * error - variance);
    }
    expect(heard).toEqual(expected);
    expect(new Set(heard.map(([first]) => first)).size).toBeGreaterThan(20);
  });

  it('counts errors by no more than 25 squared deviations', () => {
    expect(MAX_SQUARE).toBe(25);
    const [far, farther] = [new Listener(), new Listener()];
    far.err(5);
    farther.err(-50);
    expect(farther.scales()).toEqual(far.scales());
    expect(far.scales()).toEqual(scalesOf((3 * 1 + 25) / 4));
  });

  it.each([0, 20, 255])('says scales of the grid however small or large errors are, at scale %d', (scale) => {
    for (const deviations of [0, 5]) {
      const listener = new Listener();
      for (let i = 0; i < 3000; i++) listener.err(deviations, { scale });
      expect(listener.scales({ scale })).toEqual(scalesOf(deviations ** 2, DEVIATIONS16[scale]! / 16));
    }
  });

  it('learns which components bins come from: fast at first, then by 1 / 128', () => {
    const listener = new Listener();
    let expected = FIRST_WEIGHTS;
    for (let count = 0; count < 400; count++) {
      const bin = count < 200 ? 0 : 9 - (count % 3);
      listener.learn(bin);
      const parts = COMPONENTS.map((k) => listener.mixture.part(OFFSET + k, bin));
      const total = parts.reduce((sum, part) => sum + part);
      const rate = Math.max(1 / (count + 24), 1 / 128);
      expected = expected.map(
        (weight, k) => weight + rate * (1 / 16_384 + (1 - 5 / 16_384) * (parts[k]! / total) - weight),
      );
      for (const [k, weight] of listener.weights().entries()) expect(weight).toBeCloseTo(expected[k]!, 12);
    }
    expect(expected.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 12);
  });

  it('learns nothing of weights from a bin that all its components find impossible', () => {
    const listener = new Listener();
    listener.hear();
    expect(listener.expert.learn(FAR_BIN, MEAN16 + DEVIATIONS16[SCALE]!)).toBe(0);
    expect(listener.weights()).toEqual(FIRST_WEIGHTS);
    expect(listener.scales()).toEqual(scalesOf(1));
  });

  it('learns of the class of a detail alone, and moves no component of others', () => {
    const listener = new Listener();
    for (let i = 0; i < 50; i++) listener.err(0.1, { entry: 1 });
    listener.hear({ entry: 1 });
    listener.expert.learn(0, MEAN16);
    expect(listener.mixture.components.slice(0, OFFSET)).toEqual(new Array(OFFSET));
    for (const entry of [0, 2]) expect(listener.hear({ entry })).toEqual(new Listener().hear());
    expect(listener.hear({ entry: 1 })).not.toEqual(new Listener().hear());
  });
});
