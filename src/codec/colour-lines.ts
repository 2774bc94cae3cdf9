/**
 * Counts of colours by lines: colours that differ in luma alone share a line and are neighbours on it. Photographs use
 * some thousands of the 2^16 lines, and only those take memory.
 */

/** Counts of a line, by green. */
const LINE_SIZE = 256;
const LINE_COUNT = 0x1_0000;
const INITIAL_LINES = 256;

export class ColourLines {
  /** Counts of line after line in order of their first use; those of all lines without a count come first, all 0. */
  counts = new Int32Array(INITIAL_LINES * LINE_SIZE);
  /** Where in counts a line begins, by lineIndex; 0 for lines without a count. */
  private readonly starts = new Int32Array(LINE_COUNT);
  private end = LINE_SIZE;

  /** Where in counts the line of a colour begins; it is only to be read. */
  startOf(red: number, green: number, blue: number): number {
    return this.starts[lineIndex(red, green, blue)]!;
  }

  /** Adds to the count of a colour. */
  add(red: number, green: number, blue: number, change: number): void {
    const line = lineIndex(red, green, blue);
    const index = (this.starts[line] || this.begin(line)) + green;
    this.counts[index] = this.counts[index]! + change;
  }

  private begin(line: number): number {
    if (this.end === this.counts.length) {
      const counts = new Int32Array(2 * this.counts.length);
      counts.set(this.counts);
      this.counts = counts;
    }
    const start = this.end;
    this.starts[line] = start;
    this.end += LINE_SIZE;
    return start;
  }
}

const lineIndex = (red: number, green: number, blue: number): number =>
  (((red - green) & 0xff) << 8) | ((blue - green) & 0xff);
