/** Whether images fit into one sheet, before any of them is drawn. */
import { gridSize } from '../image/grid.ts';
import { assertSize } from '../image/image.ts';
import type { Size } from '../pyramid/haar.ts';
import { UsageError } from './exit-codes.ts';

/** @throws UsageError for an image or a sheet of them that is larger than images can be */
export function assertSheet(size: Size, count: number, columns: number): void {
  try {
    const sheet = gridSize(size, count, columns);
    assertSize(size.height, size.width);
    assertSize(sheet.height, sheet.width);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
