import { describe, expect, it } from 'vitest';
import { Coder } from '../../src/codec/coder.ts';
import type { PredictPass } from '../../src/codec/details-predictor.ts';
import { RegressedDetails } from '../../src/codec/regressed-details.ts';
import { popRegressedStage, pushRegressedStage } from '../../src/codec/stage-regression.ts';
import { codedIndices, readTile } from '../../src/codec/stage-tiles.ts';
import { NotingPort, PoppingPort } from '../../src/codec/symbol-port.ts';
import { engineFor } from '../../src/options.ts';
import { halfSize } from '../../src/pyramid/haar.ts';
import { PlainSamples } from '../../src/pyramid/samples.ts';
import { buildPyramid, type Stage } from '../../src/pyramid/stages.ts';
import type { Tile } from '../../src/pyramid/tiles.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { tinyModel as model } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

/** Waves with some noise in them; in colour, Co and Cg follow Y. */
function stageOf(height: number, width: number, planes: 1 | 3, noise = 5): Stage {
  const random = seededRandom(height + width);
  const samples = new Int16Array(height * width * planes);
  for (let i = 0; i < height * width; i++) {
    const wave = Math.round(60 * Math.sin(i / 97) + 40 * Math.sin(Math.floor(i / width) / 5));
    for (let plane = 0; plane < planes; plane++) {
      samples[i * planes + plane] = (plane === 0 ? 120 + wave : wave >> plane) + randomInteger(random, noise);
    }
  }
  return buildPyramid(new PlainSamples({ height, width }, planes, samples), planes).stages[0]!;
}

const wholeTile = (stage: Stage): Tile => ({ row: 0, column: 0, ...halfSize(stage) });

/** A network that expects nothing, with the same deviation everywhere. */
const expecting =
  (scale: number): PredictPass =>
  (_pass, _u, gaussians) => {
    gaussians.mean16.fill(0);
    gaussians.scale.fill(scale);
  };

function noted(stage: Stage, planes: 1 | 3, scale: number): { port: NotingPort; u: Int32Array } {
  const [port, u] = [new NotingPort(), readTile(stage, wholeTile(stage), planes)];
  new RegressedDetails(stage, planes).code(port, wholeTile(stage), expecting(scale), u);
  return { port, u };
}

describe('details by regression', () => {
  it.each([
    [40, 36, 3],
    [17, 23, 3],
    [1, 9, 3],
    [9, 1, 1],
    [31, 20, 1],
  ] as const)('of %i x %i pixels in %i planes come back from the stack', (height, width, planes) => {
    const stage = stageOf(height, width, planes);
    const { port, u } = noted(stage, planes, 90);
    const stack = new AnsStack();
    port.pushOnto(stack);
    const decoded = new Int32Array(u.length);
    new RegressedDetails(stage, planes).code(new PoppingPort(stack), wholeTile(stage), expecting(90), decoded);
    expect(decoded).toEqual(u);
    expect(stack.isPristine).toBe(true);
  });

  it('come back where they are far beyond what is expected', () => {
    const stage = stageOf(24, 24, 3, 200);
    const { port, u } = noted(stage, 3, 0);
    const stack = new AnsStack();
    port.pushOnto(stack);
    const decoded = new Int32Array(u.length);
    new RegressedDetails(stage, 3).code(new PoppingPort(stack), wholeTile(stage), expecting(0), decoded);
    expect(decoded).toEqual(u);
  });

  it('each take a symbol, those that lack pixels too', () => {
    const stage = stageOf(31, 20, 3);
    const { port } = noted(stage, 3, 90);
    expect(port.count).toBe(codedIndices(stage, wholeTile(stage), 3).length);
  });

  it('cost less than by Gaussians of the right width, for what is alike nearby is learned', () => {
    const stage = stageOf(128, 128, 3);
    const u = readTile(stage, wholeTile(stage), 3);
    const variance = u.reduce((sum, value) => sum + value * value, 0) / u.length;
    const single = 0.5 * Math.log2(2 * Math.PI * Math.E * variance) * u.length;
    expect(noted(stage, 3, 100).port.contentBits()).toBeLessThan(0.8 * single);
  });

  it('cost little where the network expects far too much', () => {
    const stage = stageOf(128, 128, 1);
    const [right, wide] = [noted(stage, 1, 100), noted(stage, 1, 160)];
    expect(wide.port.contentBits()).toBeLessThan(1.1 * right.port.contentBits());
  });
});

describe('a stage by regression', () => {
  const coderFor = async ({ height, width }: Stage, planes: 1 | 3) => {
    const [engine, detailsEngine] = [await engineFor(model), await engineFor(model.details)];
    return new Coder({ model, engine, detailsEngine, numSteps: 2, planes, height, width });
  };

  it.each([
    [140, 150, 3],
    [131, 67, 1],
  ] as const)('of %i x %i pixels in %i planes comes back over all its tiles', async (height, width, planes) => {
    const stage = stageOf(height, width, planes);
    const stack = new AnsStack();
    await pushRegressedStage(stack, stage, await coderFor(stage, planes));
    const image = new PlainSamples({ height, width }, planes);
    await popRegressedStage(stack, { ...stage, image }, await coderFor(stage, planes));
    expect(image).toEqual(stage.image);
    expect(stack.isPristine).toBe(true);
  });
});
