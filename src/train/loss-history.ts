/**
 * The last losses of every term of every chain, and the probabilities that follow from them: proportional to the root of
 * their second moment (Improved DDPM, arXiv:2102.09672, section 3.3). Plain data that a checkpoint can hold.
 */
import { fixedShares } from './time-draw.ts';

/** Losses that are kept of a term; before there are so many of each, probabilities are fixed. */
const KEPT = 10;
/** Share of draws that are even over the terms, so that none is forgotten. */
const EVEN_SHARE = 0.001;

/** By chain, then by term: the last losses, the newest last. */
export type LossHistory = Readonly<Record<string, readonly (readonly number[])[]>>;

/** The name of a chain of a condition. */
export const chainKey = (condition: number, levels: readonly number[]): string => `${condition}:${levels.join(',')}`;

export interface TermLoss {
  readonly key: string;
  readonly term: number;
  /** Terms of the chain. */
  readonly terms: number;
  readonly loss: number;
}

export function remember(history: LossHistory, losses: readonly TermLoss[]): LossHistory {
  const next: Record<string, readonly (readonly number[])[]> = { ...history };
  for (const { key, term, terms, loss } of losses) {
    const rows = next[key] ?? Array.from({ length: terms }, () => []);
    next[key] = rows.map((row, i) => (i === term ? [...row, loss].slice(-KEPT) : row));
  }
  return next;
}

/** Probabilities of the terms of a chain with T steps. */
export function importanceShares(history: LossHistory, key: string, numSteps: number): readonly number[] {
  const rows = history[key];
  if (rows === undefined || rows.some((row) => row.length < KEPT)) return fixedShares(numSteps);
  const roots = rows.map((row) => Math.sqrt(row.reduce((sum, loss) => sum + loss * loss, 0) / row.length));
  const total = roots.reduce((sum, root) => sum + root, 0);
  if (!(total > 0)) return fixedShares(numSteps);
  return roots.map((root) => (1 - EVEN_SHARE) * (root / total) + EVEN_SHARE / roots.length);
}
