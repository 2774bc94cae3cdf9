/** What the model says of a tile's details without latents, pass by pass. */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { PASS_OF, seenBefore } from '../diffusion/passes.ts';
import type { DetailsCondition } from '../model/model.ts';
import { denoiserPlanes } from '../network/features.ts';
import type { NetworkEngine } from '../network/network.ts';
import type { Size } from '../pyramid/haar.ts';
import { type Gaussians, setGaussians } from './gaussians.ts';
import type { TileContext } from './stage-context.ts';

/** Sets the Gaussians of the details of a pass, given a tile's details [height, width, 9], of which those of earlier passes count. */
export type PredictPass = (pass: number, u: Int32Array, gaussians: Gaussians) => void;

/** @param size the tile's height and width in positions */
export function detailsPredictor(
  engine: NetworkEngine,
  { films, inScale, head }: DetailsCondition,
  { height, width }: Size,
  { context, classes }: TileContext,
): PredictPass {
  return (pass, u, gaussians) => {
    const planes = denoiserPlanes(u, { inScale, classes, seen: seenBefore(pass) });
    const outputs = engine.denoise(planes, context, height, width, films[pass]!);
    for (let c = 0; c < NUM_COEFFICIENTS; c++) {
      if (PASS_OF[c] === pass) setGaussians(gaussians, c, { head, outputs, classes });
    }
  };
}
