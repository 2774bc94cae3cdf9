/** An image to a file: the whole recipe. decompress.ts is the same list read upwards. */
import { pushImage } from './codec/image-codec.ts';
import type { TileObserver } from './codec/tile-observer.ts';
import { leastPhotographBytes } from './codec/webp-forecast.ts';
import { isDrawn } from './codec/webp-payload.ts';
import { encodeTrials, leastBytes, tryWebp, type WebpTrial } from './codec/webp-trials.ts';
import { decodeFile, encodeHeader, fileChecksum, versionOf } from './container/header.ts';
import { isAbsorbingPayload, PNG_STEPS, SAMPLES_STEPS, WEBP_STEPS } from './container/payload-kind.ts';
import { defaultModelOf } from './default-model.ts';
import { type EffortOptions, stepsFor } from './effort.ts';
import { assertImage, checkSizeInFile, type Image, sampleBytes } from './image/image.ts';
import { encodePalettePng, encodeSmallPng } from './image/narrow-png.ts';
import { encodePng } from './image/png.ts';
import { encodePngBody } from './image/png-body.ts';
import { concatenate } from './image/png-chunks.ts';
import { type AnyModel, isAbsorbing, type Process } from './model/installed-models.ts';
import { encoderOf } from './open-coder.ts';
import { assertCodingOptions, type CodingOptions, partOf } from './options.ts';
import { assertBands, type BandOptions, encodePixelPayload, withSmallImage } from './pixel-payload.ts';
import { AnsStack } from './rans/ans-stack.ts';
import { assertSmallImage, encodeSmall, type SmallImageOptions } from './small-image.ts';
import { type Source, sourceOf } from './source.ts';

export const METHODS = ['best', 'diffusion', 'absorbing', 'gaussian', 'kept'] as const;

export interface MethodOptions {
  /**
   * 'best' (default) keeps the image as a WebP or PNG where that is smaller, without trying diffusion below half a bit a
   * sample; 'diffusion' never does; 'absorbing' and 'gaussian' are diffusion of that kind; 'kept' never tries diffusion.
   */
  readonly method?: (typeof METHODS)[number] | undefined;
}

export interface CompressOptions extends CodingOptions, EffortOptions, MethodOptions, BandOptions, SmallImageOptions {
  /** Told about every tile that Gaussian diffusion codes, also where another method wins; for rate reports. */
  readonly observer?: TileObserver | undefined;
}

/**
 * Compresses an image without loss. Its data are read while it is coded, so they must stay as they are until then.
 *
 * @throws TypeError or RangeError for a malformed image or option; CodecError 'too-large' beyond maxPixels.
 */
export const compress = (image: Image, options: CompressOptions = {}): Promise<Uint8Array> =>
  compressWithOriginal(image, { section: NOTHING }, options);

/** What is known of the PNG file of an image. */
export interface PngSource {
  /** The original section, or nothing. */
  readonly section: Uint8Array;
  /** Its palette, whose order may be of use. */
  readonly palette?: Uint8Array | undefined;
  /** The palette where the pixels of the file are entries of it. */
  readonly shared?: SharedPalette | undefined;
}

/** A palette that a PNG payload may have, so that the original section need not. */
export interface SharedPalette {
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array | undefined;
  /** Makes the original section beside such a payload. */
  readonly section: () => Uint8Array;
}

/** Compresses an image with what restores its file. @throws as compress */
export async function compressWithOriginal(
  image: Image,
  { section, palette, shared }: PngSource,
  options: CompressOptions,
): Promise<Uint8Array> {
  assertImage(image);
  const numSteps = stepsFor(options);
  assertMethod(options);
  assertMethodFits(options, options.model);
  assertBands(options);
  assertSmallImage(options);
  assertCodingOptions(options);
  checkSizeInFile(image.height, image.width, options.maxPixels);
  const sourceOptions = { ...partOf(options, 0, LOW_SHARE), isHurried: isHurried(numSteps) };
  const source = { ...(await sourceOf(image, sourceOptions)), original: section, palette, shared };
  const coding = image.bitDepth === 8 ? options : partOf(options, LOW_SHARE, 1);
  if (options.preview === undefined) return encode(source, numSteps, coding);
  const share = smallShare(options.preview);
  const file = await encode(source, numSteps, partOf(coding, 0, 1 - share));
  return addSmallImage(file, source, options.preview, partOf(coding, 1 - share, 1));
}

/** Share of the progress that is a small image of so many halvings. */
const smallShare = (level: number): number => 1 / (1 + (1 << (2 * Math.min(level, MAX_HALVINGS))));
/** More would make no difference. */
const MAX_HALVINGS = 8;

