/** The learning rate over a run: linear warm-up, a constant rate, then cosine decay. */
import type { TrainConfig } from './config.ts';
import type { LearningRates } from './optimizers.ts';

/** The learning rate ends at this share of its start. */
const FINAL_SHARE = 0.02;

/** @param iteration 1 for the first step */
export function learningRates(config: TrainConfig, iteration: number): LearningRates {
  const share = rateShare(config, iteration);
  return {
    muon: config.muonLearningRate * share,
    adam: config.adamLearningRate * share,
    weightDecay: config.weightDecay,
    // A young average must not remember the random weights it began with.
    emaDecay: Math.min(config.emaDecay, iteration / (iteration + 9)),
  };
}

function rateShare(config: TrainConfig, iteration: number): number {
  const decayed = config.decayShare * config.iterations;
  const progress = Math.min(1, Math.max(0, iteration - config.iterations + decayed) / Math.max(1, decayed));
  const cosine = FINAL_SHARE + (1 - FINAL_SHARE) * 0.5 * (1 + Math.cos(Math.PI * progress));
  return Math.min(1, iteration / config.warmup) * cosine;
}
