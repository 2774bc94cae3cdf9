/** rANS in BigInt, straight from the definition: the oracle for AnsStack. */
export class BigIntAns {
  state = 1n << 28n;
  readonly words: bigint[] = [];

  push(start: number, freq: number, precision: number): void {
    const f = BigInt(freq);
    if (this.state >= (f << 52n) >> BigInt(precision)) {
      this.words.push(this.state & 0xff_ffffn);
      this.state >>= 24n;
    }
    this.state = ((this.state / f) << BigInt(precision)) + (this.state % f) + BigInt(start);
  }

  pop(start: number, freq: number, precision: number): void {
    const slot = this.state & ((1n << BigInt(precision)) - 1n);
    this.state = BigInt(freq) * (this.state >> BigInt(precision)) + slot - BigInt(start);
    if (this.state < 1n << 28n) this.state = (this.state << 24n) | this.words.pop()!;
  }

  /** State and words, the last one pushed first, as hexadecimal digits; of a state from 2^32 on the low 24 bits are a word. */
  toHex(): string {
    if (this.words.length === 0 && this.state === 1n << 28n) return '';
    const isLong = this.state >= 1n << 32n;
    const state = isLong ? this.state >> 24n : this.state;
    const low = isLong ? [this.state & 0xff_ffffn] : [];
    const words = [...this.words, ...low].reverse().map((word) => word.toString(16).padStart(6, '0'));
    return state.toString(16).padStart(8, '0') + words.join('');
  }
}
