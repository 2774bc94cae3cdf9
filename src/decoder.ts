/** What a file's stack is decoded with: the model and the steps that its header names. */
import { Coder } from './codec/coder.ts';
import { planeCount } from './codec/planes.ts';
import type { Header } from './container/header.ts';
import { STEP_COUNTS } from './diffusion/chains.ts';
import { CodecError } from './errors.ts';
import { findModel } from './model/installed-models.ts';
import { type Model, modelIdText } from './model/model.ts';
import { type CodingOptions, engineFor } from './options.ts';

/** @throws CodecError 'corrupt' for a number of steps that there is not, 'unknown-model' */
export async function decoderOf(header: Header, options: CodingOptions): Promise<Coder> {
  const { height, width, channels, numSteps } = header;
  assertNumSteps(header);
  const model = await modelOf(header, options.model);
  const engine = await engineFor(model, options);
  return new Coder({ ...options, model, engine, numSteps, planes: planeCount(channels), height, width });
}

async function modelOf({ modelId }: Header, given: Model | undefined): Promise<Model> {
  const model = given ?? (await findModel(modelId));
  if (model.id === modelId) return model;
  const [found, expected] = [model.id, modelId].map(modelIdText);
  throw new CodecError('unknown-model', `file needs model ${expected}, but was given model ${found} (${model.name})`);
}

function assertNumSteps({ numSteps }: Header): void {
  if (!(STEP_COUNTS as readonly number[]).includes(numSteps)) {
    throw new CodecError('corrupt', `number of steps must be one of ${STEP_COUNTS.join(', ')}, found ${numSteps}`);
  }
}
