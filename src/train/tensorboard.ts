/** The lines of log.csv as events for TensorBoard: one scalar for each column, by iteration. Only tfjs-node can write them. */
import { mkdir } from 'node:fs/promises';
import type { Tf } from '../tensorflow.ts';
import type { LogRow } from './training-log.ts';

/** Of tf.node; the types of the optional package are not at hand. */
interface SummaryWriter {
  scalar(tag: string, value: number, step: number): void;
  flush(): void;
}

interface NodeTf {
  readonly node?: { summaryFileWriter(folder: string): SummaryWriter };
}

export interface EventLog {
  add(row: LogRow): void;
}

/**
 * Begins a new file of events in a folder, which is made when missing; a resumed run has one file for each part.
 * @throws RangeError where TensorFlow.js is not that of Node.js
 */
export async function openEvents(tf: Tf, folder: string): Promise<EventLog> {
  const { node } = tf as NodeTf;
  if (node === undefined) throw new RangeError('events for TensorBoard need @tensorflow/tfjs-node or tfjs-node-gpu');
  await mkdir(folder, { recursive: true });
  const writer = node.summaryFileWriter(folder);
  return {
    add({ iteration, ...scalars }) {
      for (const [tag, value] of Object.entries(scalars)) {
        if (value !== undefined) writer.scalar(tag, value, iteration);
      }
      writer.flush();
    },
  };
}
