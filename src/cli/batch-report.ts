/** What a batch prints: a line or block for each file, errors on standard error, and the total. */
import type { FileData, Job } from './file-command.ts';
import { inputName, STANDARD_STREAM } from './files.ts';
import { type Io, type OutputStream, writeLine } from './io.ts';
import { bytesText, percentText, report, reportStream, rounded, secondsText } from './report.ts';
import type { Outcome } from './run-job.ts';

export interface PrintOptions {
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

interface Layout {
  readonly layout?: 'lines' | 'blocks' | undefined;
}

export class BatchPrinter {
  readonly #jobs: readonly Job[];
  readonly #options: PrintOptions & Layout;
  readonly #stream: OutputStream;
  readonly #stderr: OutputStream;
  readonly #started = performance.now();
  readonly #total = { files: 0, failed: 0, upToDate: 0, inputBytes: 0, outputBytes: 0, pixels: 0 };

  constructor(jobs: readonly Job[], options: PrintOptions & Layout, io: Io) {
    this.#jobs = jobs;
    this.#options = options;
    const toStream = jobs.some(({ output }) => output === STANDARD_STREAM);
    this.#stream = reportStream(toStream ? STANDARD_STREAM : '', io);
    this.#stderr = io.stderr;
  }

  async print(job: Job, outcome: Outcome): Promise<void> {
    if (outcome.kind === 'failed') await this.#printFailure(job, outcome);
    else if (outcome.kind === 'done') await this.#printDone(outcome.report);
    else await this.#printUpToDate(job);
  }

  async #printDone({ data, line }: { data: FileData; line: string }): Promise<void> {
    const total = this.#total;
    const separator = this.#options.layout === 'blocks' && total.files > 0 ? '\n' : '';
    total.files += 1;
    total.inputBytes += data.inputBytes ?? 0;
    total.outputBytes += data.outputBytes ?? 0;
    total.pixels += pixelsOf(data);
    const details = this.#options.verbose ? detailsText(data) : '';
    await report(this.#stream, this.#options, { data, line: `${separator}${line}${details}` });
  }

  async #printUpToDate({ input, output }: Job): Promise<void> {
    this.#total.upToDate += 1;
    const { json, verbose } = this.#options;
    if (!json && !verbose) return;
    const line = `${inputName(input)} -> ${output}: up to date`;
    await report(this.#stream, this.#options, { data: { input, output, upToDate: true }, line });
  }

  async #printFailure({ input, output }: Job, { text, exitCode }: { text: string; exitCode: number }): Promise<void> {
    this.#total.failed += 1;
    await writeLine(this.#stderr, text).catch(() => undefined);
    if (!this.#options.json) return;
    const error = text.split('\n')[0]!.replace(/^vdmz: /, '');
    const names = output === '' ? { input } : { input, output };
    await writeLine(this.#stream, JSON.stringify({ ...names, error, exitCode }));
  }

  async printTotal(): Promise<void> {
    if (this.#jobs.length === 1 || this.#options.layout === 'blocks') return;
    const seconds = (performance.now() - this.#started) / 1000;
    const megapixelsPerSecond = this.#total.pixels / 1e6 / seconds;
    const total = { ...this.#total, seconds, megapixelsPerSecond };
    const data = {
      total: { ...total, seconds: rounded(seconds, 3), megapixelsPerSecond: rounded(megapixelsPerSecond) },
    };
    await report(this.#stream, this.#options, { data, line: totalText(total) });
  }
}

interface Total {
  readonly files: number;
  readonly failed: number;
  readonly upToDate: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly seconds: number;
  readonly megapixelsPerSecond: number;
}

function totalText({ files, failed, upToDate, inputBytes, outputBytes, seconds, ...rest }: Total): string {
  const ratio = `${bytesText(outputBytes)} (${percentText(outputBytes / inputBytes)})`;
  const parts = [
    outputBytes === 0 ? bytesText(inputBytes) : `${bytesText(inputBytes)} -> ${ratio}`,
    secondsText(seconds),
    speedText(rest.megapixelsPerSecond),
    ...(upToDate > 0 ? [`${upToDate} up to date`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return `${files} ${files === 1 ? 'file' : 'files'}: ${parts.join(', ')}`;
}

const pixelsOf = ({ pixels, height = 0, width = 0 }: FileData): number => pixels ?? height * width;

const speedText = (megapixelsPerSecond: number): string => `${megapixelsPerSecond.toPrecision(3)} megapixels/s`;

/** What --verbose adds to the line of a file. */
function detailsText(data: FileData): string {
  const { method, model, seconds } = data;
  const speed = seconds ? [speedText(pixelsOf(data) / 1e6 / seconds)] : [];
  const parts = [method, ...(model ? [`model ${model}`] : []), ...speed].filter((part) => part !== undefined);
  return parts.map((part) => `, ${part}`).join('');
}
