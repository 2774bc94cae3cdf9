import { expect, it } from 'vitest';
import { predictionTerms } from '../../src/train/prediction.ts';
import { PREDICTIONS, type Prediction } from '../../src/training-methods.ts';
import { describeBackends } from '../helpers/tensorflow.ts';

interface Sample {
  readonly u: number;
  readonly eps: number;
  readonly sd: number;
  readonly n: number;
}

const SAMPLES: readonly Sample[] = [
  { u: 3, eps: 0.5, sd: 12, n: 0.7 },
  { u: -20, eps: -1.5, sd: 12, n: 9 },
  { u: 5, eps: 2, sd: 0.5, n: 30 },
  { u: 0, eps: -0.25, sd: 80, n: 4 },
];

const yOf = ({ u, eps, n }: Sample): number => u + n * eps;

/** F that says u itself, from the definitions: v = alpha eps - sigma u / sd, and F = -v. */
const EXACT: Readonly<Record<Prediction, (sample: Sample) => number>> = {
  v: ({ u, eps, sd, n }) => -((sd / Math.hypot(sd, n)) * eps - (n / Math.hypot(sd, n)) * (u / sd)),
  eps: ({ eps }) => eps,
  x: ({ u, sd }) => u / sd,
};

/** F that says uHat. */
const SAYING: Readonly<Record<Prediction, (uHat: number, sample: Sample) => number>> = {
  v: (uHat, sample) => EXACT.v({ ...sample, u: uHat, eps: (yOf(sample) - uHat) / sample.n }),
  eps: (uHat, sample) => (yOf(sample) - uHat) / sample.n,
  x: (uHat, { sd }) => uHat / sd,
};

describeBackends('predictionTerms', (tf) => {
  const termsOf = (prediction: Prediction) => {
    const terms = predictionTerms(tf, prediction, {
      sd: tf.tensor1d(SAMPLES.map(({ sd }) => sd)),
      variance: tf.tensor1d(SAMPLES.map(({ n }) => n * n)),
    });
    const [skip, gain, deviation] = [terms.skip, terms.gain, terms.deviation].map((term) =>
      Array.from(term.dataSync()),
    );
    return { skip: skip!, gain: gain!, deviation: deviation! };
  };
  const uHatOf = (prediction: Prediction, outputs: readonly number[]): number[] => {
    const { skip, gain } = termsOf(prediction);
    return SAMPLES.map((sample, i) => skip[i]! * yOf(sample) + gain[i]! * outputs[i]!);
  };

  it.each(PREDICTIONS)('%s: the F of its definition has no error', (prediction) => {
    const uHat = uHatOf(prediction, SAMPLES.map(EXACT[prediction]));
    for (const [i, { u }] of SAMPLES.entries()) expect(uHat[i]).toBeCloseTo(u, 4);
  });

  it.each(PREDICTIONS)('%s: says what the others say where F is converted', (prediction) => {
    const targets = [1.5, -8, 2, 40];
    const uHat = uHatOf(
      prediction,
      SAMPLES.map((sample, i) => SAYING[prediction](targets[i]!, sample)),
    );
    for (const [i, target] of targets.entries()) expect(uHat[i]).toBeCloseTo(target, 4);
  });

  it.each(PREDICTIONS)('%s: an error of one in F is an error of the deviation in uHat', (prediction) => {
    const outputs = SAMPLES.map(EXACT[prediction]);
    const [right, wrong] = [outputs, outputs.map((f) => f + 1)].map((f) => uHatOf(prediction, f));
    const { deviation } = termsOf(prediction);
    for (const [i, value] of deviation.entries()) expect(Math.abs(wrong![i]! - right![i]!)).toBeCloseTo(value, 4);
  });

  it('v has the smallest deviation at every noise: that of u given y', () => {
    const [v, eps, x] = PREDICTIONS.map((prediction) => termsOf(prediction).deviation);
    for (const [i, { sd, n }] of SAMPLES.entries()) {
      expect(v![i]! / (1 / Math.hypot(1 / sd, 1 / n))).toBeCloseTo(1, 5);
      expect(v![i]!).toBeLessThan(Math.min(eps![i]!, x![i]!));
    }
  });
});
