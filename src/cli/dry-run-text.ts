/** What `vdmz train --dry-run` prints. */
import type { TrainConfig } from '../train/config.ts';
import type { DryRun } from '../train/dry-run.ts';
import { durationText } from './report.ts';

const KINDS: Readonly<Record<string, string>> = {
  photos: 'patches of photographs',
  small: '32x32 images',
  tops: 'tops of pyramids',
  pixels: 'pixels',
};

const countText = (count: number): string => Math.round(count).toLocaleString('en-US');

export function dryRunText({ name, process, domain, iterations }: TrainConfig, result: DryRun): string {
  const { parameters, callMacsPerPixel, imageMacsPerPixel, examples, secondsPerIteration, totalSeconds, gflops } =
    result;
  const waiting = `${Math.round(100 * result.batchShare)} % of it`;
  const kinds = Object.entries(examples).map(([kind, count]) => `${count} ${KINDS[kind]}`);
  const image = domain === 'pixels' ? 'an image, T = 8' : 'an image, all stages, T = 8';
  return [
    `${name}: ${countText(parameters)} parameters`,
    ...(process === 'absorbing'
      ? [`multiplications a pixel: ${countText(imageMacsPerPixel)}`]
      : [
          `multiplications a pixel: ${countText(callMacsPerPixel)} of a call of the denoiser`,
          `multiplications a pixel: ${countText(imageMacsPerPixel)} of ${image}`,
        ]),
    `batch: ${kinds.join(', or at most ')}`,
    `${secondsPerIteration.toPrecision(3)} s an iteration, ${countText(iterations)} iterations in ${durationText(totalSeconds)}`,
    `${gflops.toPrecision(3)} GFLOPS of the network, forward and backward; waiting for batches: ${waiting}`,
  ].join('\n');
}
