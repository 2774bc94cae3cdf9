/** rANS in BigInt, straight from the definition: the oracle for AnsStack. */
export class BigIntAns {
  state = 1n << 24n;
  readonly words: bigint[] = [];

  push(start: number, freq: number, precision: number): void {
    const f = BigInt(freq);
    if (this.state >= (f << 48n) >> BigInt(precision)) {
      this.words.push(this.state & 0xff_ffffn);
      this.state >>= 24n;
    }
    this.state = ((this.state / f) << BigInt(precision)) + (this.state % f) + BigInt(start);
  }

  pop(start: number, freq: number, precision: number): void {
    const slot = this.state & ((1n << BigInt(precision)) - 1n);
    this.state = BigInt(freq) * (this.state >> BigInt(precision)) + slot - BigInt(start);
    if (this.state < 1n << 24n) this.state = (this.state << 24n) | this.words.pop()!;
  }

  /** Words, then the state, as hexadecimal digits. */
  toHex(): string {
    if (this.words.length === 0 && this.state === 1n << 24n) return '';
    const state = this.state.toString(16);
    const words = this.words.map((word) => word.toString(16).padStart(6, '0'));
    return words.join('') + state.padStart(state.length + (state.length % 2), '0');
  }
}
