/** What a command does with one file. Which files, where to, in which order and what is printed is batch.ts's. */
import type { Io } from './io.ts';

export interface Job {
  readonly input: string;
  /** Empty for commands that write no file. */
  readonly output: string;
  /** Size of the input, 0 when it is not known before it is read. */
  readonly bytes: number;
  /** Make the folders of the output, as in a tree below --output. */
  readonly makeFolder: boolean;
}

export interface JobContext {
  readonly io: Io;
  /** The output may replace an existing file. */
  readonly force: boolean;
  /** Called with the fraction done, rising to 1. */
  readonly onProgress: (fraction: number) => void;
}

/** What a JSON line says about one file; the names that are here are those that totals and details are made of. */
export interface FileData {
  readonly [name: string]: unknown;
  readonly inputBytes?: number;
  readonly outputBytes?: number;
  /** Of all images of an archive. */
  readonly pixels?: number;
  readonly height?: number;
  readonly width?: number;
  readonly seconds?: number;
  readonly method?: string;
  /** null where none was needed. */
  readonly model?: string | null;
}

/** What was done with one file: for programs, and in words. */
export interface FileReport {
  readonly data: FileData;
  readonly line: string;
}

export type FileWork = (job: Job, context: JobContext) => Promise<FileReport>;

export interface FileCommand<Options> {
  readonly name: string;
  /** What the progress bar says; without it there is none. */
  readonly doing?: string;
  /** Files are described by a line each and a total, or by blocks of lines. Default: lines. */
  readonly layout?: 'lines' | 'blocks';
  /** Loads what all files need. @throws UsageError and others that are about no single file */
  readonly open: (options: Options) => Promise<FileWork>;
}
