/** The examples of docs/format.md, as fenced blocks of a language. */
import { readFileSync } from 'node:fs';

const DOCUMENT = readFileSync('docs/format.md', 'utf8');

interface Block {
  /** What follows the language in the first line. */
  readonly name: string;
  readonly lines: readonly string[];
}

export function blocksOf(language: string): Block[] {
  const fence = new RegExp(`^\`\`\`${language} (\\S+)\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...DOCUMENT.matchAll(fence)].map(([, name, text]) => ({ name: name!, lines: text!.trimEnd().split('\n') }));
}

/** A line is bytes, and after two blanks what they are. */
export function bytesOf(lines: readonly string[]): Uint8Array {
  return Uint8Array.from(
    lines.flatMap((line) =>
      line
        .split('  ')[0]!
        .split(' ')
        .map((byte) => Number.parseInt(byte, 16)),
    ),
  );
}
