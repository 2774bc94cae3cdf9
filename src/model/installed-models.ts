/**
 * Models on disk: a folder with model.json (architecture, id, provenance) and weights.bin, verified by its SHA-256.
 * The models that come with the package lie under models/.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PixelArchitecture, PixelWeights } from '../absorbing/pixel-network.ts';
import { CodecError } from '../errors.ts';
import { PANEL } from '../kernels/dense-backend.ts';
import { assertAccumulatorBounds } from '../network/bounds.ts';
import { type AbsorbingModel, decodePixelWeights } from './absorbing-model.ts';
import { assertTableBounds } from './bounds.ts';
import { type HeadForm, headFormOf } from './head-form.ts';
import { withDetailsHead, withHeads } from './heads.ts';
import { decodeTables, type Model, type ModelTables, modelIdText } from './model.ts';
import { assertPixelBounds } from './pixel-bounds.ts';

/** The name of the model of Gaussian diffusion that compresses when none is asked for. */
export const DEFAULT_MODEL = 'photo-6';

/** A model of either kind of diffusion; `process` is 'absorbing' or missing. */
export type AnyModel = Model | AbsorbingModel;

export const isAbsorbing = (model: AnyModel): model is AbsorbingModel => model.process === 'absorbing';

/** model.json; fields beyond these say where the model comes from, and those of HeadForm are there where they are not the default. */
export interface ModelManifest extends Partial<HeadForm> {
  readonly formatVersion: 5;
  readonly process?: undefined;
  readonly channels: number;
  readonly trunkBlocks: number;
  readonly denoiserBlocks: number;
  /** SHA-256 of weights.bin in hexadecimal; its first 8 digits are the model id that files carry. */
  readonly sha256: string;
}

/** model.json of a model of absorbing diffusion. */
export interface AbsorbingManifest extends PixelArchitecture {
  readonly formatVersion: 2;
  readonly process: 'absorbing';
  readonly sha256: string;
}

type AnyManifest = ModelManifest | AbsorbingManifest;

/** Bounds of what a manifest states, checked before anything of that size is allocated. */
const MAX_OF_ARCHITECTURE = { channels: 512, trunkBlocks: 64, denoiserBlocks: 64 } as const;
const MAX_OF_ABSORBING = { channels: 1024, blocks: 64, headChannels: 512, components: 32 } as const;
/** What these are multiples of, and not 0. */
const UNITS = { channels: PANEL, headChannels: PANEL, components: 1 } as const;

export const MANIFEST_NAME = 'model.json';

// Both src/model and dist/model lie two folders below the package.
const MODELS_FOLDER = fileURLToPath(new URL('../../models/', import.meta.url));

export interface InstalledModel {
  readonly name: string;
  readonly id: number;
  readonly folder: string;
}

/** The id that files carry: the first 32 bits of the hash. */
export const modelIdOf = (sha256: string): number => Number.parseInt(sha256.slice(0, 8), 16);

/** Models under models/ that have weights. */
export async function installedModels(): Promise<InstalledModel[]> {
  const models: InstalledModel[] = [];
  for (const entry of await readdir(MODELS_FOLDER, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = join(MODELS_FOLDER, entry.name);
    const manifest = await readManifest(folder).catch(() => undefined);
    if (manifest !== undefined) models.push({ name: entry.name, id: modelIdOf(manifest.sha256), folder });
  }
  return models;
}

/**
 * Loads a model by the name of its folder under models/, or by a path.
 *
 * @throws CodecError 'corrupt' when its files do not fit together.
 */
export async function loadModel(nameOrFolder: string): Promise<AnyModel> {
  const isPath = nameOrFolder.includes('/') || nameOrFolder.includes(sep);
  const folder = isPath ? resolve(nameOrFolder) : join(MODELS_FOLDER, nameOrFolder);
  const manifest = await readManifest(folder);
  const bytes = new Uint8Array(await readFile(join(folder, 'weights.bin')));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== manifest.sha256) {
    throw new CodecError('corrupt', `weights of model ${folder} have SHA-256 ${sha256}, expected ${manifest.sha256}`);
  }
  const identity = { name: basename(folder), id: modelIdOf(sha256) };
  return manifest.process === 'absorbing'
    ? { process: 'absorbing', ...identity, weights: fitting(folder, () => pixelWeightsOf(bytes, manifest)) }
    : { ...identity, ...gaussianModel(bytes, manifest, folder) };
}

/** Loads a model of Gaussian diffusion. @throws RangeError for one of another kind; else as loadModel */
export const loadGaussianModel = async (nameOrFolder: string): Promise<Model> =>
  requireGaussian(await loadModel(nameOrFolder));

/** @throws RangeError for a model of absorbing diffusion */
export function requireGaussian(model: AnyModel): Model {
  if (!isAbsorbing(model)) return model;
  throw new RangeError(`"model" must be one of Gaussian diffusion here, got ${model.name}`);
}

