/** Extensions of the files that commands read and write. */
export const VDMZ_EXTENSION = '.vdmz';
export const PNG_EXTENSION = '.png';

export const VDMZ_FILE = /\.vdmz$/i;
/** Images that can be read; decompress takes such a name as an output. */
export const IMAGE_FILE = /\.(png|webp|jpe?g|tiff?|gif|avif)$/i;
