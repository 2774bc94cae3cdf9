/** One iteration: the loss of a batch, its gradients, and the optimizer's step. */
import { chainLevels, chainsFor, NUM_SEED_CHAINS, STEP_COUNTS } from '../diffusion/chains.ts';
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import type { Scalar, Tf } from '../tensorflow.ts';
import type { Batch } from './batch.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { drawContinuousTimes } from './continuous-draw.ts';
import { detailsLoss, drawDetails } from './details-loss.ts';
import { type LossInputs, stageLoss } from './loss.ts';
import { chainKey, importanceShares, remember } from './loss-history.ts';
import type { Values } from './meter.ts';
import type { Parameters } from './model.ts';
import type { Random } from './random.ts';
import { drawTimes } from './time-draw.ts';
import { updateRun } from './update.ts';

/**
 * Runs one iteration; disposes the tensors of the run it was given.
 *
 * @throws DivergenceError when a term of the loss, the gradients or the new weights are not finite numbers.
 */
export function trainStep(tf: Tf, before: RunState, batch: Batch, random: Random): { run: RunState; values: Values } {
  return before.config.objective === 'details'
    ? detailsStep(tf, before, batch, random)
    : vlbStep(tf, before, batch, random);
}

function detailsStep(tf: Tf, before: RunState, batch: Batch, random: Random): { run: RunState; values: Values } {
  const inputs = drawDetails(before, batch, random);
  const { run, terms, norm } = updateRun(tf, before, (p) => ({
    total: tf.add(detailsLoss(tf, p, before.config, inputs), untouched(tf, p)) as Scalar,
  }));
  const direct = terms.total[0]!;
  return { run, values: { total: direct, recon: direct, diffusion: 0, prior: 0, direct, norm } };
}

/** 0, with a gradient of 0 for parameters that a loss does not depend on: TensorFlow.js wants one. */
const untouched = (tf: Tf, p: Parameters): Scalar =>
  tf.mul(tf.addN(Object.values(p).map((tensor) => tf.sum(tensor))), 0) as Scalar;

function vlbStep(tf: Tf, before: RunState, batch: Batch, random: Random): { run: RunState; values: Values } {
  const inputs = drawInputs(before, batch, drawChain(before.config, random), random);
  const { run, terms, norm } = updateRun(tf, before, (p) => {
    const {
      lossRecon: recon,
      lossDiffusion: diffusion,
      lossPrior: prior,
      direct,
      examples,
      total,
    } = stageLoss(tf, p, before.config, inputs);
    return { recon, diffusion, prior, direct, examples, total };
  });
  const scalarOf = (name: 'total' | 'recon' | 'diffusion' | 'prior' | 'direct'): number => terms[name][0]!;
  const [total, recon, diffusion] = [scalarOf('total'), scalarOf('recon'), scalarOf('diffusion')];
  const values = { total, recon, diffusion, prior: scalarOf('prior'), direct: scalarOf('direct'), norm };
  return { run: { ...run, ...historyAfter(before, inputs, terms.examples) }, values };
}

/** Index into chainLevels of the chain that examples of a condition take; undefined where steps are infinitely many. */
export type ChainDraw = ((condition: number) => number) | undefined;

export interface DrawnInputs extends LossInputs {
  /** Levels of the chain of each example; none where steps are infinitely many. */
  readonly chains: readonly (readonly number[])[];
}

/** Draws what the loss of a batch needs: times first, then noise. */
export function drawInputs(
  { standardDeviations, config, history = {} }: Pick<RunState, 'standardDeviations' | 'config' | 'history'>,
  batch: Batch,
  chain: ChainDraw,
  random: Random,
): DrawnInputs {
  const isIndependent = config.timeSampler === 'uniform';
  const noiseOf = () => random.normal(batch.size * batch.height * batch.width * NUM_COEFFICIENTS);
  if (chain === undefined) {
    const draw = drawContinuousTimes(batch.size, random, { isIndependent });
    return { batch, draw, chains: [], noise: noiseOf(), standardDeviations };
  }
  const chains = Array.from(batch.condition, (condition) => chainLevels(condition)[chain(condition)]!);
  const sharesOf = (levels: readonly number[], i: number) =>
    importanceShares(history, chainKey(batch.condition[i]!, levels), levels.length - 1);
  const draw = drawTimes(chains, random, {
    isIndependent,
    ...(config.timeSampler === 'importance' ? { sharesOf } : {}),
  });
  return { batch, draw, chains, noise: noiseOf(), standardDeviations };
}

/** The history of a run with importance sampling, with the losses of a batch. */
function historyAfter(
  { config, history = {} }: RunState,
  { batch, draw, chains }: DrawnInputs,
  examples: Float32Array,
): Pick<RunState, 'history'> {
  if (config.timeSampler !== 'importance') return {};
  const losses = Array.from(examples, (loss, i) => {
    const levels = chains[i]!;
    return { key: chainKey(batch.condition[i]!, levels), term: draw.term[i]!, terms: levels.length + 1, loss };
  });
  return { history: remember(history, losses) };
}

/**
 * By `seedShare` any seed chain, else a main chain by the weights of `steps`; no chain in continuous time. None starts late: without the weights of
 * colours such a chain is dear, and would draw the schedule to little noise.
 */
function drawChain({ time, steps, seedShare }: TrainConfig, random: Random): ChainDraw {
  if (time === 'continuous') return undefined;
  const place = random.uniform() < seedShare ? 1 + random.integer(NUM_SEED_CHAINS) : 0;
  const numSteps = STEP_COUNTS[random.choice(STEP_COUNTS.map((count) => steps[count] ?? 0))]!;
  return (condition) => chainsFor(condition, { numSteps, startsLate: false })[place]!;
}