function gaussianModel(bytes: Uint8Array, manifest: ModelManifest, folder: string): Omit<Model, 'name' | 'id'> {
  const { channels, trunkBlocks, denoiserBlocks } = manifest;
  const form = fitting(folder, () => headFormOf(manifest));
  const { weights, conditions, details } = fitting(folder, () => tablesOf(bytes, manifest));
  return {
    channels,
    trunkBlocks,
    denoiserBlocks,
    weights,
    conditions: conditions.map((condition) => withHeads(condition, form)),
    details: { weights: details.weights, conditions: details.conditions.map(withDetailsHead) },
  };
}

function pixelWeightsOf(bytes: Uint8Array, manifest: AbsorbingManifest): PixelWeights {
  const weights = decodePixelWeights(bytes, manifest);
  assertPixelBounds(weights);
  return weights;
}

function tablesOf(bytes: Uint8Array, manifest: ModelManifest): ModelTables {
  const tables = decodeTables(bytes, manifest);
  for (const { weights } of [tables, tables.details]) assertAccumulatorBounds(weights);
  assertTableBounds(tables);
  return tables;
}

function fitting<Tables>(folder: string, decode: () => Tables): Tables {
  try {
    return decode();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CodecError('corrupt', `weights of model ${folder} do not fit its model.json: ${message}`, { cause });
  }
}

const loaded = new Map<string, Promise<AnyModel>>();

function loadOnce(name: string): Promise<AnyModel> {
  const model = loaded.get(name) ?? loadModel(name);
  loaded.set(name, model);
  model.catch(() => loaded.delete(name));
  return model;
}

/** Of Gaussian diffusion. */
export const defaultModel = async (): Promise<Model> => requireGaussian(await loadOnce(DEFAULT_MODEL));

/** An installed model of absorbing diffusion, by its name. */
export async function absorbingModel(name: string): Promise<AbsorbingModel> {
  const model = await loadOnce(name);
  if (isAbsorbing(model)) return model;
  throw new Error(`${name} is no model of absorbing diffusion`);
}

export const PROCESSES = ['gaussian', 'absorbing'] as const;
export type Process = (typeof PROCESSES)[number];

/** The installed model with this id. @throws CodecError 'unknown-model' */
export async function findModel(id: number): Promise<AnyModel> {
  const found = (await installedModels()).find((model) => model.id === id);
  if (found !== undefined) return loadOnce(found.name);
  throw new CodecError('unknown-model', `file needs model ${modelIdText(id)}, which is not installed`);
}

async function readManifest(folder: string): Promise<AnyManifest> {
  const path = join(folder, MANIFEST_NAME);
  const manifest = parseObject(await readFile(path, 'utf8'), path);
  const isOfPixels = manifest.process === 'absorbing';
  if (manifest.formatVersion !== (isOfPixels ? 2 : 5)) {
    throw new CodecError('unsupported-version', `model ${folder} has format version ${manifest.formatVersion}`);
  }
  const fault = isOfPixels ? sizeFault(manifest, MAX_OF_ABSORBING, UNITS) : sizeFault(manifest, MAX_OF_ARCHITECTURE);
  if (fault !== undefined) throw new CodecError('corrupt', `${path}: ${fault}`);
  if (!/^[0-9a-f]{64}$/.test(manifest.sha256 ?? ''))
    throw new CodecError('corrupt', `"sha256" in ${path} is malformed`);
  return manifest as AnyManifest;
}

/** What is wrong with sizes: beyond the most, or no multiples of their units. */
function sizeFault(
  sizes: object,
  most: Readonly<Record<string, number>>,
  units: Readonly<Record<string, number>> = {},
): string | undefined {
  for (const [name, max] of Object.entries(most)) {
    const [value, unit] = [(sizes as Record<string, number>)[name]!, units[name]];
    if (!Number.isInteger(value) || value < 0 || value > max) {
      return `"${name}" must be an integer in 0..${max}, found ${value}`;
    }
    if (unit !== undefined && (value === 0 || value % unit !== 0)) {
      return `"${name}" must be a multiple of ${unit}, found ${value}`;
    }
  }
  return undefined;
}

/** @throws RangeError for sizes that no model of absorbing diffusion may have */
export function assertPixelArchitecture(architecture: PixelArchitecture): void {
  const fault = sizeFault(architecture, MAX_OF_ABSORBING, UNITS);
  if (fault !== undefined) throw new RangeError(fault);
}

function parseObject(json: string, path: string): Partial<ModelManifest> | Partial<AbsorbingManifest> {
  try {
    return Object(JSON.parse(json)) as Partial<AnyManifest>;
  } catch (cause) {
    throw new CodecError('corrupt', `${path} is not JSON`, { cause });
  }
}
