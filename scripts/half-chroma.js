/** An RGB image as a camera or scanner would have stored it: Y in 8 bits, Cb and Cr in 8 bits at half the resolution (ITU-T T.871). */

export function withHalfChroma({ height, width, channels, data }) {
  if (channels !== 3) return { height, width, channels, bitDepth: 8, data };
  const luma = new Float64Array(height * width);
  const [cb, cr] = [new HalfPlane(height, width), new HalfPlane(height, width)];
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const [red, green, blue] = data.subarray(3 * i, 3 * i + 3);
      const y = 0.299 * red + 0.587 * green + 0.114 * blue;
      luma[i] = Math.round(y);
      cb.add(row, column, (blue - y) / 1.772);
      cr.add(row, column, (red - y) / 1.402);
    }
  }
  const out = new Uint8ClampedArray(data.length);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const [y, b, r] = [luma[i], cb.at(row, column), cr.at(row, column)];
      out.set([y + 1.402 * r, y - (0.114 * 1.772 * b + 0.299 * 1.402 * r) / 0.587, y + 1.772 * b], 3 * i);
    }
  }
  return { height, width, channels, bitDepth: 8, data: new Uint8Array(out.buffer) };
}

/** Means of 2x2 samples, rounded, and interpolated in a straight line. */
class HalfPlane {
  constructor(height, width) {
    this.height = Math.ceil(height / 2);
    this.width = Math.ceil(width / 2);
    this.sums = new Float64Array(this.height * this.width);
    this.counts = new Int32Array(this.height * this.width);
  }

  add(row, column, value) {
    const i = (row >> 1) * this.width + (column >> 1);
    this.sums[i] += value;
    this.counts[i]++;
  }

  at(row, column) {
    const [nextRow, nextColumn] = [(row >> 1) + (row % 2 === 0 ? -1 : 1), (column >> 1) + (column % 2 === 0 ? -1 : 1)];
    const near = 9 * this.mean(row >> 1, column >> 1) + this.mean(nextRow, nextColumn);
    return Math.round((near + 3 * this.mean(row >> 1, nextColumn) + 3 * this.mean(nextRow, column >> 1)) / 16);
  }

  mean(row, column) {
    const clamp = (value, end) => Math.min(Math.max(value, 0), end - 1);
    const i = clamp(row, this.height) * this.width + clamp(column, this.width);
    return Math.round(this.sums[i] / this.counts[i]);
  }
}
