/** The examples of docs/format.md, byte by byte and step by step. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { popBase } from '../../src/codec/base-codec.ts';
import type { Gaussians } from '../../src/codec/gaussians.ts';
import { NeighbourResiduals } from '../../src/codec/neighbour-residuals.ts';
import { TilePredictor } from '../../src/codec/predictor.ts';
import { StageContext } from '../../src/codec/stage-context.ts';
import { compress } from '../../src/compress.ts';
import { decodeHeader } from '../../src/container/header.ts';
import { decompress } from '../../src/decompress.ts';
import { readImage } from '../../src/image/read-image.ts';
import { loadGaussianModel } from '../../src/model/installed-models.ts';
import type { NeighbourTable } from '../../src/model/model.ts';
import { createReferenceEngine } from '../../src/network/reference-engine.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { popFlag } from '../../src/rans/bernoulli.ts';
import { popGaussian, pushGaussian } from '../../src/rans/discretised-gaussian.ts';
import { blocksOf, bytesOf } from '../helpers/format-document.ts';

const MODEL = await loadGaussianModel('fixtures/networks/tiny');
const NUM_STEPS = 2;
const FREQ_OF_MAIN_CHAIN = 1 << 19;
/** The main chain of two steps. */
const MAIN_CHAIN = 0;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').replaceAll(/../g, '$& ').trimEnd();

const EXAMPLES = blocksOf('hex').map(({ name, lines }) => ({ name, bytes: bytesOf(lines) }));

it('finds the examples', () => {
  expect(EXAMPLES.map(({ name }) => name)).toEqual([
    'fixtures/images/noise-rgb8-1x1.png',
    'fixtures/images/gradient-rgb8-13x1.png',
  ]);
});

it.each(EXAMPLES)('$name compresses to the bytes in the document, and comes back', async ({ name, bytes }) => {
  const image = await readImage(readFileSync(name));
  expect(hexOf(await compress(image, { model: MODEL, numSteps: NUM_STEPS, method: 'diffusion' }))).toBe(hexOf(bytes));
  expect(await decompress(bytes, { model: MODEL })).toEqual(image);
});

/** Coefficients of the one position of a stage of 1 x 2 pixels: the band H of three planes. */
const CODED = [0, 1, 2];
const CONDITION = 5;

function popMap(stack: AnsStack, { mean16, scale }: Gaussians): Int32Array {
  const map = new Int32Array(9);
  for (const c of CODED) map[c] = popGaussian(stack, mean16[c]!, scale[c]!);
  return map;
}

/** The first stage of a colour image of one row, decoded with the parts of the codec. */
function traceFirstStage(bytes: Uint8Array): string[] {
  const stack = AnsStack.fromBytes(bytes.subarray(decodeHeader(bytes).payloadOffset));
  const lines: string[] = [];
  const say = (text: string) => lines.push(`${text.padEnd(66)}  ${stackText(stack)}`.trimEnd());
  const list = (values: ArrayLike<number>) => CODED.map((c) => values[c]!).join(' ');
  const popAndSay = (name: string, gaussians: Gaussians): Int32Array => {
    const map = popMap(stack, gaussians);
    say(`pop ${name}: mean16 ${list(gaussians.mean16)}, scale ${list(gaussians.scale)} -> ${list(map)}`);
    return map;
  };

  say('start');
  const base = popBase(stack, 3);
  say(`pop base -> ${list(base)}`);
  expect(popFlag(stack, FREQ_OF_MAIN_CHAIN)).toBe(true);
  say('pop mode -> 0');
  const engine = createReferenceEngine(MODEL.weights);
  const tile = { row: 0, column: 0, height: 1, width: 1 };
  const known = { height: 1, width: 1, planes: 3, data: base } as const;
  const condition = MODEL.conditions[CONDITION]!;
  const network = { engine, architecture: MODEL, trunkFilm: condition.trunkFilm };
  const predictor = new TilePredictor(engine, condition, tile, new StageContext(network, known).of(tile));
  const chain = predictor.chains[MAIN_CHAIN]!;
  lines.push(`chain: levels ${chain.levels.join(' ')}, forwardScale ${chain.forwardScale.join(' ')}`);
  let latent = popAndSay(`y_${chain.heads.length - 1}`, predictor.prior(chain));
  for (let i = chain.heads.length - 1; i >= 0; i--) {
    const own = predictor.reverse(chain, i, latent);
    const previous = i > 0 ? popAndSay(`y_${i - 1}`, own) : popAndSay('u', refined(own, predictor.neighbours(chain)));
    for (const c of CODED.toReversed()) pushGaussian(stack, latent[c]!, 16 * previous[c]!, chain.forwardScale[i]!);
    say(`push y_${i}`);
    latent = previous;
  }
  return lines;
}

/** Of the only position of a tile, which has no neighbours. */
function refined(own: Gaussians, table: NeighbourTable): Gaussians {
  const residuals = new NeighbourResiduals(own, table, 1);
  residuals.refine(0);
  return residuals.refined;
}

function stackText(stack: AnsStack): string {
  const bytes = stack.toBytes();
  return `${(bytes.length - 4) / 3} words, ${Buffer.from(bytes.subarray(0, 4)).toString('hex')}`;
}

it('decodes the first stage as the document says', () => {
  const [{ name, lines }] = blocksOf('trace') as [{ name: string; lines: string[] }];
  expect(lines).toEqual(traceFirstStage(EXAMPLES.find((example) => example.name === name)!.bytes));
});
