/** Checks on what goes into an engine, done once at its boundary; the loops inside trust them. */
import { DENOISER_PLANES, type Film, KNOWN_PLANES } from './network.ts';

/** Positions of one call. Far above any tile, and every buffer of the engines stays below 2^31 bytes. */
export const MAX_POSITIONS = 1 << 20;

/** @throws RangeError unless the map has 1..MAX_POSITIONS positions. */
export function assertMapSize(height: number, width: number): void {
  for (const [name, value] of Object.entries({ height, width })) {
    if (!Number.isInteger(value) || value < 1 || value > MAX_POSITIONS) {
      throw new RangeError(`"${name}" must be 1..${MAX_POSITIONS}, got ${value}`);
    }
  }
  if (height > MAX_POSITIONS / width) {
    throw new RangeError(`"height" * "width" must be at most ${MAX_POSITIONS}, got ${height} * ${width}`);
  }
}

/** The arguments of one engine call that must agree in size. */
export interface EngineCall {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly blocks: number;
  readonly film: Film;
}

/** @throws RangeError when an array does not have the size the call asks for. */
export function assertTrunkCall(call: EngineCall, known: Int8Array): void {
  assertCall(call);
  assertLength('known', known.length, call.height * call.width * KNOWN_PLANES);
}

/** @throws RangeError when an array does not have the size the call asks for. */
export function assertDenoiseCall(call: EngineCall, planes: Int8Array, context: Int16Array): void {
  assertCall(call);
  assertLength('planes', planes.length, call.height * call.width * DENOISER_PLANES);
  assertLength('context', context.length, call.height * call.width * call.channels);
}

function assertCall({ height, width, channels, blocks, film }: EngineCall): void {
  assertMapSize(height, width);
  assertLength('film.multiplier', film.multiplier.length, blocks * channels);
  assertLength('film.offset', film.offset.length, blocks * channels);
}

function assertLength(name: string, length: number, expected: number): void {
  if (length !== expected) throw new RangeError(`"${name}" must have ${expected} values, got ${length}`);
}
