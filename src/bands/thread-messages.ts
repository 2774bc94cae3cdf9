/** What a thread that codes bands is started with, asked and answers: plain data. */
import type { CodecErrorCode } from '../errors.ts';
import type { PixelModel } from '../open-pixels.ts';

export interface ThreadData {
  readonly model: PixelModel;
  /** Threads of its kernel. */
  readonly threads: number;
}

/** A band: its pixels, [height, width, 3], to be encoded, or their payload, to be decoded. */
export interface Question {
  readonly height: number;
  readonly width: number;
  readonly asks: 'payload' | 'pixels';
  readonly bytes: Uint8Array;
}

/** How far it is; at the end what was asked for, or the fields of the CodecError that is thrown in its place. */
export type Answer =
  | { readonly fraction: number }
  | { readonly bytes: Uint8Array }
  | { readonly failure: { readonly code: CodecErrorCode; readonly message: string } };
