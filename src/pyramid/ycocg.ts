/**
 * YCoCg-R, the reversible integer colour transform (Malvar and Sullivan, JVT-I014r3, 2003).
 *
 * Ranges for 8-bit RGB: Y in 0..255, Co and Cg in -255..255.
 */
import { CodecError } from '../errors.ts';

/** Y, Co, Cg. */
export const NUM_YCOCG_PLANES = 3;

/** Transforms the colours of pixels [..., channels] to (Y, Co, Cg) [..., 3]; a fourth channel, alpha, is left out. */
export function rgbToYcocg(pixels: Uint8Array, channels: 3 | 4 = 3): Int16Array {
  const planes = new Int16Array((pixels.length / channels) * 3);
  for (let i = 0, source = 0; i < planes.length; i += 3, source += channels) {
    const blue = pixels[source + 2]!;
    const co = pixels[source]! - blue;
    const middle = blue + (co >> 1);
    const cg = pixels[source + 1]! - middle;
    planes[i] = middle + (cg >> 1);
    planes[i + 1] = co;
    planes[i + 2] = cg;
  }
  return planes;
}

/**
 * Transforms (Y, Co, Cg) [..., 3] back to RGB bytes [..., 3].
 * @throws CodecError 'corrupt' for planes that no RGB image has.
 */
export function ycocgToRgb(planes: Int16Array): Uint8Array {
  const rgb = new Uint8Array(planes.length);
  forEachColour(planes, (i, red, green, blue) => {
    // A negative number or one above 255 sets a bit outside the low byte.
    if (((red | green | blue) & ~0xff) !== 0) {
      throw new CodecError('corrupt', `decoded colour (${red}, ${green}, ${blue}) is outside 0..255`);
    }
    rgb[i] = red;
    rgb[i + 1] = green;
    rgb[i + 2] = blue;
  });
  return rgb;
}

/** The same for planes of any image, with each of red, green and blue brought into 0..255. */
export function ycocgToNearestRgb(planes: Int16Array): Uint8Array {
  const rgb = new Uint8ClampedArray(planes.length);
  forEachColour(planes, (i, red, green, blue) => {
    rgb[i] = red;
    rgb[i + 1] = green;
    rgb[i + 2] = blue;
  });
  return new Uint8Array(rgb.buffer);
}

function forEachColour(
  planes: Int16Array,
  visit: (index: number, red: number, green: number, blue: number) => void,
): void {
  for (let i = 0; i < planes.length; i += 3) {
    const [y, co, cg] = [planes[i]!, planes[i + 1]!, planes[i + 2]!];
    visit(i, redOf(y, co, cg), greenOf(y, cg), blueOf(y, co, cg));
  }
}

export const greenOf = (y: number, cg: number): number => cg + y - (cg >> 1);
export const blueOf = (y: number, co: number, cg: number): number => y - (cg >> 1) - (co >> 1);
export const redOf = (y: number, co: number, cg: number): number => blueOf(y, co, cg) + co;
