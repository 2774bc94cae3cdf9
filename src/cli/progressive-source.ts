/** What `vdmz progressive` shows of an input: the process that its own bits are of, or one by which its image is coded anew. */
import { planeCount } from '../codec/planes.ts';
import { compress } from '../compress.ts';
import { type Header, hasMagic } from '../container/header.ts';
import { isAbsorbingPayload, isKept } from '../container/payload-kind.ts';
import { decompress, readHeader } from '../decompress.ts';
import type { EffortOptions } from '../effort.ts';
import { type Image8, requireImage8 } from '../image/image.ts';
import { readImage } from '../image/read-image.ts';
import {
  type AnyModel,
  defaultModel,
  findModel,
  isAbsorbing,
  type Process,
  requireGaussian,
} from '../model/installed-models.ts';
import type { CodingOptions } from '../options.ts';
import { type ProgressiveStep, progressiveSteps } from '../progressive.ts';
import { revealedSteps } from '../progressive-revealed.ts';
import { UsageError } from './exit-codes.ts';
import { rounded } from './report.ts';

export interface ShownStep {
  /** Columns of the table. */
  readonly row: { readonly bitsPerDim: number; readonly rmse: number } & Readonly<Record<string, string | number>>;
  readonly estimate: () => Image8;
}

export interface Shown {
  readonly process: Process;
  readonly model: string;
  readonly steps: readonly ShownStep[];
  /** What the file's own bits are of instead, if it is a file and they are of something else. */
  readonly otherwise: string | undefined;
}

export interface ShowOptions extends Pick<CodingOptions, 'threads' | 'signal'>, EffortOptions {
  readonly model: AnyModel | undefined;
  readonly process: Process | undefined;
}

/** The details of every step are kept: about 100 bytes a pixel. */
const MAX_PIXELS = 4_000_000;

/** @param bytes of a file or an image */
export async function showInput(bytes: Uint8Array, options: ShowOptions): Promise<Shown> {
  const header = hasMagic(bytes) ? readHeader(bytes) : undefined;
  if (header !== undefined) assertSmall(header);
  const own = header && ownProcess(header);
  const process = processOf(options, own);
  const isOwn = own === process && isCodedSo(header!, options);
  const otherwise = header === undefined || isOwn ? undefined : codingOf(own, process);
  const input = { bytes, header: isOwn ? header : undefined };
  return { process, otherwise, ...(await SHOW[process](input, options)) };
}

interface Input {
  readonly bytes: Uint8Array;
  /** Where the bits of the file are those to show. */
  readonly header: Header | undefined;
}

type Show = (input: Input, options: ShowOptions) => Promise<Pick<Shown, 'model' | 'steps'>>;

const SHOW: Readonly<Record<Process, Show>> = { gaussian: showLevels, absorbing: showPixels };

async function showLevels({ bytes, header }: Input, { process: _process, ...options }: ShowOptions) {
  const image = await imageOf(bytes, options);
  const model = requireGaussian(options.model ?? (await (header ? findModel(header.modelId) : defaultModel())));
  const own = header && { isFile: true, numSteps: header.numSteps, effort: undefined };
  const steps = await progressiveSteps(image, { ...options, ...own, model });
  const rate = rateOf(image);
  return {
    model: model.name,
    steps: steps.map(({ level, known, bits, rmse, estimate }) => {
      const row = { level, known: knownText(known), bitsPerDim: rate(bits), rmse: rounded(rmse) };
      return { row, estimate };
    }),
  };
}

async function showPixels({ bytes, header }: Input, { process: _process, ...options }: ShowOptions) {
  const file = header === undefined ? await codedAnew(bytes, options) : bytes;
  const { modelId, ...shape } = readHeader(file);
  const steps = await revealedSteps(file, options);
  const rate = rateOf(shape);
  return {
    model: (await findModel(modelId).catch(() => options.model))?.name ?? '',
    steps: steps.map(({ pixels, bits, rmse, estimate }) => {
      return { row: { pixels, bitsPerDim: rate(bits), rmse: rounded(rmse) }, estimate };
    }),
  };
}

type Coding = Omit<ShowOptions, 'process'>;

const codedAnew = async (bytes: Uint8Array, options: Coding): Promise<Uint8Array> =>
  compress(await imageOf(bytes, options), { ...options, method: 'absorbing' });

/** The image of a file of either kind, small enough. */
async function imageOf(bytes: Uint8Array, { threads, signal, ...given }: Coding): Promise<Image8> {
  // The file may be of another model than the one that is shown.
  const modelOf = ({ modelId }: Header) => (given.model?.id === modelId ? given.model : undefined);
  const restored = () => decompress(bytes, { threads, signal, model: modelOf(readHeader(bytes)) });
  const image = requireImage8(await (hasMagic(bytes) ? restored() : readImage(bytes)));
  assertSmall(image);
  return image;
}

function assertSmall({ height, width }: { height: number; width: number }): void {
  if (height * width > MAX_PIXELS) throw new UsageError(`the image has more than ${MAX_PIXELS} pixels`);
}

const ownProcess = (header: Header): Process | undefined => {
  if (isKept(header)) return undefined;
  return isAbsorbingPayload(header) ? 'absorbing' : 'gaussian';
};

/** What is asked for, or that of the file; steps are of Gaussian diffusion. */
function processOf({ model, process, numSteps }: ShowOptions, own: Process | undefined): Process {
  if (model === undefined) return process ?? (numSteps === undefined ? own : undefined) ?? 'gaussian';
  const ofModel = isAbsorbing(model) ? 'absorbing' : 'gaussian';
  if (process === undefined || process === ofModel) return ofModel;
  throw new UsageError(`--method ${process} needs a model of that kind, got ${model.name}`);
}

/** True where a file is coded by what is asked for. */
const isCodedSo = (header: Header, { model, effort, numSteps = header.numSteps }: ShowOptions): boolean =>
  effort === undefined && numSteps === header.numSteps && (model === undefined || model.id === header.modelId);

function codingOf(own: Process | undefined, shown: Process): string {
  if (own === undefined) return 'no diffusion';
  return own === shown ? 'another model or effort' : PROCESS_TEXTS[own];
}

export const PROCESS_TEXTS: Readonly<Record<Process, string>> = {
  gaussian: 'Gaussian diffusion',
  absorbing: 'absorbing diffusion',
};

/** Bits of colours to bits per dim. */
const rateOf =
  ({ height, width, channels }: Pick<Header, 'height' | 'width' | 'channels'>) =>
  (bits: number): number =>
    rounded(bits / (height * width * planeCount(channels)));

function knownText(known: ProgressiveStep['known']): string {
  if (typeof known === 'string') return known;
  return typeof known === 'number' ? `y_${known}` : `tiles_${known.tiles}`;
}
