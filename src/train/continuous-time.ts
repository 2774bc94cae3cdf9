/** What continuous time asks of the other methods of a run. */
import type { Methods } from '../training-methods.ts';

/** What is wrong with the other methods where steps are infinitely many, after the words '"time" "continuous"'. */
export function continuousTimeFault({ objective, variance, timeSampler }: Methods): string | undefined {
  if (objective === 'hybrid') {
    return 'means nothing to "objective" "hybrid": its bound is for variances of steps, on which infinitely many do not depend';
  }
  if (timeSampler === 'importance') {
    return 'means nothing to "timeSampler" "importance", which knows the losses of each step of a chain';
  }
  if (variance === 'beta-tilde') return undefined;
  return (
    `needs "variance" "beta-tilde", got "${variance}": ` +
    'infinitely many steps cost the same whatever their variances, so nothing would teach these'
  );
}
