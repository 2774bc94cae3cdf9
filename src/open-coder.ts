/** What images are coded with: a model, its engine and a number of steps, of the options or of a file's header. */
import { Coder, type CoderOptions } from './codec/coder.ts';
import { planeCount } from './codec/planes.ts';
import type { Header } from './container/header.ts';
import { MAX_SMALL_SIDE } from './diffusion/conditions.ts';
import { CodecError } from './errors.ts';
import type { Image } from './image/image.ts';
import { defaultModel, findModel } from './model/installed-models.ts';
import { type Model, modelIdText } from './model/model.ts';
import { type CodingOptions, engineFor } from './options.ts';

/** Of the image's size and channels, alpha counts for nothing. */
type Shape = Pick<Image, 'height' | 'width' | 'channels'>;

export type EncoderOptions = CodingOptions & Pick<CoderOptions, 'observer' | 'isChained'>;

export type DecoderOptions = CodingOptions & Pick<CoderOptions, 'isChained'>;

/** What a header says of how an image was coded. */
type Coded = Shape & Pick<Header, 'modelId' | 'numSteps'>;

/** With the default model where the options have none. @throws as engineFor */
export async function encoderOf(image: Shape, numSteps: number, options: EncoderOptions): Promise<Coder> {
  return openCoder(image, numSteps, { ...options, model: options.model ?? (await defaultModel()) });
}

/** @param header of steps that there are. @throws CodecError 'unknown-model' */
export async function decoderOf(header: Coded, options: DecoderOptions): Promise<Coder> {
  return openCoder(header, header.numSteps, { ...options, model: await modelOf(header, options.model) });
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

async function modelOf({ modelId }: Coded, given: Model | undefined): Promise<Model> {
  const model = given ?? (await findModel(modelId));
  if (model.id === modelId) return model;
  const [found, expected] = [model.id, modelId].map(modelIdText);
  throw new CodecError('unknown-model', `file needs model ${expected}, but was given model ${found} (${model.name})`);
}