function encode(source: FileSource, numSteps: number, options: CompressOptions): Promise<Uint8Array> {
  if (options.method === 'kept') return encodeKept(source, numSteps, options);
  return mayKeep(options) ? encodeBest(source, numSteps, options) : encodeDiffusion(source, numSteps, options);
}

/** True where an image may be kept without diffusion. */
export const mayKeep = ({ method = 'best' }: MethodOptions): boolean => method === 'best' || method === 'kept';

const NOTHING = new Uint8Array(0);

/** Share of the progress that is low bits. */
const LOW_SHARE = 0.4;

interface FileSource extends Source {
  /** The original section, or nothing. */
  readonly original: Uint8Array;
  readonly palette: Uint8Array | undefined;
  readonly shared: SharedPalette | undefined;
}

async function encodeKept(source: FileSource, numSteps: number, options: CompressOptions): Promise<Uint8Array> {
  const files = [...(await encodeOthers(source, await tryWebp(source), isHurried(numSteps))), ...encodeWhole(source)];
  options.signal?.throwIfAborted();
  options.onProgress?.(1);
  return smallestOf(source, files);
}

async function encodeBest(source: FileSource, numSteps: number, options: CompressOptions): Promise<Uint8Array> {
  const leastWebp = leastPhotographBytes(source.high);
  if (leastWebp === undefined) return encodeTried(source, numSteps, options);
  const diffusion = await encodeDiffusion(source, numSteps, options);
  return coloursLength(source, diffusion) < leastWebp
    ? smallestOf(source, [diffusion, ...encodeWhole(source)])
    : encodeTried(source, numSteps, options, diffusion);
}

/** @param diffusion the file of an image that is not drawn, if it is known already */
async function encodeTried(
  source: FileSource,
  numSteps: number,
  options: CompressOptions,
  diffusion?: Uint8Array,
): Promise<Uint8Array> {
  const { high } = source;
  const trials = await tryWebp(source);
  options.signal?.throwIfAborted();
  const png = trials.length === 0 ? encodePngPayload(source, trials) : undefined;
  const isGraphic = diffusion === undefined && isDrawn(high, trials[0]?.estimate.bytes ?? png?.length);
  const files = isGraphic ? [] : [diffusion ?? (await encodeDiffusion(source, numSteps, options))];
  const most = isGraphic ? Number.POSITIVE_INFINITY : coloursLength(source, files[0]!);
  const worthTrying = trials.filter((trial) => leastBytes(source, [trial], isHurried(numSteps)) < most);
  if (trials.length === 0 || worthTrying.length > 0) {
    files.push(...(await encodeOthers(source, worthTrying, isHurried(numSteps), png)));
  }
  files.push(...encodeWhole(source));
  options.signal?.throwIfAborted();
  if (isGraphic) options.onProgress?.(1);
  return smallestOf(source, files);
}

/** Bytes of a file without those that it has by any method; with alpha. */
const coloursLength = ({ low, original }: FileSource, file: Uint8Array): number =>
  file.length - low.length - original.length;

/** Of noise it may be the samples as they are. */
function smallestOf(source: FileSource, files: readonly Uint8Array[]): Uint8Array {
  const smaller = (one: Uint8Array, other: Uint8Array) => (other.length < one.length ? other : one);
  const best = files.reduce(smaller);
  return source.image.data.byteLength < best.length ? smaller(best, encodeSamples(source)) : best;
}

const encodeSamples = (source: FileSource): Uint8Array =>
  fileOf(
    { ...source, alpha: NOTHING, low: NOTHING },
    { modelId: 0, numSteps: SAMPLES_STEPS },
    sampleBytes(source.image),
  );

/** From this effort on, thorough WebP takes no longer than diffusion. */
const THOROUGH_STEPS = 8;
const isHurried = (numSteps: number): boolean => numSteps < THOROUGH_STEPS;

async function encodeOthers(
  source: FileSource,
  trials: readonly WebpTrial[],
  isHurried: boolean,
  payload = encodePngPayload(source, trials),
): Promise<Uint8Array[]> {
  const png = fileOf({ ...source, alpha: NOTHING }, PNG_CODING, payload);
  const webps = await encodeTrials(source, trials, isHurried);
  return [
    png,
    ...webps.map(({ alpha, payload }) => fileOf({ ...source, alpha }, { modelId: 0, numSteps: WEBP_STEPS }, payload)),
  ];
}

const PNG_CODING = { modelId: 0, numSteps: PNG_STEPS } as const;

/** Samples to which PNG is tried with care beside WebP: of noise of few values it takes as long as WebP. */
const MAX_CAREFUL = 1 << 18;

