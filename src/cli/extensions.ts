/** Extensions of the files that commands read and write. */
import { extname } from 'node:path';
import { UsageError } from './exit-codes.ts';

export const VDMZ_EXTENSION = '.vdmz';
export const PNG_EXTENSION = '.png';

export const VDMZ_FILE = /\.vdmz$/i;
export const ARCHIVE_EXTENSION = '.vdmza';
export const VDMZ_OR_ARCHIVE = /\.vdmza?$/i;
/** Images that can be read; decompress takes such a name as an output. */
export const IMAGE_FILE = /\.(png|webp|jpe?g|tiff?|gif|avif|pnm|pam|p[bgp]m)$/i;

/** Names that would lie about their content. */
const OTHER_IMAGE = /^\.(avif|bmp|gif|heic|jpe?g|jxl|pam|pnm|p[bgp]m|tiff?|webp)$/i;

/** @throws UsageError for the name of another format */
export function assertPngName(output: string): void {
  if (OTHER_IMAGE.test(extname(output))) throw new UsageError(`${output}: the output is a PNG, name it so`);
}
