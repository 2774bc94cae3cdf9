/** What images are coded with: a model, its engine and a number of steps, of the options or of a file's header. */
import { Coder, type CoderOptions } from './codec/coder.ts';
import { planeCount } from './codec/planes.ts';
import type { Header } from './container/header.ts';
import { MAX_SMALL_SIDE } from './diffusion/conditions.ts';
import { CodecError } from './errors.ts';
import type { Image } from './image/image.ts';
import type { AbsorbingModel } from './model/absorbing-model.ts';
import { type AnyModel, defaultModel, findModel, isAbsorbing, requireGaussian } from './model/installed-models.ts';
import { type Model, modelIdText } from './model/model.ts';
import { type CodingOptions, engineFor } from './options.ts';

/** Of the image's size and channels, alpha counts for nothing. */
type Shape = Pick<Image, 'height' | 'width' | 'channels'>;

export type EncoderOptions = CodingOptions & Pick<CoderOptions, 'observer' | 'isChained'>;

export type DecoderOptions = CodingOptions & Pick<CoderOptions, 'isChained'>;

/** What a header says of how an image was coded. */
type Coded = Shape & Pick<Header, 'modelId' | 'numSteps'>;

/** With the default model where the options have none. @throws RangeError for a model of absorbing diffusion; as engineFor */
export async function encoderOf(image: Shape, numSteps: number, options: EncoderOptions): Promise<Coder> {
  return openCoder(image, numSteps, { ...options, model: requireGaussian(options.model ?? (await defaultModel())) });
}

/** @param header of steps that there are. @throws CodecError 'unknown-model' */
export async function decoderOf(header: Coded, options: DecoderOptions): Promise<Coder> {
  const model = await modelOf(header, options.model);
  if (isAbsorbing(model)) throw new CodecError('corrupt', `model ${model.name} is not one of Gaussian diffusion`);
  return openCoder(header, header.numSteps, { ...options, model });
}

async function openCoder(
  { height, width, channels }: Shape,
  numSteps: number,
  options: EncoderOptions & { model: Model },
): Promise<Coder> {
  const { model } = options;
  const engine = await engineFor(model, options);
  const isLarge = Math.max(height, width) > MAX_SMALL_SIDE;
  const detailsEngine = isLarge ? await engineFor(model.details, options) : undefined;
  return new Coder({ ...options, engine, detailsEngine, numSteps, planes: planeCount(channels), height, width });
}

/** The model of absorbing diffusion that a header names. @throws CodecError */
export async function absorbingModelOf(
  coded: Pick<Coded, 'modelId'>,
  given: AnyModel | undefined,
): Promise<AbsorbingModel> {
  const model = await modelOf(coded, given);
  if (isAbsorbing(model)) return model;
  throw new CodecError('corrupt', `model ${model.name} is not one of absorbing diffusion`);
}

async function modelOf({ modelId }: Pick<Coded, 'modelId'>, given: AnyModel | undefined): Promise<AnyModel> {
  const model = given ?? (await findModel(modelId));
  if (model.id === modelId) return model;
  const [found, expected] = [model.id, modelId].map(modelIdText);
  throw new CodecError('unknown-model', `file needs model ${expected}, but was given model ${found} (${model.name})`);
}
