/** One iteration: the loss of a batch, its gradients, and the optimizer's step. */
import { chainLevels, chainsFor, NUM_SEED_CHAINS, STEP_COUNTS } from '../diffusion/chains.ts';
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import type { Scalar, Tensor, Tf } from '../tensorflow.ts';
import type { Batch } from './batch.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { learningRates } from './learning-rate.ts';
import { type LossInputs, type LossTerms, stageLoss } from './loss.ts';
import { chainKey, importanceShares, remember } from './loss-history.ts';
import type { Values } from './meter.ts';
import type { Parameters } from './model.ts';
import { clipGradients, type OptimizerState, optimizerStep } from './optimizers.ts';
import type { Random } from './random.ts';
import { drawTimes } from './time-draw.ts';

/**
 * Runs one iteration; disposes the tensors of the run it was given.
 *
 * @throws Error naming the iteration and the terms when one is not a finite number.
 */
export function trainStep(tf: Tf, run: RunState, batch: Batch, random: Random): { run: RunState; values: Values } {
  const inputs = drawInputs(run, batch, drawChain(run.config, random), random);
  const iteration = run.iteration + 1;
  const { parameters, optimizer, values, examples } = update(tf, run, inputs, iteration);
  tf.dispose([run.parameters, run.optimizer] as never);
  if (!Object.values(values).every(Number.isFinite)) {
    tf.dispose([parameters, optimizer] as never);
    const terms = Object.entries(values).map(([name, value]) => `${name} ${value}`);
    throw new Error(`training stopped at iteration ${iteration}: ${terms.join(', ')}`);
  }
  return { run: { ...run, ...historyAfter(run, inputs, examples), iteration, parameters, optimizer }, values };
}

/** Index into chainLevels of the chain that examples of a condition take. */
export type ChainDraw = (condition: number) => number;

export interface DrawnInputs extends LossInputs {
  /** Levels of the chain of each example. */
  readonly chains: readonly (readonly number[])[];
}

/** Draws what the loss of a batch needs: times first, then noise. */
export function drawInputs(
  { standardDeviations, config, history = {} }: Pick<RunState, 'standardDeviations' | 'config' | 'history'>,
  batch: Batch,
  chain: ChainDraw,
  random: Random,
): DrawnInputs {
  const chains = Array.from(batch.condition, (condition) => chainLevels(condition)[chain(condition)]!);
  const sharesOf = (levels: readonly number[], i: number) =>
    importanceShares(history, chainKey(batch.condition[i]!, levels), levels.length - 1);
  const draw = drawTimes(chains, random, {
    isIndependent: config.timeSampler === 'uniform',
    ...(config.timeSampler === 'importance' ? { sharesOf } : {}),
  });
  const noise = random.normal(batch.size * batch.height * batch.width * NUM_COEFFICIENTS);
  return { batch, draw, chains, noise, standardDeviations };
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
 * By `seedShare` any seed chain, else a main chain by the weights of `steps`. None starts late: without the weights of
 * colours such a chain is dear, and would draw the schedule to little noise.
 */
function drawChain({ steps, seedShare }: TrainConfig, random: Random): ChainDraw {
  const place = random.uniform() < seedShare ? 1 + random.integer(NUM_SEED_CHAINS) : 0;
  const numSteps = STEP_COUNTS[random.choice(STEP_COUNTS.map((count) => steps[count] ?? 0))]!;
  return (condition) => chainsFor(condition, { numSteps, startsLate: false })[place]!;
}

interface Updated {
  readonly parameters: Parameters;
  readonly optimizer: OptimizerState;
  readonly values: Values;
  /** As in LossTerms. */
  readonly examples: Float32Array;
}

function update(tf: Tf, run: RunState, inputs: LossInputs, iteration: number): Updated {
  const { parameters, optimizer, report, examples } = tf.tidy(() => {
    const { terms, gradients } = lossAndGradients(tf, run.parameters, (p) => stageLoss(tf, p, run.config, inputs));
    const { clipped, norm } = clipGradients(tf, gradients, run.config.clipNorm);
    const before = { parameters: run.parameters, state: run.optimizer, gradients: clipped };
    const after = optimizerStep(tf, before, learningRates(run.config, iteration), iteration);
    const { total, lossRecon, lossDiffusion, lossPrior, direct } = terms;
    const report = tf.stack([total, lossRecon, lossDiffusion, lossPrior, direct, norm]);
    const examples = tf.clone(terms.examples);
    tf.dispose(terms as never); // kept by lossAndGradients
    return { parameters: after.parameters, optimizer: after.state, report, examples } as never;
  }) as unknown as Omit<Updated, 'values' | 'examples'> & { report: Tensor; examples: Tensor };
  const [total, recon, diffusion, prior, direct, norm] = report.dataSync() as unknown as SixNumbers;
  const lossOfExamples = examples.dataSync() as Float32Array;
  tf.dispose([report, examples]);
  return { parameters, optimizer, examples: lossOfExamples, values: { total, recon, diffusion, prior, direct, norm } };
}

type SixNumbers = [number, number, number, number, number, number];

function lossAndGradients(
  tf: Tf,
  parameters: Parameters,
  loss: (p: Parameters) => LossTerms,
): { terms: LossTerms; gradients: Parameters } {
  const names = Object.keys(parameters);
  let terms: LossTerms | undefined;
  const gradientsOf = tf.valueAndGrads((...tensors: Tensor[]) => {
    terms = loss(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])));
    for (const term of Object.values(terms)) tf.keep(term);
    return terms.total as Scalar;
  });
  const { grads } = gradientsOf(names.map((name) => parameters[name]!));
  return { terms: terms!, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}
