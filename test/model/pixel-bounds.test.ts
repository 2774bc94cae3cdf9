import { describe, expect, it } from 'vitest';
import { type DenseWeights, MAX_ACTIVATION, SHIFTS } from '../../src/kernels/dense-backend.ts';
import { emptyPixelWeights, layersOf } from '../../src/model/absorbing-model.ts';
import { assertPixelBounds } from '../../src/model/pixel-bounds.ts';
import { tinyPixels } from '../helpers/fixtures.ts';

const weightsOf = (blocks = 1) => emptyPixelWeights({ channels: 8, blocks, headChannels: 8, components: 1 });
/** Of a network of one block, in the order of the weights file. */
const LAYERS = layersOf(weightsOf()).map((_, index) => index);

/** Brings the largest magnitude of a layer's last sum to a bound of at least eight of the largest weights, by weights of both signs. */
function setBound({ inputs, outputs, weights, bias }: DenseWeights, bound: number): void {
  const weight = Math.min(32_767, Math.floor(bound / (inputs * MAX_ACTIVATION)));
  for (let i = 0; i < inputs; i++) weights[i * outputs + outputs - 1] = i % 2 === 0 ? weight : -weight;
  bias[outputs - 1] = inputs * weight * MAX_ACTIVATION - bound;
}

it('takes trained networks, and one of zeros', () => {
  assertPixelBounds(tinyPixels.weights);
  assertPixelBounds(weightsOf());
});

describe.each(LAYERS)('layer %i', (index) => {
  it('may have sums up to 2^31 - 1, and no more', () => {
    const weights = weightsOf();
    const layer = layersOf(weights)[index]!;
    setBound(layer, 2 ** 31 - 1);
    expect(() => assertPixelBounds(weights)).not.toThrow();
    layer.bias[layer.outputs - 1]!--;
    expect(() => assertPixelBounds(weights)).toThrow(new RangeError('weights are so large that sums may overflow'));
  });

  it('may have a bias of 31 bits, and no more', () => {
    const weights = weightsOf();
    const layer = layersOf(weights)[index]!;
    layer.bias[0] = 2 ** 31 - 1;
    expect(() => assertPixelBounds(weights)).not.toThrow();
    layer.bias[0] = -(2 ** 31);
    expect(() => assertPixelBounds(weights)).toThrow(/sums may overflow/);
  });

  it('has a shift of 2 to 20', () => {
    const weights = weightsOf();
    const { shift } = layersOf(weights)[index]!;
    for (const value of [SHIFTS.least, SHIFTS.most]) {
      shift[0] = value;
      expect(() => assertPixelBounds(weights)).not.toThrow();
    }
    for (const value of [0, 1, 21, 255]) {
      shift[0] = value;
      expect(() => assertPixelBounds(weights)).toThrow(new RangeError(`shifts must be 2..20, found ${value}`));
    }
  });
});

describe('the residual stream', () => {
  /** Of the input layer and of the second layer of each of three blocks. */
  const added = [0, 2, 4, 6];

  it('may be below 2^31 in sum, with one for each rounding', () => {
    const weights = weightsOf(3);
    const layers = added.map((index) => layersOf(weights)[index]!);
    for (const layer of layers) setBound(layer, 2 ** 31 - 5);
    expect(() => assertPixelBounds(weights)).not.toThrow();
    for (const layer of layers) layer.bias[layer.outputs - 1]!--;
    expect(() => assertPixelBounds(weights)).toThrow(
      new RangeError('weights are so large that the residual stream may overflow'),
    );
    layers[1]!.shift[0] = 3;
    expect(() => assertPixelBounds(weights)).not.toThrow();
  });

  it('does not know the first layers of blocks, nor heads', () => {
    const weights = weightsOf(6);
    for (const [index, layer] of layersOf(weights).entries()) {
      if (index > 12 || index % 2 === 1) setBound(layer, 2 ** 31 - 1);
    }
    expect(() => assertPixelBounds(weights)).not.toThrow();
  });
});
