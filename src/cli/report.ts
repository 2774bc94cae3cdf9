/** Numbers and results as text. */
import type { Header } from '../container/header.ts';
import type { Restored } from '../container/original.ts';
import { isAbsorbingPayload, isKept, isOriginalPayload, SAMPLES_STEPS, WEBP_STEPS } from '../container/payload-kind.ts';
import type { Image } from '../image/image.ts';
import { STANDARD_STREAM } from './files.ts';
import { type Io, type OutputStream, writeLine } from './io.ts';

export type Geometry = Pick<Image, 'height' | 'width' | 'channels'>;

const KINDS = ['gray', 'gray + alpha', 'RGB', 'RGBA'] as const;

export const kindName = ({ channels }: Geometry): string => KINDS[channels - 1]!;
export const dimsOf = ({ height, width, channels }: Geometry): number => height * width * channels;
export const sizeText = ({ height, width }: Geometry): string => `${width} x ${height}`;
export const bytesText = (bytes: number): string => `${bytes.toLocaleString('en-US')} bytes`;
export const imagesText = (count: number): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'image' : 'images'}`;
export const secondsText = (seconds: number): string => `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
/** Four bytes as eight hexadecimal digits. */
export const hexText = (word: number): string => word.toString(16).padStart(8, '0');
export const percentText = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Hours, minutes and seconds as h:mm:ss. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours}:${String(minutes).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

/** What compress or decompress did to one file. */
export interface FileResult {
  readonly input: string;
  readonly output: string;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly seconds: number;
  readonly method: Method;
  /** null without diffusion, which alone needs one. */
  readonly model: string | null;
  /** What decompress gives back of the file that compress was given. */
  readonly restored: Restored;
}

/** How a file keeps its image: by diffusion, or in the form that is smaller. */
export type Method = 'PNG' | 'WebP' | 'original' | 'samples' | 'diffusion' | 'absorbing diffusion';

export function methodOf(header: Pick<Header, 'numSteps'>): Method {
  if (isAbsorbingPayload(header)) return 'absorbing diffusion';
  if (!isKept(header)) return 'diffusion';
  if (header.numSteps === WEBP_STEPS) return 'WebP';
  if (isOriginalPayload(header)) return 'original';
  return header.numSteps === SAMPLES_STEPS ? 'samples' : 'PNG';
}

/** Bits of a file per sample of its image. */
export const bitsPerDimOf = (bytes: number, geometry: Geometry): number => (bytes * 8) / dimsOf(geometry);

/** Rounds a number of a JSON report, so that it has no digits without meaning. */
export const rounded = (value: number, digits = 6): number => Number(value.toFixed(digits));

/** Where a command says what it did: not into the file that it writes to standard output. */
export const reportStream = (output: string, { stdout, stderr }: Io): OutputStream =>
  output === STANDARD_STREAM ? stderr : stdout;

/** Says what a command did: as a JSON line for programs, or as a line for people unless quiet. */
export async function report(
  stream: OutputStream,
  { json, quiet }: { readonly json?: boolean; readonly quiet?: boolean },
  { data, line }: { readonly data: object; readonly line: string },
): Promise<void> {
  if (json) await writeLine(stream, JSON.stringify(data));
  else if (!quiet) await writeLine(stream, line);
}

/** Lays out cells under headings: the first column to the left, numbers to the right. */
export function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
}
