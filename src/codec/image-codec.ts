/** The planes of an image on the stack: the finest stage is pushed first and the base last, so decoding goes upward. */
import { synthesise } from '../pyramid/haar.ts';
import { buildPyramid, stageSizes } from '../pyramid/stages.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { popBase, pushBase } from './base-codec.ts';
import type { Coder } from './coder.ts';
import { popStage, pushStage } from './stage-codec.ts';

/** @param samples [height, width, planes] */
export async function pushImage(stack: AnsStack, samples: Int16Array, coder: Coder): Promise<void> {
  const { height, width, planes } = coder.options;
  const { stages, base } = buildPyramid(samples, height, width, planes);
  for (const stage of stages) await pushStage(stack, stage, coder);
  pushBase(stack, base);
}

/** Undoes pushImage. Returns samples, [height, width, planes]. */
export async function popImage(stack: AnsStack, coder: Coder): Promise<Int16Array> {
  const { height, width, planes } = coder.options;
  let samples = popBase(stack, planes);
  for (const [level, size] of [...stageSizes(height, width).entries()].reverse()) {
    const detail = await popStage(stack, { level, ...size, low: samples }, coder);
    samples = synthesise({ low: samples, detail }, size.height, size.width, planes);
  }
  return samples;
}
