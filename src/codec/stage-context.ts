/**
 * What the known image of a stage says about its tiles: the context trunk's maps, and classes of local contrast.
 *
 * The trunk sees what it is asked for and a margin around it, as wide as it can look, so its result does not depend on how
 * a stage is cut. It runs on strips of a few tiles, of which the last is kept: margins are shared.
 */
import { NUM_PLANES } from '../diffusion/dimensions.ts';
import type { Architecture } from '../model/model.ts';
import { knownPlanes } from '../network/features.ts';
import { contrastClasses, type KnownMap } from '../network/local-contrast.ts';
import type { Film, NetworkEngine } from '../network/network.ts';
import { cut } from '../pyramid/samples.ts';
import { stripsOf, type Tile } from '../pyramid/tiles.ts';

export interface TileContext {
  /** [height, width, channels] */
  readonly context: Int16Array;
  /** [height, width, 3] */
  readonly classes: Uint8Array;
}

/** A network of a model. */
export interface ContextNetwork {
  readonly engine: NetworkEngine;
  readonly architecture: Architecture;
  readonly trunkFilm: Film;
}

export class StageContext {
  private readonly network: ContextNetwork;
  private readonly known: KnownMap;
  private readonly strips: readonly Tile[];
  private last: (TileContext & { strip: Tile }) | undefined;

  constructor(network: ContextNetwork, known: KnownMap) {
    this.network = network;
    this.known = known;
    this.strips = stripsOf(known.height, known.width);
  }

  /** @param tile one of the stage's tiles, or a part of one */
  of(tile: Tile): TileContext {
    const strip = this.strips.find((candidate) => contains(candidate, tile));
    if (strip === undefined) throw new Error(`no strip holds the tile at ${tile.row}, ${tile.column}`);
    if (this.last?.strip !== strip) this.last = { strip, ...this.compute(strip) };
    const { context, classes } = this.last;
    const inner = { ...tile, row: tile.row - strip.row, column: tile.column - strip.column };
    return {
      context: cut(context, strip.width, inner, this.network.architecture.channels),
      classes: cut(classes, strip.width, inner, NUM_PLANES),
    };
  }

  private compute(strip: Tile): TileContext {
    const { network, known } = this;
    const { engine, architecture, trunkFilm } = network;
    // Each convolution sees one position further, and so does the local contrast before the first.
    const { map, inner } = windowAround(known, strip, 2 + 2 * architecture.trunkBlocks);
    const context = engine.trunk(knownPlanes(map), map.height, map.width, trunkFilm);
    return {
      context: cut(context, map.width, inner, architecture.channels),
      classes: cut(contrastClasses(map), map.width, inner, NUM_PLANES),
    };
  }
}

const contains = (strip: Tile, { row, column, height, width }: Tile): boolean =>
  row >= strip.row &&
  column >= strip.column &&
  row + height <= strip.row + strip.height &&
  column + width <= strip.column + strip.width;

/** The known image around a strip, as far as it reaches, and where the strip lies in it. */
function windowAround(
  { height, width, planes, data }: KnownMap,
  strip: Tile,
  margin: number,
): { map: KnownMap; inner: Tile } {
  const row = Math.max(0, strip.row - margin);
  const column = Math.max(0, strip.column - margin);
  const bottom = Math.min(height, strip.row + strip.height + margin);
  const right = Math.min(width, strip.column + strip.width + margin);
  const window = { row, column, height: bottom - row, width: right - column };
  const map = { height: window.height, width: window.width, planes, data: cut(data, width, window, planes) };
  return { map, inner: { ...strip, row: strip.row - row, column: strip.column - column } };
}
