/**
 * The condition a stage is coded under: which noise schedule, coefficient scales and FiLM rows of the shared network it
 * uses. Small stage images are told apart by their size (a thumbnail of a photograph and a 32x32 picture look alike),
 * large ones by their distance from the full image (sharpness and sensor noise fall from level to level).
 */
export const NUM_CONDITIONS = 6;
/** The first of them are of stages with a side above MAX_SMALL_SIDE. */
export const NUM_LARGE_CONDITIONS = 3;
export const MAX_SMALL_SIDE = 64;

/** @param level 0 for the full image, 1 for the half-size image ... */
export function conditionOf(level: number, height: number, width: number): number {
  const side = Math.max(height, width);
  if (side <= 4) return 5;
  if (side <= 16) return 4;
  if (side <= MAX_SMALL_SIDE) return NUM_LARGE_CONDITIONS;
  return Math.min(level, NUM_LARGE_CONDITIONS - 1);
}
