/**
 * The low bits of samples, from the top bit down, each with a probability mixed from five counters. Three look at where a
 * prediction lies against the middle of the values still open, measured by how far it was off nearby; two at the bits
 * above, with the high bits and without: they find values that are used often, or never.
 */
import { BitCounters } from './bit-counters.ts';
import { BitMixer } from './bit-mixer.ts';
import type { BitPort } from './bit-port.ts';
import { NUM_ERROR_CLASSES, NUM_PREDICTIONS, SamplePredictor } from './sample-predictor.ts';
import { MAX_SHIFT, type SplitImage } from './split.ts';

/** Places of a prediction: 12 for each mean error, cut off at the ends. */
const NUM_PLACES = 64;
const PLACES_PER_ERROR = 48;
/** Bits of a sample that are known, with a 1 before them. */
const NUM_NODES = 1 << MAX_SHIFT;
const NUM_HIGH = 256;

export class LowBitModel {
  private readonly image: SplitImage;
  private readonly predictor: SamplePredictor;
  private readonly byPlace: readonly BitCounters[];
  private readonly byHigh: BitCounters;
  private readonly byNode: BitCounters;
  private readonly mixer: BitMixer;
  /** Of the present bit, for byPlace. */
  private readonly placeContexts = new Int32Array(NUM_PREDICTIONS);

  constructor(image: SplitImage) {
    const { channels } = image;
    const errorContexts = channels * NUM_ERROR_CLASSES * MAX_SHIFT;
    this.image = image;
    this.predictor = new SamplePredictor(image);
    this.byPlace = Array.from({ length: NUM_PREDICTIONS }, () => new BitCounters(errorContexts * NUM_PLACES));
    this.byHigh = new BitCounters(channels * NUM_HIGH * NUM_NODES);
    this.byNode = new BitCounters(channels * NUM_NODES);
    this.mixer = new BitMixer(NUM_PREDICTIONS + 2, errorContexts, channels * NUM_NODES);
  }

  /**
   * Codes the low bits of a sample, all before it being known.
   * @param index in [height, width, channels]
   * @param wanted the low bits, which only an encoder needs to know
   */
  code(port: BitPort, index: number, wanted: number): number {
    const { predictor, image } = this;
    predictor.predict(index);
    const channel = index % image.channels;
    const high = image.high[index]!;
    let low = 0;
    let node = 1;
    for (let bit = image.shifts[channel]! - 1; bit >= 0; bit--) {
      const known = { channel, bit, node, high, middle: low + (1 << bit) };
      const value = this.codeBit(port, known, (wanted >> bit) & 1);
      low += value << bit;
      node = 2 * node + value;
    }
    predictor.update(low);
    return low;
  }

  private codeBit(port: BitPort, { channel, bit, node, high, middle }: KnownBits, wanted: number): number {
    const { byPlace, byHigh, byNode, mixer, placeContexts } = this;
    const highContext = (channel * NUM_HIGH + high) * NUM_NODES + node;
    const nodeContext = channel * NUM_NODES + node;
    for (let i = 0; i < NUM_PREDICTIONS; i++) {
      const errorContext = this.errorContext(channel, bit, i);
      placeContexts[i] = errorContext * NUM_PLACES + this.placeOf(i, middle);
      mixer.inputs[i] = byPlace[i]!.logOdds(placeContexts[i]!);
    }
    mixer.inputs[NUM_PREDICTIONS] = byHigh.logOdds(highContext);
    mixer.inputs[NUM_PREDICTIONS + 1] = byNode.logOdds(nodeContext);

    const value = port.code(mixer.mix(this.errorContext(channel, bit, 0), nodeContext), wanted);

    mixer.update(value);
    for (let i = 0; i < NUM_PREDICTIONS; i++) byPlace[i]!.update(placeContexts[i]!, value);
    byHigh.update(highContext, value);
    byNode.update(nodeContext, value);
    return value;
  }

  private errorContext(channel: number, bit: number, prediction: number): number {
    return (channel * NUM_ERROR_CLASSES + this.predictor.errorClasses[prediction]!) * MAX_SHIFT + bit;
  }

  /** Where a prediction lies against the least value that has a one, in units of the error around it. */
  private placeOf(prediction: number, middle: number): number {
    const distance = this.predictor.predictions[prediction]! - 16 * middle + 8;
    const errorClass = this.predictor.errorClasses[prediction]!;
    const error = (2 + (errorClass & 1)) << (errorClass >> 1);
    const place = Math.floor((PLACES_PER_ERROR * distance) / error) + NUM_PLACES / 2;
    return Math.max(0, Math.min(NUM_PLACES - 1, place));
  }
}

/** What is known of a sample when one of its bits is coded. */
interface KnownBits {
  readonly channel: number;
  /** Number of bits below it. */
  readonly bit: number;
  /** The bits above it, with a 1 before them. */
  readonly node: number;
  readonly high: number;
  /** The least value of the low bits, as far as they are known, that has a one there. */
  readonly middle: number;
}
