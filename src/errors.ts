/** Every way bad data can fail. Codes are public: never rename or reuse one. */
export type CodecErrorCode =
  | 'not-our-format'
  | 'unsupported-version'
  | 'unknown-model'
  | 'truncated'
  | 'corrupt'
  | 'too-large'
  | 'unsupported-image';

/** Bad input data. Misuse of the API throws TypeError or RangeError instead. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly code: CodecErrorCode;
  /** Offset in the compressed stream where the problem showed, if known. */
  readonly byteOffset: number | undefined;

  constructor(code: CodecErrorCode, message: string, options: { byteOffset?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.byteOffset = options.byteOffset;
  }
}

/** Training has met numbers that are not finite: its config or its images are to blame. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
  /** The first iteration that is not kept. */
  readonly iteration: number;

  constructor(iteration: number, what: string) {
    super(`training stopped at iteration ${iteration}: ${what}; lower learning rates may help`);
    this.iteration = iteration;
  }
}
