/**
 * Blocks of a table that have their cells in the order in which they were first written, and not where the table has them: so a table
 * of which little is written takes little memory. Cells that were never written are 0.
 */

/** Where the cells of the blocks of a table are, counted in blocks; 0 of blocks that are not written, as those of place 0 are all 0. */
export type BlockPlaces = Int32Array;

/** Index among the cells that are kept of a cell of the table. */
export const placedIndex = (places: BlockPlaces, blockBits: number, index: number): number =>
  (places[index >> blockBits]! << blockBits) + (index & ((1 << blockBits) - 1));

/** Gives places to the blocks of one table. */
export class SparseBlocks {
  private readonly blockBits: number;
  /** [blocks + 1] Which block has each place. Systems give memory to what is written. */
  private readonly blocks: Int32Array;
  private count = 0;

  /** @param blockBits logarithm of the cells of a block */
  constructor(numBlocks: number, blockBits: number) {
    this.blockBits = blockBits;
    this.blocks = new Int32Array(numBlocks + 1);
  }

  /** Cells that have a place, from the first on, with those that are always 0. */
  get placedCells(): number {
    return (this.count + 1) << this.blockBits;
  }

  /** Index among the cells that are kept of a cell that is to be written. */
  place(places: BlockPlaces, index: number): number {
    const block = index >> this.blockBits;
    if (places[block] === 0) {
      places[block] = ++this.count;
      this.blocks[this.count] = block;
    }
    return placedIndex(places, this.blockBits, index);
  }

  /** Takes all places back; the cells are to be made 0. */
  clear(places: BlockPlaces): void {
    for (let place = 1; place <= this.count; place++) places[this.blocks[place]!] = 0;
    this.count = 0;
  }
}
