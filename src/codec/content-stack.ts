/** A stack that adds up the information content of what is pushed, by its integer frequencies. For reports. */
import { AnsStack } from '../rans/ans-stack.ts';

export class ContentStack extends AnsStack {
  contentBits = 0;

  override push(start: number, freq: number, precision: number): void {
    this.contentBits += precision - Math.log2(freq);
    super.push(start, freq, precision);
  }
}
