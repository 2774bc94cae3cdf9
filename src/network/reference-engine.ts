/**
 * The network in plain TypeScript: the definition that every other engine must equal bit for bit.
 *
 * Accumulators stay below 2^24 and FiLM products below 2^23, so numbers are exact and shifts see true int32 values.
 */
import { assertAccumulatorBounds } from './bounds.ts';
import type { BlockWeights, ConvWeights, Film, NetworkEngine, NetworkWeights } from './network.ts';
import { assertDenoiseCall, assertTrunkCall } from './validate.ts';

interface Size {
  readonly height: number;
  readonly width: number;
}

export function createReferenceEngine(weights: NetworkWeights): NetworkEngine {
  assertAccumulatorBounds(weights);
  const { channels, trunkIn, trunkBlocks, denoiserIn, denoiserBlocks, denoiserOut } = weights;
  return {
    trunk(known, height, width, film) {
      assertTrunkCall({ height, width, channels, blocks: trunkBlocks.length, film }, known);
      const size = { height, width };
      const x = saturate(convolve(known, size, trunkIn));
      return runBlocks(x, size, trunkBlocks, film);
    },
    denoise(planes, context, height, width, film) {
      assertDenoiseCall({ height, width, channels, blocks: denoiserBlocks.length, film }, planes, context);
      const size = { height, width };
      const x = addSaturated(context, convolve(planes, size, denoiserIn));
      return saturate(convolve(activate(runBlocks(x, size, denoiserBlocks, film)), size, denoiserOut));
    },
  };
}

function runBlocks(x: Int16Array, size: Size, blocks: readonly BlockWeights[], film: Film): Int16Array {
  return blocks.reduce((stream, { conv1, conv2 }, block) => {
    const hidden = convolve(activate(stream), size, conv1);
    return addSaturated(stream, convolve(modulate(hidden, conv1.outChannels, block, film), size, conv2));
  }, x);
}

/** The shifted sums of one convolution. input: [height, width, inChannels]; returns [height, width, outChannels]. */
function convolve(input: Int8Array | Uint8Array, { height, width }: Size, conv: ConvWeights): Int32Array {
  const output = new Int32Array(height * width * conv.outChannels);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let o = 0; o < conv.outChannels; o++) {
        const sum = conv.bias[o]! + sumOfProducts(input, { height, width, y, x }, conv, o);
        output[i++] = roundShift(sum, conv.shift[o]!);
      }
    }
  }
  return output;
}

function sumOfProducts(
  input: Int8Array | Uint8Array,
  { height, width, y, x }: Size & { y: number; x: number },
  { inChannels, weights }: ConvWeights,
  o: number,
): number {
  let sum = 0;
  for (let ky = 0; ky < 3; ky++) {
    for (let kx = 0; kx < 3; kx++) {
      const inputY = y + ky - 1;
      const inputX = x + kx - 1;
      if (inputY < 0 || inputY >= height || inputX < 0 || inputX >= width) continue;
      const from = (inputY * width + inputX) * inChannels;
      const weightsFrom = ((o * 3 + ky) * 3 + kx) * inChannels;
      for (let c = 0; c < inChannels; c++) sum += weights[weightsFrom + c]! * input[from + c]!;
    }
  }
  return sum;
}

/** ReLU from units of 2^-8 to units of 2^-5. */
function activate(x: Int16Array): Uint8Array {
  return Uint8Array.from(x, (value) => clamp(roundShift(value, 3), 0, 255));
}

/** FiLM and ReLU. hidden: [..., channels] */
function modulate(hidden: Int32Array, channels: number, block: number, film: Film): Uint8Array {
  return Uint8Array.from(hidden, (value, i) => {
    const row = block * channels + (i % channels);
    const t = clamp(value, -4096, 4095);
    return clamp(roundShift(t * film.multiplier[row]! + film.offset[row]!, 11), 0, 255);
  });
}

function addSaturated(x: Int16Array, change: Int32Array): Int16Array {
  return x.map((value, i) => saturate16(value + change[i]!));
}

function saturate(sums: Int32Array): Int16Array {
  return Int16Array.from(sums, saturate16);
}

const saturate16 = (value: number): number => clamp(value, -32768, 32767);

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max);

/** Divides by 2^shift and rounds to nearest, ties up. */
const roundShift = (value: number, shift: number): number => (value + ((1 << shift) >> 1)) >> shift;