/** With care where there is no WebP, which is mostly smaller, and of small images, of whose patterns it may not be. */
function encodePngPayload({ high, palette }: FileSource, trials: readonly WebpTrial[]): Uint8Array {
  const isCareful = trials.length === 0 || high.data.length <= MAX_CAREFUL;
  return encodePngBody(isCareful ? encodeSmallPng(high, palette) : encodePng(high));
}

/** PNGs that are worth trying whatever else is smallest, since they do without a section or without most of it. */
const encodeWhole = (source: FileSource): Uint8Array[] => [...encodeDeep(source), ...encodeShared(source)];

/** A PNG with the palette of the original, which is then said once. */
function encodeShared(source: FileSource): Uint8Array[] {
  const { high, shared } = source;
  if (shared === undefined || high.data.length > MAX_CAREFUL) return [];
  const payload = encodePngBody(encodePalettePng(high, shared));
  return [fileOf({ ...source, alpha: NOTHING, original: shared.section() }, PNG_CODING, payload)];
}

/** Bytes of samples up to which PNG is tried with all 16 bits: of a photograph it takes a second. */
const MAX_DEEP = 1 << 22;

/** A PNG with all 16 bits of the samples: for ramps and patterns, whose low bits repeat as the high ones do. */
function encodeDeep(source: FileSource): Uint8Array[] {
  const { image } = source;
  if (image.bitDepth === 8 || image.data.byteLength > MAX_DEEP) return [];
  return [fileOf({ ...source, alpha: NOTHING, low: NOTHING }, PNG_CODING, encodePngBody(encodeSmallPng(image)))];
}

async function encodeDiffusion(source: FileSource, numSteps: number, options: CompressOptions): Promise<Uint8Array> {
  const model = await modelFor(options);
  if (isAbsorbing(model)) {
    const { payload, ...coding } = await encodePixelPayload(source.high, model, options);
    return fileOf(source, { modelId: model.id, ...coding }, payload);
  }
  const coder = await encoderOf(source.high, numSteps, { ...options, model });
  const stack = new AnsStack();
  await pushImage(stack, source.high, coder);
  return fileOf(source, { modelId: coder.options.model.id, numSteps }, stack.toBytes());
}

const modelFor = async ({ model, method, ...options }: CompressOptions): Promise<AnyModel> =>
  model ?? (await defaultModelOf(kindOf(method), options));

/** A file of absorbing diffusion with a small image before its pixels; another one as it is. What is smallest does not depend on it. */
async function addSmallImage(
  file: Uint8Array,
  source: FileSource,
  level: number,
  options: CompressOptions,
): Promise<Uint8Array> {
  const { header, payload } = decodeFile(file);
  const model = isAbsorbingPayload(header) ? await modelFor(options) : undefined;
  const isPossible = model !== undefined && isAbsorbing(model);
  const small = isPossible ? await encodeSmall(source.high, level, model.weights, options) : undefined;
  options.onProgress?.(1);
  if (small === undefined) return file;
  const { payload: whole, ...coding } = withSmallImage(header, payload, small);
  return fileOf(source, { modelId: header.modelId, ...coding }, whole);
}

/** The kind of diffusion that a method asks for, if any. */
export const kindOf = (method: MethodOptions['method']): Process | undefined =>
  method === 'absorbing' || method === 'gaussian' ? method : undefined;

/** @throws RangeError where a model is not of the kind that the method asks for */
export function assertMethodFits({ method }: MethodOptions, model: AnyModel | undefined): void {
  const kind = kindOf(method);
  if (kind === undefined || model === undefined || isAbsorbing(model) === (kind === 'absorbing')) return;
  throw new RangeError(`"method" ${kind} needs a model of that kind, got ${model.name}`);
}

function fileOf(
  { image, alpha, low, original }: FileSource,
  coding: { modelId: number; numSteps: number },
  payload: Uint8Array,
): Uint8Array {
  const { height, width, channels, bitDepth } = image;
  const hasOriginal = original.length > 0;
  const start = { version: versionOf(coding), ...coding, height, width, channels, bitDepth, hasOriginal } as const;
  const checksum = fileChecksum(start, payload, sampleBytes(image));
  const lengths = { alphaLength: alpha.length, lowLength: low.length, originalLength: original.length };
  return concatenate([encodeHeader({ ...start, checksum, ...lengths }), alpha, original, payload, low]);
}

/** @throws RangeError */
export function assertMethod({ method = 'best' }: MethodOptions): void {
  if (!METHODS.includes(method)) {
    throw new RangeError(`"method" must be one of ${METHODS.join(', ')}, got ${method}`);
  }
}
